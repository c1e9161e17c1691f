"""What every environment shares."""

from pathlib import Path
from typing import Any

import environ
from django.core.management.utils import get_random_secret_key
from django.utils.csp import CSP
from django.utils.translation import gettext_lazy as _

from survey_site.settings.env import (
    OWNER_ONLY,
    Environment,
    as_bool,
    as_count,
    as_days,
    as_mailer,
    as_one_of,
    as_time_zone,
    private_folder,
    stored_secret,
)

BASE_DIR = Path(__file__).resolve().parents[2]
ENV = Environment()

VAR_DIR = ENV.read("SURVEY_VAR_DIR", Path, default=BASE_DIR / "var")
"""Everything the running site writes: database, snapshots, media, secrets."""

SECRET_KEY = ENV.read("SURVEY_SECRET_KEY") or stored_secret(VAR_DIR / "secret_key", get_random_secret_key)
ACCESS_CODE_KEY = ENV.read("SURVEY_ACCESS_CODE_KEY") or stored_secret(
    VAR_DIR / "access_code_key", get_random_secret_key
)
COORDINATION_KEY = ENV.read("SURVEY_COORDINATION_KEY") or stored_secret(
    VAR_DIR / "coordination_key", get_random_secret_key
)
"""Permanent random numbers of units come from it; it outlives every round and is never revealed."""
PERSON_KEY = ENV.read("SURVEY_PERSON_KEY") or stored_secret(VAR_DIR / "person_key", get_random_secret_key)
"""Hashes identification numbers and the do-not-contact list; without it, a hash tells nobody anything."""
CONTACT_FILE_KEY = ENV.read("SURVEY_CONTACT_FILE_KEY") or stored_secret(
    VAR_DIR / "contact_file_key", get_random_secret_key
)
"""Encrypts the files in which the contacts of a transaction list wait for the draw."""
RECEIPT_KEY = ENV.read("SURVEY_RECEIPT_KEY") or stored_secret(VAR_DIR / "receipt_key", get_random_secret_key)
"""Without it, nobody finds a form by trying receipt numbers."""
RECEIPT_COST, RECEIPT_COST_DEMO = 11, 1
"""How slowly keys are derived from a receipt number: scrypt with 2 to so much, about 4 milliseconds for 11.

A round is found with the cost with which its receipts were made: change it between rounds only.
"""
MICRODATA_MINIMUM = 3
"""How often every combination of quasi-identifiers occurs in microdata for the public, at least."""
PUBLIC_HOLIDAYS = ENV.read("SURVEY_PUBLIC_HOLIDAYS", as_days, default=frozenset())
"""Days off that no solar calendar gives: Tết, the Hùng Kings' day, what the Government moves."""
REHEARSALS_ALLOWED = False
"""Whether rounds that are no demonstration may be drawn with a seed of somebody's choice, and opened."""

INSTALLED_APPS = [
    "survey_site.core",
    "survey_site.pages",
    "survey_site.demo",
    "analysis",
    "questionnaires",
    "sampling",
    "wagtail_localize",
    "wagtail_localize.locales",
    "wagtail.contrib.settings",
    "wagtail.users",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.sites",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "formtools",
    "import_export",
    "django_tasks_db",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "survey_site.core.middleware.CompressionMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "survey_site.core.middleware.AdminPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "survey_site.core.middleware.AdminLanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "survey_site.urls"
WSGI_APPLICATION = "survey_site.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "survey_site" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.csp",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "survey_site.core.context.site",
            ],
            "builtins": ["survey_site.core.templatetags.survey"],
        },
    }
]

_sqlite_options: dict[str, Any] = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-65536;",
}


_postgres_options: dict[str, Any] = {
    "server_side_binding": True,
    "prepare_threshold": 3 if ENV.read("SURVEY_PREPARED_STATEMENTS", as_bool, default=True) else None,
}
"""A statement that a connection repeats is planned once: half of PostgreSQL's work for a page of the
questionnaire is planning. To be switched off behind a pooler that shares connections by transaction."""


