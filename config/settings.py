"""All settings of Postroom, read from the environment, with safe defaults.

Every name read here stands in the README's table; a test compares the two.
"""

import os
import secrets
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import environ
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

# Everything that a running site writes lives here: database, collected static files, mail, secret.
VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var")))
VAR_DIR.mkdir(parents=True, exist_ok=True)

LOOPBACK_HOSTS = ["localhost", "127.0.0.1", "[::1]"]


def local_secret() -> str:
    """A secret made once for this installation and kept in `VAR_DIR`, readable by its owner only.

    It lets a fresh clone run without any secret in the repository. Several machines must share one
    `SECRET_KEY` instead; a system check says so.
    """
    path = VAR_DIR / "secret_key"
    if not path.exists():
        # Written aside and linked, so that of several starting processes one wins and none reads half.
        with NamedTemporaryFile("w", dir=VAR_DIR) as file:
            file.write(secrets.token_urlsafe(50))
            file.flush()
            with suppress(FileExistsError):
                os.link(file.name, path)
    return path.read_text()


# --- What an installation decides -----------------------------------------------------------

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="") or local_secret()
SECRET_KEY_IS_LOCAL = not env.str("SECRET_KEY", default="")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=LOOPBACK_HOSTS)
TRUSTED_ORIGINS = env.list("TRUSTED_ORIGINS", default=[])
# Whether cookies go with requests from pages of other sites: off, on, or partitioned by these sites.
CROSS_SITE_COOKIES = env.str("CROSS_SITE_COOKIES", default="off")
PORT = env.int("PORT", default=8000)
REDIS_URL = env.str("REDIS_URL", default="")
TIME_ZONE = env.str("TIME_ZONE", default="Asia/Seoul")
LANGUAGE_CODE = env.str("LANGUAGE_CODE", default="en")
SITE_NAME = env.str("SITE_NAME", default="Postroom")
COMMENT_MAX_LENGTH = env.int("COMMENT_MAX_LENGTH", default=5000)
COMMENTS_PER_PAGE = env.int("COMMENTS_PER_PAGE", default=50)
# An hour is time to put right what one has said; after it, answers stand on what they answer.
EDIT_MINUTES = env.int("EDIT_MINUTES", default=60)
# What readers may react to a comment with, in this order; none switches it off.
REACTIONS = env.list("REACTIONS", default=["👍", "❤️", "😂", "😮", "😢", "🎉"])
# Off, nothing limits how often anybody does anything, or says the same.
BUDGETS = env.bool("BUDGETS", default=True)
# What the rules of `comments.rules` go by.
LINKS_HELD_ABOVE = env.int("LINKS_HELD_ABOVE", default=3)
NEWCOMER_COMMENTS = env.int("NEWCOMER_COMMENTS", default=1)
REPEAT_MINUTES = env.int("REPEAT_MINUTES", default=10 if BUDGETS else 0)
COMMENT_CHECK = env.str("COMMENT_CHECK", default="")
COMMENT_CHECK_TIMEOUT = env.float("COMMENT_CHECK_TIMEOUT", default=0.5)
COMMENT_CHECK_FAILS = env.str("COMMENT_CHECK_FAILS", default="open")
# Days that notifications are kept, read or not.
NOTIFICATION_DAYS = env.int("NOTIFICATION_DAYS", default=90)
# Whoever has not moved at any page of theirs for so long is away to those who follow them; 0: never.
AWAY_MINUTES = env.float("AWAY_MINUTES", default=5)
AUTHORS_MODERATE = env.bool("AUTHORS_MODERATE", default=False)
PING_INTERVAL = env.int("PING_INTERVAL", default=25)
PING_TIMEOUT = env.int("PING_TIMEOUT", default=20)
HEARTBEAT_INTERVAL = env.int("HEARTBEAT_INTERVAL", default=15)
# A session that ends without a signal (it expired, its row was deleted by hand) is found within this
# time, in seconds. One query for a thousand sockets keeps it cheap.
SWEEP_INTERVAL = env.int("SWEEP_INTERVAL", default=30)
# How long a change may wait for the one before it, in seconds. Between processes an event takes some
# milliseconds, on a machine with too much to do a few hundred.
ORDER_WAIT = env.float("ORDER_WAIT", default=0.5)
# When a process is told to stop, its sockets leave at random moments within so many seconds, so that
# they do not all come back at once.
DRAIN_SECONDS = env.int("DRAIN_SECONDS", default=5)
ROOMS_PER_SOCKET = env.int("ROOMS_PER_SOCKET", default=50)
# See `realtime.budgets`.
SOCKETS_PER_ADDRESS = env.int("SOCKETS_PER_ADDRESS", default=10_000)
# Four threads keep one core busy while SQLite or PostgreSQL waits for its disk; writing itself is
# batched into one transaction at a time, so more threads would only add connections.
DATABASE_THREADS = env.int("DATABASE_THREADS", default=4)
TRUSTED_PROXIES = env.list("TRUSTED_PROXIES", default=["127.0.0.1"])
LOG_FORMAT = env.str("LOG_FORMAT", default="line")
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
EMAIL_URL = env.str("EMAIL_URL", default="")

