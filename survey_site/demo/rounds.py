"""The demonstration's rounds: one that is finished and published, one that is open to try."""

import datetime
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db.models import QuerySet
from django.utils import timezone

from analysis.models import CriteriaSet, IndexMethod, Release
from analysis.services import load_margins, publish_release, take_snapshot
from questionnaires.forms import load as load_form
from questionnaires.models import Mode, QuestionnaireVersion
from questionnaires.schema import NOT_APPLICABLE, Kind, parse, questions_by_code
from questionnaires.services import (
    Submission,
    approve_and_freeze,
    assign_version_to_round,
    import_form,
    issue_codes,
    submit_draft,
    submit_responses,
)
from sampling.models import Case, Disposition, FrameUnit, Sample, SamplingTemplate, SurveyRound
from sampling.models.frames import SamplingFrame
from sampling.services import (
    close_round,
    create_round,
    freeze_round,
    load_frame,
    open_round,
    record_dispositions,
)
from sampling.services.contacts import NewContact, add_contacts
from survey_site.demo import answers, voices
from survey_site.demo.draws import SOURCE, close_draws, draw_round
from survey_site.demo.people import person_name
from survey_site.demo.population import AGE_GROUPS, SEXES
from survey_site.demo.stage import CRITERIA_SET_CODE, METHOD_CODE, SEED, Stage

FORM = "sipas-m2023"
FINISHED, OPEN = "demo-2026", "demo-open"
RELEASE_CODE = "demo-2026.1"

type Report = Callable[[str, int, int], None]


def publish_questionnaire(author: AbstractBaseUser, methodologist: AbstractBaseUser) -> QuestionnaireVersion:
    """Have the form written and read aloud, handed in, and approved and published by somebody else."""
    draft = import_form(load_form(FORM), user=author)
    if voices.is_there():
        voices.make_synthetic_recordings(questionnaire=draft, user=author)
    submit_draft(questionnaire=draft, user=author)
    return approve_and_freeze(questionnaire=draft, seen=draft.latest_revision_id or 0, user=methodologist)


def prepare_round(
    stage: Stage,
    *,
    code: str,
    template: str,
    version: QuestionnaireVersion,
    user: AbstractBaseUser,
    report: Report,
) -> SurveyRound:
    """Create a round, load its frame, draw it stage by stage with commitments, and open it."""
    survey_round = create_round(
        template=SamplingTemplate.objects.get(code=template), user=user, **_round_values(code)
    )
    assign_version_to_round(round=survey_round, version=version, user=user)

    load_frame(
        round=survey_round,
        stage=SamplingFrame.Stage.COMMUNE.value,
        rows=stage.commune_rows(),
        source=SOURCE,
        reference_date=stage.reference_date,
        user=user,
    )
    draw_round(stage, survey_round, user, report)
    return open_round(round=survey_round, user=user)


def _round_values(code: str) -> dict[str, object]:
    now = timezone.now()
    is_open = code == OPEN
    return {
        "code": code,
        "name_vi": "Khảo sát SIPAS minh họa (đang mở)" if is_open else "Khảo sát SIPAS minh họa 2026",
        "name_en": "SIPAS demonstration survey (open)" if is_open else "SIPAS demonstration survey 2026",
        "year": 2026,
        "agency_vi": "Cơ quan minh họa",
        "agency_en": "Demonstration agency",
        "decision": "00/QĐ-MH",
        "contact_phone": "0000 000 000",
        "reference_period_start": datetime.date(2026, 1, 1),
        "reference_period_end": datetime.date(2026, 10, 31),
        "opens_at": now - datetime.timedelta(days=1 if is_open else 45),
        "closes_at": now + datetime.timedelta(days=90 if is_open else -1),
        "is_demo": True,
    }


def excluded_units(survey_round: SurveyRound) -> list[str]:
    """Return the names of the communes without residents that the frame excludes."""
    excluded = FrameUnit.objects.filter(frame__round=survey_round).exclude(exclusion_reason="")
    return list(excluded.order_by("code").values_list("name", flat=True))


@dataclass(frozen=True)
class Sampled:
    """The sampled adults of a round, with what the model knows of each, in the order of their cases."""

    cases: list[Case]
    persons: list[answers.Person]


def sampled_persons(stage: Stage, sample: Sample) -> Sampled:
    """Return the sampled adults, without sealed reserves."""
    cases = list(
        sample.cases.filter(is_reserve=False)
        .select_related("village__frame_unit")
        .only("id", "register_number", "village__frame_unit__code")
        .order_by("pk")
    )
    cells: dict[str, list[int]] = {}
    persons = []
    for case in cases:
        code = case.village.frame_unit.code
        if code not in cells:
            cells[code] = stage.cells(code).tolist()
        village = stage.village_by_code[code]
        commune = stage.nation.communes[stage.nation.commune_of[village]]
        cell = cells[code][int(case.register_number) - 1]
        persons.append(answers.Person(village, cell, commune.unit_type == "phường"))
    return Sampled(cases, persons)


