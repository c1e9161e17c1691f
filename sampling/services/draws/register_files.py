"""Registers and lists of households that were sent: private files without names, named by their digest."""

import hashlib
import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from sampling.design.fingerprints import canonical_lines, digest_of_rows
from sampling.design.households import HOUSEHOLD_STAGE
from sampling.models import ListSubmission, SurveyRound
from sampling.selectors.frames import stage_codes
from sampling.services.household_lists import CheckedList
from sampling.services.registers import HouseholdList, LastList, Register, RegisterError

FOLDER = "registers"
CELLS_OF_UNIT = 3
"""Number, sex and age group of an adult; number, group and position of a household."""


def digest_of_register(register: CheckedList) -> str:
    """Return the SHA-256 of the canonical row of a register."""
    return digest_of_rows([register.canonical_row()])


def keep_register(survey_round: SurveyRound, register: CheckedList) -> str:
    """Write a register to its private file, whole or not at all, and return its digest."""
    digest = digest_of_register(register)
    path = _path(survey_round, digest)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(canonical_lines([register.canonical_row()]))
    Path(file.name).replace(path)
    return digest


def kept_registers(survey_round: SurveyRound) -> Callable[[str], LastList]:
    """Return what looks up the kept list of a village, and refuses one that is missing or was changed."""
    stage = stage_codes(survey_round)[-1]
    submissions = ListSubmission.objects.filter(round=survey_round, stage=stage)
    digests = dict(submissions.values_list("unit_code", "digest"))

    def register_of(village: str) -> LastList:
        if village not in digests:
            raise RegisterError(_("Village %(village)s has not sent its register.") % {"village": village})
        return _list_of(_read(survey_round, village, digests[village]), stage)

    return register_of


def drop_register(survey_round: SurveyRound, digest: str) -> None:
    """Erase the file of a register that another one has replaced."""
    _path(survey_round, digest).unlink(missing_ok=True)


def forget_registers(survey_round: SurveyRound) -> int:
    """Erase the files of all registers of a round."""
    files = list(_folder(survey_round).glob("*.json"))
    for file in files:
        file.unlink(missing_ok=True)
    return len(files)


def _list_of(row: list[Any], stage: str) -> LastList:
    """Return the list that a canonical row stands for."""
    ids, second, third = (row[1 + offset :: CELLS_OF_UNIT] for offset in range(CELLS_OF_UNIT))
    if stage == HOUSEHOLD_STAGE:
        return HouseholdList(ids, second, third)
    return Register(ids, second if any(second) else (), third if any(third) else ())


def _read(survey_round: SurveyRound, village: str, digest: str) -> list[Any]:
    """Read one file and compare it with the digest under which it was kept."""
    try:
        content = _path(survey_round, digest).read_bytes()
        row: list[Any] = json.loads(content)
    except (OSError, ValueError) as error:
        raise RegisterError(
            _("The register of village %(village)s cannot be read. Send it again.") % {"village": village}
        ) from error
    if hashlib.sha256(content).hexdigest() != digest:
        raise RegisterError(
            _("The register of village %(village)s is not the one that was sent.") % {"village": village}
        )
    return row


def _path(survey_round: SurveyRound, digest: str) -> Path:
    """Return where a register is kept."""
    return _folder(survey_round) / f"{digest}.json"


def _folder(survey_round: SurveyRound) -> Path:
    """Return the private folder of the registers of a round."""
    return Path(settings.FRAME_ROOT) / survey_round.code / FOLDER