# A site that answers only to loopback names is a trial on one's own machine: there is no TLS there,
# and a Secure cookie would lock out every client that is not a browser.
IS_LOCAL = set(ALLOWED_HOSTS) <= set(LOOPBACK_HOSTS)

# What letters begin their links with: no request tells there where the site is.
SITE_URL = env.str("SITE_URL", default="") or (
    f"http://localhost:{PORT}"
    if IS_LOCAL
    else f"https://{next(host for host in ALLOWED_HOSTS if host not in LOOPBACK_HOSTS).lstrip('.*')}"
)

# --- Applications -----------------------------------------------------------------------------

INSTALLED_APPS = [
    "daphne",  # first: it replaces `runserver`
    "config",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "channels",
    "corsheaders",
    "csp",
    "servestatic",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "realtime",
    "accounts",
    "comments",
]

MIDDLEWARE = [
    "config.middleware.request_id",
    "config.middleware.partition_cookies",
    "corsheaders.middleware.CorsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "servestatic.middleware.ServeStaticMiddleware",
    # A page of fifty comments is mostly the same words. (Django pads what it compresses by a random length,
    # so that sizes betray no secret of a page.)
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "config.middleware.OwnLanguageAndTime",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
]

ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.context.site",
                "config.context.bell",
                "config.context.chat",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# --- Data -------------------------------------------------------------------------------------

DATABASES: dict[str, dict[str, Any]] = {
    "default": env.db_url("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'db.sqlite3'}")
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # WAL lets readers read while one writes; IMMEDIATE takes the write lock at BEGIN, so two writers
    # wait for each other instead of failing half way.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 10,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-16000;",
    }
else:
    # Requests and socket threads borrow from one pool per process; the pool replaces connections
    # that a restarted server has broken.
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    DATABASES["default"].setdefault("OPTIONS", {})["pool"] = {
        "min_size": 1,
        "max_size": DATABASE_THREADS + 12,
        "timeout": 5,
        # The pause between two attempts to connect doubles until this many seconds have passed. More,
        # and a site would go on failing for as long again after a long outage of the database.
        "reconnect_timeout": 5,
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

if REDIS_URL:
    CHANNEL_LAYERS: dict[str, dict[str, Any]] = {
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            # The listener waits for ever on purpose; whoever publishes has a bound of its own.
            "CONFIG": {"hosts": [{"address": REDIS_URL, "socket_timeout": None}], "prefix": "postroom"},
        }
    }
    CACHES: dict[str, dict[str, Any]] = {
        "default": {"BACKEND": "config.cache.RedisOrMemoryCache", "LOCATION": REDIS_URL}
    }
else:
    CHANNEL_LAYERS = {
        "default": {
            "BACKEND": "channels.layers.InMemoryChannelLayer",
            # Its only reader is this process's own bus, which never falls far behind.
            "CONFIG": {"capacity": 10_000, "expiry": 5},
        }
    }
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# --- Accounts and sessions --------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "comments:index"
SESSION_ENGINE = "realtime.session_store"  # Django's table, in which the sockets verify sessions
# Browsers take a cookie for other sites' pages over TLS only, or from a loopback name.
_IS_CROSS_SITE = CROSS_SITE_COOKIES != "off"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = _IS_CROSS_SITE or not (
    DEBUG or IS_LOCAL
)
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = (
    "None" if _IS_CROSS_SITE else "Lax"
)

# --- Front ends on other origins ---------------------------------------------------------------

