"""What a comment would look like. Nothing is stored, and no rule but that of the form is asked."""

from . import mentions, rules


def preview(content: str) -> str:
    """Render a text as it would be rendered if it were sent. Raises `Refused`."""
    rules.check_text(content)
    html, _ = mentions.rendered(content, mentions.named_in([content]))
    rules.check_shows(html)
    return html
