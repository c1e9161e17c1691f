"""Let a synthetic voice read the texts of a draft, for demonstrations."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from questionnaires.models import Questionnaire
from sampling.management.base import TranslatedCommand
from survey_site.demo.rounds import FORM
from survey_site.demo.voices import VOICES, NoVoiceError, make_synthetic_recordings


class Command(TranslatedCommand):
    """Read aloud what nobody has recorded; the recordings take effect with the next version."""

    help = gettext_noop(
        "Let espeak-ng read what nobody recorded of a draft. The recordings are marked as synthetic."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the questionnaire and the language."""
        parser.add_argument("code", nargs="?", default=FORM, help=_("code of the questionnaire"))
        parser.add_argument("--language", default="vi", choices=list(VOICES), help=_("language"))

    def handle(self, *_args: Any, **options: Any) -> None:
        """Speak, and say what to do next."""
        questionnaire = Questionnaire.objects.filter(code=options["code"]).first()
        if questionnaire is None:
            raise CommandError(_("There is no questionnaire %(code)s.") % {"code": options["code"]})
        try:
            n_spoken = make_synthetic_recordings(questionnaire=questionnaire, language=options["language"])
        except NoVoiceError as error:
            raise CommandError(str(error)) from error
        text = _("%(n)d texts were read by a synthetic voice. Publish a version to let them be heard.")
        self.stdout.write(text % {"n": n_spoken})
