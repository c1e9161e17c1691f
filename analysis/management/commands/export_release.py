"""Write the files of a release."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from analysis.exports import FORMATS, ExportTable
from analysis.models import Release
from analysis.resources import describe_table, estimates_table, scorecards_table
from analysis.services import RoundNotFrozenError, export_microdata, export_recipe
from analysis.snapshots import SnapshotError
from sampling.management.base import TranslatedCommand

FIGURES: Mapping[str, Callable[[Release, str], ExportTable]] = {
    "estimates": estimates_table,
    "scorecards": scorecards_table,
}
"""Tables of published figures."""

MICRODATA, CODEBOOK = "microdata", "codebook"
RECIPE = "recipe"
CHOICES = (MICRODATA, *FIGURES, CODEBOOK, RECIPE)
"""What can be written; a recipe is no table, but two files of settings."""


def build_table(release: Release, what: str, language: str, *, include_sensitive: bool) -> ExportTable:
    """Return one table of a release; sensitive answers stay out unless they are asked for."""
    if what in FIGURES:
        return FIGURES[what](release, language)
    microdata = export_microdata(release=release, language=language, include_sensitive=include_sensitive)
    return microdata if what == MICRODATA else describe_table(release, microdata, language)


def find_release(code: str) -> Release:
    """Return a release by its code."""
    release = Release.objects.select_related("method", "snapshot__round").filter(code=code).first()
    if release is None:
        raise CommandError(_("There is no release with the code %(code)s.") % {"code": code})
    return release


class Command(TranslatedCommand):
    """Write microdata, estimates, scorecards, the codebook or the recipe of a release to a folder."""

    help = gettext_noop(
        "Write microdata, estimates, scorecards or the codebook of a release in a format of choice, "
        "or the recipe with which its figures are found in the microdata."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare what to write, how and where."""
        parser.add_argument("code", help=_("code of the release"))
        parser.add_argument("--what", choices=CHOICES, default="estimates", help=_("table to write"))
        parser.add_argument("--format", choices=list(FORMATS), default="csv", help=_("format of the file"))
        parser.add_argument(
            "--language", choices=["vi", "en"], default="vi", help=_("language of the labels")
        )
        parser.add_argument("--out", type=Path, default=Path(), help=_("folder to write to"))
        parser.add_argument(
            "--include-sensitive", action="store_true", help=_("keep sensitive questions in the microdata")
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Write the files and name them."""
        release = find_release(options["code"])
        options["out"].mkdir(parents=True, exist_ok=True)
        write = self.write_recipe if options["what"] == RECIPE else self.write_table
        try:
            write(release, options)
        except (RoundNotFrozenError, SnapshotError) as error:
            raise CommandError(str(error)) from error

    def write_table(self, release: Release, options: Mapping[str, Any]) -> None:
        """Write a table in the format of choice."""
        chosen = FORMATS[options["format"]]
        table = build_table(
            release, options["what"], options["language"], include_sensitive=options["include_sensitive"]
        )
        path = options["out"] / chosen.file_name(f"{table.name}-{options['language']}")
        path.write_bytes(chosen.write(table))
        self.stdout.write(_("%(path)s: %(n)d rows.") % {"path": path, "n": len(table.rows)})

    def write_recipe(self, release: Release, options: Mapping[str, Any]) -> None:
        """Write the two files of settings for the shell."""
        for name, text in export_recipe(release=release, language=options["language"]).items():
            path = options["out"] / name
            path.write_text(text, encoding="utf-8")
            self.stdout.write(str(path))
