"""Messages from one person to another. Nobody reads them but these two; a moderator only what its recipient
has reported, and of that nothing but the message itself.

Nothing that the sender can see depends on whether the recipient has blocked or muted them, or has read it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import blocks, follows, mutes, notifications
from accounts.models import Fate, Kind, Notification, User
from accounts.notifications import inbox
from accounts.reasons import Reason
from accounts.sanctions import standing_of
from comments import controls, mentions, rules, words
from comments.desk.notices import noticed
from comments.flags import check_report
from realtime.database import is_storable
from realtime.errors import ErrorCode, Refused
from realtime.publish import publish_on_commit
from realtime.session import user_room

from ..models import PrivateMessage, Rule, Verdict
from ..refusals import refused, reject_message
from ..text import excerpt
from .events import NAMESPACE, ChatEvent, PrivateRemovedPayload, private_payload, taken_back_payload

PAGE = 50
# Conversations that a list shows, the latest first.
LISTED = 50
# So many of one's own latest messages, and of those one has got, are looked at for it.
REACH = 2_000
ERASED_AT_ONCE = 500
# So long the text of what was taken back stays: else whoever insults somebody, and takes it back once it was
# read, could not be reported. A week is long enough for whoever looks in on weekends only.
KEPT = timedelta(days=7)
SWEPT_AT_ONCE = 500
# Of what somebody took back lately so many are offered for a report.
TAKEN_BACK_SHOWN = 20
# With so many of one's own latest messages a new one is compared: far more than those who are new to somebody
# in an hour (`MEETING`), and nothing to read.
REMEMBERED = 50


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a conversation, oldest first, and whether there is something before it."""

    messages: list[PrivateMessage]
    has_more: bool


@dataclass(frozen=True, slots=True)
class Conversation:
    """With whom, what was said last, and how much of it is unread."""

    person: User
    last: PrivateMessage
    unread: int

    @property
    def begins(self) -> str:
        """How the last message begins, without its Markdown."""
        return excerpt(self.last.content, 90)


def pair_of(one: User, other: User) -> str:
    """What both directions of a conversation have in common."""
    first, second = sorted((one.pk, other.pk))
    return f"{first}:{second}"


def find_person(wanted: str, *, acting_user: User) -> User:
    """Somebody to write to, by their username; or by their id, if they are known to who asks: or else all
    numbers would tell names. Raises `Refused` with `not_found`."""
    person = _find(wanted, acting_user)
    if person is None or not can_be_written_to(person):
        raise Refused(ErrorCode.NOT_FOUND)
    return person


def find_other(wanted: str, *, reader: User) -> User:
    """With whom somebody may look at a conversation: whom they can write to; and who is gone only as far as
    something was written with them. Raises `Refused` with `not_found`."""
    person = _find(wanted, reader)
    if person is None or (not can_be_written_to(person) and is_first(reader, person)):
        raise Refused(ErrorCode.NOT_FOUND)
    return person


def can_be_written_to(person: User) -> bool:
    """Whether an account is in use."""
    return person.is_active and not person.is_deleted


def _find(wanted: str, reader: User) -> User | None:
    if not is_storable(wanted):
        return None
    # A username may look like somebody else's id; who can be written to comes first.
    found = User.objects.filter(username=wanted).first()
    if (found is None or not can_be_written_to(found)) and _is_id(wanted):
        numbered = User.objects.filter(pk=int(wanted)).first()
        if numbered is not None and _may_number(reader, numbered):
            return numbered
    return found


def _is_id(wanted: str) -> bool:
    return wanted.isascii() and wanted.isdecimal() and len(wanted) < 19


def _may_number(reader: User, person: User) -> bool:
    return person.pk == reader.pk or not is_first(reader, person) or mutes.is_known(person, to=reader)


def is_first(sender: User, recipient: User) -> bool:
    """Whether somebody has not written to this person before, nor heard from them."""
    return not _between(sender, recipient).exists()


def is_known(reader: User, person: User) -> bool:
    """Whether somebody has got anything from this person: also what was taken back after they had read it.
    What was withheld they never got, and what they wrote themselves tells them nothing of the other."""
    return _between(reader, person).exclude(sender=reader).filter(is_withheld=False).exists()


