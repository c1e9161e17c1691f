"""Settings of a public installation: everything that must be decided has to be set."""

from survey_site.settings.base import *  # noqa: F403 - settings modules inherit by star import, as Django documents
from survey_site.settings.base import ENV, database
from survey_site.settings.env import as_bool, as_list, as_secret

DEBUG = False
SECRET_KEY = ENV.require("SURVEY_SECRET_KEY", as_secret)
ACCESS_CODE_KEY = ENV.require("SURVEY_ACCESS_CODE_KEY", as_secret)
COORDINATION_KEY = ENV.require("SURVEY_COORDINATION_KEY", as_secret)
PERSON_KEY = ENV.require("SURVEY_PERSON_KEY", as_secret)
CONTACT_FILE_KEY = ENV.require("SURVEY_CONTACT_FILE_KEY", as_secret)
RECEIPT_KEY = ENV.require("SURVEY_RECEIPT_KEY", as_secret)
ALLOWED_HOSTS = ENV.require("SURVEY_ALLOWED_HOSTS", as_list)
CSRF_TRUSTED_ORIGINS = ENV.read("SURVEY_TRUSTED_ORIGINS", as_list, default=[])
TRUSTED_PROXIES = ENV.read("SURVEY_TRUSTED_PROXIES", as_list, default=[])
REHEARSALS_ALLOWED = ENV.read("SURVEY_REHEARSALS_ALLOWED", as_bool, default=False)
WAGTAILADMIN_BASE_URL = ENV.require("SURVEY_BASE_URL")
_database_url = ENV.require("SURVEY_DATABASE_URL")
ENV.check()

DATABASES = {"default": database(_database_url)}
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = True
SECURE_HSTS_SECONDS = 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
