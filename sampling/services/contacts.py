"""Writing and erasing personal data of sampled persons; the only service that knows them."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from sampling.engine.contact_files import ContactFileError, read_contacts
from sampling.models import Household, Sample, SamplingFrame
from sampling.models.contacts import Contact, HouseholdAdult
from sampling.services.audit import User, record
from sampling.vietnamese import person_sort_key

BATCH_SIZE = 2_000


class ContactError(ValueError):
    """Raised when contacts do not belong to the cases of a sample."""


@dataclass(frozen=True, slots=True)
class NewContact:
    """How to reach the person behind a case number."""

    case_number: str
    full_name: str
    address: str = ""
    phone: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class ListedContact:
    """How to reach the person or organisation behind a dossier of a transaction list."""

    id: str
    full_name: str
    phone: str
    email: str
    address: str


def contacts_of(frame: SamplingFrame, ids: Collection[str]) -> dict[str, ListedContact]:
    """Return the contacts of drawn dossiers, from the encrypted file of their list; nobody else's."""
    if not frame.contacts_file:
        return {}
    path = Path(settings.FRAME_ROOT) / frame.contacts_file
    try:
        found = read_contacts(path, settings.CONTACT_FILE_KEY.encode(), ids)
        return {contact["id"]: ListedContact(**contact) for contact in found}
    except ContactFileError as error:
        raise ContactError(
            _(
                "The contacts of the list cannot be opened: the file is missing or damaged, or it was "
                "written with another key. Restore both, or import it again."
            )
        ) from error


@transaction.atomic
def add_contacts(*, sample: Sample, rows: Iterable[NewContact], user: User = None) -> int:
    """Store the contacts of a sample's cases, each case once."""
    case_ids = dict(sample.cases.values_list("number", "pk"))
    wanted = list(rows)
    unknown = [row.case_number for row in wanted if row.case_number not in case_ids]
    if unknown:
        raise ContactError(
            _("Expected cases of the sample, got %(first)s and %(others)s others that are not in it.")
            % {"first": unknown[0], "others": len(unknown) - 1}
        )
    contacts = [
        Contact(
            case_id=case_ids[row.case_number],
            full_name=row.full_name,
            address=row.address,
            phone=row.phone,
            email=readable_email(row.email),
            sort_key=person_sort_key(row.full_name),
        )
        for row in wanted
    ]
    Contact.objects.bulk_create(contacts, batch_size=BATCH_SIZE)
    details = {"contacts": len(contacts)}
    if n_unreadable := sum(bool(row.email.strip()) and not readable_email(row.email) for row in wanted):
        details["unreadable_emails"] = n_unreadable
    record(sample, "sampling.add_contacts", user=user, details=details)
    return len(contacts)


def readable_email(text: str) -> str:
    """Return an e-mail address without regard to capitals, empty where it cannot be one."""
    address = text.strip().casefold()
    try:
        validate_email(address)
    except ValidationError:
        return ""
    return address


@transaction.atomic
def erase_contacts(*, sample: Sample, user: User = None) -> int:
    """Erase all contacts of a sample when fieldwork control is over, with the file of a transaction list."""
    erased, _by_model = Contact.objects.filter(case__sample=sample).delete()
    HouseholdAdult.objects.filter(household__case__sample=sample).delete()
    frames = SamplingFrame.objects.filter(round=sample.round_id).exclude(contacts_file="")
    files = [Path(settings.FRAME_ROOT) / name for name in frames.values_list("contacts_file", flat=True)]
    frames.update(contacts_file="")
    transaction.on_commit(lambda: _remove(files))
    record(sample, "sampling.erase_contacts", user=user, details={"contacts": erased, "files": len(files)})
    return erased


@dataclass(frozen=True, slots=True)
class ListedAdult:
    """An adult as listed at the door; everything may be empty but the birthday where it decides."""

    name: str = ""
    sex: str = ""
    age: int | None = None
    birthday: tuple[int, int] | None = None
    """Month and day."""


def keep_adults(household: Household, adults: Sequence[ListedAdult]) -> None:
    """Store the adults of a household by line, from 1, in place of those of an earlier list."""
    HouseholdAdult.objects.filter(household=household).delete()
    HouseholdAdult.objects.bulk_create(
        HouseholdAdult(
            household=household,
            line=line,
            name=adult.name,
            sex=adult.sex,
            age=adult.age,
            birth_month=adult.birthday[0] if adult.birthday else None,
            birth_day=adult.birthday[1] if adult.birthday else None,
        )
        for line, adult in enumerate(adults, start=1)
    )


def adults_of(household: Household) -> list[ListedAdult]:
    """Return the adults of a household by line; nobody once contacts are erased."""
    rows = HouseholdAdult.objects.filter(household=household).order_by("line")
    return [ListedAdult(row.name, row.sex, row.age, _birthday(row)) for row in rows]


def _birthday(row: HouseholdAdult) -> tuple[int, int] | None:
    """Return month and day, if they were asked."""
    return (row.birth_month, row.birth_day) if row.birth_month and row.birth_day else None


def _remove(files: Iterable[Path]) -> None:
    """Remove files once nothing in the database points at them."""
    for path in files:
        path.unlink(missing_ok=True)
