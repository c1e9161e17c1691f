"""Publish a questionnaire of the platform or of a file, and let a round ask it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from questionnaires import forms
from questionnaires.findings import listed
from questionnaires.models import QuestionnaireVersion
from questionnaires.schema import SchemaError
from questionnaires.services import (
    QuestionnaireInUseError,
    UnfitMappingError,
    UnpublishableError,
    assign_version_to_round,
    freeze_version,
    import_form,
)
from sampling.management.base import TranslatedCommand
from sampling.management.terminal import find_round

REFUSALS = (LookupError, OSError, QuestionnaireInUseError, UnfitMappingError, UnpublishableError)


class Command(TranslatedCommand):
    """Bring a form in as a draft, freeze its version, and assign the version to a round."""

    help = gettext_noop(
        "Publish a questionnaire that comes with the platform, or a JSON file, and let a round ask it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare form and round."""
        parser.add_argument(
            "form", help=_("one of %(names)s, or a JSON file") % {"names": ", ".join(forms.names())}
        )
        parser.add_argument("--round", help=_("code of the round that asks it"))
        parser.add_argument(
            "--mapping", type=Path, help=_("JSON file that names renamed questions and recoded options")
        )

    @transaction.atomic
    def handle(self, *_args: Any, **options: Any) -> None:
        """Publish and name the version."""
        try:
            mapping = json.loads(options["mapping"].read_text("utf-8")) if options["mapping"] else None
            version = freeze_version(questionnaire=import_form(read_form(options["form"])), mapping=mapping)
            if options["round"]:
                assign_version_to_round(round=find_round(options["round"]), version=version)
        except SchemaError as error:
            raise CommandError(listed(error.problems)) from error
        except REFUSALS as error:
            raise CommandError(str(error)) from error
        except json.JSONDecodeError as error:
            raise CommandError(
                _("The file %(file)s is no JSON: %(problem)s.") % {"file": options["form"], "problem": error}
            ) from error
        self._show(version)

    def _show(self, version: QuestionnaireVersion) -> None:
        """Print what answers will point at."""
        self.stdout.write(
            _("%(version)s is published, SHA-256 %(digest)s.")
            % {"version": version, "digest": version.digest}
        )


def read_form(name: str) -> Path | Mapping[str, Any]:
    """Return the file, or the document of the platform's own form."""
    path = Path(name)
    return path if path.suffix == ".json" else forms.load(name)
