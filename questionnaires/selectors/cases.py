"""What the sample knows about a case before the interview."""

from collections.abc import Iterable
from typing import Any, cast

from django.core.cache import cache
from django.db.models import QuerySet

from questionnaires.selectors.lookup import Lookup
from sampling.models import Case, SampledUnit
from sampling.places import with_type

PLACE_SECONDS = 300
AREAS = {True: "urban", False: "rural"}
ATTRIBUTES = ("province", "commune", "village", "area", "sex", "age_group")
"""Codes that a questionnaire may show or put into a condition."""


def with_place(cases: QuerySet[Case]) -> QuerySet[Case]:
    """Return the cases with village, commune and province fetched in the same query."""
    return cases.select_related("sample__round", *(f"village__{relation}" for relation in PLACE_RELATIONS))


def for_answering(cases: QuerySet[Case]) -> QuerySet[Case]:
    """Return the cases with all that each page of an answer looks at, in one query: no place, no texts."""
    return cases.select_related("sample__round__questionnaire_link", "response__version", "household").defer(
        *(f"response__version__{name}" for name in ("document", "comparison", "mapping"))
    )


CASES_ANSWERING = Lookup(lambda: for_answering(Case.objects.all()))
"""Every page of an interview begins with its case."""

CASES_BY_CODE = Lookup(Case.objects.all, by="access_codes__code_hash")
"""Every interview begins with its code."""

PLACE_RELATIONS = ("province", "frame_unit", "parent__frame_unit__administrative_unit")


def case_attributes(case: Case) -> dict[str, Any]:
    """Return the attributes of one case."""
    return _kept_place(case.village_id) | {"sex": case.sex, "age_group": case.age_group}


def _kept_place(village_id: int) -> dict[str, str]:
    """Return the place of a village; kept for some minutes, as every page of every answer asks for it."""

    def read() -> dict[str, str]:
        return place_of(SampledUnit.objects.select_related(*PLACE_RELATIONS).get(pk=village_id))

    return cast("dict[str, str]", cache.get_or_set(f"place-of-village:{village_id}", read, PLACE_SECONDS))


def attributes_of_cases(cases: Iterable[Case]) -> dict[int, dict[str, Any]]:
    """Return the attributes of many cases, reading each village once."""
    listed = list(cases)
    villages = SampledUnit.objects.filter(pk__in={case.village_id for case in listed})
    places = {village.pk: place_of(village) for village in villages.select_related(*PLACE_RELATIONS)}
    return {
        case.pk: places[case.village_id] | {"sex": case.sex, "age_group": case.age_group} for case in listed
    }


def place_of(village: SampledUnit) -> dict[str, str]:
    """Return province, commune and village as officials write them, and whether the commune is a town."""
    commune = village.parent.frame_unit if village.parent else None
    unit = commune.administrative_unit if commune else None
    return {
        "province": with_type(village.province.name, village.province.unit_type),
        "commune": with_type(commune.name, unit.unit_type if unit else "") if commune else "",
        "village": village.frame_unit.name,
        "area": AREAS[unit.is_urban] if unit else "",
    }
