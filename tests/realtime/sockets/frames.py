"""A catalogue of what clients send that they should not."""

import json

from .raw import Frame

DEEP = "[" * 100_000
WORD = '"a"'
FORGED = '{"HTTP_COOKIE":"sessionid=%(session)s","asgi.scope":{"headers":[]}}'


def placeholder(number: object) -> str:
    """Where an attachment belongs."""
    return f'{{"_placeholder":true,"num":{number}}}'


# What ends the connection that sent it: frames in their order; %(session)s is somebody else's.
BREACHES: dict[str, list[Frame]] = {
    "engine: OPEN": ["0"],
    "engine: PING": ["2"],
    "engine: UPGRADE": ["5"],
    "engine: NOOP": ["6"],
    "engine: 7": ["7"],
    "engine: no number": ["x"],
    "engine: not ASCII": ["é"],
    "engine: fullwidth 4": ["４2[]"],
    "engine: bad base64": ["b!!!"],
    "engine: cut base64": ["bQ"],
    "no packet": ["4"],
    "no type": ["4abc"],
    "no data": ["42"],
    "data that is no JSON": ["42["],
    "JSON and more": ['42["join_post"]x'],
    "data is an object": ["42{}"],
    "data is a string": ['42"join_post"'],
    "data is null": ["42null"],
    "no event": ["42[]"],
    "an event that is a number": ["42[1]"],
    "an event that is null": ["42[null]"],
    "an event that is a list": ['42[["join_post"]]'],
    "connect as an event": ['42["connect",' + FORGED + "]"],
    "connect as an event with an ack": ['421["connect","x",' + FORGED + "]"],
    "disconnect as an event": ['42["disconnect"]'],
    "disconnect as an event with a reason": ['42["disconnect","client namespace disconnect"]'],
    "connect_error as an event": ['42["connect_error",{}]'],
    "packet type 7": ["47"],
    "packet type 8": ['48["join_post",1]'],
    "packet type 9 and more": ["4999999999"],
    "an ack": ["43[]"],
    "an ack of something": ["4317[1]"],
    "an ack in a namespace": ["43/nowhere,1[1]"],
    "CONNECT_ERROR": ["44"],
    "CONNECT_ERROR with data": ['44{"message":"x"}'],
    "NaN": ['42["new_comment",{"content":NaN}]'],
    "Infinity": ['42["join_post",Infinity]'],
    "minus Infinity": ['42["join_post",-Infinity]'],
    "a number too long": ['42["join_post",' + "9" * 5_000 + "]"],
    "deep nesting": ['42["new_comment",' + DEEP],
    "deep nesting, closed": ["42" + DEEP + "]" * 100_000],
    "deep objects": ['42["new_comment",' + '{"a":' * 100_000],
    "an ack number too long": ["42" + "1" * 101 + '["leave_post",1]'],
    "a strange ack number": ['42²["leave_post",1]'],
    "no attachments": ['450-["new_comment"]'],
    "too many attachments": ['459-["new_comment"]'],
    "far too many attachments": ['4599999999999-["new_comment"]'],
    "a negative number of attachments": ['45-1-["new_comment"]'],
    "an attachment that never comes": [f'451-["new_comment",{placeholder(0)}]', '42["leave_post",1]'],
    "an attachment too many": [f'451-["leave_post",1,{placeholder(0)}]', b"x", b"y"],
    "a placeholder out of range": [f'451-["new_comment",{placeholder(5)}]', b"x"],
    "a placeholder that is a word": [f'451-["new_comment",{placeholder(WORD)}]', b"x"],
    "a placeholder that is null": [f'451-["new_comment",{placeholder("null")}]', b"x"],
    "the event is an attachment": [f"451-[{placeholder(0)}]", b"new_comment"],
    "all is an attachment": [f"451-{placeholder(0)}", b"x"],
    "a binary ack": [f"461-1[{placeholder(0)}]", b"x"],
    "bytes that belong to nothing": [b"\x00\x01"],
    "no bytes": [b""],
    "a second CONNECT": ["40"],
    "a second CONNECT with claims": ['40{"userId":1}'],
    "an event in a namespace not entered": ['42/nowhere,["join_post",1]'],
    "an event in another namespace": ['42/moderation,["join_post",1]'],
    "an attachment for a namespace not entered": [f'451-/nowhere,["x",{placeholder(0)}]'],
}
# What ends a connection that has not said CONNECT.
EARLY_BREACHES: dict[str, list[Frame]] = {
    "an event": ['42["join_post",%(post)s]'],
    "a comment": ['42["new_comment",{"postId":%(post)s,"content":"Early"}]'],
    "an attachment": [f'451-["new_comment",{placeholder(0)}]'],
    "bytes": [b"x"],
    "an ack": ["431[]"],
    "nonsense": ["4abc"],
    "an event after leaving": ["41", '42["join_post",%(post)s]'],
}
# What is odd, and answered like any other request.
ODDITIES: dict[str, tuple[list[Frame], str]] = {
    "a very long ack number": (["42" + "9" * 100 + '["leave_post",1]'], "43" + "9" * 100 + '[{"ok":true'),
    "an event of no name": (['42[""]'], '42["comment_error",{"code":"invalid"'),
    "an event of a very long name": (['42["' + "x" * 10_000 + '"]'], '42["comment_error",{"code":"invalid"'),
    "an event of half a character": (['421["\\ud800"]'], '42["comment_error",{"code":"invalid"'),
    "an event of the object's own": (['42["__proto__",{}]'], '42["comment_error",{"code":"invalid"'),
    "a list for an id": (['42["join_post",' + "[" * 300 + "]" * 300 + "]"], '42["comment_error"'),
    "infinity as a number too large": (['42["join_post",1e999]'], '42["comment_error"'),
    "NaN within a string": (
        ['42["new_comment","{\\"postId\\":1,\\"content\\":NaN}"]'],
        '42["comment_error"',
    ),
    "deep nesting within a string": (
        ['42["new_comment","{\\"content\\":' + "[" * 90_000 + '"]'],
        '42["comment_error"',
    ),
    "an attachment for a text": (
        [f'451-["new_comment",{{"postId":1,"content":{placeholder(0)}}}]', b"Hello"],
        '42["comment_error"',
    ),
    "an attachment nobody asked for": ([f'451-7["leave_post",1,{placeholder(0)}]', b"x"], '437[{"ok":true'),
    "one attachment twice": (
        [f'451-7["leave_post",1,{placeholder(0)},{placeholder(0)}]', b"x"],
        '437[{"ok":true',
    ),
    "an unknown namespace": (["40/nowhere,"], "44/nowhere,{"),
    "an unknown namespace with a question": (["40/nowhere?session=1,{}"], "44/nowhere,{"),
    "more arguments than one": (['427["leave_post",1,2,3,4,5]'], '437[{"ok":true'),
    "a thousand keys": (
        ['427["leave_post",' + json.dumps({"postId": 1, **{f"k{n}": n for n in range(1000)}}) + "]"],
        '437[{"ok":true',
    ),
}
