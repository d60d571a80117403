"""What a comment would look like. Nothing is stored, and no rule but that of the form is asked."""

from . import mentions, rules


def preview(content: str, *, is_message: bool = False) -> str:
    """Render a text as it would be rendered if it were sent, as a message if it is for a room of the chat.
    Raises `Refused`."""
    if is_message:
        content = rules.check_message(content)
    else:
        rules.check_text(content)
    html, _ = mentions.rendered(content, mentions.named_in([content]))
    rules.check_shows(html, is_message=is_message)
    return html
