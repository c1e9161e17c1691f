from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from analysis.marks import index_marks
from analysis.models import CriteriaSet, IndexMethod, Release
from analysis.selectors.replaced_units import replacement_rows
from analysis.services import UnitOfAnalysisError, open_snapshot, publish_release, take_snapshot
from analysis.services.replaced_units import within_published
from analysis.services.weighted_samples import open_release, open_sample
from sampling.models import Case, SampledUnit, SurveyRound
from tests.analysis.rounds import Shape, add_margins, change_cases, forms_of, make_closed_round, make_release

pytestmark = pytest.mark.django_db

WIDE = Shape(communes=5, villages=2, persons=30)


@pytest.fixture(autouse=True)
def own_files(settings: Any, tmp_path: Path):
    settings.SNAPSHOT_ROOT = tmp_path


def replace_first_village(survey_round: SurveyRound, province: str = "01") -> SampledUnit:
    """Let the second village of the first commune have taken the place of the first one."""
    villages = SampledUnit.objects.filter(
        sample__round=survey_round, stage="village", province__code=province
    )
    first, second = villages.order_by("pk")[:2]
    second.replaces, second.replacement_reason, second.is_approximate = first, "Lũ quét", True
    second.save()
    return second


def test_release_without_replacements_says_nothing_of_them() -> None:
    release = make_release(make_closed_round(WIDE))
    assert release.replacements == {}
    assert replacement_rows(release) == []
    assert not release.weighting[0]["is_approximate"]


def test_release_shows_the_index_with_and_without_replacements() -> None:
    survey_round = make_closed_round(WIDE)
    replace_first_village(survey_round)
    add_margins(survey_round, "01", "04")
    release = make_release(survey_round)
    assert release.replacements["villages"] == 1
    nation, province = replacement_rows(release)
    assert (nation.name, province.name) == ("Cả nước", "Tỉnh 01")
    published = {
        row.domain_code: row.value
        for row in release.estimates.filter(node="index", statistic="top_two_share")
    }
    assert nation.included == pytest.approx(published[""])
    assert province.included == pytest.approx(published["01"])
    for row in (nation, province):
        assert row.difference == pytest.approx(row.excluded - row.included)
        assert row.difference != 0


def test_index_without_replacements_is_that_of_the_desk() -> None:
    survey_round = make_closed_round(WIDE)
    replace_first_village(survey_round)
    add_margins(survey_round, "01", "04")
    release = make_release(survey_round)
    sample = open_sample(release.snapshot, without_replacements=True)
    assert not sample.content.rows["village"].str.endswith("r").any()
    assert len(sample.content.rows) < len(open_release(release).content.rows)


def test_approximate_probabilities_are_marked_in_the_snapshot_and_the_release() -> None:
    survey_round = make_closed_round(WIDE)
    village = replace_first_village(survey_round)
    release = make_release(survey_round)
    rows = open_snapshot(release.snapshot).rows
    assert rows["is_approximate"].sum() == village.cases.count()
    assert release.weighting[0]["is_approximate"]


def test_difference_made_by_few_answers_is_not_shown() -> None:
    survey_round = make_closed_round(WIDE)
    village = replace_first_village(survey_round)
    answered = Case.objects.filter(village=village, disposition="1.1").order_by("pk")
    for case in answered[4:]:
        forms_of([case]).delete()
        case.disposition = "2.11"
        case.save()
    release = make_release(survey_round)
    assert [row["reason"] for row in release.replacements["rows"]] == ["few_answers", "few_answers"]
    assert all("with" not in row for row in release.replacements["rows"])


def test_nation_does_not_give_a_province_with_few_answers_away() -> None:
    survey_round = make_closed_round(WIDE)
    replace_first_village(survey_round, "04")
    village = replace_first_village(survey_round)
    for case in Case.objects.filter(village=village, disposition="1.1").order_by("pk")[4:]:
        forms_of([case]).delete()
        case.disposition = "2.11"
        case.save()
    reasons = {row["domain"]: row["reason"] for row in make_release(survey_round).replacements["rows"]}
    assert reasons == {"": "protects_another", "01": "few_answers", "04": ""}


