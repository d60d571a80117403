"""The desk's pages by themselves: who may see them, what forms do, and where they lead back to."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Sanction, SanctionKind, User
from comments import actions, appeals, flags, moderation
from comments.models import Appeal, Comment, Decision, Post, Status
from comments.queues import Queue
from tests.cast import a_person, again, write

pytestmark = pytest.mark.django_db

DESK = "/admin/moderation/"


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def decide(client: Client, comment: Comment, verdict: str, **more: Any) -> Any:
    said = {"verdict": verdict, "seen": moderation.seen_token(again(comment)), **more}
    return client.post(f"{DESK}item/{comment.pk}/decide/", said)


def texts(client: Client, queue: str, **query: str) -> list[str]:
    answer = client.get(f"{DESK}{queue}/", query)
    assert answer.status_code == 200
    return [item.comment.content for item in answer.context["items"]]


# --- Outsiders -----------------------------------------------------------------------------------


def addresses(comment: Comment) -> list[tuple[str, str]]:
    return [
        ("get", DESK),
        *(("get", f"{DESK}{queue.value}/") for queue in Queue),
        ("get", f"{DESK}item/{comment.pk}/"),
        ("post", f"{DESK}item/{comment.pk}/decide/"),
        ("post", f"{DESK}item/{comment.pk}/sanction/"),
        ("post", f"{DESK}decision/1/undo/"),
        ("post", f"{DESK}appeal/1/answer/"),
    ]


def test_outsiders_see_no_page_and_decide_nothing(comment: Comment, owner: User, author: User) -> None:
    staff = a_person("staff", is_staff=True)
    said = {"verdict": "spam", "seen": moderation.seen_token(comment), "accepted": "yes"}
    for client in (Client(), as_(owner), as_(author), as_(staff)):
        for method, address in addresses(comment):
            answer = getattr(client, method)(address, said)
            to_log_in = answer.status_code == 302 and "/admin/login/" in answer["Location"]
            assert answer.status_code == 403 or to_log_in, address
    assert not Decision.objects.exists()
    assert again(comment).status == Status.PUBLISHED


def test_the_admins_first_page_shows_queues_to_moderators_only(comment: Comment, moderator: User) -> None:
    staff = a_person("staff", is_staff=True)

    assert b"data-queue-count" not in as_(staff).get("/admin/").content
    page = as_(moderator).get("/admin/").content.decode()
    assert f'href="{DESK}unreviewed/"' in page


def test_a_moderator_imposes_no_sanctions(comment: Comment, moderator: User) -> None:
    client = as_(moderator)
    said = {"sentence": "ban", "reason": "spam"}

    answer = client.post(f"{DESK}item/{comment.pk}/sanction/", said)

    assert answer.status_code == 422
    assert not Sanction.objects.exists()
    assert b"sanction/" not in client.get(f"{DESK}unreviewed/").content


def test_a_form_leads_back_to_the_desk_and_nowhere_else(comment: Comment, moderator: User) -> None:
    for wanted in ("https://evil.example/", "//evil.example/", "/admin/", "javascript:alert(1)"):
        answer = decide(as_(moderator), comment, "approve", next=wanted)
        assert urlsplit(answer["Location"]).path == DESK
        assert not urlsplit(answer["Location"]).netloc
        moderation.undo(comment.decisions.values_list("pk", flat=True)[0], acting_user=moderator)


# --- Queues --------------------------------------------------------------------------------------


def test_each_queue_is_a_page(comment: Comment, moderator: User) -> None:
    client = as_(moderator)
    assert client.get(DESK)["Location"] == f"{DESK}reported/"
    for queue in Queue:
        assert client.get(f"{DESK}{queue.value}/").status_code == 200
    assert client.get(f"{DESK}everything/").status_code == 404


def test_filters_search_and_order(
    post: Post, author: User, owner: User, stranger: User, moderator: User
) -> None:
    other = Post.objects.create(title="Other", slug="other", author=author, published_at=post.published_at)
    red, green, blue = write(owner, post, "red"), write(stranger, post, "green"), write(owner, other, "blue")
    Comment.objects.filter(pk=red.pk).update(created_at=timezone.now() - timedelta(days=3))
    flags.flag(green.pk, "hate", acting_user=owner)
    flags.flag(blue.pk, "spam", acting_user=stranger)
    client = as_(moderator)

    assert texts(client, "unreviewed") == ["blue", "green", "red"]
    assert texts(client, "unreviewed", order="oldest") == ["red", "green", "blue"]
    assert texts(client, "unreviewed", post=str(other.pk)) == ["blue"]
    assert texts(client, "unreviewed", author="owner") == ["blue", "red"]
    assert texts(client, "unreviewed", author="@owner", q="RED") == ["red"]
    assert texts(client, "unreviewed", age="day") == ["blue", "green"]
    assert texts(client, "unreviewed", age="over_day") == ["red"]
    assert texts(client, "reported", reason="hate") == ["green"]


@pytest.mark.parametrize(
    "query",
    [
        {"author": "nobody"},
        {"author": "\x00"},
        {"q": "\x00"},
        {"q": "x" * 200},
        {"post": "9" * 30},
        {"post": "first"},
        {"reason": "?"},
        {"age": "?"},
        {"order": "?"},
        {"done": "9" * 30},
    ],
)
def test_what_is_not_understood_is_left_out(query: dict[str, str], comment: Comment, moderator: User) -> None:
    assert texts(as_(moderator), "unreviewed", **query) == [comment.content]


def test_a_cursor_of_another_order_leads_to_the_first_page(comment: Comment, moderator: User) -> None:
    answer = as_(moderator).get(f"{DESK}unreviewed/", {"cursor": "made up", "author": "owner"})

    assert answer["Location"] == f"{DESK}unreviewed/?author=owner"


def test_a_long_queue_has_pages(post: Post, owner: User, moderator: User) -> None:
    old = [actions.OldComment(owner, f"Comment {number}", timezone.now()) for number in range(120)]
    actions.import_comments(post, old)
    client, address, seen = as_(moderator), f"{DESK}unreviewed/", []
    while address:
        page = client.get(address)
        seen += [item.comment.pk for item in page.context["items"]]
        address = page.context["next_address"]
    assert len(seen) == len(set(seen)) == 120


def test_a_page_of_a_queue_asks_a_fixed_number_of_questions(
    post: Post, moderator: User, django_assert_max_num_queries: Any
) -> None:
    for number in range(15):
        comment = write(a_person(f"reader-{number}"), post, f"Comment {number}")
        flags.flag(comment.pk, "spam", acting_user=a_person(f"other-{number}"))
    client = as_(moderator)
    with django_assert_max_num_queries(18):
        client.get(f"{DESK}reported/")


def test_what_somebody_wrote_is_text_and_no_markup(post: Post, owner: User, moderator: User) -> None:
    nasty = "<script>alert(1)</script></script><img src=x onerror=alert(1)>"
    comment = write(owner, post, nasty)
    client = as_(moderator)

    for address in (f"{DESK}unreviewed/", f"{DESK}item/{comment.pk}/"):
        page = client.get(address).content.decode()
        assert "<script>alert" not in page
        assert "<img src=x" not in page


# --- Deciding ------------------------------------------------------------------------------------


def test_a_decision_leads_back_and_offers_to_undo_it(comment: Comment, moderator: User) -> None:
    client = as_(moderator)
    back = f"{DESK}unreviewed/?author=owner"

    answer = decide(client, comment, "reject", reason="hate", explanation="No.", next=back)

    made = Decision.objects.get()
    assert (made.reason, made.explanation, again(comment).status) == ("hate", "No.", "rejected")
    assert parse_qs(urlsplit(answer["Location"]).query) == {"author": ["owner"], "done": [str(made.pk)]}
    page = client.get(answer["Location"])
    assert page.context["done"] == made
    client.post(f"{DESK}decision/{made.pk}/undo/", {"next": back})
    assert again(comment).status == Status.PUBLISHED
    assert client.get(answer["Location"]).context["done"] is None


def test_a_colleagues_decision_is_not_offered_to_be_undone(
    comment: Comment, moderator: User, manager: User
) -> None:
    decide(as_(manager), comment, "spam")
    number = Decision.objects.values_list("pk", flat=True)[0]

    assert as_(moderator).get(f"{DESK}spam/?done={number}").context["done"] is None


@pytest.mark.parametrize("said", [{}, {"reason": "other"}, {"reason": "nonsense"}])
def test_a_rejection_without_a_reason_asks_for_it(
    said: dict[str, str], comment: Comment, moderator: User
) -> None:
    answer = decide(as_(moderator), comment, "reject", **said)

    assert answer.status_code == 422
    assert again(comment).status == Status.PUBLISHED


def test_what_changed_meanwhile_is_said(
    comment: Comment, owner: User, moderator: User, manager: User
) -> None:
    client = as_(moderator)
    seen = moderation.seen_token(again(comment))
    actions.edit_comment(comment.pk, "Quite different", acting_user=owner)
    moderation.decide([comment.pk], "spam", acting_user=manager)

    said = {"verdict": "approve", "seen": seen, "next": f"{DESK}unreviewed/"}
    page = client.post(f"{DESK}item/{comment.pk}/decide/", said, follow=True)

    [message] = page.context["messages"]
    assert str(message) == (
        "This has changed in the meantime. Its author has changed the text. manager has decided: spam."
    )
    assert again(comment).status == Status.SPAM


def test_an_appeal_is_turned_down_with_words(comment: Comment, owner: User, moderator: User) -> None:
    client = as_(moderator)
    decide(client, comment, "reject", reason="hate")
    appeal = appeals.appeal(Decision.objects.get().pk, "It was love.", acting_user=owner)
    assert texts(client, "appeals") == [comment.content]

    said = {"accepted": "no", "explanation": "Read it again."}
    client.post(f"{DESK}appeal/{appeal.pk}/answer/", said)

    answered = Appeal.objects.get()
    assert (answered.accepted, answered.explanation) == (False, "Read it again.")
    assert texts(client, "appeals") == []


def test_a_sanction_with_an_end_of_ones_own(comment: Comment, owner: User, manager: User) -> None:
    client = as_(manager)
    address = f"{DESK}item/{comment.pk}/sanction/"
    end = timezone.localtime() + timedelta(days=2)

    assert client.post(address, {"sentence": "until", "reason": "spam"}).status_code == 422
    past = {"sentence": "until", "reason": "spam", "until": "2001-01-01T00:00"}
    assert client.post(address, past).status_code == 422
    assert not Sanction.objects.exists()
    client.post(address, {"sentence": "until", "reason": "spam", "until": f"{end:%Y-%m-%dT%H:%M}"})

    imposed = Sanction.objects.get()
    assert (imposed.kind, imposed.user) == (SanctionKind.SUSPENSION, owner)
    assert imposed.until is not None
    assert abs(imposed.until - end) < timedelta(minutes=1)


def test_a_ban_may_take_everything_along(
    comment: Comment, post: Post, owner: User, stranger: User, manager: User
) -> None:
    more, others = write(owner, post, "More"), write(stranger, post, "Not mine")
    said = {"sentence": "ban", "reason": "spam", "purge": "on"}

    as_(manager).post(f"{DESK}item/{comment.pk}/sanction/", said)

    assert [again(each).status for each in (comment, more, others)] == ["rejected", "rejected", "published"]
    assert Sanction.objects.get().kind == SanctionKind.BAN


# --- In context ----------------------------------------------------------------------------------


def test_an_item_stands_between_its_neighbours(post: Post, owner: User, moderator: User) -> None:
    comments = [write(owner, post, f"Comment {number}") for number in range(9)]
    moderation.decide([comments[4].pk], "spam", acting_user=moderator)

    page = as_(moderator).get(f"{DESK}item/{comments[4].pk}/")

    assert [each.content for each in page.context["after"]] == ["Comment 5", "Comment 6", "Comment 7"]
    content = page.content.decode()
    assert content.index("Comment 1") < content.index("Comment 3") < content.index("Comment 4")
    assert "Comment 0" not in content
    assert [each.verdict for each in page.context["decisions"]] == ["spam"]


def test_what_does_not_exist_has_no_page(moderator: User) -> None:
    assert as_(moderator).get(f"{DESK}item/999999/").status_code == 404
    assert as_(moderator).get(f"{DESK}item/{'9' * 30}/").status_code == 404
