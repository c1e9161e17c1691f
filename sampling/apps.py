"""Registration of the sampling app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SamplingConfig(AppConfig):
    """Who is asked."""

    name = "sampling"
    verbose_name = _("Sampling")
    default_auto_field = "django.db.models.BigAutoField"
