"""All settings, from the environment; `.env.example` lists them, `sync.installation` refuses to start without."""

from pathlib import Path
from typing import Any

import environ

from config.mail import mail_settings

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")

DEBUG: bool = env.bool("DEBUG", default=False)
# Development has values of its own; production without its own, or with these, is stopped by the system checks.
SECRET_KEY: str = env.str("SECRET_KEY", default="") or ("development-only-insecure-key" if DEBUG else "missing")
DEVELOPMENT_ENCRYPTION_KEY = "ZGV2ZWxvcG1lbnQtb25seS1pbnNlY3VyZS1rZXkhISE="
FIELD_ENCRYPTION_KEYS: list[str] = env.list(
    "FIELD_ENCRYPTION_KEYS", default=[DEVELOPMENT_ENCRYPTION_KEY] if DEBUG else []
)
# Of an earlier service: opens what it has stored, which nothing binds to its row.
FERNET_KEY: str = env.str("FERNET_KEY", default="")
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    # Before Django's own, because sync's `migrate` stands in for Django's.
    "sync",
    "accounts",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "corsheaders",
    "django_htmx",
    "knox",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "drf_standardized_errors",
]
if env.bool("SANDBOX", default=DEBUG) and (BASE_DIR / "sandbox" / "apps.py").exists():
    INSTALLED_APPS.append("sandbox")

# Django 6.1 wants its app for PostgreSQL where a model has an array. An array of texts needs nothing of it,
# and it would ask the database twice at each process's first connection.
SILENCED_SYSTEM_CHECKS = ["postgres.E005"]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "config.content_policy.content_policy",
    "corsheaders.middleware.CorsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "sync.web.shared.acting.acting_in_browser",
    "sync.web.shared.zone.as_chosen",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
if DEBUG:
    MIDDLEWARE.append("config.not_found.OwnNotFound")
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
APPEND_SLASH = False
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DATABASES: dict[str, Any] = {"default": {"ENGINE": "django.db.backends.dummy"}}
if env.str("DATABASE_URL", default=""):
    DATABASES["default"] = env.db("DATABASE_URL")
    # A server that is gone without a word is noticed within seconds, not after two hours; what DATABASE_URL says goes.
    # While a connection is waited for, no signal is heard.
    DATABASES["default"]["OPTIONS"] = {
        "connect_timeout": 10,
        "keepalives_idle": 15,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": 30_000,
        **DATABASES["default"].get("OPTIONS", {}),
    }
DATABASES["default"].setdefault("CONN_HEALTH_CHECKS", True)
# A pooler in transaction mode forgets a cursor that outlives its transaction.
DATABASES["default"].setdefault("DISABLE_SERVER_SIDE_CURSORS", True)
if not DEBUG:
    # A web server's thread keeps its connection: opening one, and learning the catalogue anew, takes longer than most
    # answers do. The development server has a thread a request.
    DATABASES["default"].setdefault("CONN_MAX_AGE", 60)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.signing_in.Backend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
KNOX_TOKEN_MODEL = "accounts.ApiToken"  # noqa: S105 - the name of a model
# Its own token table, which ours stands in for, is not made: it would refer to the application's users.
MIGRATION_MODULES = {"knox": None}
REST_KNOX = {"AUTH_HEADER_PREFIX": "Bearer", "TOKEN_TTL": None, "TOKEN_MODEL": KNOX_TOKEN_MODEL, "TOKEN_PREFIX": "sfs_"}
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.authentication.BearerAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["sync.web.api.parsing.CarefulJSONParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "sync.web.api.parsing.LenientNegotiation",
    "DEFAULT_SCHEMA_CLASS": "sync.web.api.openapi.OperationSchema",
    "EXCEPTION_HANDLER": "drf_standardized_errors.handler.exception_handler",
    "URL_FORMAT_OVERRIDE": None,
}
DRF_STANDARDIZED_ERRORS = {
    "EXCEPTION_HANDLER_CLASS": "sync.web.api.problems.ProblemHandler",
    "EXCEPTION_FORMATTER_CLASS": "sync.web.api.problems.ProblemFormatter",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Universal Snowflake Sync",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "DESCRIPTION": "Every finished workflow execution, in its owner's Snowflake account(s). A user sees and touches "
    "what is theirs; staff with the permission to view it see everything.",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "ItemStatus": "sync.models.SyncQueueItem.Status",
        "AuthMethod": "accounts.models.SnowflakeConfiguration.AuthMethod",
        "TokenState": "sync.web.api.tokens.STATES",
        "AlertKind": "sync.web.api.alerts.KINDS_OF_ALERTS",
        "AlertKindOrAny": "sync.web.api.alerts.KINDS_TO_MUTE",
        "AlertState": "sync.web.api.alerts.STATES_OF_ALERTS",
        "ChannelKind": "sync.web.api.channels.KINDS_OF_CHANNELS",
        "ChannelState": "sync.alerts.STATES",
        "FindingCure": "sync.web.api.findings.CURES_OF_FINDINGS",
        "FindingKind": "sync.web.api.findings.KINDS_OF_FINDINGS",
        "ChosenAuthMethod": "sync.web.api.configuration_serializers.METHODS",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "sync.web.api.openapi.closed_requests",
    ],
}
# Requests that cost much, for each user: how many within a second (s), a minute (min), an hour or a day.
API_RATES = {
    "retry": env.str("API_RETRY_RATE", default="120/min"),
    "backfill": env.str("API_BACKFILL_RATE", default="10/min"),
    "check": env.str("API_CHECK_RATE", default="10/min"),
    "configure": env.str("API_CONFIGURE_RATE", default="20/min"),
    "alert_test": env.str("API_ALERT_TEST_RATE", default="20/hour"),
    "count": env.str("API_COUNT_RATE", default="60/min"),
}
# Seconds that a statement of a reading request may take.
API_READ_TIMEOUT: float = env.float("API_READ_TIMEOUT", default=5.0)

