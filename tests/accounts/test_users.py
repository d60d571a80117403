"""What other readers see of a user."""

import pytest

from accounts.models import AVATAR_COLOURS, User, shown_name


@pytest.mark.parametrize(
    ("name", "initials"),
    [
        ("Mina Park", "MP"),
        ("mina", "M"),
        ("Jean Paul van Damme", "JD"),
        ("김민아", "김"),
        ("김 민아", "김민"),
        ("  Mina   Park ", "MP"),
        ("ßeta", "SS"),
        ("👩‍🚀 Ada", "👩A"),
    ],
)
def test_initials_are_of_the_first_and_the_last_word(name: str, initials: str) -> None:
    assert User(username="x", name=name).initials == initials


def test_without_a_display_name_the_username_is_shown() -> None:
    assert User(username="mina").shown_name == "mina"
    assert User(username="mina").initials == "M"
    assert shown_name(User(username="mina", name="Mina Park")) == "Mina Park"


def test_a_name_of_nothing_has_initials_too() -> None:
    assert User(username="", name="   ").initials == "?"


def test_a_colour_belongs_to_a_user_for_good() -> None:
    colours = [User(pk=number).avatar for number in range(1, 100)]

    assert set(colours) == set(range(AVATAR_COLOURS))
    assert colours == [User(pk=number).avatar for number in range(1, 100)]
    assert User().avatar == 0
