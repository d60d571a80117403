"""The events that belong to the connection itself rather than to any app."""

from enum import StrEnum


class ConnectionEvent(StrEnum):
    """Sent by the server in every namespace."""

    CONNECTION_ERROR = "connection_error"
    SESSION_ENDED = "session_ended"


class EndReason(StrEnum):
    """Why a session's sockets are closed; `session_ended` carries it."""

    LOGGED_OUT = "logged_out"  # the session's row is gone: log-out, here or from elsewhere
    EXPIRED = "expired"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105  (or whatever else makes the hash wrong)
    DEACTIVATED = "deactivated"
    DELETED = "deleted"  # the account, not the session
    BANNED = "banned"  # the session stands, and pages can be read with it


# A client may not send packets of these names: libraries would run the handlers of the same name.
RESERVED_EVENTS = frozenset(
    {"connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"}
)