def send(recipient: User, content: str, *, acting_user: User, client_id: str | None = None) -> PrivateMessage:
    """Write to somebody. Sent again with the same `client_id` it is the same message.

    Raises `Refused`: `invalid`, `too_long`; `forbidden` to oneself, and for whoever is held first to people
    who do not know them; `conflict` if something else was sent with this `client_id`; `paused`, and what
    sanctions say; `repeated`; and `rejected` for a banned word, which is stored nowhere: nobody could be
    asked about it. For the same reason nothing is held here.
    """
    content = rules.check_message(content)
    if recipient.pk == acting_user.pk:
        raise Refused(ErrorCode.FORBIDDEN)
    first = _sent_before(recipient, content, acting_user, client_id)
    if first is not None:
        return first
    html, _named = mentions.rendered(content, {})
    rules.check_shows(html, is_message=True)
    site = controls.current()
    if site.paused and not acting_user.is_staff:
        raise refused(ErrorCode.PAUSED, is_message=True)
    standing = standing_of(acting_user)
    rules.check_standing(acting_user, standing, is_message=True)
    if standing.hold_first is not None and not acting_user.is_staff:
        _check_acquaintance(acting_user, recipient)
    if not acting_user.is_staff and site.banned.find(rules.what_is_said(content, html)) is not None:
        sentence = reject_message(Rule.BANNED_WORD, is_message=True)
        raise Refused(ErrorCode.REJECTED, sentence, details={"reason": Reason.BANNED_WORD.value})
    try:
        with transaction.atomic():
            _check_repeat(acting_user, content, client_id)
            return _store(recipient, content, html, acting_user, client_id)
    except IntegrityError:
        first = _sent_before(recipient, content, acting_user, client_id)
        if first is None:
            raise
        return first


def _sent_before(recipient: User, content: str, sender: User, client_id: str | None) -> PrivateMessage | None:
    """What was sent with this `client_id`. Raises `Refused` with `conflict` if that was something else: to
    answer with it would lose what is to be sent now."""
    if client_id is None:
        return None
    rows = PrivateMessage.objects.select_related("sender", "recipient")
    first = rows.filter(sender=sender, client_id=client_id).first()
    # Of what was taken back there is no text to compare any more.
    if first is not None and (first.recipient_id != recipient.pk or first.content not in (content, "")):
        raise Refused(
            ErrorCode.CONFLICT, _("Something else was sent with this number already. Please send it again.")
        )
    return first


def _check_acquaintance(sender: User, recipient: User) -> None:
    """Whose comments a moderator looks at first writes in private only to people who have shown that they
    want to hear of them: who wrote to them, or follows them. Nobody can look at these first, and with
    strangers somebody who was stopped in public would go on. Blocks make no difference: they would show."""
    if is_known(sender, recipient) or follows.follows(recipient, sender):
        return
    raise Refused(
        ErrorCode.FORBIDDEN,
        _(
            "A moderator looks at what you write first. As long as that is so, you can write in private only"
            " to people who have written to you or who follow you."
        ),
    )


def _check_repeat(sender: User, content: str, client_id: str | None) -> None:
    """As under posts, whomever it was written to: the same to one after the other is how spam is sent."""
    digest = words.digest(content) if settings.REPEAT_MINUTES else None
    if digest is None or sender.is_staff:
        return
    # Of two that are sent at once one waits for the other.
    User.objects.select_for_update(no_key=True).get(pk=sender.pk)
    # What came meanwhile by another connection, with this `client_id`, is this message and no repetition.
    rules.check_repeat(sender, digest, said_lately(sender, but=client_id))


def said_lately(sender: User, *, but: str | None = None) -> set[int]:
    """The digests of what somebody wrote in private within `REPEAT_MINUTES`, but for what has this id."""
    since = timezone.now() - timedelta(minutes=settings.REPEAT_MINUTES)
    # Bounded before they are asked how old they are: else whoever has not written for long would have all
    # they ever wrote looked through.
    own = PrivateMessage.objects.filter(sender=sender).order_by("-id")
    latest = own.values_list("content", "created_at", "client_id")[:REMEMBERED]
    recent = [each for each, at, client_id in latest if at > since and (but is None or client_id != but)]
    return {digest for each in recent if (digest := words.digest(each)) is not None}


def _store(recipient: User, content: str, html: str, sender: User, client_id: str | None) -> PrivateMessage:
    message = PrivateMessage.objects.create(
        pair=pair_of(sender, recipient),
        sender=sender,
        recipient=recipient,
        content=content,
        html=html,
        client_id=client_id,
        is_withheld=blocks.is_unheard(sender, recipient),
    )
    for person in _told(message):
        payload = private_payload(message, for_sender=person == sender)
        publish_on_commit(ChatEvent.PRIVATE_MESSAGE, payload, room=user_room(person.pk), namespace=NAMESPACE)
    if not message.is_withheld:
        notifications.send(
            Kind.MESSAGE,
            to_user=recipient.pk,
            actor=sender.pk,
            group=_group(sender),
            source=_source(message),
            path=reverse("chat:conversation", args=[sender.username]),
        )
    return message


def conversation(reader: User, other: User, *, before: int | None = None) -> Page:
    """What two people have written to each other, as one of them sees it."""
    rows = _between(reader, other).filter(removed_at__isnull=True)
    rows = rows.exclude(recipient=reader, is_withheld=True)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows.select_related("sender", "recipient").order_by("-id")[: PAGE + 1])
    return Page(found[:PAGE][::-1], len(found) > PAGE)


