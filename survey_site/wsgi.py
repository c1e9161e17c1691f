"""WSGI entry point; behind a trusted proxy, the address of a request is the one that the proxy names."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from granian.utils.proxies import wrap_wsgi_with_proxy_headers

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "survey_site.settings.production")
application = get_wsgi_application()
if trusted := getattr(settings, "TRUSTED_PROXIES", []):
    application = wrap_wsgi_with_proxy_headers(application, trusted)
