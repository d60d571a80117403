"""Since when people are in groups of Django's, which does not say so: whoever comes into one is not told what
was said to it before."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from accounts.models import GroupJoin

AT_ONCE = 500


def noted(instance: Any, action: str, reverse: bool, pk_set: Collection[int] | None, **kwargs: Any) -> None:
    """Note who comes, and forget who goes."""
    mine = GroupJoin.objects.filter(**{"group" if reverse else "user": instance.pk})
    if action == "pre_clear":
        mine.delete()
    elif action == "post_remove" and pk_set:
        mine.filter(**{"user__in" if reverse else "group__in": pk_set}).delete()
    elif action == "post_add" and pk_set:
        rows = [
            GroupJoin(user_id=pk, group_id=instance.pk)
            if reverse
            else GroupJoin(user_id=instance.pk, group_id=pk)
            for pk in sorted(pk_set)
        ]
        for start in range(0, len(rows), AT_ONCE):
            GroupJoin.objects.bulk_create(
                rows[start : start + AT_ONCE],
                update_conflicts=True,
                unique_fields=["user", "group"],
                update_fields=["joined_at"],
            )


def since(user_ids: Collection[int], group_ids: Collection[int]) -> dict[tuple[int, int], datetime]:
    """By person and group, as far as it was noted."""
    rows = GroupJoin.objects.filter(user__in=user_ids, group__in=group_ids)
    return {(user, group): at for user, group, at in rows.values_list("user_id", "group_id", "joined_at")}
