"""Cases with their place in the design, for snapshots and for verification."""

from collections.abc import Iterator
from typing import NamedTuple

from django.db.models import F, Value
from django.db.models.functions import Coalesce

from sampling.models import Case, Sample
from sampling.models.areas import AdministrativeUnit

CHUNK_SIZE = 5_000


class CaseDesignRow(NamedTuple):
    """One case as an estimate needs it.

    `stratum` and `psu` are those of the design. `variance_stratum` and `variance_psu` differ for a commune
    drawn with certainty: it is a stratum of its own, and its villages are the primary units.
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
    is_urban: bool
    commune_probability: float
    village_probability: float
    person_probability: float
    design_weight: float
    is_reserve: bool
    is_active: bool
    disposition: str
    sex: str
    age_group: str


def case_design_rows(sample: Sample) -> Iterator[CaseDesignRow]:
    """Yield every case of a sample in the order of its number, reserves included."""
    commune = "village__parent__"
    fields = {
        "province": F("village__province__code"),
        "region": Coalesce(F("village__province__region"), Value("")),
        "area_stratum": F("village__stratum"),
        "psu": F(f"{commune}frame_unit__code"),
        "village_code": F("village__frame_unit__code"),
        "is_certainty": F(f"{commune}is_certainty"),
        "unit_type": F(f"{commune}frame_unit__administrative_unit__unit_type"),
        "commune_probability": F(f"{commune}inclusion_probability"),
        "village_probability": F("village__inclusion_probability"),
    }
    own = (
        "pk", "number", "inclusion_probability", "design_weight", "is_reserve", "released_at",
        "disposition", "sex", "age_group",
    )  # fmt: skip
    cases = Case.objects.filter(sample=sample).order_by("number")
    for row in cases.values(*own, **fields).iterator(chunk_size=CHUNK_SIZE):
        yield _design_row(row)


def _design_row(row: dict) -> CaseDesignRow:
    """Turn a database row into a design row."""
    is_certainty = row["is_certainty"]
    return CaseDesignRow(
        case_id=row["pk"],
        number=row["number"],
        province=row["province"],
        region=row["region"],
        stratum=row["area_stratum"],
        psu=row["psu"],
        village=row["village_code"],
        variance_stratum=f"{row["area_stratum"]}/{row['psu']}" if is_certainty else row["area_stratum"],
        variance_psu=row["village_code"] if is_certainty else row["psu"],
        is_certainty=is_certainty,
        is_urban=row["unit_type"] in AdministrativeUnit.URBAN_TYPES,
        commune_probability=row["commune_probability"],
        village_probability=row["village_probability"],
        person_probability=row["inclusion_probability"],
        design_weight=row["design_weight"],
        is_reserve=row["is_reserve"],
        is_active=not row["is_reserve"] or row["released_at"] is not None,
        disposition=row["disposition"],
        sex=row["sex"],
        age_group=row["age_group"],
    )
