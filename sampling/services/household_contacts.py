"""Heads and addresses of listed households: encrypted until the draw, then kept for the drawn ones alone.

Each village has a file of its own. The name says which village it is of, and ends with a random part, since
the key of a file follows from its name.
"""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import pyarrow as pa
from django.conf import settings
from django.utils.translation import gettext as _

from sampling.engine.contact_files import CONTACT_SCHEMA, ContactFileError, contact_writer, read_contacts
from sampling.models import Sample, SampledUnit, SurveyRound
from sampling.services.audit import User
from sampling.services.contacts import ContactError, NewContact, add_contacts

FOLDER = "heads"
FOLDER_MODE = 0o700
NAME_DIGITS = 16
RANDOM_BYTES = 8


@dataclass(frozen=True, slots=True)
class Head:
    """How to find a listed household: its number, its head and the address."""

    number: str
    full_name: str
    address: str = ""
    phone: str = ""
    email: str = ""


def keep_heads(survey_round: SurveyRound, village: str, heads: Iterable[Head]) -> None:
    """Write the heads of a village into an encrypted file, in place of an earlier one."""
    rows = [asdict(head) | {"id": head.number} for head in heads]
    earlier = _files_of(survey_round, village)
    if rows:
        folder = _folder(survey_round)
        folder.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
        path = folder / f"{_prefix(village)}-{secrets.token_hex(RANDOM_BYTES)}.parquet"
        with contact_writer(path, settings.CONTACT_FILE_KEY.encode()) as writer:
            writer.write_batch(pa.RecordBatch.from_pylist(rows, schema=CONTACT_SCHEMA))
    for path in earlier:
        path.unlink(missing_ok=True)


def copy_heads(*, sample: Sample, user: User = None) -> int:
    """Copy the heads of the drawn households to the contacts of their cases."""
    cases = sample.cases.values_list("village__frame_unit__code", "register_number", "number")
    numbers: dict[str, dict[str, str]] = {}
    for village, household, number in cases:
        numbers.setdefault(village, {})[household] = number
    contacts = [
        NewContact(drawn[row["id"]], row["full_name"], row["address"], row["phone"], row["email"])
        for village, drawn in numbers.items()
        for path in _files_of(sample.round, village)
        for row in _read(path, drawn)
    ]
    return add_contacts(sample=sample, rows=contacts, user=user) if contacts else 0


def keep_heads_of_drawn(*, village: SampledUnit, heads: Iterable[Head], user: User = None) -> int:
    """Keep the heads of the drawn households of a village that came later, and nobody else's."""
    numbers = dict(village.cases.values_list("register_number", "number"))
    rows = [
        NewContact(numbers[head.number], head.full_name, head.address, head.phone, head.email)
        for head in heads
        if head.number in numbers
    ]
    return add_contacts(sample=village.sample, rows=rows, user=user) if rows else 0


def forget_heads(survey_round: SurveyRound) -> int:
    """Erase the files of heads of a round: the drawn households have their contacts, others need none."""
    files = list(_folder(survey_round).glob("*.parquet"))
    for path in files:
        path.unlink(missing_ok=True)
    return len(files)


def _read(path: Path, ids: Iterable[str]) -> list[dict[str, str]]:
    """Read the heads of some households."""
    try:
        return list(read_contacts(path, settings.CONTACT_FILE_KEY.encode(), list(ids)))
    except ContactFileError as error:
        raise ContactError(
            _("The names of the list cannot be opened: damaged, or another key. Send the list again.")
        ) from error


def _files_of(survey_round: SurveyRound, village: str) -> list[Path]:
    """Return the files of a village; one, if there are any."""
    return list(_folder(survey_round).glob(f"{_prefix(village)}-*.parquet"))


def _prefix(village: str) -> str:
    """Return the beginning of the name of the files of a village."""
    return hashlib.sha256(village.encode()).hexdigest()[:NAME_DIGITS]


def _folder(survey_round: SurveyRound) -> Path:
    """Return the private folder of the heads of a round."""
    return Path(settings.FRAME_ROOT) / survey_round.code / FOLDER
