"""The command that all of ours are: it speaks the language of the person at the keyboard."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.utils import translation


class TranslatedCommand(BaseCommand):
    """A command whose help, answers and refusals are in the language of the installation's terminals."""

    def run_from_argv(self, argv: list[str]) -> None:
        """Run as typed, in the language of the setting; a caller in Python keeps its own."""
        with translation.override(settings.COMMAND_LANGUAGE):
            super().run_from_argv(argv)

    def print_help(self, prog_name: str, subcommand: str) -> None:
        """Print the help in the same language."""
        with translation.override(settings.COMMAND_LANGUAGE):
            super().print_help(prog_name, subcommand)

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Give the parser the help in the active language; commands hold it in English."""
        self.help = translation.gettext(type(self).help)
        return super().create_parser(prog_name, subcommand, **kwargs)
