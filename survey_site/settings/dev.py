"""The demonstration and development on one machine."""

from survey_site.settings.base import *  # noqa: F403 - settings modules inherit by star import, as Django documents
from survey_site.settings.base import ENV, STATIC_ROOT

DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
INTERNAL_IPS = ["127.0.0.1"]
WHITENOISE_USE_FINDERS = True
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
DEMO_ALLOWED = True
REHEARSALS_ALLOWED = True
ENV.check()