def conversations(reader: User) -> list[Conversation]:
    """With whom somebody has written, the latest first."""
    latest: dict[str, int] = {}
    for own in ({"sender": reader}, {"recipient": reader, "is_withheld": False}):
        # One after the other, each along its index: of both at once a planner makes what it likes.
        # Nor is it asked to group them: to do that it would rather read everybody's.
        seen = PrivateMessage.objects.filter(removed_at__isnull=True, **own).order_by("-id")
        for pair, pk in seen.values_list("pair", "pk")[:REACH]:
            latest[pair] = max(pk, latest.get(pair, 0))
    latest = dict(sorted(latest.items(), key=lambda each: -each[1])[:LISTED])
    rows = PrivateMessage.objects.select_related("sender", "recipient").in_bulk(latest.values())
    unread = dict(_unread(reader).filter(pair__in=latest).values_list("pair").annotate(count=Count("pk")))
    found = []
    for pair, pk in latest.items():
        last = rows[pk]
        person = last.recipient if last.sender_id == reader.pk else last.sender
        found.append(Conversation(person, last, unread.get(pair, 0)))
    return found


def unread_count(reader: User) -> int:
    """How many messages somebody has not read."""
    return _unread(reader).count()


def mark_read(other: User, *, acting_user: User, up_to: int | None = None) -> int:
    """Note that somebody has read what a person wrote to them, or only what is no newer than `up_to`: what
    came since they have not seen. How many messages that were.

    Their own tabs hear of it, and the sender never: who is blocked could tell.
    """
    with transaction.atomic():
        unread = _unread(acting_user).filter(sender=other)
        if up_to is not None:
            unread = unread.filter(pk__lte=up_to)
        count = unread.update(read_at=timezone.now())
        told = Notification.objects.unread().filter(user=acting_user, group_key=_group(other))
        # No more than a group may have; and one tells of one message.
        sources = told.order_by("-id").values_list("pk", "source")
        newest = next((pk for pk, source in sources if up_to is None or _told_by(source) <= up_to), None)
        if newest is not None:
            inbox.mark_read(newest, acting_user=acting_user)
        if count:
            publish_on_commit(
                ChatEvent.CONVERSATION_READ,
                {"userId": str(other.pk), "unread": unread_count(acting_user)},
                room=user_room(acting_user.pk),
                namespace=NAMESPACE,
            )
    return count


def remove(message_id: int, *, acting_user: User) -> PrivateMessage:
    """Take back what one wrote; again changes nothing. Raises `Refused` with `not_found`.

    Neither of the two sees it any more. Its text is kept for a while, for the case that it is reported.
    """
    with transaction.atomic():
        own = PrivateMessage.objects.select_for_update(of=("self",)).filter(sender=acting_user)
        message = own.select_related("sender", "recipient").filter(pk=message_id).first()
        if message is None:
            raise Refused(ErrorCode.NOT_FOUND)
        return _take_away(message)


def report(message_id: int, reason: str, note: str = "", *, acting_user: User) -> PrivateMessage:
    """Show a message that one has got to moderators, also when its sender has just taken it back; again
    changes nothing. Raises `Refused`: `not_found` for everything else, `invalid`, `too_long`."""
    check_report(reason, note)
    with transaction.atomic():
        message = reportable(acting_user).select_for_update().filter(pk=message_id).first()
        if message is None:
            raise Refused(ErrorCode.NOT_FOUND)
        if message.reported_at is None:
            message.reported_at = timezone.now()
            message.report_reason, message.report_note = reason, note
            message.save(update_fields=["reported_at", "report_reason", "report_note"])
            _recount()
    return message


def reportable(reader: User) -> QuerySet[PrivateMessage]:
    """What somebody may show to moderators: what they have got, and of what was taken back what is kept."""
    kept = Q(removed_at__gt=timezone.now() - KEPT) & ~Q(content="")
    got = PrivateMessage.objects.filter(recipient=reader, is_withheld=False)
    return got.filter(Q(removed_at__isnull=True) | kept)


def taken_back(reader: User, other: User) -> Sequence[PrivateMessage]:
    """What a person took back after somebody had read it, as far as that can be reported; its text is none of
    the reader's any more."""
    gone = reportable(reader).filter(pair=pair_of(reader, other), removed_at__isnull=False)
    unreported = gone.filter(read_at__isnull=False, reported_at__isnull=True)
    return list(unreported.defer("content", "html").order_by("-id")[:TAKEN_BACK_SHOWN])


