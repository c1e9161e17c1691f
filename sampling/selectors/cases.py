"""Cases with their place in the design, for snapshots and for verification."""

from collections.abc import Iterator
from functools import reduce
from operator import or_
from typing import Any, NamedTuple

from django.db.models import (
    BooleanField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce

from sampling.design.schemes import METHODS
from sampling.models import Case, Draw, Sample, SampledUnit, SamplingFrame
from sampling.models.areas import AdministrativeUnit
from sampling.models.draws import DrawStatus
from sampling.models.households import AdultRule
from sampling.selectors.replacements import of_replacements

CHUNK_SIZE = 5_000
APPROXIMATE = tuple(code for code, method in METHODS.items() if not method.is_exact)
"""Methods that meet the stated probabilities only nearly."""
OF_RANDOM_SIZE = frozenset(code for code, method in METHODS.items() if not method.has_fixed_size)
"""Methods that draw each unit on its own, so that nobody knows how many."""
CERTAIN = "certain"
"""Ends the name of the variance stratum of those units of a list stratum that could not be missed."""
WHOLE_LIST = "*"
"""Variance stratum of a list drawn unit by unit, whose size is random: nothing was fixed in a stratum."""


class CaseDesignRow(NamedTuple):
    """One case as an estimate needs it.

    `stratum` and `psu` are those of the design; `psu` is the unit of the first stage. `variance_stratum` and
    `variance_psu` differ for a unit drawn with certainty: it is a stratum of its own, and the units below it
    are the primary ones; in a certain village of a certain commune these are the cases. A case of a
    transaction list is its own primary unit, in the stratum of its list; those drawn with certainty are a
    variance stratum beside the others, and a list of random size is one variance stratum as a whole.
    `commune_probability` covers all stages down to the commune.

    `is_urban` of a case of a list is that of the commune of its agency; it is None where the list names no
    commune of the agency, since nobody knows. `multiplicity` counts the dossiers of the person in the list
    that could be drawn, and is 1 in an area sample; no weight contains it. `is_replacement` marks the cases
    of a village that took the place of another one, or lies in a commune that did; `was_replaced` those of
    that other one.
    `is_approximate` marks the cases whose inclusion probability is approximate at some stage: by the method
    of selection, of areas or of a transaction list, because units of a list were replaced, or because one
    of several adults of a household was chosen by the last birthday.

    `household_adults` are the adults of a drawn household of whom one is asked: `person_probability` contains
    their chance of one in so many, and `design_weight` their number. It is 1 in a sample without households,
    and where the adults were never listed, so that the case has the weight of its household.
    """

    case_id: int
    number: str
    province: str
    region: str
    stratum: str
    psu: str
    village: str
    variance_stratum: str
    variance_psu: str
    is_certainty: bool
    is_urban: bool | None
    commune_probability: float
    village_probability: float
    person_probability: float
    design_weight: float
    is_reserve: bool
    is_active: bool
    disposition: str
    sex: str
    age_group: str
    multiplicity: int = 1
    household_adults: int = 1
    is_replacement: bool = False
    was_replaced: bool = False
    is_approximate: bool = False


def case_design_rows(sample: Sample) -> Iterator[CaseDesignRow]:
    """Yield every case of a sample in the order of its number, reserves included."""
    own = (
        "pk", "number", "stratum", "inclusion_probability", "design_weight", "is_reserve", "released_at",
        "disposition", "sex", "age_group", "multiplicity",
    )  # fmt: skip
    cases = Case.objects.filter(sample=sample).order_by("number")
    rows = cases.values(*own, **place_fields(), n_adults=F("household__n_adults"))
    return map(design_row, rows.iterator(chunk_size=CHUNK_SIZE))


def place_fields() -> dict[str, Any]:
    """Return what a design row takes from the place of a row that has a village and a sample."""
    commune, district = "village__parent__", "village__parent__parent__"
    return {
        "province": F("village__province__code"),
        "region": Coalesce(F("village__province__region"), Value("")),
        "area_stratum": F("village__stratum"),
        "area_stage": F("village__stage"),
        "village_code": F("village__frame_unit__code"),
        "commune_code": F(f"{commune}frame_unit__code"),
        "commune_is_certain": F(f"{commune}is_certainty"),
        "district_code": F(f"{district}frame_unit__code"),
        "district_is_certain": F(f"{district}is_certainty"),
        "village_is_certain": F("village__is_certainty"),
        "unit_type": Coalesce(
            F(f"{commune}frame_unit__administrative_unit__unit_type"),
            F("village__frame_unit__administrative_unit__unit_type"),
        ),
        "district_p": F(f"{district}inclusion_probability"),
        "commune_p": F(f"{commune}inclusion_probability"),
        "village_p": F("village__inclusion_probability"),
        "is_replacement": Q(of_replacements("village__")),
        "was_replaced": Exists(SampledUnit.objects.filter(replaces=OuterRef("village")))
        | Exists(SampledUnit.objects.filter(replaces=OuterRef("village__parent"))),
        "is_approximate": has_approximate_probability(),
        "selection": Subquery(
            _draws_of(SamplingFrame.Stage.DOSSIER).values(code=KT("design__selection"))[:1]
        ),
        "is_by_birthday": Exists(
            _draws_of(SamplingFrame.Stage.HOUSEHOLD).filter(design__within__rule=AdultRule.LAST_BIRTHDAY)
        ),
    }


def _draws_of(stage: str) -> QuerySet[Draw]:
    """Return the draw of a stage of the round of a case."""
    draws = Draw.objects.filter(round=OuterRef("sample__round"), stage=stage)
    return draws.exclude(status=DrawStatus.ABANDONED)


def has_approximate_probability() -> Coalesce:
    """Return the condition on cases that their probability is approximate at some stage, or in their list."""
    above = ("village", "village__parent", "village__parent__parent")
    areas = reduce(or_, (Q(**{f"{unit}__is_approximate": True}) for unit in above))
    by_method = Exists(_draws_of(SamplingFrame.Stage.DOSSIER).filter(design__selection__in=APPROXIMATE))
    in_list = Q(by_method) & Q(inclusion_probability__lt=1)
    return Coalesce(ExpressionWrapper(areas | in_list, BooleanField()), Value(value=False))


class _Place(NamedTuple):
    """Stratum and primary unit of a case, in the design and in variance estimation."""

    stratum: str
    psu: str
    variance_stratum: str
    variance_psu: str
    is_certainty: bool


def _place_in_list(row: dict[str, Any]) -> _Place:
    """Find the strata of a case of a list, which is its own primary unit."""
    stratum, number = row["stratum"], row["number"]
    is_certain = row["inclusion_probability"] >= 1
    of_variance = f"{stratum}/{CERTAIN}" if is_certain else stratum
    if row["selection"] in OF_RANDOM_SIZE:
        of_variance = WHOLE_LIST
    return _Place(stratum, number, of_variance, number, is_certainty=is_certain)


def _place(row: dict[str, Any]) -> _Place:
    """Find the primary unit of a case: below every unit that is certain, the next one down."""
    stages = (
        (row["district_code"], row["district_is_certain"]),
        (row["commune_code"], row["commune_is_certain"]),
        (row["village_code"], row["village_is_certain"]),
        (row["number"], False),
    )
    units = [(code, is_certain) for code, is_certain in stages if code]
    first, first_is_certain = units[0]
    stratum, below = row["area_stratum"], iter(units)
    primary, is_certain = next(below)
    while is_certain:
        stratum = f"{stratum}/{primary}"
        primary, is_certain = next(below)
    return _Place(row["area_stratum"], first, stratum, primary, is_certainty=bool(first_is_certain))


def design_row(row: dict[str, Any]) -> CaseDesignRow:
    """Turn a database row into a design row: the values of a case, and those of its place."""
    is_list = row["area_stage"] == SampledUnit.Stage.AGENCY
    place = _place_in_list(row) if is_list else _place(row)
    adults = row["n_adults"] or 1
    return CaseDesignRow(
        case_id=row["pk"],
        number=row["number"],
        province=row["province"],
        region=row["region"],
        stratum=place.stratum,
        psu=place.psu,
        village=row["village_code"],
        variance_stratum=place.variance_stratum,
        variance_psu=place.variance_psu,
        is_certainty=place.is_certainty,
        is_urban=_is_urban(row["unit_type"], is_list=is_list),
        commune_probability=1.0 if is_list else (row["district_p"] or 1.0) * row["commune_p"],
        village_probability=1.0 if is_list else row["village_p"],
        person_probability=row["inclusion_probability"] / adults,
        design_weight=row["design_weight"] * adults,
        is_reserve=row["is_reserve"],
        is_active=not row["is_reserve"] or row["released_at"] is not None,
        disposition=row["disposition"],
        sex=row["sex"],
        age_group=row["age_group"],
        multiplicity=row["multiplicity"],
        household_adults=adults,
        is_replacement=row["is_replacement"],
        was_replaced=row["was_replaced"],
        is_approximate=bool(row["is_approximate"] or (row["is_by_birthday"] and adults > 1)),
    )


def _is_urban(unit_type: str | None, *, is_list: bool) -> bool | None:
    """Tell town from countryside; nobody can where the agency of a dossier names no commune."""
    return None if is_list and not unit_type else unit_type in AdministrativeUnit.URBAN_TYPES
