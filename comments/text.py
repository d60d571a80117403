"""Markdown to safe HTML, and to plain text.

Rendering is markdown-it-py with HTML input off; whatever it makes is then cleaned by nh3 (ammonia)
against an allow-list, so a bug in one of them is not enough to let a script through.
"""

import html
import re
from collections.abc import Callable, Iterable
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

_COMMENT_TAGS = {
    "a", "blockquote", "br", "code", "del", "em", "hr", "li", "ol", "p", "pre", "s", "strong", "ul",
}  # fmt: skip
_POST_TAGS = _COMMENT_TAGS | {
    "h2", "h3", "h4", "img", "table", "thead", "tbody", "tr", "th", "td", "figure", "figcaption",
}  # fmt: skip
# Somebody's name in a comment, in a <span> that no reader can write: HTML is no input.
MENTION_OPENS = '<span class="mention">'
_MENTIONED = re.compile(r'<(?:span|a) class="mention"[^>]*>@([^<]+)</')
_SCHEMES = {"http", "https", "mailto"}
_SEGMENT = re.compile(r"([^/?#:]*):")
_LINK_REL = "nofollow ugc noopener"

# A heading, image or table in a comment would shout, so their Markdown means nothing there.
_comment_markdown = (
    MarkdownIt("commonmark", {"html": False, "linkify": True, "breaks": True})
    .enable(["linkify", "strikethrough"])
    .disable(["image", "heading", "lheading", "reference", "html_block", "html_inline"])
)
# A bare address is more often a harvest for spammers than something to click.
_comment_markdown.linkify.set({"fuzzy_email": False})  # type: ignore[union-attr]


# Cuts a text at the names in it: each piece, and whether it is one.
Cut = Callable[[str], Iterable[tuple[str, bool]]]


def _mark_mentions(state: StateCore) -> None:
    """A core rule: wrap names in the text of a comment, but not in code or in what links elsewhere."""
    cut: Cut | None = state.env.get("cut")
    if cut is None:
        return
    for block in state.tokens:
        if block.type != "inline" or "@" not in block.content:
            continue
        pieces, links = [], 0
        for token in block.children or ():
            links += token.nesting if token.type in ("link_open", "link_close") else 0
            if token.type == "text" and not links and "@" in token.content:
                for text, is_name in cut(token.content):
                    pieces += _marked(text) if is_name else [_text(text)]
            else:
                pieces.append(token)
        block.children = pieces


def _marked(text: str) -> list[Token]:
    opens = Token("mention_open", "span", 1, attrs={"class": "mention"})
    return [opens, _text(text), Token("mention_close", "span", -1)]


def _text(text: str) -> Token:
    return Token("text", "", 0, content=text)


_comment_markdown.core.ruler.push("mentions", _mark_mentions)
_post_markdown = MarkdownIt("commonmark", {"html": False, "linkify": True}).enable(
    ["linkify", "strikethrough", "table"]
)


# Most comments are a few lines in which nothing means anything to Markdown, a link or HTML. They need no
# parser: no line begins like a list's, there is no white space but spaces between words, none of the
# characters that mark something up, and a dot or colon ends its word, since "a.b" may be an address.
_WORD = r"(?:[^\s\x00-\x1f\x7f-\x9f\\`*_~\[\]<>&@/.:]++|[.:]++(?=\s|\Z))++"
_LINE = rf"(?![-+]|\d+[.)]){_WORD}(?: ++{_WORD})*+"
_PLAIN = re.compile(rf"{_LINE}(?:\n{_LINE})*+")


def comment_html(source: str, cut: Cut | None = None) -> str:
    """Render a reader's Markdown; links get rel="nofollow ugc noopener". `cut` finds names to be marked."""
    text = source.rstrip(" \n")
    if _PLAIN.fullmatch(text):
        return "<p>" + text.replace("\n", "<br>\n") + "</p>\n"
    return rendered_comment(source, cut)


def rendered_comment(source: str, cut: Cut | None = None) -> str:
    """What `comment_html` comes to, by the long way."""
    env: dict[str, Any] = {} if cut is None else {"cut": cut}
    return nh3.clean(
        _comment_markdown.render(source, env),
        tags=_COMMENT_TAGS | {"span"} if cut is not None else _COMMENT_TAGS,
        tag_attribute_values={"span": {"class": {"mention"}}},
        attributes={"a": {"href", "title"}, "ol": {"start"}},
        url_schemes=_SCHEMES,
        url_relative="deny",
        link_rel=_LINK_REL,
    )


def mentions_in(rendered: str) -> list[str]:
    """The names that a rendered comment marks, as they stand there."""
    return [html.unescape(name) for name in _MENTIONED.findall(rendered)]


def post_html(source: str) -> str:
    """Render an author's Markdown, with headings, images and tables."""
    return nh3.clean(
        _post_markdown.render(source),
        tags=_POST_TAGS,
        attributes={
            "a": {"href", "title"},
            "img": {"src", "alt", "title"},
            "ol": {"start"},
            "th": {"align"},
            "td": {"align"},
        },
        attribute_filter=_attribute,
        url_schemes=_SCHEMES,
        link_rel="noopener",
    )


def _attribute(tag: str, name: str, value: str) -> str | None:
    """Leaves out an address that is neither of a scheme nor a place on this site.

    What goes before a colon in its first segment has to be a scheme (RFC 3986, 4.2); the sanitizer takes
    what cannot be one, as in `:`, for a relative address.
    """
    if name in {"href", "src"}:
        first = _SEGMENT.match(value)
        if first and first[1].lower() not in _SCHEMES:
            return None
    return value


def excerpt(source: str, length: int = 220) -> str:
    """The beginning of a post as plain text, at most `length` characters, cut between words."""
    without_headings = re.sub(r"^#{1,6} .*$", "", source, flags=re.MULTILINE)
    plain = html.unescape(nh3.clean(_post_markdown.render(without_headings), tags=set()))
    plain = " ".join(plain.split())
    if len(plain) <= length:
        return plain
    return plain[:length].rsplit(" ", 1)[0].rstrip(",.;:") + "…"
