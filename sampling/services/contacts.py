"""Writing and erasing personal data of sampled persons; the only service that knows them."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from sampling.models import Sample
from sampling.models.contacts import Contact
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
            sort_key=person_sort_key(row.full_name),
        )
        for row in wanted
    ]
    Contact.objects.bulk_create(contacts, batch_size=BATCH_SIZE)
    record(sample, "sampling.add_contacts", user=user, details={"contacts": len(contacts)})
    return len(contacts)


@transaction.atomic
def erase_contacts(*, sample: Sample, user: User = None) -> int:
    """Erase all contacts of a sample when fieldwork control is over."""
    erased, _by_model = Contact.objects.filter(case__sample=sample).delete()
    record(sample, "sampling.erase_contacts", user=user, details={"contacts": erased})
    return erased
