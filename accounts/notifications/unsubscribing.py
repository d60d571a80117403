"""What a letter's link says whose letters are to end; and where letters go."""

from allauth.account.models import EmailAddress
from django.core import signing

from accounts.models import User

SALT = "accounts.notifications.unsubscribe"


def token(user: User) -> str:
    """Good for ever: letters are kept for years."""
    return signing.dumps(user.pk, salt=SALT)


def read(given: str) -> int | None:
    """Whose it is; None for what we did not make."""
    try:
        user_id = signing.loads(given, salt=SALT)
    except signing.BadSignature:
        return None
    return user_id if isinstance(user_id, int) else None


def address_of(user: User) -> str | None:
    """Where letters to somebody go: to nobody who has not said that the address is theirs."""
    known = EmailAddress.objects.filter(user=user, verified=True).order_by("-primary", "pk")
    address: str | None = known.values_list("email", flat=True).first()
    return address
