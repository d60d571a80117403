"""What a comment may say, and that it is kept exactly as it was written."""

import pytest
from django.conf import settings
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.fixtures import Settings

from accounts.models import User
from comments import rules
from comments.models import Post
from comments.text import comment_html
from realtime.errors import ErrorCode, Refused
from tests.cast import again, write

GOOD = {
    "Korean": "안녕하세요, 좋은 글이네요. ㅋㅋㅋ",
    "Korean jamo, decomposed": "\u1112\u1161\u11ab",
    "emoji": "👩‍👩‍👧‍👦 🇰🇷 👍🏽 ❤️",
    "markup": "<script>alert(1)</script> & <b>bold</b> &amp; \"quoted\" 'too'",
    "line breaks": "one\ntwo\n\nthree\n",
    "Windows line breaks": "one\r\ntwo",
    "white space around": "  \tindented\n ",
    "right to left": "שלום \u202eabc\u202c עולם",
    "template syntax": "{{ user.password }} {% load i18n %} %(name)s {0} ${x}",
    "one character": "x",
    "mathematics": "∀x∈ℝ: ⌈x⌉ = −⌊−x⌋ 𝔘𝔫𝔦",
    "zero width joiner between letters": "क्\u200dष",
    "private use": "\ue000",
    "noncharacter": "\uffff",
}

BLANK = {
    "nothing": "",
    "space": " ",
    "line break": "\n\n",
    "tab": "\t",
    "no-break space": "\u00a0",
    "ideographic space": "\u3000",
    "zero width space": "\u200b",
    "zero width joiner": "\u200d\u200d",
    "byte order mark": "\ufeff",
    "soft hyphen": "\u00ad",
    "Hangul filler": "\u3164",
    "halfwidth Hangul filler": "\uffa0",
    "Hangul choseong and jungseong fillers": "\u115f\u1160",
    "Braille blank": "\u2800",
    "line separator": "\u2028",
    "control characters": "\x01\x1f\x7f",
    "direction mark": "\u200f \u202e",
    "tag characters": "\U000e0041",
}

UNSTORABLE = {
    "NUL": "a\x00b",
    "only NUL": "\x00",
    "high surrogate": "a\ud83d",
    "low surrogate": "\udc00a",
    "surrogates in the wrong order": "\udc00\ud800",
}


def by_name(cases: dict[str, str]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("content", cases.values(), ids=cases.keys())


def refusal_of(content: str) -> Refused:
    with pytest.raises(Refused) as refusal:
        rules.check_text(content)
    return refusal.value


@by_name(GOOD)
@pytest.mark.django_db
def test_content_is_kept_unchanged(post: Post, owner: User, content: str) -> None:
    assert again(write(owner, post, content)).content == content


@by_name(BLANK)
def test_what_prints_nothing_is_empty(content: str) -> None:
    assert refusal_of(content).code == ErrorCode.INVALID


@by_name(UNSTORABLE)
def test_what_no_database_can_keep_is_refused(content: str) -> None:
    assert refusal_of(content).code == ErrorCode.INVALID


def test_a_comment_may_be_as_long_as_the_setting_says() -> None:
    assert settings.COMMENT_MAX_LENGTH == 5000
    rules.check_text("x" * 5000)
    rules.check_text("가" * 5000)
    rules.check_text("👍" * 5000)

    refusal = refusal_of("x" * 5001)

    assert refusal.code == ErrorCode.TOO_LONG
    assert "5000" in str(refusal.message)
    assert "5001" in str(refusal.message)


def test_the_limit_is_a_setting(settings: Settings) -> None:
    settings.COMMENT_MAX_LENGTH = 3

    rules.check_text("abc")
    assert refusal_of("abcd").code == ErrorCode.TOO_LONG


def test_refusals_speak_the_readers_language() -> None:
    refusals = [refusal_of(""), refusal_of("\x00"), refusal_of("x" * 5001), Refused(ErrorCode.CLOSED)]

    for refusal in refusals:
        with translation.override("en"):
            english = refusal.as_answer()["message"]
        with translation.override("ko"):
            korean = refusal.as_answer()["message"]
        assert english.isascii()
        assert any("가" <= letter <= "힣" for letter in korean), korean


@given(st.text())
def test_every_text_is_refused_with_a_reason_or_can_be_rendered_and_stored(content: str) -> None:
    try:
        rules.check_text(content)
    except Refused:
        return
    assert "\x00" not in content
    content.encode()
    comment_html(content).encode()


@pytest.mark.parametrize("nothing", [">", "> \n>", "``` \n```", "[](https://example.org)"])
def test_markdown_that_shows_nothing_is_empty(post: Post, owner: User, nothing: str) -> None:
    with pytest.raises(Refused) as refusal:
        write(owner, post, nothing)
    assert refusal.value.code == ErrorCode.INVALID


@pytest.mark.parametrize("something", ["---", "`x`", "> a", "1", "👋"])
def test_markdown_that_shows_something_is_not(post: Post, owner: User, something: str) -> None:
    assert write(owner, post, something).content == something
