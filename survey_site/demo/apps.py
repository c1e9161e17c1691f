"""Registration of the demo app."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """Seeded, deletable demonstration data."""

    name = "survey_site.demo"
    label = "demo"
