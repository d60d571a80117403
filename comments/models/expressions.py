"""What the indexes of comments are made of, and what queries say to be served by them."""

from django.db import models

# What the index of pages is made of. Asked for a post, a status and the order of ids, PostgreSQL weighs that
# index against others that know a part of it, by how many comments it believes a post to have. Where it
# believed wrong, or expected luck, it read a hundred thousand rows for fifty. No other index knows these.
PUBLISHED_IN = models.Func(
    "status",
    "post",
    # Django compares migrations by the order of these, too: it writes them by their names.
    arg_joiner=" WHEN 'published' THEN ",
    output_field=models.BigIntegerField(),
    template="CAST(CASE %(expressions)s END AS bigint)",
)
NEWEST_FIRST = models.Func("id", output_field=models.BigIntegerField(), template="(-%(expressions)s)")


# The desk a comment lies on, as one value, so that one index serves five queues: `pending`, `rejected`,
# `spam` and `removed` are statuses; what is published is `unreviewed` or, once a person has decided,
# `approved`. Constants stand in the text of it: SQLite takes an index of expressions only where a query has
# the same words.
DESK = models.Func(
    models.Func("status", template="NULLIF(%(expressions)s, 'published')", output_field=models.CharField()),
    models.Func(
        "reviewed_at",
        template="CASE WHEN %(expressions)s IS NULL THEN 'unreviewed' ELSE 'approved' END",
        output_field=models.CharField(),
    ),
    function="COALESCE",
    output_field=models.CharField(),
)
# Conditions of the indexes that the usual comment is not in, and so pays nothing for.
IS_OFF_DESK = models.Func(
    DESK, template="(%(expressions)s <> 'unreviewed')", output_field=models.BooleanField()
)
# A desk's comments under one post, and for one reason: each as one value, too, because a planner that had the
# choice would now and then walk the whole desk in search of a post's few.
DESK_OF_POST = models.Func(
    DESK,
    models.Func("post", template="CAST(%(expressions)s AS text)", output_field=models.CharField()),
    arg_joiner=" || ':' || ",
    template="(%(expressions)s)",
    output_field=models.CharField(),
)
DESK_FOR_REASON = models.Func(
    DESK,
    "reason",
    arg_joiner=" || ':' || ",
    template="(%(expressions)s)",
    output_field=models.CharField(),
)
IS_REPORTED = models.Func(
    models.Func("status", template="%(expressions)s = 'published'", output_field=models.BooleanField()),
    models.Func("flag_count", template="%(expressions)s > 0", output_field=models.BooleanField()),
    arg_joiner=" AND ",
    template="(%(expressions)s)",
    output_field=models.BooleanField(),
)
IS_URGENT = models.Func("priority", template="(%(expressions)s > 0)", output_field=models.BooleanField())
# What only its author is shown under a post, and hardly ever anything.
IS_HIDDEN = models.Func(
    "status", template="(%(expressions)s <> 'published')", output_field=models.BooleanField()
)
HAS_REASON = models.Func("reason", template="(%(expressions)s <> '')", output_field=models.BooleanField())