def run_fieldwork(
    stage: Stage,
    survey_round: SurveyRound,
    version: QuestionnaireVersion,
    user: AbstractBaseUser,
    report: Report,
) -> int:
    """Let the sampled adults answer or not, in three modes; return the number of responses."""
    sampled = sampled_persons(stage, survey_round.sample)
    answered = answers.responds(sampled.persons, SEED)
    respondents = Sampled(
        [case for case, yes in zip(sampled.cases, answered, strict=True) if yes],
        [person for person, yes in zip(sampled.persons, answered, strict=True) if yes],
    )
    submissions = _submissions(stage, respondents, version)
    result = submit_responses(
        round=survey_round,
        submissions=submissions,
        moment=survey_round.closes_at,
        user=user,
        progress=lambda done: report("responses", done, len(respondents.cases)),
    )
    silent = [case for case, yes in zip(sampled.cases, answered, strict=True) if not yes]
    refused = answers.refuses(len(silent), SEED)
    outcomes = {
        case.pk: str(Disposition.REFUSAL if no else Disposition.NON_CONTACT)
        for case, no in zip(silent, refused, strict=True)
    }
    record_dispositions(sample=survey_round.sample, outcomes=outcomes, user=user)
    return result.created


def _submissions(stage: Stage, respondents: Sampled, version: QuestionnaireVersion) -> Iterator[Submission]:
    persons, n = respondents.persons, len(respondents.persons)
    schema = parse(version.document)
    questions = questions_by_code(schema)
    rated = answers.ratings(stage.nation, persons, SEED)
    known = {
        "A-SEX": [SEXES.index(person.sex) + 1 for person in persons],
        "A-AGE": [AGE_GROUPS.index(person.age_group) + 1 for person in persons],
        "A-URBAN": [1 if person.is_urban else 2 for person in persons],
    }
    drawn = {
        question.code: [option.value for option in question.options]
        for question in questions.values()
        if question.kind in {Kind.SINGLE, Kind.YES_NO} and question.code not in known
    }
    others = known | answers.background(drawn, frozenset(), n, SEED)
    modes = answers.modes(n, SEED)
    days = np.random.default_rng([SEED, 7]).integers(1, 40, size=n).tolist()
    today = timezone.localdate()
    documents = answers.documents(rated, others, NOT_APPLICABLE)
    for case, document, mode, day in zip(respondents.cases, documents, modes, days, strict=True):
        yield Submission(
            case_id=case.pk,
            answers=document,
            mode=Mode(mode),
            submitted_on=today - datetime.timedelta(days=day),
        )


def publish(stage: Stage, survey_round: SurveyRound, user: AbstractBaseUser, report: Report) -> Release:
    """Close and freeze the round, take its snapshot, publish its figures."""
    load_margins(
        round=survey_round, rows=stage.margin_rows(), source=SOURCE, date=stage.reference_date, user=user
    )
    close_round(round=survey_round, user=user)
    close_draws(survey_round, user)
    freeze_round(round=survey_round, user=user)
    snapshot = take_snapshot(round=survey_round, user=user)
    return publish_release(
        snapshot=snapshot,
        method=IndexMethod.objects.get(code=METHOD_CODE),
        criteria_set=CriteriaSet.objects.get(code=CRITERIA_SET_CODE),
        code=RELEASE_CODE,
        single_psu="fail",
        user=user,
        progress=lambda _step, done, total: report("publication", done, total),
    )


def first_villages(survey_round: SurveyRound, count: int) -> QuerySet[Case]:
    """Return the cases of the first drawn villages of a round, reserves included."""
    villages = survey_round.sample.units.filter(stage="village").order_by("pk")[:count]
    return Case.objects.filter(village__in=list(villages.values_list("pk", flat=True))).order_by("pk")


def name_respondents(survey_round: SurveyRound, n_villages: int, user: AbstractBaseUser) -> None:
    """Give the sampled adults of a few villages invented names, so that there is somebody to ask."""
    rng = np.random.default_rng([SEED, 8])
    rows = [
        NewContact(
            case.number,
            person_name(case.sex, rng),
            f"Số {int(rng.integers(1, 200))}",
            email=f"{case.number.lower()}@example.org",
        )
        for case in first_villages(survey_round, n_villages)
    ]
    add_contacts(sample=survey_round.sample, rows=rows, user=user)


def print_codes(survey_round: SurveyRound, count: int, user: AbstractBaseUser) -> list[str]:
    """Issue access codes for some cases that no enumerator visits."""
    cases = survey_round.sample.cases.filter(is_reserve=False).order_by("-pk")[:count]
    seed = f"{settings.ACCESS_CODE_KEY}-{SEED}"
    return list(issue_codes(cases=cases, seed=seed, user=user).values())
