"""How urgent a comment is for moderators: a number, 0 for what nobody needs to hurry about.

priority = weights of its open flags + 2 for restricted words + 0.5 for an author who is new
"""

from datetime import datetime, timedelta

from accounts.models import User

from .models import Flag, FlagOutcome

# A word that the site has on a list says more than one reader, and less than a few who are usually right.
WORDS = 2.0
# Of two comments with one flag each, the one of whom nobody knows yet comes first.
NEWNESS = 0.5
NEW_FOR = timedelta(days=7)
# Of how many flags of a reader the record is made. Whoever was wrong a year ago may have learnt.
RECORD = 50


def of_new(author: User, now: datetime, *, has_words: bool) -> float:
    """The priority of a comment that is being written; asks the database nothing."""
    is_new = author.trusted_at is None and now - author.date_joined < NEW_FOR
    return WORDS * has_words + NEWNESS * is_new


def weight_of(reporter: User) -> float:
    """How much a reader's flag counts: the share of their latest flags in which moderators agreed.

    As if they had been right once and wrong once before: somebody new counts for a half, nobody for nothing.
    """
    settled = Flag.objects.filter(reporter=reporter).exclude(outcome="").order_by("-id")
    outcomes = list(settled.values_list("outcome", flat=True)[:RECORD])
    right = sum(outcome == FlagOutcome.UPHELD for outcome in outcomes)
    return (right + 1) / (len(outcomes) + 2)
