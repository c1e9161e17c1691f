"""Load every method file: sampling templates, index methods, criteria sets."""

from typing import Any

from django.core.management.base import CommandError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from analysis.estimation import AnalysisError
from analysis.methods import MethodsError
from analysis.services import load_methods
from sampling.management.base import TranslatedCommand
from sampling.methods import TemplateError
from sampling.services import ChangedMethodError, load_sampling_templates


class Command(TranslatedCommand):
    """Bring the methods of the project into the database."""

    help = gettext_noop(
        "Load sampling templates, index methods and criteria sets; a loaded version never changes."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Load them and say how many there are."""
        try:
            templates = load_sampling_templates()
            loaded = load_methods()
        except (ChangedMethodError, MethodsError) as error:
            raise CommandError(str(error)) from error
        except (AnalysisError, TemplateError) as error:
            raise CommandError(_("A method file was refused. %(problem)s") % {"problem": error}) from error
        self.stdout.write(
            _("%(templates)d sampling templates, %(methods)d index methods and criteria sets (%(new)d new).")
            % {"templates": len(templates), "methods": loaded.n_methods, "new": loaded.n_new}
        )
