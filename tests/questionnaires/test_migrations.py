"""Migrations that change what rows hold, on a small database of their own."""

import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from questionnaires.receipt_keys import case_link

EARLIER = ("questionnaires", "0010_code_of_a_draft")
LINKS = ("questionnaires", "0011_links_until_approval")
TODAY = timezone.localdate()
NOW = timezone.now()
UNCHANGED = {"language": "en", "consent_version": "2", "helper": "family", "pressure": "felt"}


@pytest.fixture
def earlier(tmp_path: Path, django_db_blocker: Any) -> Iterator[BaseDatabaseWrapper]:
    """A connection with an empty database beside the one of the tests."""
    connections.databases["earlier"] = connections.databases["default"] | {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(tmp_path / "earlier.sqlite3"),
        "OPTIONS": {},
    }
    with django_db_blocker.unblock():
        yield connections["earlier"]
        connections["earlier"].close()
    del connections["earlier"]
    del connections.databases["earlier"]


def make(apps: Any, label: str, **values: Any) -> Any:
    return apps.get_model(label)._base_manager.using("earlier").create(**values)


def make_cases(apps: Any, code: str, status: str, count: int) -> list[Any]:
    """Cases of a round with what they hang on."""
    day = datetime.timedelta(days=1)
    template, _created = (
        apps.get_model("sampling.SamplingTemplate")
        .objects.using("earlier")
        .get_or_create(
            code="t", defaults={"title_vi": "m", "title_en": "t", "document": {}, "digest": "0" * 64}
        )
    )
    province, _created = (
        apps.get_model("sampling.AdministrativeUnit")
        .objects.using("earlier")
        .get_or_create(
            code="99", level="province", defaults={"name": "x", "unit_type": "tỉnh", "sort_key": "x"}
        )
    )
    survey_round = make(
        apps, "sampling.SurveyRound", code=code, name_vi="x", name_en="x", year=2026, template=template,
        reference_period_start=TODAY, reference_period_end=TODAY, status=status,
        opens_at=NOW - 9 * day, closes_at=NOW - 3 * day,
    )  # fmt: skip
    digests = dict.fromkeys(("frame_digest", "design_digest", "fingerprint"), "0" * 64)
    counts = dict.fromkeys(("n_communes", "n_villages", "n_persons", "n_reserves"), 1)
    sample = make(
        apps, "sampling.Sample", round=survey_round, template=template, seed="s", **digests, **counts
    )
    frame = make(
        apps, "sampling.SamplingFrame", round=survey_round, stage="village", source="x",
        reference_date=TODAY, n_units=1, digest="0" * 64,
    )  # fmt: skip
    unit = make(apps, "sampling.FrameUnit", frame=frame, code="v", name="v", measure_of_size=9)
    village = make(
        apps, "sampling.SampledUnit", sample=sample, stage="village", frame_unit=unit, province=province,
        stratum="99", frame_order=1, draw_order=1, inclusion_probability=0.5,
    )  # fmt: skip
    return [
        make(
            apps, "sampling.Case", sample=sample, number=f"{code}-{n}", village=village, draw_order=n,
            register_number=str(n), inclusion_probability=0.1, design_weight=20, disposition="1.1",
            sex="male",
        )
        for n in range(1, count + 1)
    ]  # fmt: skip


def send(apps: Any, version: Any, case: Any, mode: str, status: str = "submitted") -> None:
    sent = {"receipt_hash": f"hash of {case.number}", "sealed_case": "seal", "submitted_on": TODAY}
    make(
        apps, "questionnaires.Response", case=case, version=version, mode=mode, status=status,
        answers={"B1": case.pk}, **UNCHANGED, **(sent if status == "submitted" else {}),
    )  # fmt: skip


def migrate(connection: BaseDatabaseWrapper) -> tuple[Any, Any]:
    """Fill the tables of the earlier version, and carry the migration out; return both versions."""
    loader = MigrationLoader(None)
    state = loader.project_state([EARLIER])
    apps = state.apps
    with connection.schema_editor() as editor:
        for model in apps.get_models():
            editor.create_model(model)
    form = make(apps, "questionnaires.Questionnaire", code="small", title_vi="x", title_en="x")
    version = make(
        apps,
        "questionnaires.QuestionnaireVersion",
        questionnaire=form,
        number=1,
        document={},
        digest="0" * 64,
    )
    asked, alone, drafted = make_cases(apps, "open", "open", 3)
    interview, draft = make_cases(apps, "frozen", "frozen", 2)
    send(apps, version, asked, "interview")
    send(apps, version, alone, "web")
    send(apps, version, drafted, "paper", "draft")
    send(apps, version, interview, "interview")
    send(apps, version, draft, "web", "draft")
    with connection.schema_editor() as editor:
        state = loader.get_migration(*LINKS).apply(state.clone(), editor)
    return apps, state.apps


def test_forms_sent_before_are_cut_and_those_that_wait_keep_a_link(earlier: BaseDatabaseWrapper) -> None:
    _before, apps = migrate(earlier)
    responses = apps.get_model("questionnaires.Response").objects.using("earlier")
    cases = {case.number: case for case in apps.get_model("sampling.Case").objects.using("earlier")}
    asked, alone, drafted = (cases[f"open-{n}"] for n in (1, 2, 3))
    interview = cases["frozen-1"]
    forms = {
        form.answers["B1"]: form
        for form in apps.get_model("questionnaires.SeparatedResponse").objects.using("earlier")
    }
    assert set(forms) == {asked.pk, alone.pk, interview.pk}
    assert [forms[case.pk].case_link for case in (asked, alone, interview)] == [
        case_link(asked.pk),
        None,
        None,
    ]
    for case in (asked, alone):
        form = forms[case.pk]
        assert (form.receipt_hash, form.sealed_case) == (f"hash of {case.number}", "seal")
        assert (form.sex, form.design_weight, form.submitted_on) == ("male", 20, TODAY)
        assert {name: getattr(form, name) for name in UNCHANGED} == UNCHANGED
    assert forms[interview.pk].sealed_case == ""
    assert forms[interview.pk].submitted_on == timezone.localdate(NOW - datetime.timedelta(days=3))
    waiting = responses.get(status="submitted")
    assert (waiting.case_id, waiting.answers, waiting.helper, waiting.language) == (asked.pk, {}, "", "vi")
    assert responses.get(status="draft").answers == {"B1": drafted.pk}
