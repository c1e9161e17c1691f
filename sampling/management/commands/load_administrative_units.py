"""Load the dated administrative units of the project."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from sampling.management.base import TranslatedCommand
from sampling.services import load_administrative_units


class Command(TranslatedCommand):
    """Load provinces, districts and communes with their periods and successions."""

    help = gettext_noop(
        "Load the administrative units before and since 1 July 2025, and which passed into which."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Load and say how many."""
        loaded = load_administrative_units()
        self.stdout.write(
            _("%(units)s administrative units and %(successions)s successions are loaded.")
            % {"units": loaded.n_units, "successions": loaded.n_successions}
        )
