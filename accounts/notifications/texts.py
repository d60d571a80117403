"""What a notification says, in the active language."""

import unicodedata
from collections.abc import Callable, Mapping

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import SanctionKind
from accounts.reasons import Reason

from .entries import Entry


def sentence(entry: Entry) -> str:
    """One sentence for a group of notifications. Names and titles are as people wrote them: escape it."""
    return _SENTENCES.get(entry.action, _something)(entry)


def people(entry: Entry) -> str:
    """Who did it. Each of these begins a sentence, with whatever a language puts behind its subject."""
    names = [isolated(each.shown_name) for each in entry.people]
    if not names:
        return _("Somebody")
    if entry.count <= 1:
        return _("%(name)s") % {"name": names[0]}
    if entry.count == 2 and len(names) == 2:
        return _("%(name)s and %(other)s") % {"name": names[0], "other": names[1]}
    others = entry.count - 1
    return ngettext("%(name)s and %(count)s other", "%(name)s and %(count)s others", others) % {
        "name": names[0],
        "count": others,
    }


def isolated(text: str) -> str:
    """A name or title that goes from right to left, so that the sentence around it does not turn with it."""
    if any(unicodedata.bidirectional(letter) in {"R", "AL"} for letter in text):
        return f"\u2068{text}\u2069"
    return text


def _mentioned(entry: Entry) -> str:
    sentence = (
        _("%(people)s mentioned you in “%(title)s”.")
        if _is_room(entry)
        else _("%(people)s mentioned you under “%(title)s”.")
    )
    return sentence % _named(entry)


def _replied(entry: Entry) -> str:
    sentence = (
        _("%(people)s replied to your message in “%(title)s”.")
        if _is_room(entry)
        else _("%(people)s replied to your comment on “%(title)s”.")
    )
    return sentence % _named(entry)


def _commented(entry: Entry) -> str:
    return _("%(people)s commented on your post “%(title)s”.") % _named(entry)


def _followed_post(entry: Entry) -> str:
    sentence = (
        _("There are new messages in “%(title)s”, which you follow.")
        if _is_room(entry)
        else _("There are new comments on “%(title)s”, which you follow.")
    )
    return sentence % _named(entry)


def _reacted(entry: Entry) -> str:
    sentence = (
        _("%(people)s reacted to your message in “%(title)s”.")
        if _is_room(entry)
        else _("%(people)s reacted to your comment on “%(title)s”.")
    )
    return sentence % _named(entry)


def _followed(entry: Entry) -> str:
    return _("%(people)s followed you.") % _named(entry)


def _wrote(entry: Entry) -> str:
    return _("%(people)s wrote to you.") % _named(entry)


def _announced(entry: Entry) -> str:
    return str(entry.about.get("text", ""))


def _hidden(entry: Entry) -> str:
    return _with_reason(
        _several(
            entry,
            _("A moderator took away your message in “%(title)s”.")
            if _is_room(entry)
            else _("A moderator took away your comment on “%(title)s”."),
            _("A moderator took away %(count)s comments of yours."),
        ),
        entry,
    )


def _hidden_private(entry: Entry) -> str:
    said = _("A moderator took away a private message of yours that was reported: “%(text)s”.")
    return _with_reason(said % {"text": isolated(str(entry.about.get("text", "")))}, entry)


def _restored(entry: Entry) -> str:
    return _several(
        entry,
        _("Your message in “%(title)s” is there for everybody now.")
        if _is_room(entry)
        else _("Your comment on “%(title)s” is there for everybody now."),
        _("%(count)s comments of yours are there for everybody now."),
    )


def _held(entry: Entry) -> str:
    return _several(
        entry,
        _("Your message in “%(title)s” waits for a moderator now.")
        if _is_room(entry)
        else _("Your comment on “%(title)s” waits for a moderator now."),
        _("%(count)s comments of yours wait for a moderator now."),
    )


def _accepted(entry: Entry) -> str:
    sentence = (
        _("Your appeal was accepted: your message in “%(title)s” is back.")
        if _is_room(entry)
        else _("Your appeal was accepted: your comment on “%(title)s” is back.")
    )
    return sentence % _named(entry)


def _turned_down(entry: Entry) -> str:
    sentence = (
        _("Your appeal about a message in “%(title)s” was turned down.")
        if _is_room(entry)
        else _("Your appeal about a comment on “%(title)s” was turned down.")
    )
    return sentence % _named(entry)


def _sanctioned(entry: Entry) -> str:
    said: Mapping[str, str] = {
        SanctionKind.SUSPENSION: _("You cannot comment for a while."),
        SanctionKind.HOLD_FIRST: _("A moderator looks at your comments first from now on."),
        SanctionKind.BAN: _("You cannot comment here any more."),
        SanctionKind.WARNING: _("A moderator has warned you."),
    }
    return _with_reason(said.get(str(entry.about.get("sanction")), _("Something new.")), entry)


def _lifted(entry: Entry) -> str:
    said: Mapping[str, str] = {
        SanctionKind.SUSPENSION: _("You can comment again."),
        SanctionKind.HOLD_FIRST: _("Nobody looks at your comments first any more."),
        SanctionKind.BAN: _("You can comment again."),
        SanctionKind.WARNING: _("A warning was taken back."),
    }
    return said.get(str(entry.about.get("sanction")), _("Something new."))


def _something(entry: Entry) -> str:
    # A program of tomorrow may have written it, while both are running.
    return _("Something new.")


_SENTENCES: Mapping[str, Callable[[Entry], str]] = {
    "mentioned": _mentioned,
    "replied": _replied,
    "commented": _commented,
    "followed_post": _followed_post,
    "reacted": _reacted,
    "followed": _followed,
    "wrote": _wrote,
    "announced": _announced,
    "hidden": _hidden,
    "hidden_private": _hidden_private,
    "restored": _restored,
    "held": _held,
    "accepted": _accepted,
    "turned_down": _turned_down,
    "sanctioned": _sanctioned,
    "lifted": _lifted,
}


def _named(entry: Entry) -> dict[str, str]:
    return {"people": people(entry), "title": isolated(str(entry.about.get("title", "")))}


def _is_room(entry: Entry) -> bool:
    """In a room of the chat comments are called messages."""
    return bool(entry.about.get("isRoom"))


def _several(entry: Entry, one: str, many: str) -> str:
    """A decision may have been about many comments at once."""
    count = int(entry.about.get("count", 1))
    return (one if count == 1 else many) % {**_named(entry), "count": count}


def _with_reason(said: str, entry: Entry) -> str:
    reason = entry.about.get("reason")
    if reason not in Reason.values:
        return said
    return f"{said} {_('Reason: %(reason)s') % {'reason': Reason(str(reason)).label}}"
