"""Registration of the analysis app."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AnalysisConfig(AppConfig):
    """What the answers say."""

    name = "analysis"
    verbose_name = _("Analysis")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Follow what happens to rounds."""
        import_module("analysis.receivers")
