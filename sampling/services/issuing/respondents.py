"""The respondents of a scope with how to reach them; one of the few modules that may read contacts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sampling.models import Case, Disposition, Sample, SamplingFrame
from sampling.models.contacts import Contact
from sampling.models.samples import LEFT_IN_PEACE, CaseQuerySet
from sampling.services.contacts import ListedContact, contacts_of
from sampling.services.issuing.scopes import PlacedVillage, Scope
from sampling.vietnamese import person_sort_key


@dataclass(frozen=True, slots=True)
class Reachable:
    """How to reach somebody; everything empty for a case of a register that stays in its village."""

    full_name: str = ""
    address: str = ""
    phone: str = ""
    email: str = ""


NOBODY = Reachable()


@dataclass(frozen=True, slots=True)
class Respondent:
    """One line of a list; contact and address are empty for somebody who must be left in peace."""

    case: Case
    contact: Reachable

    @property
    def is_withheld(self) -> bool:
        """Whether the person must be left in peace."""
        return self.case.disposition in LEFT_IN_PEACE

    @property
    def note(self) -> str:
        """Outcome so far; empty while there is none."""
        outcome = self.case.disposition
        return "" if outcome == Disposition.PENDING else str(Disposition(outcome).label)


@dataclass(frozen=True, slots=True)
class VillageList:
    """A village or an agency with its respondents, by given name."""

    place: PlacedVillage
    respondents: tuple[Respondent, ...]


def village_lists(scope: Scope) -> list[VillageList]:
    """Return the lists of all villages of a scope that have cases."""
    by_village: dict[int, list[Case]] = {}
    for case in scope.cases().order_by("number"):
        by_village.setdefault(case.village_id, []).append(case)
    contacts = contacts_by_case(scope.sample, scope.cases())
    return [
        VillageList(place, _in_order(by_village[place.unit.pk], contacts))
        for place in scope.villages()
        if place.unit.pk in by_village
    ]


def contacts_by_case(sample: Sample, cases: CaseQuerySet) -> dict[int, Reachable]:
    """Return how to reach the persons of cases: from the protected table, else from the file of the list."""
    fields = ("case", "full_name", "address", "phone", "email")
    rows = Contact.objects.filter(case__in=cases).values_list(*fields)
    found = {case: Reachable(*contact) for case, *contact in rows}
    wanted = {number: pk for pk, number in cases.values_list("pk", "register_number") if pk not in found}
    for dossier, row in _contacts_of_list(sample, wanted).items():
        found[wanted[dossier]] = Reachable(row.full_name, row.address, row.phone, row.email)
    return found


def _contacts_of_list(sample: Sample, wanted: Mapping[str, int]) -> Mapping[str, ListedContact]:
    """Read the encrypted contacts of drawn dossiers; nothing for a sample that is not of a list."""
    frame = SamplingFrame.objects.filter(round=sample.round_id, stage=SamplingFrame.Stage.DOSSIER).first()
    return contacts_of(frame, wanted) if frame and wanted else {}


def _in_order(cases: Iterable[Case], contacts: Mapping[int, Reachable]) -> tuple[Respondent, ...]:
    """Sort by given name, then by number; whoever is left in peace stays nameless at the end."""
    listed = [_respondent(case, contacts) for case in cases]
    return tuple(
        sorted(
            listed,
            key=lambda each: (
                not each.contact.full_name,
                person_sort_key(each.contact.full_name),
                each.case.number,
            ),
        )
    )


def _respondent(case: Case, contacts: Mapping[int, Reachable]) -> Respondent:
    """Join a case with its contact, unless the person must be left in peace."""
    is_withheld = case.disposition in LEFT_IN_PEACE
    return Respondent(case, NOBODY if is_withheld else contacts.get(case.pk, NOBODY))
