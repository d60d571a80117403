"""Restricted words are found in whatever they hide, and nowhere else."""

import time

import pytest

from comments.words import Words, digest, is_pattern, plain


def found(pattern: str, text: str) -> bool:
    return Words([pattern]).find(plain(text)) is not None


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("spam", "This is Spam."),
        ("SPAM", "spam"),
        ("spam", "ＳＰＡＭ"),
        ("spam", "späm"),
        ("spam", "sp4m"),
        ("spam", "$p@m"),
        ("spam", "ѕрам".replace("м", "m")),
        ("spam", "spaaaaaaaaaam"),
        ("spam", "sp\u200bam"),
        ("spam", "s\u00adp\u00ada\u00adm"),
        ("spam", "s.p.a.m"),
        ("spam", "sp.am"),
        ("spam", "sp**am"),
        ("spam", "_spam_ and *spam*"),
        ("spam", "s p a m"),
        ("spam", "S - P - A - M"),
        ("spam", "s**m"),
        ("spam", "s!p!a!m"),
        ("silly", "s!lly"),
        ("silly", "s ! l l y"),
        ("assist", "as*ist"),
        ("assist", "a**ist"),
        ("assist", "a*#i*t"),
        ("illicit", "1ll1c1t"),
        ("ass", "a$$"),
        ("spam*", "spammers"),
        ("*spam", "antispam"),
        ("*spam*", "antispammers"),
        ("s*m", "stream"),
        ("*b*b*", "abba"),
        ("s*e*m", "streeeam"),
        ("s*m s*m", "stream steam"),
        ("buy now", "Buy   NOW!"),
        ("buy now", "buy-now"),
        ("시발", "시발"),
        ("시발*", "시발이라고"),
        ("시발", "ㅅㅣㅂㅏㄹ"),
        ("시발", "시바ㄹ"),
        ("시발", "ㅅ ㅣ ㅂ ㅏ ㄹ"),
        ("시발", "시 발"),
        ("시발", "시.발"),
        ("시발", "시\u200b발"),
        ("시발", "\u1109\u1175\u1107\u1161\u11af"),
        ("닭", "다ㄹㄱ"),
        ("ㅅㅂ", "아 ㅅㅂ"),
        ("ㅂㅅ", "이런 ㅄ"),
        ("ㅄ", "ㅂ.ㅅ"),
        ("ㄳ*", "ㄱㅅ요"),
        ("spam", "s'p'a'm"),
        ("광고", "ㄱㅗㅏㅇㄱㅗ".replace("ㅗㅏ", "ㅘ")),
    ],
)
def test_a_word_is_found_in_its_disguises(pattern: str, text: str) -> None:
    assert found(pattern, text)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("spam", "spammer"),
        ("spam", "antispam"),
        ("spam*", "antispam"),
        ("ass", "class"),
        ("ass", "as soon"),
        ("ass", "has side"),
        ("ass", "as"),
        ("shit", "it's hit"),
        ("hell", "He'll come"),
        ("hell", "he’ll come"),
        ("its", "it's"),
        ("shit", "push it"),
        ("시발", "다시 발견했다"),
        ("시발", "다시.발견"),
        ("시발*", "서울 시 발견"),
        ("*시발*", "다시 발견"),
        ("시발", "시발점"),
        ("ㅅㅂ", "시발"),
        ("as", "a"),
        ("s*m", "stop the museum"),
        ("buy now", "buy it now"),
    ],
)
def test_what_only_looks_like_it_is_left_alone(pattern: str, text: str) -> None:
    assert not found(pattern, text)


def test_the_pattern_that_was_found_is_named() -> None:
    words = Words(["first", "*second", "third*"])

    for text, pattern, part in (
        ("F1RST", "first", "f1rst"),
        ("unsecond", "*second", "second"),
        ("thirds", "third*", "thirds"),
    ):
        hit = words.find(plain(f"It was {text} here"))
        assert hit is not None
        assert (hit.pattern, hit.text) == (pattern, part)


@pytest.mark.parametrize("pattern", ["", "*", " * ", "...", "\u200b"])
def test_what_has_no_letters_is_no_pattern(pattern: str) -> None:
    assert not is_pattern(pattern)
    assert not Words([pattern])
    assert Words([pattern]).find("anything") is None


@pytest.mark.parametrize("pattern", ["(", "a(b", "[x]", "a|b", "\\d", "a.b", "x{3}", "^a$"])
def test_a_pattern_is_no_regular_expression(pattern: str) -> None:
    Words([pattern]).find("abc 123 xxx")
    if is_pattern(pattern):
        assert found(pattern, f"here {pattern} there")


@pytest.mark.parametrize(
    "text", ["1|" * 2_500, "!" * 5_000, "s" * 5_000, "s " * 2_500, "ㅅ" * 5_000, "$.p@" * 1_250]
)
def test_no_text_takes_long(text: str) -> None:
    words = Words(["spam", "illicit", "sissies", "시발", "*kill*", *(f"word{n}" for n in range(500))])
    content = plain(text)
    started = time.process_time()

    words.find(content)

    assert time.process_time() - started < 0.25


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("*a*b*c*d*", "abc" * 1_666),
        ("a*b*c*d*e", "abcd" * 1_250),
        ("*a*a*a*a*", "ab" * 2_500),
        ("ililililililililx", "!|" * 2_500),
        ("assailants", "@$$@!1+$" * 625),
        ("motherfucker", ("m" + "*#" * 12 + "! ") * 180),
        ("a e i o s t", "@ 3 ! 0 $ " * 500),
    ],
)
def test_no_text_takes_long_that_was_made_for_a_pattern(pattern: str, text: str) -> None:
    words = Words([pattern])
    content = plain(text)
    started = time.process_time()

    words.find(content)

    assert time.process_time() - started < 0.25


def test_what_is_found_in_a_long_list_is_named_at_once() -> None:
    words = Words(f"word{number}x*" for number in range(1_000))
    started = time.process_time()

    hit = words.find("this is word999xs")

    assert hit is not None
    assert hit.pattern == "word999x*"
    assert time.process_time() - started < 0.05


def test_one_more_word_does_not_have_a_long_list_made_anew() -> None:
    long = [f"sentence{number}" for number in range(400)]
    started = time.process_time()
    Words(long)
    anew = time.process_time() - started

    started = time.process_time()
    longer = Words([*long, "another"])

    assert longer.find("yet another") is not None
    assert time.process_time() - started < anew / 4


def test_saying_the_same_has_the_same_digest() -> None:
    text = "The same sentence, said more than once."

    assert digest(text) == digest("the SAME  sentence said more than once!!") is not None
    assert digest(text) != digest(text + " Or not")
    assert digest("Thank you!") is None
    assert -(2**63) <= (digest(text) or 0) < 2**63
