"""Serve the site and work off its tasks."""

import sys
from argparse import ArgumentParser
from functools import partial
from typing import Any

from django.core.management.base import CommandError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from sampling.management.base import TranslatedCommand
from survey_site.core.server import HOST, PortTakenError, commands, hold_port, run_until_stopped

DEFAULT_PORT = 8000


class Command(TranslatedCommand):
    """Web server and task worker together, until Ctrl-C."""

    help = gettext_noop("Serve the site on 127.0.0.1 and work off its tasks; Ctrl-C stops both.")

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the port."""
        parser.add_argument("--port", type=int, default=DEFAULT_PORT, help=_("port to listen on"))

    def handle(self, *_args: Any, **options: Any) -> None:
        """Start both programs and wait."""
        port = options["port"]
        try:
            with hold_port(port):
                code = run_until_stopped(
                    commands(port), port=port, on_listening=partial(self._say_address, port)
                )
        except PortTakenError as error:
            raise CommandError(str(error)) from error
        if code:
            sys.exit(code)

    def _say_address(self, port: int) -> None:
        """Print where the site is, once it answers there."""
        self.stdout.write(_("%(address)s (Ctrl-C stops it)") % {"address": f"http://{HOST}:{port}/"})
        self.stdout.flush()
