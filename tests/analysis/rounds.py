"""Small makers of closed rounds with answers, whose size and satisfaction are chosen."""

import datetime
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db.models import QuerySet
from django.utils import timezone

from analysis.models import CriteriaSet, IndexMethod, PopulationMargin, Release, Snapshot
from analysis.services import load_margins, load_methods, publish_release, take_snapshot
from questionnaires.models import Mode, QuestionnaireVersion, Response, ResponseStatus, SeparatedResponse
from questionnaires.receipt_keys import ReceiptKeys
from questionnaires.services.separation import write_separated
from sampling.models import (
    AdministrativeUnit,
    Case,
    Disposition,
    FrameUnit,
    Sample,
    SampledUnit,
    SamplingFrame,
    SurveyRound,
)
from sampling.models.rounds import RoundStatus
from tests.questionnaires.rounds import make_round, publish_sipas

DAY = datetime.timedelta(days=1)
SEXES = ("male", "female")
AGE_GROUPS = ("18-24", "25-34", "35-49", "50-60", "61+")
ADULTS_PER_COMMUNE = 3_000
CRITERIA = (
    *(f"P-A{n}" for n in (1, 2)),
    *(f"P-B{n}" for n in (1, 2)),
    *(f"P-C{n}" for n in range(1, 9)),
    *(f"P-D{n}" for n in (1, 2)),
    *(f"S-1.{n}" for n in range(1, 5)),
    *(f"S-2.{n}" for n in range(1, 5)),
    *(f"S-3.{n}" for n in range(1, 6)),
    *(f"S-4.{n}" for n in range(1, 4)),
    *(f"S-5.{n}" for n in range(1, 4)),
)


@dataclass(frozen=True)
class Shape:
    """How large a round is; every province is one stratum."""

    provinces: tuple[str, ...] = ("01", "04")
    communes: int = 4
    villages: int = 2
    persons: int = 24
    response_rate: float = 0.8
    satisfied: float = 0.8


def make_closed_round(
    shape: Shape | None = None, *, code: str = "sipas-2026", seed: int = 7, **changes: Any
) -> SurveyRound:
    """A round with a sample, outcomes and answers to the SIPAS form, closed."""
    survey_round = make_round(code, **changes)
    publish_sipas(survey_round)
    chance = np.random.default_rng(seed)
    sample = _make_sample(survey_round)
    size = shape or Shape()
    villages = [village for province in size.provinces for village in _make_villages(sample, province, size)]
    cases = Case.objects.bulk_create(
        case for village in villages for case in _make_cases(village, size, chance)
    )
    answered = [case for case in cases if case.disposition == Disposition.COMPLETE]
    send_forms(answered, survey_round.questionnaire_link.version, size.satisfied, chance)
    survey_round.status = RoundStatus.CLOSED
    survey_round.save()
    return survey_round


def send_forms(
    cases: Iterable[Case], version: QuestionnaireVersion, satisfied: float, chance: np.random.Generator
) -> None:
    """Write the forms of cases, and what waits for approval of those that staff have taken down."""
    day = datetime.date(2026, 6, 1)
    rows = [
        Response(
            case=case,
            version=version,
            mode=pick(chance, Mode.values),
            answers=make_answers(satisfied, chance),
            submitted_on=day,
        )
        for case in cases
    ]
    write_separated((row, row.case, ReceiptKeys(receipt_hash(row.case), b"of a receipt")) for row in rows)
    Response.objects.bulk_create(
        Response(
            case=row.case, version=version, mode=row.mode, status=ResponseStatus.SUBMITTED, submitted_on=day
        )
        for row in rows
        if row.mode != Mode.WEB
    )


def receipt_hash(case: Case) -> str:
    return f"{case.register_number}-{case.pk}"


def forms_of(cases: Iterable[Case]) -> QuerySet[SeparatedResponse]:
    """The forms of cases, which tests know by what they put in place of the hash of a receipt."""
    return SeparatedResponse.objects.filter(receipt_hash__in=[receipt_hash(case) for case in cases])


def change_cases(cases: QuerySet[Case], **values: Any) -> None:
    """Change what the design says of cases, and of their forms."""
    forms_of(cases).update(**values)
    cases.update(**values)


def pick[Option](chance: np.random.Generator, options: Sequence[Option]) -> Option:
    return options[int(chance.integers(len(options)))]


def make_answers(satisfied: float, chance: np.random.Generator) -> dict[str, Any]:
    answers: dict[str, Any] = {"A-SEX": pick(chance, (1, 2)), "Q11": "=1+1"}
    for question in CRITERIA:
        kind = chance.random()
        if kind < 0.03:
            continue
        is_satisfied = chance.random() < satisfied
        answers[question] = "na" if kind < 0.05 else pick(chance, (4, 5) if is_satisfied else (1, 2, 3))
    return answers


