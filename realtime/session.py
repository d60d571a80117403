"""From a handshake's cookie to a user, and from a session's end to its sockets.

A socket is worth no more than its session: the cookie is looked up in the session table and held to
the same rules as a page's, and when the row goes, the sockets go.
"""

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from http.cookies import CookieError
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models.signals import post_delete, post_save
from django.http import parse_cookie
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import get_supported_language_variant
from django.utils.translation.trans_real import parse_accept_lang_header

from . import publish
from .addresses import address_of
from .errors import Refused
from .events import EndReason
from .session_store import Decoder, is_moving
from .sql import Columns, answers_to, marks


@dataclass(frozen=True, slots=True)
class Handshake:
    """What is kept of the request that opened a connection: no header but the two that are needed."""

    session_key: str
    language: str
    address: str

    @classmethod
    def from_scope(cls, scope: dict[str, Any]) -> "Handshake":
        headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
        return cls.from_headers(
            cookie=headers.get(b"cookie", ""),
            language=headers.get(b"accept-language", ""),
            address=address_of(scope),
        )

    @classmethod
    def from_headers(cls, *, cookie: str, language: str, address: str) -> "Handshake":
        try:
            cookies = parse_cookie(cookie)
        except CookieError:
            cookies = {}
        return cls(
            session_key=cookies.get(settings.SESSION_COOKIE_NAME, ""),
            language=_language(cookies.get(settings.LANGUAGE_COOKIE_NAME, ""), language),
            address=address,
        )


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose session it is. `session` is the session's digest: enough to find its sockets by.

    `bar` is why this person may open no socket although the session stands. `language` is what they have
    chosen; empty: the browser's. `is_shown` says whether others may be told that they are here, and `status`
    what they want to be to others: see `statuses.Status`.
    """

    user_id: int
    name: str
    session: str
    bar: Refused | None = None
    language: str = ""
    is_shown: bool = True
    status: str = "online"


Bar = Callable[[Iterable[Any]], Mapping[int, Refused]]
_bars: list[Bar] = []


def bar_with(bar: Bar) -> None:
    """Have `bar` asked about the users of each handshake and sweep: who of them may open no socket, by id,
    and how they are refused. It runs in a database thread, and should look at the users before it asks."""
    _bars.append(bar)


def identify(session_keys: Sequence[str]) -> list[Identity | EndReason]:
    """Who each session key belongs to, in two queries for all; the reason where it does not stand.

    Whoever is barred is known all the same: see `Identity.bar`.

    Nothing is written: `django.contrib.auth.aget_user` would give a session that was signed with a
    fallback secret a new key, which the browser would never hear of.
    """
    # A quoted cookie can hold NUL, with which PostgreSQL would refuse the whole query.
    rows = _rows(_sessions(), {key for key in session_keys if key and "\x00" not in key})
    now, decode = timezone.now(), Decoder()
    contents = {key: decode(data) for key, data, expires in _sessions().values_of(rows) if expires > now}
    user_ids = {str(content.get(SESSION_KEY, "")) for content in contents.values()}
    found = _rows(_users(), {int(user_id) for user_id in user_ids if user_id.isdecimal()})
    users = {user.pk: user for user in _users().made_of(found)}
    known = {row[0] for row in rows}
    barred = {user_id: refusal for bar in _bars for user_id, refusal in bar(users.values()).items()}
    return [
        EndReason.LOGGED_OUT
        if key not in known
        else EndReason.EXPIRED
        if key not in contents
        else _identity(key, contents[key], users, barred)
        for key in session_keys
    ]


@cache
def _sessions() -> Columns[Session]:
    return Columns(Session, {"session_key", "session_data", "expire_date"})


@cache
def _users() -> Columns[Any]:
    # All of it: what makes a session's hash is the model's business.
    return Columns.all_of(get_user_model())


def _rows(columns: Columns[Any], keys: Collection[object]) -> list[Any]:
    """The rows with these primary keys."""
    if not keys:
        return []
    pk = columns.model._meta.pk
    sql = f'SELECT {columns.sql} FROM {columns.table} WHERE "{pk.column}" IN ({marks(keys)})'  # noqa: S608
    [rows] = answers_to([(sql, [*keys])])
    return rows


def session_digest(session_key: str) -> str:
    """Names a session in rooms, logs and between processes, where the key itself must not appear."""
    return hashlib.sha256(session_key.encode()).hexdigest()[:32]


def session_room(digest: str) -> str:
    return f"session_{digest}"


def user_room(user_id: int) -> str:
    return f"user_{user_id}"


def watch_sessions() -> None:
    """End sockets with what they stand on: a session's row, a user's row, what the latter says.

    These signals fire wherever the change is made, in a page, the admin, allauth or a shell. What
    changes rows behind Django's back is found by the server's sweep.
    """
    user_model = get_user_model()
    post_delete.connect(_session_deleted, sender=Session, dispatch_uid="realtime.session")
    post_delete.connect(_user_deleted, sender=user_model, dispatch_uid="realtime.user_deleted")
    post_save.connect(_user_saved, sender=user_model, dispatch_uid="realtime.user_saved")


def _session_deleted(instance: Session, **kwargs: Any) -> None:
    if instance.expire_date <= timezone.now():
        return  # `clearsessions` deletes thousands of these; the sweep has found their sockets
    # After the commit: a socket closed before it could come back on a cookie that is still good.
    room = session_room(session_digest(instance.session_key))
    if is_moving():
        transaction.on_commit(lambda: publish.drop_sockets(room), robust=True)
    else:
        transaction.on_commit(lambda: publish.end_sockets(room, EndReason.LOGGED_OUT), robust=True)


def _user_deleted(instance: Any, **kwargs: Any) -> None:
    room = user_room(instance.pk)
    transaction.on_commit(lambda: publish.end_sockets(room, EndReason.DELETED), robust=True)


def _user_saved(instance: Any, created: bool, update_fields: Any = None, **kwargs: Any) -> None:
    # A log-in saves the time of it; that cannot end a session.
    if created or (update_fields is not None and set(update_fields) <= {"last_login"}):
        return
    room = user_room(instance.pk)
    transaction.on_commit(lambda: publish.recheck_sockets(room), robust=True)


def _identity(
    key: str, content: dict[str, Any], users: dict[Any, Any], barred: Mapping[int, Refused]
) -> Identity | EndReason:
    user_id = str(content.get(SESSION_KEY, ""))
    if not user_id.isdecimal() or content.get(BACKEND_SESSION_KEY) not in settings.AUTHENTICATION_BACKENDS:
        return EndReason.LOGGED_OUT
    user = users.get(int(user_id))
    if user is None:
        return EndReason.DELETED
    if not user.is_active:
        return EndReason.DEACTIVATED
    stored = str(content.get(HASH_SESSION_KEY, ""))
    good = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
    if not any(constant_time_compare(stored, hash_) for hash_ in good):
        return EndReason.PASSWORD_CHANGED
    return Identity(
        user.pk,
        user.shown_name,
        session_digest(key),
        barred.get(user.pk),
        language=user.language,
        is_shown=user.is_shown,
        status=user.status,
    )


def _language(cookie: str, accepted: str) -> str:
    """As Django's LocaleMiddleware would choose for the same request."""
    for code in [cookie, *(code for code, _ in parse_accept_lang_header(accepted.lower()))]:
        if code == "*":
            break
        try:
            return str(get_supported_language_variant(code))
        except LookupError:
            continue
    return str(settings.LANGUAGE_CODE)
