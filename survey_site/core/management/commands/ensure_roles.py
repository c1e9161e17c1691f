"""Make the groups of the role table."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from sampling.management.base import TranslatedCommand
from survey_site.core.roles import ensure_roles


class Command(TranslatedCommand):
    """Create or repair the groups."""

    help = gettext_noop("Create the groups of the roles with exactly the permissions of the table.")

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Write the groups."""
        for group in ensure_roles().values():
            self.stdout.write(
                _("%(role)s: %(count)s permissions")
                % {"role": group.name, "count": group.permissions.count()}
            )
