"""Registers that were sent: private files with numbers, sex and age group, named by their digest."""

import json
import tempfile
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from sampling.design.fingerprints import canonical_lines, digest_of_rows
from sampling.models import ListSubmission, SamplingFrame, SurveyRound
from sampling.services.registers import CheckedRegister, Register, RegisterError

FOLDER = "registers"
CELLS_OF_ADULT = 3


def digest_of_register(register: CheckedRegister) -> str:
    """Return the SHA-256 of the canonical row of a register."""
    return digest_of_rows([register.canonical_row()])


def keep_register(survey_round: SurveyRound, register: CheckedRegister) -> str:
    """Write a register to its private file, whole or not at all, and return its digest."""
    digest = digest_of_register(register)
    path = _path(survey_round, digest)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(canonical_lines([register.canonical_row()]))
    Path(file.name).replace(path)
    return digest


def kept_registers(survey_round: SurveyRound) -> Callable[[str], Register]:
    """Return what looks up the kept register of a village, and refuses one that is missing or was changed."""
    submissions = ListSubmission.objects.filter(round=survey_round, stage=SamplingFrame.Stage.PERSON)
    digests = dict(submissions.values_list("unit_code", "digest"))

    def register_of(village: str) -> Register:
        if village not in digests:
            raise RegisterError(_("Village %(village)s has not sent its register.") % {"village": village})
        return _read(survey_round, village, digests[village])

    return register_of


def forget_registers(survey_round: SurveyRound) -> int:
    """Erase the files of all registers of a round."""
    files = list(_folder(survey_round).glob("*.json"))
    for file in files:
        file.unlink(missing_ok=True)
    return len(files)


def _read(survey_round: SurveyRound, village: str, digest: str) -> Register:
    """Read one file and compare it with the digest under which it was kept."""
    try:
        content = _path(survey_round, digest).read_bytes()
        row = json.loads(content)
    except (OSError, ValueError) as error:
        raise RegisterError(
            _("The register of village %(village)s cannot be read. Send it again.") % {"village": village}
        ) from error
    if digest_of_rows([row]) != digest:
        raise RegisterError(
            _("The register of village %(village)s is not the one that was sent.") % {"village": village}
        )
    ids, sex, age_group = (row[1 + offset :: CELLS_OF_ADULT] for offset in range(CELLS_OF_ADULT))
    return Register(ids, sex if any(sex) else (), age_group if any(age_group) else ())


def _path(survey_round: SurveyRound, digest: str) -> Path:
    """Return where a register is kept."""
    return _folder(survey_round) / f"{digest}.json"


def _folder(survey_round: SurveyRound) -> Path:
    """Return the private folder of the registers of a round."""
    return Path(settings.FRAME_ROOT) / survey_round.code / FOLDER
