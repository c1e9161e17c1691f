"""Load every method file: sampling templates, index methods, criteria sets."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from analysis.services import load_methods
from sampling.services import ChangedMethodError, load_sampling_templates


class Command(BaseCommand):
    """Bring the methods of the project into the database."""

    help = "Load sampling templates, index methods and criteria sets; a loaded version never changes."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Load them and say how many there are."""
        try:
            templates = load_sampling_templates()
            loaded = load_methods()
        except ChangedMethodError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            _("%(templates)d sampling templates, %(methods)d index methods and criteria sets (%(new)d new).")
            % {"templates": len(templates), "methods": loaded.n_methods, "new": loaded.n_new}
        )