def sweep() -> int:
    """Let go of the text of what was taken back long enough ago and not reported, a batch; how many."""
    old = PrivateMessage.objects.filter(removed_at__lte=timezone.now() - KEPT, reported_at__isnull=True)
    with_text = old.exclude(content="").order_by("removed_at")
    ids = list(with_text.values_list("pk", flat=True)[:SWEPT_AT_ONCE])
    # One that is reported right now keeps it.
    return PrivateMessage.objects.filter(pk__in=ids, reported_at__isnull=True).update(content="", html="")


def reported() -> QuerySet[PrivateMessage]:
    """What moderators may read."""
    return PrivateMessage.objects.filter(reported_at__isnull=False)


def decide(message_id: int, *, is_removed: bool, acting_user: User) -> PrivateMessage:
    """Answer a report, once and for all: take the message away, of which its sender is told, or leave it.

    Raises `Refused`: `forbidden`, `not_found`, and `conflict` where it was answered.
    """
    if not (acting_user.is_active and acting_user.has_perm("comments.moderate")):
        raise Refused(ErrorCode.FORBIDDEN)
    with transaction.atomic():
        held = PrivateMessage.objects.select_for_update(of=("self",)).filter(reported_at__isnull=False)
        message = held.select_related("sender", "recipient").filter(pk=message_id).first()
        if message is None:
            raise Refused(ErrorCode.NOT_FOUND)
        if message.handled_at is not None:
            raise Refused(ErrorCode.CONFLICT)
        message.handled_at, message.handled_by = timezone.now(), acting_user
        message.verdict = Verdict.REMOVE if is_removed else Verdict.APPROVE
        message.save(update_fields=["handled_at", "handled_by", "verdict"])
        _recount()
        if not is_removed or message.removed_at is not None:
            return message  # what its sender took back is away already
        _tell_of_removal(message)
        # What was decided about stays on record; the two do not see it any more.
        return _take_away(message)


def _recount() -> None:
    """No comment changed, but what the desks count."""
    noticed([])


def _tell_of_removal(message: PrivateMessage) -> None:
    notifications.send(
        Kind.MODERATION,
        to_user=message.sender_id,
        action="hidden_private",
        group=f"private_decided:{message.pk}",
        source=f"private_decided:{message.pk}",
        # Not to the conversation: its address is somebody's name, who may be gone one day.
        path=reverse("chat:conversations"),
        about={"text": excerpt(message.content, 90), "reason": message.report_reason},
    )


def erase(user: User, fate: Fate) -> bool:
    """One batch of what becomes of the messages of a deleted account; whether nothing is left.

    What others wrote to them is those others' own, and stays in their file; nobody else can read it.
    """
    if fate != Fate.REMOVE:
        return True
    with transaction.atomic():
        left = PrivateMessage.objects.filter(sender=user).exclude(content="", html="")
        # Held, because whoever reads one of them at this moment is told whether they had.
        left = left.select_related("sender", "recipient").select_for_update(of=("self",))
        some = list(left.order_by("pk")[:ERASED_AT_ONCE])
        for message in some:
            _take_away(message, is_kept=False)
        PrivateMessage.objects.filter(pk__in=[message.pk for message in some]).update(
            content="", html="", client_id=None
        )
    return not some


def _take_away(message: PrivateMessage, *, is_kept: bool = True) -> PrivateMessage:
    """With `is_kept` its text stays for a while: whoever has read it is told that they can report it."""
    if message.removed_at is not None:
        return message
    message.removed_at = timezone.now()
    message.save(update_fields=["removed_at"])
    notifications.withdraw(sources=[_source(message)])
    for person in _told(message):
        other = message.recipient_id if person.pk == message.sender_id else message.sender_id
        payload: PrivateRemovedPayload = {"_id": str(message.pk), "userId": str(other)}
        if person.pk == message.recipient_id:
            if message.read_at is None:
                payload["wasUnread"] = True
            elif is_kept and message.reported_at is None:
                payload["takenBack"] = taken_back_payload(message)
        publish_on_commit(
            ChatEvent.PRIVATE_MESSAGE_REMOVED, payload, room=user_room(person.pk), namespace=NAMESPACE
        )
    return message


def _told(message: PrivateMessage) -> Sequence[User]:
    return [message.sender] if message.is_withheld else [message.sender, message.recipient]


def _between(one: User, other: User) -> QuerySet[PrivateMessage]:
    return PrivateMessage.objects.filter(pair=pair_of(one, other))


def _unread(reader: User) -> QuerySet[PrivateMessage]:
    unread = PrivateMessage.objects.filter(recipient=reader, is_withheld=False, read_at__isnull=True)
    return unread.filter(removed_at__isnull=True).order_by()


def _group(sender: User) -> str:
    return f"message:{sender.pk}"


def _source(message: PrivateMessage) -> str:
    return f"private:{message.pk}"


def _told_by(source: str | None) -> int:
    """Of which message a notification tells."""
    return int((source or "").rpartition(":")[2] or 0)
