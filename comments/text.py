"""Markdown to safe HTML, and to plain text.

Rendering is markdown-it-py with HTML input off; whatever it makes is then cleaned by nh3 (ammonia)
against an allow-list, so a bug in one of them is not enough to let a script through.
"""

import html
import re

import nh3
from markdown_it import MarkdownIt

_COMMENT_TAGS = {
    "a", "blockquote", "br", "code", "del", "em", "hr", "li", "ol", "p", "pre", "s", "strong", "ul",
}  # fmt: skip
_POST_TAGS = _COMMENT_TAGS | {
    "h2", "h3", "h4", "img", "table", "thead", "tbody", "tr", "th", "td", "figure", "figcaption",
}  # fmt: skip
_SCHEMES = {"http", "https", "mailto"}
_LINK_REL = "nofollow ugc noopener"

# A heading, image or table in a comment would shout, so their Markdown means nothing there.
_comment_markdown = (
    MarkdownIt("commonmark", {"html": False, "linkify": True, "breaks": True})
    .enable(["linkify", "strikethrough"])
    .disable(["image", "heading", "lheading", "reference", "html_block", "html_inline"])
)
# A bare address is more often a harvest for spammers than something to click.
_comment_markdown.linkify.set({"fuzzy_email": False})  # type: ignore[union-attr]
_post_markdown = MarkdownIt("commonmark", {"html": False, "linkify": True}).enable(
    ["linkify", "strikethrough", "table"]
)


# Most comments are a few lines in which nothing means anything to Markdown, a link or HTML. They need no
# parser: no line begins like a list's, there is no white space but spaces between words, none of the
# characters that mark something up, and a dot or colon ends its word, since "a.b" may be an address.
_WORD = r"(?:[^\s\x00-\x1f\x7f-\x9f\\`*_~\[\]<>&@/.:]++|[.:]++(?=\s|\Z))++"
_LINE = rf"(?![-+]|\d+[.)]){_WORD}(?: ++{_WORD})*+"
_PLAIN = re.compile(rf"{_LINE}(?:\n{_LINE})*+")


def comment_html(source: str) -> str:
    """Render a reader's Markdown; links get rel="nofollow ugc noopener"."""
    text = source.rstrip(" \n")
    if _PLAIN.fullmatch(text):
        return "<p>" + text.replace("\n", "<br>\n") + "</p>\n"
    return rendered_comment(source)


def rendered_comment(source: str) -> str:
    """What `comment_html` comes to, by the long way."""
    return nh3.clean(
        _comment_markdown.render(source),
        tags=_COMMENT_TAGS,
        attributes={"a": {"href", "title"}, "ol": {"start"}},
        url_schemes=_SCHEMES,
        url_relative="deny",
        link_rel=_LINK_REL,
    )


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
        url_schemes=_SCHEMES,
        link_rel="noopener",
    )


def excerpt(source: str, length: int = 220) -> str:
    """The beginning of a post as plain text, at most `length` characters, cut between words."""
    without_headings = re.sub(r"^#{1,6} .*$", "", source, flags=re.MULTILINE)
    plain = html.unescape(nh3.clean(_post_markdown.render(without_headings), tags=set()))
    plain = " ".join(plain.split())
    if len(plain) <= length:
        return plain
    return plain[:length].rsplit(" ", 1)[0].rstrip(",.;:") + "…"