# Pages of other sites whose scripts may ask the API, with a Bearer token that they have: no cookie goes with it.
CORS_ALLOWED_ORIGINS: list[str] = env.list("CORS_ALLOWED_ORIGINS", default=[])
CORS_URLS_REGEX = r"^/api/"
CORS_EXPOSE_HEADERS = ["Retry-After", "WWW-Authenticate"]

# What holds secrets shows no values in an error report, in development either.
DEFAULT_EXCEPTION_REPORTER_FILTER = "accounts.reports.SecretsStayHidden"

# The console, and what machines ask.
LOGIN_URL = "console:log-in"
LOGIN_REDIRECT_URL = "console:home"
# What /metrics asks for, as `Authorization: Bearer …`; empty: only staff who may view queue items see it.
METRICS_TOKEN: str = env.str("METRICS_TOKEN", default="")
# Seconds for which the oldest due item may wait before /readyz and sync_status say that something is wrong.
READY_MAX_LAG: float = env.float("READY_MAX_LAG", default=900.0)

# Where the console is, for links in messages: https://sync.example.com; empty: they have none.
SITE_URL: str = env.str("SITE_URL", default="").rstrip("/")
# So many failed runs of a destination within an hour are told of.
ALERT_FAILURES: int = env.int("ALERT_FAILURES", default=20)
# Hosts that a webhook may be on though they are not on the public internet, or use another port, or no TLS; networks.
ALERT_HOSTS: list[str] = env.list("ALERT_HOSTS", default=[])
# The mail server, and the address that mails are from.
_mail = mail_settings(env.str("EMAIL_URL", default=""))
EMAIL_HOST, EMAIL_PORT, EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail.host, _mail.port, _mail.user, _mail.password
EMAIL_USE_TLS, EMAIL_USE_SSL = _mail.starttls, _mail.tls
# Seconds for each answer of the mail server; Django would wait for ever.
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL: str = env.str("DEFAULT_FROM_EMAIL", default=_mail.sender)

LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_TZ = True
FORMAT_MODULE_PATH = "config.formats"
STATIC_URL = "static/"
# Found where the apps keep them, so that there is no collectstatic to forget.
WHITENOISE_USE_FINDERS = True

if not DEBUG:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
    # Asked behind the proxy, without TLS, by what would not follow; a token that came for /metrics has already come.
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
    SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31_536_000)
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT

# Where Snowflake is; empty: the account's own host under Snowflake's domains. Only the operator can set it.
SNOWFLAKE_ENDPOINT: str = env.str("SNOWFLAKE_ENDPOINT", default="")
SYNC_CHECK_INTERVAL: float = env.float("SYNC_CHECK_INTERVAL", default=30.0)
SYNC_PROBE_INTERVAL: float = env.float("SYNC_PROBE_INTERVAL", default=0.2)
SYNC_MAX_CONCURRENT: int = env.int("SYNC_MAX_CONCURRENT", default=5)
SYNC_MAX_RETRIES: int = env.int("SYNC_MAX_RETRIES", default=3)
# Executions that travel in one file, at most, where the layout is a table a workflow.
SYNC_BATCH_SIZE: int = env.int("SYNC_BATCH_SIZE", default=500)
# Destinations that a user may have.
SYNC_MAX_DESTINATIONS: int = env.int("SYNC_MAX_DESTINATIONS", default=20)
# Where results lie, compressed, on their way; empty: in the system's directory for temporary files.
SYNC_SPOOL_DIRECTORY: str = env.str("SYNC_SPOOL_DIRECTORY", default="")
SYNC_LEASE_SECONDS: float = env.float("SYNC_LEASE_SECONDS", default=360.0)
# What a statement that loads a large result may take, whatever the lease is.
SYNC_STATEMENT_SECONDS: int = env.int("SYNC_STATEMENT_SECONDS", default=3600)

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"class": "config.log_lines.OneLine", "format": "{asctime} {levelname} {name} {message}", "style": "{"},
        "json": {"class": "config.log_lines.JsonLine"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": env.str("LOG_FORMAT", default="line", choices=("line", "json")),
        }
    },
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {
        # Django's own handlers would write its lines a second time, in their own way.
        "django": {"handlers": [], "level": "INFO"},
        "django.server": {"handlers": [], "level": "INFO", "propagate": True},
        # The connector logs every request, and tracebacks of errors that we report ourselves.
        "snowflake.connector": {"level": "CRITICAL"},
        "botocore": {"level": "WARNING"},
        # In detail it logs paths, which are what lets one in at some receivers of alerts.
        "urllib3": {"level": "INFO"},
    },
}