def database(url: str) -> dict[str, Any]:
    """Return the database settings for a URL, with what each engine needs to behave."""
    config: dict[str, Any] = environ.Env.db_url_config(url)
    config["CONN_MAX_AGE"] = None
    if "sqlite" in config["ENGINE"]:
        config["OPTIONS"] = _sqlite_options
        Path(config["NAME"]).parent.mkdir(mode=OWNER_ONLY, parents=True, exist_ok=True)
    elif "postgresql" in config["ENGINE"]:
        config["OPTIONS"] = _postgres_options | config.get("OPTIONS", {})
    return config


DATABASES = {
    "default": database(ENV.read("SURVEY_DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'survey.sqlite3'}"))
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "vi"
LANGUAGES = [("vi", _("Vietnamese")), ("en", _("English"))]
COMMAND_LANGUAGE = ENV.read("SURVEY_LANGUAGE", as_one_of("vi", "en"), default=LANGUAGE_CODE)
WAGTAIL_CONTENT_LANGUAGES = LANGUAGES
WAGTAILADMIN_PERMITTED_LANGUAGES = LANGUAGES
WAGTAIL_I18N_ENABLED = True
LOCALE_PATHS = [BASE_DIR / "locale", BASE_DIR / "locale" / "admin"]
FORMAT_MODULE_PATH = ["survey_site.formats"]
WAGTAIL_DATE_FORMAT = "%d/%m/%Y"
WAGTAIL_DATETIME_FORMAT = "%d/%m/%Y %H:%M"
USE_THOUSAND_SEPARATOR = True
USE_I18N = True
USE_TZ = True
TIME_ZONE = ENV.read("SURVEY_TIME_ZONE", as_time_zone, default="Asia/Ho_Chi_Minh")

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "survey_site" / "static"]
MEDIA_URL = "/media/"
MEDIA_ROOT = VAR_DIR / "media"
SNAPSHOT_ROOT = VAR_DIR / "snapshots"
FRAME_ROOT = VAR_DIR / "frames"
"""Transaction lists as Parquet files, readable by the site's own user only."""
ISSUED_ROOT = VAR_DIR / "issued"
"""Lists and letters that a worker has made, until they are fetched: once, within a day."""
RECORDING_ROOT = VAR_DIR / "recordings"
"""Recordings of questions, named by the hash of what is in them; published ones are kept for good."""
FILE_UPLOAD_TEMP_DIR = private_folder(VAR_DIR / "uploads")
"""Large uploads while they arrive and are read: numbers and names in the open, kept from other users."""
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "wagtailadmin_login"
WAGTAILADMIN_USER_LOGIN_FORM = "survey_site.core.forms.SignInForm"
LOGIN_REDIRECT_URL = "wagtailadmin_home"

INVITATION_MAILER = ENV.read("SURVEY_EMAIL_URL", as_mailer)
_local_mail = {"BACKEND": "django.core.mail.backends.smtp.EmailBackend"}
MAILERS = {"default": _local_mail, "invitations": INVITATION_MAILER or _local_mail}
"""Invitations have a mailer of their own, and are sent only where one is named."""
EMAIL_SENDER = ENV.read("SURVEY_EMAIL_SENDER", default="")
EMAIL_UNSUBSCRIBE = ENV.read("SURVEY_EMAIL_UNSUBSCRIBE", default="")
SMS_GATEWAY = ENV.read("SURVEY_SMS_GATEWAY", Path)
ZALO_GATEWAY = ENV.read("SURVEY_ZALO_GATEWAY", Path)
"""Files that describe how a gateway wants its messages; see docs/operations/messages.md."""
MESSAGES_PER_MINUTE = ENV.read("SURVEY_MESSAGES_PER_MINUTE", as_count, default=60)
MESSAGES_QUIET_FROM, MESSAGES_QUIET_UNTIL = 21, 7
"""Hours between which no telephone rings because of us."""
OUTBOX_ROOT = VAR_DIR / "outbox"
"""What demonstrations would have sent."""

CACHES = {
    "default": {
        "BACKEND": "sampling.caches.SweptFileCache",
        "LOCATION": VAR_DIR / "cache",
        "TIMEOUT": 3600,
        "OPTIONS": {"MAX_ENTRIES": 10_000},
    }
}
"""A full cache forgets at random, counters of attempts too; Django's 300 entries are filled on purpose."""