def test_round_that_rests_on_replacements_says_that_nothing_is_left() -> None:
    survey_round = make_closed_round(WIDE)
    for village in SampledUnit.objects.filter(sample__round=survey_round, stage="village"):
        if village.parent.children.order_by("pk").first() == village:
            village.separated_responses.all().delete()
            village.cases.update(disposition="2.11")
        else:
            village.replaces = village.parent.children.order_by("pk").first()
            village.save()
    release = make_release(survey_round)
    assert release.replacements["rows"] == []
    assert release.replacements["reason"] == "not_estimable"


def test_figures_of_withheld_domains_are_taken_out() -> None:
    rows = [{"domain": "01", "reason": "", "with": 1.0, "without": 2.0, "difference": 1.0}]
    found = within_published({"rows": rows}, {""})
    assert found["rows"] == [{"domain": "01", "reason": "protects_another"}]
    assert within_published({}, {""}) == {}


def test_page_of_the_release_shows_the_table(client: Client) -> None:
    survey_round = make_closed_round(WIDE)
    replace_first_village(survey_round)
    release = make_release(survey_round)
    client.force_login(get_user_model().objects.create_superuser("chief", password="x"))
    answer = client.get(reverse("release:inspect", args=[release.pk]))
    assert len(answer.context["replacement_rows"]) == 2
    assert answer.context["object"].is_approximate


def with_dossiers(survey_round: SurveyRound) -> SurveyRound:
    """Give every second case two dossiers."""
    cases = Case.objects.filter(sample__round=survey_round).order_by("pk")
    change_cases(cases.filter(pk__in=[case.pk for case in cases[1::2]]), multiplicity=2)
    return survey_round


def test_dossiers_count_as_they_were_drawn_unless_persons_are_asked_for() -> None:
    release = make_release(with_dossiers(make_closed_round(WIDE)))
    assert [step["step"] for step in release.weighting][:2] == ["design", "nonresponse"]
    assert open_release(release).content.rows["multiplicity_factor"].eq(1).all()


def test_persons_count_once_and_the_step_keeps_its_factor() -> None:
    survey_round = with_dossiers(make_closed_round(WIDE))
    add_margins(survey_round, "01", "04")
    release = make_release(survey_round, unit_of_analysis="person")
    step = release.weighting[1]
    assert (step["step"], step["min"], step["max"], step["note"]) == (
        "multiplicity", 0.5, 1.0, "persons_counted",
    )  # fmt: skip
    sample = open_release(release)
    rows = sample.content.rows
    assert (rows["multiplicity_factor"] * rows["multiplicity"]).eq(1).all()
    factors = ["base_weight", "multiplicity_factor", "nonresponse_factor", "calibration_factor"]
    assert rows[factors].prod(axis=1).to_numpy() == pytest.approx(rows["final_weight"].to_numpy())
    assert [each.name for each in sample.weighting.steps] == [each["step"] for each in release.weighting]
    assert sample.weighting.weights == pytest.approx(rows["final_weight"].to_numpy())


def test_counting_persons_is_provisional_where_the_method_does_not_say() -> None:
    survey_round = with_dossiers(make_closed_round(WIDE))
    chosen = make_release(survey_round, unit_of_analysis="person")
    named = make_release(snapshot=chosen.snapshot, code="R2")
    assert len(index_marks(chosen)) == len(index_marks(named)) + 1
    assert chosen.is_provisional


def publish_named(unit: str, chosen: str) -> Release:
    snapshot = take_snapshot(round=with_dossiers(make_closed_round(WIDE)))
    make_release(snapshot=snapshot, code="first")
    method = IndexMethod.objects.get(code="M2023")
    method.document = method.document | {"unit_of_analysis": unit}
    method.save()
    return publish_release(
        snapshot=snapshot,
        method=method,
        criteria_set=CriteriaSet.objects.get(code="DEMO-876-SHAPE"),
        code="second",
        unit_of_analysis=chosen,
    )


def test_method_that_names_persons_is_followed() -> None:
    release = publish_named("person", "")
    assert release.weighting[1]["step"] == "multiplicity"
    assert not any("hồ sơ" in mark.reason or "dossiers" in mark.reason for mark in index_marks(release))


def test_choice_against_the_method_is_refused() -> None:
    with pytest.raises(UnitOfAnalysisError):
        publish_named("drawn_unit", "person")


def test_unknown_unit_is_refused() -> None:
    with pytest.raises(UnitOfAnalysisError):
        make_release(make_closed_round(WIDE), unit_of_analysis="family")
