"""Moderators' verbs: each writes the changes, the decisions and the posts' next versions at once.

`decide` is a batch: a room hears of its batch by one event, and so does each author. A decision about
something that has changed since the moderator saw it is refused with what changed: pass `seen`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import F, OuterRef, Subquery
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.reasons import Reason
from accounts.sanctions import may_sanction
from realtime.database import is_storable
from realtime.errors import ErrorCode, Refused

from . import rules, telling, trust
from .actions import lock_comment, rewrite
from .decided import by_post, tell_authors, tell_of_answer, tell_rooms
from .desk.notices import noticed
from .models import Appeal, Comment, Decision, Flag, FlagOutcome, Post, Remover, Rule, Status, Verdict

# Comments that one transaction decides about; a post's row is held for about as long as they take.
AT_ONCE = 200
TEXT_LIMIT = 2_000


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one comment: the decision, None if it changed nothing; or why it was refused."""

    comment_id: int
    comment: Comment | None = None
    decision: Decision | None = None
    refusal: Refused | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a long work has come. `changed` and `refused` are among those that are `done`."""

    done: int
    total: int
    changed: int
    refused: int


def seen_token(comment: Comment) -> str:
    """What a moderator saw of a comment, for `decide` to compare: its status, its text, its last decision."""
    moments = (comment.edited_at, comment.reviewed_at)
    return ".".join([comment.status, *("0" if at is None else str(_microseconds(at)) for at in moments)])


def decide(
    comment_ids: Sequence[int],
    verdict: Verdict | str,
    *,
    acting_user: User,
    reason: Reason | str = "",
    explanation: str = "",
    note: str = "",
    seen: Mapping[int, str] | None = None,
) -> list[Outcome]:
    """Approve, reject, mark as spam, restore, remove or hold up to `AT_ONCE` comments in one transaction.

    One outcome per id, in their order. `seen` has the `seen_token` of what the moderator saw, by id; a
    comment that has changed is refused by itself with `conflict`, its `details` saying what changed.
    `reason` is a code, `explanation` goes to the author, `note` stays among colleagues. What comes to be
    seen again accepts the appeal for it. Raises `Refused` for all: `forbidden` without the permission
    `comments.moderate` (with the setting `AUTHORS_MODERATE` a post's author has it there), `invalid`,
    `too_long`.
    """
    judgement = Judgement.of(verdict, reason, explanation, note)
    ids = list(dict.fromkeys(comment_ids))
    if len(ids) > AT_ONCE:
        raise Refused(ErrorCode.INVALID)
    may_decide_somewhere(acting_user)
    with transaction.atomic():
        return _Round(ids, judgement, acting_user, {} if seen is None else seen).outcomes()


def decide_all(
    comment_ids: Iterable[int],
    verdict: Verdict | str,
    *,
    acting_user: User,
    reason: Reason | str = "",
    explanation: str = "",
    note: str = "",
) -> Iterator[Progress]:
    """The same for thousands: transactions of `AT_ONCE`, and how far it is after each.

    What has been decided stays so if nobody asks for the rest. Raises `Refused` at once, as `decide` does.
    """
    Judgement.of(verdict, reason, explanation, note)
    may_decide_somewhere(acting_user)
    ids = ordered(comment_ids)

    def work() -> Iterator[Progress]:
        done = changed = refused = 0
        for start in range(0, len(ids), AT_ONCE):
            part = ids[start : start + AT_ONCE]
            outcomes = decide(
                part, verdict, acting_user=acting_user, reason=reason, explanation=explanation, note=note
            )
            done += len(outcomes)
            changed += sum(each.decision is not None for each in outcomes)
            refused += sum(each.refusal is not None for each in outcomes)
            yield Progress(done, len(ids), changed, refused)

    return work()


def ordered(comment_ids: Iterable[int]) -> list[int]:
    """Ids as they are decided about in bulk: each once, those of one post beside each other, so that a batch
    concerns few rooms and each hears of few batches. What is not there comes last."""
    ids = list(dict.fromkeys(comment_ids))
    where: dict[int, int] = {}
    for start in range(0, len(ids), 1_000):
        found = Comment.objects.filter(pk__in=ids[start : start + 1_000])
        where.update(found.values_list("pk", "post_id"))
    return sorted(ids, key=lambda pk: where.get(pk, 2**63))


def to_purge(user_ids: Sequence[int], *, acting_user: User) -> list[int]:
    """The ids of what `bulk.purge` rejects of what these people wrote. Raises `Refused` as it does."""
    may_moderate(acting_user)
    may_sanction(acting_user)
    targets = User.objects.in_bulk(user_ids)
    if len(targets) < len(set(user_ids)):
        raise Refused(ErrorCode.NOT_FOUND)
    if not acting_user.is_superuser and any(target.is_staff for target in targets.values()):
        raise Refused(ErrorCode.FORBIDDEN)
    there = Comment.objects.filter(author__in=user_ids, status__in=[Status.PUBLISHED, Status.PENDING])
    return list(there.order_by("created_at", "id").values_list("pk", flat=True))


def undo(decision_id: int, *, acting_user: User) -> Decision:
    """Put a comment back to where it was before a decision, which has to be the last one about it.

    Flags that it settled are open again. Raises `Refused`: `forbidden` as `decide`, `not_found`, `conflict`
    where something happened to the comment since, or where it was a rule that decided.
    """
    may_decide_somewhere(acting_user)
    comment_id = Decision.objects.filter(pk=decision_id).values_list("comment_id", flat=True).first()
    if comment_id is None:
        raise Refused(ErrorCode.NOT_FOUND)
    with transaction.atomic():
        comment = lock_comment(comment_id)
        may_moderate(acting_user, comment.post)
        if not comment.content:
            raise _erased()
        last, *earlier = comment.decisions.order_by("-id")[:2]
        if (
            last.pk != decision_id
            or comment.status != last.after
            or last.rule
            or last.verdict == Verdict.UNDO
        ):
            raise Refused(ErrorCode.CONFLICT, details={"changed": _what_changed(comment, "")})
        if comment.reviewed_at != last.made_at:
            # Its author has written something else since: nobody has decided about that.
            seen = seen_token(comment).split(".")
            raise Refused(
                ErrorCode.CONFLICT,
                details={"changed": _what_changed(comment, ".".join([seen[0], "", seen[2]]))},
            )
        if last.verdict == Verdict.EDIT:
            content = comment.content
            comment.reviewed_at = last.reviewed_before
            rewrite(comment, last.content, by=acting_user)
            taken = Decision.objects.create(
                comment=comment,
                moderator=acting_user,
                verdict=Verdict.UNDO,
                content=content,
                before=comment.status,
                after=comment.status,
                undoes=last,
            )
        else:
            taken = _take_back(comment, last, earlier[0] if earlier else None, acting_user)
    return taken


def hide_comment(
    comment_id: int, *, acting_user: User, reason: Reason | str = "", explanation: str = "", note: str = ""
) -> Comment:
    """Reject one comment; it can be restored. Raises `Refused`."""
    return _one(comment_id, Verdict.REJECT, acting_user, note, reason, explanation)


def restore_comment(comment_id: int, *, acting_user: User, note: str = "") -> Comment:
    """Put one hidden, held or removed comment back in its place. Raises `Refused`."""
    return _one(comment_id, Verdict.RESTORE, acting_user, note)


def remove_comment(comment_id: int, *, acting_user: User, note: str = "") -> Comment:
    """Remove one comment for good as far as readers are concerned; its row stays. Raises `Refused`."""
    return _one(comment_id, Verdict.REMOVE, acting_user, note)


def edit_comment(
    comment_id: int, content: str, *, acting_user: User, note: str = "", seen: str | None = None
) -> Comment:
    """Change the text of somebody's comment; the decision keeps the text as it stood.

    No rule but the length is asked. `seen` is the `seen_token` of what the moderator saw. Raises `Refused`:
    `forbidden` without the permission `comments.moderate`, `not_found`, `invalid`, `too_long`, `conflict`.
    """
    may_moderate(acting_user)
    rules.check_text(content)
    if len(note) > TEXT_LIMIT:
        raise Refused(ErrorCode.TOO_LONG)
    if not is_storable(note):
        raise Refused(ErrorCode.INVALID)
    with transaction.atomic():
        comment = lock_comment(comment_id)
        if seen is not None and seen != seen_token(comment):
            raise Refused(ErrorCode.CONFLICT, details={"changed": _what_changed(comment, seen)})
        if not comment.content:
            raise _erased()
        before, reviewed_before = comment.content, comment.reviewed_at
        if content != before:
            now = timezone.now()
            comment.reviewed_at = now
            rewrite(comment, content, by=acting_user)
            Decision.objects.create(
                comment=comment,
                moderator=acting_user,
                verdict=Verdict.EDIT,
                note=note,
                content=before,
                before=comment.status,
                after=comment.status,
                reviewed_before=reviewed_before,
                made_at=now,
            )
    return comment


# --- Who may -----------------------------------------------------------------------------------------


def may_moderate(user: User, post: Post | None = None) -> None:
    """Raises `Refused` for whoever may not decide about comments, under `post` if one is given."""
    if not may_moderate_here(user, post):
        raise Refused(ErrorCode.FORBIDDEN)


def may_moderate_here(user: User, post: Post | None) -> bool:
    """Whether somebody may decide about comments under `post`, or under all posts."""
    return user.is_active and (user.has_perm("comments.moderate") or _owns(user, post))


def may_decide_somewhere(user: User) -> None:
    """Raises `Refused` for whoever may decide nowhere; which comments are theirs to decide shows later."""
    if not user.is_active or not (user.has_perm("comments.moderate") or settings.AUTHORS_MODERATE):
        raise Refused(ErrorCode.FORBIDDEN)


def _owns(user: User, post: Post | None) -> bool:
    return settings.AUTHORS_MODERATE and post is not None and post.author_id == user.pk


# --- One transaction of decisions -----------------------------------------------------------------------

# Where a verdict brings a comment.
_STATUS = {
    Verdict.APPROVE: Status.PUBLISHED,
    Verdict.RESTORE: Status.PUBLISHED,
    Verdict.REJECT: Status.REJECTED,
    Verdict.SPAM: Status.SPAM,
    Verdict.REMOVE: Status.REMOVED,
    Verdict.HOLD: Status.PENDING,
}


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is decided about all comments of a batch."""

    verdict: Verdict
    reason: str
    explanation: str
    note: str

    @classmethod
    def of(cls, verdict: Verdict | str, reason: str, explanation: str, note: str) -> "Judgement":
        """Raises `Refused` for what is no judgement."""
        if verdict not in {each.value for each in _STATUS} or (reason and reason not in Reason.values):
            raise Refused(ErrorCode.INVALID)
        if verdict in (Verdict.REJECT, Verdict.HOLD) and reason == Reason.OTHER and not explanation.strip():
            raise Refused(ErrorCode.INVALID, _("Please say what the other reason is."))
        if max(len(explanation), len(note)) > TEXT_LIMIT:
            raise Refused(ErrorCode.TOO_LONG)
        if not is_storable(explanation + note):
            raise Refused(ErrorCode.INVALID)
        if verdict == Verdict.SPAM and not reason:
            reason = Reason.SPAM
        return cls(Verdict(verdict), str(reason), explanation, note)

    @property
    def status(self) -> Status:
        return _STATUS[self.verdict]

    @property
    def flags(self) -> FlagOutcome | None:
        """What it says to those who reported the comment; nothing yet where it is only held."""
        if self.status == Status.PUBLISHED:
            return FlagOutcome.DISMISSED
        return None if self.status == Status.PENDING else FlagOutcome.UPHELD

    def changes(self, comment: Comment) -> bool:
        """Whether the comment is not as it would have it."""
        if comment.status != self.status:
            return True
        # To restore what is there is nothing; to approve it says that a person has looked.
        is_open = comment.reviewed_at is None or comment.flag_count > 0
        return self.verdict == Verdict.APPROVE and is_open


class _Round:
    """Comments under decision, with their posts held until the transaction ends."""

    def __init__(
        self, ids: Sequence[int], judgement: Judgement, moderator: User, seen: Mapping[int, str]
    ) -> None:
        self._ids = ids
        self._judgement = judgement
        self._moderator = moderator
        self._seen = seen
        self._now = timezone.now()
        of_these = Comment.objects.filter(pk__in=ids)
        held = Post.objects.select_for_update().defer("body").filter(pk__in=of_these.values("post"))
        # In the order of their ids, as everybody takes them who takes several.
        self._posts = {post.pk: post for post in held.order_by("pk")}
        found = of_these.select_related("author", "parent__author")
        self._comments = {each.pk: each for each in found if each.post_id in self._posts}
        for comment in self._comments.values():
            comment.post = self._posts[comment.post_id]
        self._before = {
            pk: (each.status, each.reviewed_at, each.priority) for pk, each in self._comments.items()
        }
        self._flagged = [pk for pk, each in self._comments.items() if each.flag_count]

    def outcomes(self) -> list[Outcome]:
        refusals = {pk: self._refusal(pk) for pk in self._ids}
        mine = [pk for pk in self._ids if refusals[pk] is None]
        changed = [self._comments[pk] for pk in mine if self._judgement.changes(self._comments[pk])]
        decisions = self._write(changed) if changed else {}
        return [
            Outcome(pk, refusal=refusals[pk])
            if refusals[pk] is not None
            else Outcome(pk, self._comments[pk], decisions.get(pk))
            for pk in self._ids
        ]

    def _refusal(self, pk: int) -> Refused | None:
        """Why nothing can be decided about a comment."""
        comment = self._comments.get(pk)
        if comment is None:
            return Refused(ErrorCode.NOT_FOUND)
        try:
            may_moderate(self._moderator, comment.post)
        except Refused as refusal:
            visible = comment.status == Status.PUBLISHED
            return refusal if visible else Refused(ErrorCode.NOT_FOUND)
        seen = self._seen.get(pk)
        if seen is not None and seen != seen_token(comment):
            return Refused(ErrorCode.CONFLICT, details={"changed": _what_changed(comment, seen)})
        taken_back = comment.status == Status.REMOVED and comment.removed_by == Remover.AUTHOR
        if self._judgement.status in (Status.PUBLISHED, Status.PENDING) and not comment.content:
            return _erased()
        may = {Verdict.REMOVE}
        if self._moderator.has_perm("comments.moderate"):
            may.add(Verdict.RESTORE)  # its author may have asked for that; not whoever wrote the post
        if taken_back and self._judgement.verdict not in may:
            return Refused(ErrorCode.CONFLICT, _("Its author has taken this comment back."))
        return None

    def _write(self, changed: list[Comment]) -> dict[int, Decision]:
        judgement, ids = self._judgement, [comment.pk for comment in changed]
        visibly = [each for each in changed if Status.PUBLISHED in (each.status, judgement.status)]
        visibly = [each for each in visibly if each.status != judgement.status]
        for post_id, comments in by_post(visibly):
            _take_versions(self._posts[post_id], comments, judgement.status)
        common: dict[str, object] = {
            "status": judgement.status,
            "reviewed_at": self._now,
            "held_for": "",
            "reason": judgement.reason,
            "removed_by": "" if judgement.status == Status.PUBLISHED else Remover.MODERATOR,
        }
        if judgement.flags is not None:
            common |= {"flag_count": 0, "priority": 0.0}
        for comment in changed:
            for name, value in common.items():
                setattr(comment, name, value)
        rows = Comment.objects.filter(pk__in=ids)
        if len(changed) == 1:  # what a click at the desk is: one statement less
            rows.update(**common, version=changed[0].version)
        else:
            rows.update(**common)
            Comment.objects.bulk_update(visibly, ["version"], batch_size=AT_ONCE)
        made = Decision.objects.bulk_create(
            Decision(
                comment=comment,
                moderator=self._moderator,
                verdict=judgement.verdict,
                reason=judgement.reason,
                explanation=judgement.explanation,
                note=judgement.note,
                content=comment.content,
                before=self._before[comment.pk][0],
                after=judgement.status,
                reviewed_before=self._before[comment.pk][1],
                priority_before=self._before[comment.pk][2],
                made_at=self._now,
            )
            for comment in changed
        )
        decisions = {decision.comment_id: decision for decision in made}
        self._settle_flags(set(ids))
        answered: set[int] = set()
        if judgement.status == Status.PUBLISHED:
            trust.approved({each.author_id for each in changed if each.author.trusted_at is None})
            answered = self._accept_appeals(ids)
        noticed(ids)
        tell_rooms(visibly)
        moved = [d for pk, d in decisions.items() if self._before[pk][0] != judgement.status]
        tell_authors(moved, answered)
        return decisions

    def _accept_appeals(self, ids: Sequence[int]) -> set[int]:
        """Whoever appealed was right: the comment is there again, whatever led to that. Which comments."""
        appeals = list(
            Appeal.objects.select_related("decision__comment__post").filter(
                decision__comment__in=ids, answered_at__isnull=True
            )
        )
        for appeal in appeals:
            appeal.accepted, appeal.explanation = True, self._judgement.explanation
            appeal.answered_at, appeal.answered_by = self._now, self._moderator
            tell_of_answer(appeal)
        if appeals:
            Appeal.objects.bulk_update(appeals, ["accepted", "explanation", "answered_at", "answered_by"])
        return {appeal.decision.comment_id for appeal in appeals}

    def _settle_flags(self, ids: set[int]) -> None:
        flagged = [pk for pk in self._flagged if pk in ids]
        if flagged and self._judgement.flags is not None:
            decision = Decision.objects.filter(comment=OuterRef("comment")).order_by("-id").values("pk")[:1]
            Flag.objects.filter(comment__in=flagged, outcome="").update(
                outcome=self._judgement.flags, decision=Subquery(decision)
            )


def _erased() -> Refused:
    """Of a comment that went with its author's account nothing is left to be shown."""
    return Refused(ErrorCode.CONFLICT, _("The account was deleted, and this comment with it."))


def _take_back(comment: Comment, last: Decision, earlier: Decision | None, acting_user: User) -> Decision:
    """Undo the last decision about a held comment."""
    before, back_to = comment.status, Status(last.before)
    visibly = Status.PUBLISHED in (before, back_to) and before != back_to
    if visibly:
        _take_versions(comment.post, [comment], back_to)
    settled = before != Status.PENDING
    Flag.objects.filter(decision=last).update(outcome="", decision=None)
    comment.status = back_to
    comment.reviewed_at = last.reviewed_before
    comment.reason = earlier.reason if earlier is not None else ""
    # What is held with everything else in its room is so without a decision.
    held_for = earlier.rule if earlier is not None and earlier.after == Status.PENDING else Rule.ROOM
    comment.held_for = held_for if back_to == Status.PENDING else ""
    comment.flag_count = Flag.objects.filter(comment=comment, outcome="").count()
    if settled:
        comment.priority += last.priority_before  # what it has by now is of flags that came since
    # Only its author takes a comment away without a decision.
    by_author = back_to == Status.REMOVED and (earlier is None or earlier.after != Status.REMOVED)
    comment.removed_by = (
        "" if back_to == Status.PUBLISHED else Remover.AUTHOR if by_author else Remover.MODERATOR
    )
    comment.save(
        update_fields=[
            "status", "version", "reviewed_at", "reason", "held_for", "flag_count", "priority", "removed_by",
        ]
    )  # fmt: skip
    if before == Status.PUBLISHED:
        trust.distrust(comment.author_id, last.made_at)
    taken = Decision.objects.create(
        comment=comment,
        moderator=acting_user,
        verdict=Verdict.UNDO,
        content=comment.content,
        before=before,
        after=back_to,
        undoes=last,
    )
    noticed([comment.pk])
    if visibly:
        tell_rooms([comment])
    if before != back_to:
        tell_authors([taken])
    return taken


def _take_versions(post: Post, comments: Sequence[Comment], status: Status) -> None:
    """Number comments of a held post that come to be seen, or cease to be, with its next versions."""
    published = len(comments) if status == Status.PUBLISHED else -len(comments)
    telling.changed(post.pk)
    Post.objects.filter(pk=post.pk).update(
        version=F("version") + len(comments),
        comment_count=F("comment_count") + published,
        changed_at=timezone.now(),
    )
    for comment in comments:
        post.version += 1
        comment.version = post.version
    post.comment_count += published


def _what_changed(comment: Comment, seen: str) -> dict[str, object]:
    """What a moderator is told of a comment that is not as they saw it: `what` of status, text and decision,
    how it stands now, and the last decision, if there is one."""
    now = seen_token(comment)
    parts = zip(("status", "text", "decision"), seen.split("."), now.split("."), strict=False)
    last = comment.decisions.select_related("moderator").order_by("-id").first()
    return {
        "what": [name for name, before, after in parts if before != after],
        "seen": now,
        "status": comment.status,
        "content": comment.content,
        "verdict": last.verdict if last is not None else None,
        "by": last.moderator.shown_name if last is not None and last.moderator is not None else None,
    }


def _one(
    comment_id: int,
    verdict: Verdict,
    acting_user: User,
    note: str,
    reason: Reason | str = "",
    explanation: str = "",
) -> Comment:
    [outcome] = decide(
        [comment_id], verdict, acting_user=acting_user, reason=reason, explanation=explanation, note=note
    )
    if outcome.refusal is not None or outcome.comment is None:
        raise outcome.refusal or Refused(ErrorCode.NOT_FOUND)
    return outcome.comment


def _microseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1_000_000)
