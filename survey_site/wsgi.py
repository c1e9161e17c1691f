"""WSGI entry point; behind a trusted proxy, the address of a request is the one that the proxy names."""

import gc
import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from granian.utils.proxies import wrap_wsgi_with_proxy_headers

GARBAGE_THRESHOLD = 10_000
"""New objects after which garbage is looked for; what was loaded at the start is never looked at again."""

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "survey_site.settings.production")
application = get_wsgi_application()
if trusted := getattr(settings, "TRUSTED_PROXIES", []):
    application = wrap_wsgi_with_proxy_headers(application, trusted)

gc.collect()
gc.freeze()
gc.set_threshold(GARBAGE_THRESHOLD, *gc.get_threshold()[1:])