def _make_sample(survey_round: SurveyRound) -> Sample:
    digests = dict.fromkeys(("frame_digest", "design_digest", "fingerprint"), "0" * 64)
    counts = dict.fromkeys(("n_communes", "n_villages", "n_persons", "n_reserves"), 1)
    return Sample.objects.create(
        round=survey_round, template=survey_round.template, seed="s", **digests, **counts
    )


def _make_frame(survey_round: SurveyRound, stage: str) -> SamplingFrame:
    frame, _created = SamplingFrame.objects.get_or_create(
        round=survey_round,
        stage=stage,
        defaults={
            "source": "x",
            "reference_date": datetime.date(2026, 1, 1),
            "n_units": 1,
            "digest": "0" * 64,
        },
    )
    return frame


def _make_villages(sample: Sample, code: str, shape: Shape) -> Iterator[SampledUnit]:
    province, _created = AdministrativeUnit.objects.get_or_create(
        level="province",
        code=code,
        defaults={"name": f"Tỉnh {code}", "unit_type": "tỉnh", "region": "1", "sort_key": code},
    )
    for number in range(shape.communes):
        commune = _make_commune(sample, province, f"{code}{number:03d}", is_urban=number % 2 == 0)
        for ordinal in range(shape.villages):
            yield _make_unit(sample, province, "village", f"{code}{number:03d}{ordinal:02d}", parent=commune)


def _make_commune(sample: Sample, province: AdministrativeUnit, code: str, *, is_urban: bool) -> SampledUnit:
    unit, _created = AdministrativeUnit.objects.get_or_create(
        level="commune",
        code=code,
        defaults={
            "name": f"Xã {code}",
            "unit_type": "phường" if is_urban else "xã",
            "parent": province,
            "sort_key": code,
        },
    )
    return _make_unit(sample, province, "commune", code, unit=unit)


def _make_unit(
    sample: Sample,
    province: AdministrativeUnit,
    stage: str,
    code: str,
    *,
    unit: AdministrativeUnit | None = None,
    parent: SampledUnit | None = None,
) -> SampledUnit:
    frame_unit = FrameUnit.objects.create(
        frame=_make_frame(sample.round, stage),
        code=code,
        name=code,
        measure_of_size=ADULTS_PER_COMMUNE,
        administrative_unit=unit,
    )
    return SampledUnit.objects.create(
        sample=sample,
        stage=stage,
        frame_unit=frame_unit,
        parent=parent,
        province=province,
        stratum=province.code,
        frame_order=1,
        draw_order=1,
        inclusion_probability=0.5,
    )


def _make_cases(village: SampledUnit, shape: Shape, chance: np.random.Generator) -> Iterator[Case]:
    for number in range(1, shape.persons + 1):
        responded = chance.random() < shape.response_rate
        yield Case(
            sample=village.sample,
            number=f"{village.frame_unit.code}-{number:03d}",
            village=village,
            register_number=str(number),
            draw_order=number,
            inclusion_probability=0.2,
            design_weight=20,
            sex=pick(chance, SEXES),
            age_group=pick(chance, AGE_GROUPS),
            disposition=Disposition.COMPLETE if responded else Disposition.REFUSAL,
        )


def margin_rows(*provinces: str) -> list[dict[str, str | int]]:
    """Margins of 10,000 adults in every province."""
    shares = {
        PopulationMargin.Variable.SEX: dict.fromkeys(SEXES, 5_000),
        PopulationMargin.Variable.AGE_GROUP: dict.fromkeys(AGE_GROUPS, 2_000),
        PopulationMargin.Variable.URBAN: {"urban": 4_000, "rural": 6_000},
    }
    return [
        {"province": province, "variable": str(variable), "category": category, "population": population}
        for province in provinces
        for variable, populations in shares.items()
        for category, population in populations.items()
    ]


def add_margins(survey_round: SurveyRound, *provinces: str) -> None:
    load_margins(
        round=survey_round,
        rows=margin_rows(*provinces),
        source="Tổng điều tra dân số 2019",
        date=datetime.date(2019, 4, 1),
    )


def make_release(
    survey_round: SurveyRound | None = None,
    *,
    snapshot: Snapshot | None = None,
    code: str = "R1",
    **options: Any,
) -> Release:
    """A release of a round, frozen for it, by M2023 and the demonstration criteria set."""
    load_methods()
    taken = snapshot or take_snapshot(round=frozen(survey_round or make_closed_round()))
    frozen(taken.round)
    return publish_release(
        snapshot=taken,
        method=IndexMethod.objects.get(code="M2023"),
        criteria_set=CriteriaSet.objects.get(code="DEMO-876-SHAPE"),
        code=code,
        **options,
    )


def frozen(survey_round: SurveyRound) -> SurveyRound:
    """The round in the state in which it may be published; its answers stay where they are."""
    survey_round.status = RoundStatus.FROZEN
    survey_round.save()
    return survey_round


def reopen(survey_round: SurveyRound) -> SurveyRound:
    survey_round.status = RoundStatus.OPEN
    survey_round.closes_at = timezone.now() + DAY
    survey_round.save()
    return survey_round