# One list for all: forms, what pages may read, and sockets (`realtime.origins`).
CSRF_TRUSTED_ORIGINS = CORS_ALLOWED_ORIGINS = TRUSTED_ORIGINS
CORS_ALLOW_CREDENTIALS = True
# What answers in JSON for them, and no page: a front end needs none, and pages are full of one's own.
CORS_URLS_REGEX = r"^/accounts/(session|login|logout)/$"
CORS_ALLOW_METHODS = ["GET", "POST"]

ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "username*", "password1*"]
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
# Without a mail server a mandatory verification would lock every new reader out.
ACCOUNT_EMAIL_VERIFICATION = "mandatory" if EMAIL_URL else "optional"
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True  # in the browser that signed up; the way back survives
ACCOUNT_EMAIL_SUBJECT_PREFIX = f"[{SITE_NAME}] "
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_USERNAME_VALIDATORS = "accounts.preferences.USERNAME_VALIDATORS"
ACCOUNT_USER_DISPLAY = "accounts.models.shown_name"
ACCOUNT_ADAPTER = "allauth.account.adapter.DefaultAccountAdapter"
ACCOUNT_RATE_LIMITS: dict[str, str] | bool = {} if BUDGETS else False
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = SITE_NAME
USERSESSIONS_TRACK_ACTIVITY = False  # one write per request is too dear for what it tells

EMAIL_TIMEOUT = 10.0  # for each word of the mail server: without it a request or a command may wait for ever
if EMAIL_URL:
    vars().update(env.email_url("EMAIL_URL"))
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = str(VAR_DIR / "mail")
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Postroom <postroom@localhost>")

# --- Languages and time -----------------------------------------------------------------------

LANGUAGES = [("en", _("English")), ("ko", _("Korean"))]
LOCALE_PATHS = [BASE_DIR / "config" / "locale"]
USE_TZ = True

# --- Static files -----------------------------------------------------------------------------

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = VAR_DIR / "static"
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "config.static.HashedStaticFilesStorage"
    },
}
SERVESTATIC_USE_MANIFEST = False
SERVESTATIC_USE_FINDERS = DEBUG
SERVESTATIC_AUTOREFRESH = DEBUG

# --- Security ---------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_PROXY_SSL_HEADER = None  # `serve` reads the scheme from trusted proxies itself
SECURE_HSTS_SECONDS = 0 if (DEBUG or IS_LOCAL) else 31_536_000
X_FRAME_OPTIONS = "DENY"
SILENCED_SYSTEM_CHECKS = [
    "security.W005",  # whether the subdomains take part in HSTS is not ours to say
    "security.W008",  # the proxy that ends TLS redirects to it
    "security.W021",  # nor whether browsers ship with our name in their list
]

# --- Logging ----------------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "{asctime} {levelname} {name} [{about}] {message}", "style": "{"},
        "json": {
            "()": "pythonjsonlogger.json.JsonFormatter",
            "format": "{asctime}{levelname}{name}{about}{message}",
            "style": "{",
        },
    },
    "filters": {
        "about": {"()": "realtime.logs.About"},
        "no_ids": {"()": "realtime.logs.NoIds"},
        "one_line": {"()": "realtime.logs.OneLine"},
        "few": {"()": "realtime.logs.Ration", "per_minute": 10},
        "ration": {"()": "realtime.logs.Ration", "per_minute": 60 if BUDGETS else 1_000_000},
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "filters": ["about"], "formatter": LOG_FORMAT}
    },
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "postroom": {"level": "INFO"},
        "django": {"handlers": []},  # its own would write everything a second time while DEBUG is on
        "django.channels.server": {"level": "INFO", "filters": ["no_ids"]},
        "postroom.misbehaviour": {"filters": ["ration"]},
        "channels_redis.pubsub": {"filters": ["one_line"]},
        "psycopg.pool": {"filters": ["few"]},  # a line for each attempt while the database is away
        # Any stranger can ask for a page that does not exist, or under a name that is not ours.
        "django.request": {"level": "ERROR"},
        "django.security.DisallowedHost": {"level": "CRITICAL"},
        "django.security.csrf": {"level": "ERROR"},
        # What these two would say of a misbehaving client, realtime says itself, once each.
        "socketio.server": {"level": "CRITICAL"},
        "engineio.server": {"level": "CRITICAL"},
    },
}
