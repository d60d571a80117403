"""An author may answer a decision against their comment, once; a moderator answers that."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from realtime.database import is_storable
from realtime.errors import ErrorCode, Refused

from .actions import lock_comment
from .decided import tell_of_answer
from .desk.notices import noticed
from .models import Appeal, Comment, Decision, Verdict
from .moderation import TEXT_LIMIT as EXPLANATION_LIMIT
from .moderation import decide, may_decide_somewhere, may_moderate

TEXT_LIMIT = 1_000


def appeal(decision_id: int, text: str, *, acting_user: User) -> Appeal:
    """Appeal against the decision that keeps one's own comment from readers; the same text again is one.

    Raises `Refused`: `not_found` for a decision about somebody else's comment, or one that does not hold
    any more; `conflict` where there is another appeal already; `invalid`, `too_long`.
    """
    if len(text) > TEXT_LIMIT:
        raise Refused(ErrorCode.TOO_LONG)
    if not text.strip() or not is_storable(text):
        raise Refused(ErrorCode.INVALID, _("Please say why the decision was wrong."))
    own = Comment.objects.filter(author=acting_user.pk, decisions=decision_id)
    comment_id = own.values_list("pk", flat=True).first()
    if comment_id is None:
        raise Refused(ErrorCode.NOT_FOUND)
    with transaction.atomic():
        comment = lock_comment(comment_id)
        known = Appeal.objects.filter(decision=decision_id).select_related("decision").first()
        if known is not None:
            if known.text == text:
                return known
            raise Refused(ErrorCode.CONFLICT, _("You have appealed against this decision already."))
        last = comment.decisions.order_by("-id").first()
        if last is None or last.pk != decision_id or not holds(last, comment):
            raise Refused(ErrorCode.NOT_FOUND)
        noticed([comment.pk])
        return Appeal.objects.create(decision=last, text=text)


def answer_appeal(
    appeal_id: int, accepted: bool, *, acting_user: User, explanation: str = "", note: str = ""
) -> Appeal:
    """Accept an appeal, which restores the comment, or turn it down; the author is told either way.

    Raises `Refused`: `forbidden` without the permission `comments.moderate`, `not_found`, `too_long`,
    `conflict` where it has been answered, or where the comment has changed so that nothing can be restored.
    """
    may_decide_somewhere(acting_user)
    if max(len(explanation), len(note)) > EXPLANATION_LIMIT:
        raise Refused(ErrorCode.TOO_LONG)
    if not is_storable(explanation + note):
        raise Refused(ErrorCode.INVALID)
    asked = Appeal.objects.filter(pk=appeal_id).values_list("decision__comment", flat=True).first()
    if asked is None:
        raise Refused(ErrorCode.NOT_FOUND)
    with transaction.atomic():
        comment = lock_comment(asked)
        may_moderate(acting_user, comment.post)
        found = Appeal.objects.select_related("decision__comment__post").get(pk=appeal_id)
        if found.answered_at is not None:
            raise Refused(ErrorCode.CONFLICT)
        if accepted:
            if not holds(found.decision, comment):
                raise Refused(ErrorCode.CONFLICT)
            # Which answers the appeal, as it does whenever a comment comes back.
            [outcome] = decide(
                [comment.pk], Verdict.RESTORE, acting_user=acting_user, explanation=explanation, note=note
            )
            if outcome.refusal is not None:
                raise outcome.refusal
            return Appeal.objects.select_related("decision__comment__post").get(pk=appeal_id)
        found.accepted = False
        found.explanation = explanation
        found.answered_at = timezone.now()
        found.answered_by = acting_user
        found.save(update_fields=["accepted", "explanation", "answered_at", "answered_by"])
        noticed([comment.pk])
        tell_of_answer(found)
    return found


def holds(decision: Decision, comment: Comment) -> bool:
    """Whether it is this decision that keeps the comment from readers."""
    return decision.is_adverse and comment.status == decision.after
