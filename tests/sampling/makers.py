"""Small rounds with frames, for the tests of everything that needs a sample."""

import datetime
from typing import Any

from django.utils import timezone

from sampling.models import AdministrativeUnit, SamplingTemplate, SurveyRound
from sampling.models.areas import UNKNOWN_START, Level
from sampling.services import Register, create_round, draw_sample, load_frame
from sampling.vietnamese import search_key, sort_key

REFERENCE_DATE = datetime.date(2026, 3, 1)
MERGER = datetime.date(2025, 7, 1)
N_COMMUNES, N_VILLAGES, N_ADULTS = 6, 4, 20


def make_unit(level: str, code: str, name: str, **values: Any):
    return AdministrativeUnit.objects.create(
        level=level, code=code, name=name, sort_key=sort_key(name), search_key=search_key(name), **values
    )


def make_units():
    """One province of today made of two former ones, with six communes in each."""
    today = make_unit(Level.PROVINCE, "80", "Tây Ninh", unit_type="tỉnh", valid_from=MERGER, region="SE")
    for stratum, name in (("72", "Tây Ninh"), ("80", "Long An")):
        former = make_unit(
            Level.PROVINCE,
            stratum,
            name,
            unit_type="tỉnh",
            valid_from=UNKNOWN_START,
            valid_to=datetime.date(2025, 6, 30),
        )
        for number in range(1, N_COMMUNES + 1):
            make_unit(
                Level.COMMUNE,
                f"{stratum}{number:03d}",
                f"Xã {name} {number}",
                unit_type="phường" if number % 2 else "xã",
                valid_from=MERGER,
                parent=today,
                predecessor_province=former,
            )


def small_template_document(
    *,
    strata_day: str = "2025-06-30",
    communes: int = 2,
    villages: int = 2,
    persons: int = 5,
    reserves: int = 3,
):
    stages = [
        {
            "code": "commune",
            "selection": "pps_systematic",
            "n_units": communes,
            "exceptions": [],
            "order": ["unit_type", "random"],
        },
        {
            "code": "village",
            "selection": "pps_systematic",
            "n_units": villages,
            "exceptions": [],
            "order": ["random"],
        },
        {
            "code": "person",
            "selection": "simple_random",
            "n_units": persons,
            "exceptions": [],
            "order": ["random"],
            "n_reserve": reserves,
        },
    ]
    return {"strata": {"level": "province", "valid_on": strata_day}, "stages": stages}


def make_template(**sizes: Any):
    document = small_template_document(**sizes)
    return SamplingTemplate.objects.create(
        code="small", version=1, title_vi="Mẫu nhỏ", title_en="Small", document=document, digest="0" * 64
    )


def make_round(**changes: Any):
    now = timezone.now()
    values = {
        "code": "demo-2026",
        "name_vi": "Đợt thử",
        "name_en": "Trial round",
        "year": 2026,
        "reference_period_start": datetime.date(2026, 1, 1),
        "reference_period_end": datetime.date(2026, 12, 31),
        "opens_at": now - datetime.timedelta(days=1),
        "closes_at": now + datetime.timedelta(days=30),
    }
    return create_round(template=changes.pop("template", None) or make_template(), **values | changes)


def commune_rows():
    return [
        {
            "code": f"{stratum}{number:03d}",
            "name": f"Xã {number}",
            "parent_code": "80",
            "measure_of_size": str(80 + 10 * number),
        }
        for stratum in ("72", "80")
        for number in range(1, N_COMMUNES + 1)
    ]


def village_rows():
    return [
        {
            "code": f"{commune['code']}-{number}",
            "name": f"Ấp {number}",
            "parent_code": commune["code"],
            "measure_of_size": str(N_ADULTS + number),
        }
        for commune in commune_rows()
        for number in range(1, N_VILLAGES + 1)
    ]


def load(survey_round: SurveyRound, stage: str, rows: Any):
    return load_frame(
        round=survey_round, stage=stage, rows=rows, source="Công an tỉnh", reference_date=REFERENCE_DATE
    )


def load_frames(survey_round: SurveyRound):
    load(survey_round, "commune", commune_rows())
    load(survey_round, "village", village_rows())


def register(_village: Any):
    ids = [f"{number:03d}" for number in range(1, N_ADULTS + 1)]
    return Register(ids, ["male", "female"] * (N_ADULTS // 2), ["18-39"] * N_ADULTS)


def make_sample(**round_changes: Any):
    make_units()
    survey_round = make_round(**round_changes)
    load_frames(survey_round)
    return draw_sample(round=survey_round, seed="seed", registers=register)
