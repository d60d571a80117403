"""Scripts and stylesheets without what only people need: comments, indentation, long ways to say a thing.

`minify_html` knows them as parts of a page, and leaves what it does not understand as it is. Names stay.
"""

import re

import minify_html

_BEFORE = {"script": "<script type=module>", "style": "<style>"}


def minified_script(text: str) -> str:
    """An ES module that does the same. Addresses of imports stay in quotes: Django looks for them there."""
    return re.sub(r"\bimport\(`([^`$]*)`\)", r"import('\1')", _minified(text, "script"))


def minified_styles(text: str) -> str:
    """A stylesheet that looks the same."""
    return _minified(text, "style")


def _minified(text: str, tag: str) -> str:
    before, after = _BEFORE[tag], f"</{tag}>"
    page = minify_html.minify(
        f"{before}{text}{after}", minify_js=True, minify_css=True, keep_closing_tags=True
    )
    if not (page.startswith(before) and page.endswith(after)):
        raise ValueError(f"not the {tag} that it was: {page[:80]}")
    return page[len(before) : -len(after)]