TASKS = {
    "default": {"BACKEND": "django.tasks.backends.immediate.ImmediateBackend"},
    "worker": {"BACKEND": "django_tasks_db.DatabaseBackend"},
}
"""Wagtail's small index updates run at once; slow work of our own waits for the worker."""

WAGTAIL_SITE_NAME = "SIPAS"
WAGTAILADMIN_BASE_URL = ENV.read("SURVEY_BASE_URL", default="http://127.0.0.1:8000")
WAGTAIL_USER_TIME_ZONES = [TIME_ZONE]
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_PASSWORD_RESET_ENABLED = False
WAGTAILDOCS_EXTENSIONS = ["csv", "docx", "json", "ods", "odt", "pdf", "pptx", "txt", "xlsx", "zip"]
"""Nothing that a browser runs: the proxy may serve media from the address of the admin."""

WAGTAILDOCS_MAX_UPLOAD_SIZE = 50 * 1024 * 1024
MAX_UPLOAD_MB = ENV.read("SURVEY_MAX_UPLOAD_MB", int, default=50)
"""Largest frame or register file that the admin takes; a workbook may unpack to ten times as much."""

WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "wagtail.search.backends.database"}}
WAGTAILSNIPPETS_MENU_SHOW_ALL = False
TAGGIT_CASE_INSENSITIVE = True

SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF, CSP.NONCE],
    "style-src": [CSP.SELF, CSP.NONCE],
    "img-src": [CSP.SELF, "data:"],
    "media-src": [CSP.SELF],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "manifest-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
}
ADMIN_CSP = {
    "default-src": [CSP.SELF],
    "script-src": [CSP.SELF, CSP.UNSAFE_INLINE],
    "style-src": [CSP.SELF, CSP.UNSAFE_INLINE],
    "img-src": [CSP.SELF, "data:", "blob:"],
    "media-src": [CSP.SELF, "blob:"],
    "font-src": [CSP.SELF, "data:"],
    "connect-src": [CSP.SELF],
    "frame-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.SELF],
}
"""The admin runs its own inline scripts and previews pages in a frame; it calls no other host either."""

SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_ENGINE = "survey_site.core.sessions"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 60 * 60 * 12
CSRF_COOKIE_AGE = None
"""Kept until the browser is closed: the cookie comes with each page, and its dates would for nothing."""

DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000

OPEN_FORMS_PER_DEVICE = 2
OPEN_FORMS_PER_NETWORK_HOUR = 20
"""Forms of an open round after which the next from a device, or from a network in an hour, are marked."""
OPEN_STARTS_PER_NETWORK = 300
OPEN_STARTS_PER_SESSION = 60
"""Forms of open rounds begun in a window before a flood is stopped: more than any counter fills in."""
CODE_ATTEMPTS_PER_NETWORK = 600
CODE_ATTEMPTS_PER_SESSION = 10
"""Well-formed codes that nobody has; slips that the check digit shows count nowhere."""
TOKEN_ATTEMPTS_PER_NETWORK = 60
TOKEN_ATTEMPTS_PER_SESSION = 10
CODE_ENTRIES_PER_CODE = 30
RECEIPT_ATTEMPTS_PER_NETWORK = 60
RECEIPT_ATTEMPTS_PER_SESSION = 10
RECEIPT_LOOKS_PER_NETWORK = 120
"""Slow derivations for receipts typed from one network; a receipt that is checked takes two."""
RIGHTS_REQUESTS_PER_NETWORK = 20
RIGHTS_REQUESTS_PER_SESSION = 5
WITHDRAWALS_PER_NETWORK = 20
WITHDRAWALS_PER_SESSION = 5
LOGIN_ATTEMPTS = 8
LOGIN_ATTEMPTS_PER_NETWORK = 60
ATTEMPT_WINDOW_SECONDS = 15 * 60
ATTEMPT_LOCK = VAR_DIR / "attempts.lock"
"""Rate limits of codes, receipt numbers, withdrawals and log-ins are counted in the cache under a lock."""

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "filters": {"secret_paths": {"()": "survey_site.core.logs.SecretPathFilter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "django.tasks": {"level": "WARNING"},
        "django_tasks_db": {"level": "WARNING"},
        "django.request": {"filters": ["secret_paths"]},
        "django.security.csrf": {"filters": ["secret_paths"]},
    },
}
