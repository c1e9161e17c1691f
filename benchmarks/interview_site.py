"""The site of the interview benchmark: an empty database, one open round, one code for each session.

Run by `benchmarks.interview` in a process of its own, after Django is set up; prints one line of JSON.
"""

import datetime
import json
import re
import sys

from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from benchmarks.interview_client import Interview
from benchmarks.interview_form import document
from questionnaires.services import assign_version_to_round, freeze_version, import_form, issue_codes
from sampling.models import (
    AdministrativeUnit,
    Case,
    FrameUnit,
    Sample,
    SampledUnit,
    SamplingFrame,
    SamplingTemplate,
    SurveyRound,
)

TABLE_STATEMENT = re.compile(r"^\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b", re.IGNORECASE)
DAY = datetime.timedelta(days=1)
N_ADULTS = 1_000


def prepare(n_codes: int) -> list[str]:
    """Make the tables, a round with its questionnaire, and cases with codes."""
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    survey_round = _round()
    village = _village(survey_round)
    return _codes(village, n_codes)


def _round() -> SurveyRound:
    """Make an open round that asks the generated questionnaire."""
    template = SamplingTemplate.objects.create(
        code="benchmark", title_vi="Đo tốc độ", title_en="Speed", document={}, digest="0" * 64
    )
    now = timezone.now()
    survey_round = SurveyRound.objects.create(
        code="benchmark",
        name_vi="Đo tốc độ",
        name_en="Speed",
        year=now.year,
        contact_phone="1900 0000",
        reference_period_start=now.date() - DAY,
        reference_period_end=now.date(),
        opens_at=now - DAY,
        closes_at=now + DAY,
        status="open",
        template=template,
    )
    version = freeze_version(questionnaire=import_form(document()))
    assign_version_to_round(round=survey_round, version=version)
    return survey_round


def _village(survey_round: SurveyRound) -> SampledUnit:
    """Make the commune and the village that the cases hang on."""
    digests = dict.fromkeys(("frame_digest", "design_digest", "fingerprint"), "0" * 64)
    counts = dict.fromkeys(("n_communes", "n_villages", "n_persons", "n_reserves"), 1)
    sample = Sample.objects.create(
        round=survey_round, template=survey_round.template, seed="1", **digests, **counts
    )
    province = AdministrativeUnit.objects.filter(level="province").first()
    province = province or AdministrativeUnit.objects.create(
        level="province", code="01", name="Hà Nội", unit_type="thành phố", sort_key="ha noi"
    )
    unit = None
    for stage in ("commune", "village"):
        frame = SamplingFrame.objects.create(
            round=survey_round,
            stage=stage,
            source="benchmark",
            reference_date=survey_round.reference_period_start,
            n_units=1,
            digest="0" * 64,
        )
        listed = FrameUnit.objects.create(frame=frame, code=stage, name=stage, measure_of_size=N_ADULTS)
        unit = SampledUnit.objects.create(
            sample=sample,
            stage=stage,
            frame_unit=listed,
            parent=unit,
            province=province,
            stratum="01",
            frame_order=1,
            draw_order=1,
            inclusion_probability=1,
        )
    return unit


def _codes(village: SampledUnit, n_codes: int) -> list[str]:
    """Make one case a session and return the codes."""
    cases = Case.objects.bulk_create(
        Case(
            sample=village.sample,
            number=f"{number:05d}",
            village=village,
            register_number=str(number),
            draw_order=number,
            inclusion_probability=1,
            design_weight=1,
        )
        for number in range(1, n_codes + 1)
    )
    return list(issue_codes(cases=cases).values())


def statements_per_post(code: str) -> int:
    """Count what one POST of a section asks of the tables, sessions included and transactions not."""
    client = Client(headers={"x-forwarded-proto": "https", "host": "127.0.0.1"})

    def send(path: str, fields: dict[str, str] | None) -> tuple[int, str, str]:
        answer = client.get(path) if fields is None else client.post(path, fields)
        return answer.status_code, answer.headers.get("Location", ""), answer.content.decode()

    interview = Interview(send, code)
    interview.enter()
    interview.answer_section()
    with CaptureQueriesContext(
        connection,
    ) as captured:
        interview.post_section()
    return sum(bool(TABLE_STATEMENT.match(query["sql"])) for query in captured.captured_queries)


def main() -> None:
    """Prepare the site and print its codes and the statements of a POST."""
    codes = prepare(int(sys.argv[1]))
    n_statements = statements_per_post(codes.pop())
    sys.stdout.write(json.dumps({"codes": codes, "sql_per_post": n_statements}) + "\n")
