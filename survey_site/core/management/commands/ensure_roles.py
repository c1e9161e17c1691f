"""Make the groups of the role table."""

from typing import Any

from django.core.management.base import BaseCommand

from survey_site.core.roles import ensure_roles


class Command(BaseCommand):
    """Create or repair the groups."""

    help = "Create the groups of the roles with exactly the permissions of the table."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Write the groups."""
        for group in ensure_roles().values():
            self.stdout.write(f"{group.name}: {group.permissions.count()}")
