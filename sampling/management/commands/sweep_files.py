"""Remove files of personal data that waited longer than they may."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from sampling.management.base import TranslatedCommand
from sampling.services import sweep_files


class Command(TranslatedCommand):
    """Sweep uploads, imports and finished lists; to be run every hour."""

    help = gettext_noop(
        "Remove uploads left behind, imports that nobody finished and lists that nobody fetched. "
        "Run it every hour."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Sweep and say what was removed."""
        swept = sweep_files()
        self.stdout.write(
            _(
                "Removed: %(uploads)s uploads, %(issued)s finished lists or letters, %(interrupted)s "
                "interrupted and %(expired)s expired imports, %(cached)s expired entries of the cache."
            )
            % {
                "uploads": swept.n_uploads,
                "issued": swept.n_issued,
                "interrupted": swept.n_interrupted,
                "expired": swept.n_expired,
                "cached": swept.n_cached,
            }
        )
