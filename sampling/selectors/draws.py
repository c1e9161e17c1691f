"""Reads about draws for pages: the stages of a round, what is awaited, what the pictures show."""

import datetime
from dataclasses import dataclass

from django.conf import settings
from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce

from sampling.models import (
    AdministrativeUnit,
    Draw,
    FrameUnit,
    ListSubmission,
    Sample,
    SampledUnit,
    SamplingFrame,
    SurveyRound,
)
from sampling.models.draws import DrawStatus
from sampling.selectors.frames import stage_codes
from sampling.selectors.verification import PERSON_STAGES

Stage = SamplingFrame.Stage
FULL = 100


@dataclass(frozen=True, slots=True)
class RoundStage:
    """One stage of a round with its living draw, if there is one."""

    code: str
    draw: Draw | None
    is_listed: bool

    @property
    def label(self) -> str:
        """What the stage draws."""
        return str(Stage(self.code).label)


def round_stages(survey_round: SurveyRound) -> list[RoundStage]:
    """Return the stages of a round; from the second one on, drawn units send the lists."""
    draws = Draw.objects.filter(round=survey_round).exclude(status=DrawStatus.ABANDONED)
    living = {draw.stage: draw for draw in draws}
    return [
        RoundStage(code, living.get(code), is_listed=position > 0)
        for position, code in enumerate(stage_codes(survey_round))
    ]


def abandoned_draws(survey_round: SurveyRound, stage: str) -> QuerySet[Draw]:
    """Return the draws of a stage that were given up."""
    return Draw.objects.filter(round=survey_round, stage=stage, status=DrawStatus.ABANDONED).order_by("pk")


def was_committed(survey_round: SurveyRound) -> bool:
    """Tell whether a round ever had a public commitment, also one that was abandoned."""
    return Draw.objects.filter(round=survey_round).exclude(commitment_digest="").exists()


def committed_draws() -> QuerySet[Draw]:
    """Return the draws whose seed followed from a commitment, apart from abandoned ones."""
    return Draw.objects.exclude(status=DrawStatus.ABANDONED).exclude(seed="")


def is_rehearsed(survey_round: SurveyRound) -> bool:
    """Tell whether the sample of a round came from a seed of somebody's choice: no commitment led to it."""
    if not Sample.objects.filter(round=survey_round).exists():
        return False
    return not committed_draws().filter(round=survey_round).exists()


def is_played(survey_round: SurveyRound) -> bool:
    """Tell whether a living commitment of a round says that it is one of a demonstration."""
    draws = Draw.objects.filter(round=survey_round).exclude(status=DrawStatus.ABANDONED)
    return draws.filter(commitment__demonstration=True).exists()


def may_rehearse(survey_round: SurveyRound) -> bool:
    """Tell whether somebody may choose the seed of a round: of no real one, never after a commitment."""
    is_allowed = survey_round.is_demo or bool(settings.REHEARSALS_ALLOWED)
    return is_allowed and not was_committed(survey_round)


def seed_on_page(draw: Draw | None, *, may_audit: bool) -> str:
    """Return the seed of places once the draw is closed, and to auditors; that of persons is on no page."""
    if draw is None or draw.stage in PERSON_STAGES:
        return ""
    return draw.seed if may_audit or draw.status == DrawStatus.CLOSED else ""


@dataclass(frozen=True, slots=True)
class AwaitedList:
    """A drawn unit and the list that it sent, if it did."""

    code: str
    name: str
    province: str
    province_code: str
    submission: ListSubmission | None

    @property
    def has_come(self) -> bool:
        """Tell whether the list is there."""
        return self.submission is not None


@dataclass(frozen=True, slots=True)
class ProvinceCount:
    """How many lists of a province have come."""

    code: str
    name: str
    n_wanted: int
    n_come: int

    @property
    def percent(self) -> int:
        """Share of the lists that have come."""
        return FULL * self.n_come // self.n_wanted


def awaited_lists(survey_round: SurveyRound, stage: str) -> list[AwaitedList]:
    """Return every drawn unit that must send a list for a stage, by province and code."""
    codes = stage_codes(survey_round)
    above = codes[codes.index(stage) - 1]
    sent = ListSubmission.objects.filter(round=survey_round, stage=stage)
    submissions = {submission.unit_code: submission for submission in sent}
    units = (
        SampledUnit.objects.filter(sample__round=survey_round, stage=above)
        .select_related("frame_unit", "province")
        .order_by("province__code", "frame_unit__code")
    )
    return [
        AwaitedList(
            code=unit.frame_unit.code,
            name=unit.frame_unit.name,
            province=unit.province.name,
            province_code=unit.province.code,
            submission=submissions.get(unit.frame_unit.code),
        )
        for unit in units
    ]


def count_by_province(lists: list[AwaitedList]) -> list[ProvinceCount]:
    """Count the lists of every province, in the order in which they come."""
    names = {each.province_code: each.province for each in lists}
    return [
        ProvinceCount(
            code=code,
            name=name,
            n_wanted=sum(each.province_code == code for each in lists),
            n_come=sum(each.province_code == code and each.has_come for each in lists),
        )
        for code, name in names.items()
    ]


def unit_places(survey_round: SurveyRound, stage: str) -> list[tuple[float, float]]:
    """Return latitude and longitude of the units of a frame that are known."""
    units = FrameUnit.objects.filter(frame__round=survey_round, frame__stage=stage)
    places = units.values_list("administrative_unit__latitude", "administrative_unit__longitude")
    return [(latitude, longitude) for latitude, longitude in places if latitude and longitude]


def drawn_places(survey_round: SurveyRound, stage: str) -> list[tuple[str, float, float]]:
    """Return name, latitude and longitude of the drawn units of a stage."""
    area = "frame_unit__administrative_unit__"
    units = SampledUnit.objects.filter(sample__round=survey_round, stage=stage).values_list(
        "frame_unit__name", f"{area}latitude", f"{area}longitude"
    )
    return [(name, latitude, longitude) for name, latitude, longitude in units if latitude and longitude]


def unit_sizes(survey_round: SurveyRound, stage: str) -> tuple[list[int], list[int]]:
    """Return the sizes of the units of a frame that can be drawn, and of the drawn ones."""
    units = FrameUnit.objects.filter(frame__round=survey_round, frame__stage=stage, exclusion_reason="")
    drawn = SampledUnit.objects.filter(sample__round=survey_round, stage=stage)
    sizes = drawn.annotate(size=Coalesce(F("frame_unit__measure_of_size"), 0))
    return (
        list(units.values_list("measure_of_size", flat=True)),
        list(sizes.values_list("size", flat=True)),
    )


def province_names(survey_round: SurveyRound) -> dict[str, str]:
    """Return the names of the provinces that are strata of a round, by code."""
    day = survey_round.template.document.get("strata", {}).get("valid_on")
    if not day:
        return {}
    units = AdministrativeUnit.objects.valid_on(datetime.date.fromisoformat(day)).provinces()
    return dict(units.values_list("code", "name"))


def names_of_provinces_today() -> dict[str, str]:
    """Return the names of the provinces of today by code, as the rows of a list have them."""
    provinces = AdministrativeUnit.objects.provinces().filter(valid_to=None)
    return dict(provinces.values_list("code", "name"))
