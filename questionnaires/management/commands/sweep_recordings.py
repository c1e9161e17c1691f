"""Remove recordings and pictures that neither a draft nor a published version refers to."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from questionnaires.services.recordings import sweep_recordings
from sampling.management.base import TranslatedCommand


class Command(TranslatedCommand):
    """Sweep the folder of recordings; to be run every day."""

    help = gettext_noop(
        "Remove recordings that were replaced and that no published version refers to. Run it every day."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Sweep and say how many were removed."""
        self.stdout.write(_("Removed: %(n)d recordings.") % {"n": sweep_recordings()})
