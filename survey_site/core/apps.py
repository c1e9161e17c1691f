"""Registration of the core app."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    """Site-wide building blocks."""

    name = "survey_site.core"
    label = "core"
