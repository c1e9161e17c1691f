from pathlib import Path

import numpy as np
import pytest

from analysis.models import PublishedEstimate, Snapshot
from analysis.selectors import province_names
from analysis.services import RoundNotEstimableError, open_snapshot, take_snapshot
from analysis.snapshots import MissingReason
from questionnaires.models import Response, SeparatedResponse
from sampling.models import Case, Disposition, SurveyRound
from tests.analysis.rounds import Shape, change_cases, make_closed_round, make_release, reopen

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_snapshots")]
SMALL = Shape(persons=6)


def test_snapshot_has_a_row_per_case_and_a_column_per_question_but_free_text() -> None:
    survey_round = make_closed_round(SMALL)
    snapshot = take_snapshot(round=survey_round)
    content = open_snapshot(snapshot)
    assert snapshot.n_rows == len(content.rows) == 96
    assert content.column_by_question["P-A1"] == "P_A1"
    assert "Q11" not in content.column_by_question
    assert not content.rows.isin(["=1+1"]).any().any()
    assert set(content.rows["province"]) == {"01", "04"}


def test_not_applicable_and_nonresponse_are_missing_numbers() -> None:
    survey_round = make_closed_round(SMALL)
    response = SeparatedResponse.objects.filter(village__province__code="01").first()
    SeparatedResponse.objects.exclude(pk=response.pk).update(answers={})
    SeparatedResponse.objects.filter(pk=response.pk).update(answers={"P-A1": "na", "P-A2": 4})
    rows = open_snapshot(take_snapshot(round=survey_round)).rows
    assert rows["P_A1"].isna().all()
    assert np.nansum(rows["P_A2"].to_numpy(dtype=float)) == 4


def test_does_not_apply_is_told_from_prefers_not_to_say_and_from_a_skipped_question() -> None:
    survey_round = make_closed_round(SMALL)
    response = SeparatedResponse.objects.first()
    SeparatedResponse.objects.exclude(pk=response.pk).update(answers={})
    SeparatedResponse.objects.filter(pk=response.pk).update(
        answers={"P-A1": "na", "A-ETHNICITY": "no_answer"}
    )
    content = open_snapshot(take_snapshot(round=survey_round))
    assert content.rows["P_A1_missing"].dropna().tolist() == [MissingReason.NOT_APPLICABLE]
    assert content.rows["A_ETHNICITY_missing"].dropna().tolist() == [MissingReason.NOT_TOLD]
    assert content.rows["P_A2_missing"].isna().all()
    excused = content.not_applicable()
    assert excused["P-A1"].sum() == 1
    assert not excused["A-ETHNICITY"].any()
    assert "P-A1=missing" not in content.column_by_question
    explained = {variable.name: variable for variable in content.variables}["A_ETHNICITY_missing"]
    assert explained.is_sensitive
    assert explained.value_labels["2"] == {"vi": "Không muốn trả lời", "en": "Prefer not to say"}


def test_rows_carry_nothing_that_leads_back_to_the_case() -> None:
    survey_round = make_closed_round(SMALL)
    first, second = (open_snapshot(take_snapshot(round=survey_round)).rows for _time in range(2))
    numbers = set(Case.objects.values_list("number", flat=True)) | {
        unit.frame_unit.code for unit in survey_round.sample.units.filter(stage="village")
    }
    assert not first.isin(numbers).any().any()
    assert first["analysis_id"].is_monotonic_increasing
    assert not set(first["analysis_id"]) & set(second["analysis_id"])
    assert first["village"].nunique() == 16


def test_cases_that_are_primary_units_go_by_their_random_identifier() -> None:
    survey_round = make_closed_round(SMALL)
    survey_round.sample.units.update(is_certainty=True)
    rows = open_snapshot(take_snapshot(round=survey_round)).rows
    assert rows["variance_psu"].equals(rows["analysis_id"])
    expected = rows["stratum"] + "/" + rows["psu"] + "/" + rows["village"]
    assert rows["variance_stratum"].equals(expected)
    assert rows["variance_stratum"].nunique() == 16


def as_list_round(survey_round: SurveyRound) -> SurveyRound:
    """Turn the villages of a round into the agencies of a transaction list; the first lies in a town."""
    villages = survey_round.sample.units.filter(stage="village").select_related("parent__frame_unit")
    town = villages.filter(parent__frame_unit__administrative_unit__unit_type="phường").order_by("pk").first()
    town.frame_unit.administrative_unit = town.parent.frame_unit.administrative_unit
    town.frame_unit.save()
    villages.update(stage="agency", parent=None, inclusion_probability=1, is_certainty=True)
    survey_round.sample.units.filter(stage="commune").delete()
    cases = Case.objects.filter(sample=survey_round.sample)
    for province in ("01", "04"):
        change_cases(cases.filter(village__province__code=province), stratum=f"{province}|land")
    change_cases(cases.filter(village=town), multiplicity=3)
    return survey_round


def test_round_of_a_list_keeps_provinces_towns_and_multiplicities() -> None:
    survey_round = as_list_round(make_closed_round(SMALL))
    numbers = set(Case.objects.values_list("number", flat=True))
    rows = open_snapshot(take_snapshot(round=survey_round)).rows
    assert province_names(survey_round) == {"01": "Tỉnh 01", "04": "Tỉnh 04"}
    is_urban = rows["is_urban"].astype("boolean").fillna(value=False).astype(bool)
    assert is_urban.sum() == 6
    assert rows.loc[~is_urban, "is_urban"].isna().all(), "agencies without a commune are of no known kind"
    assert set(rows.loc[is_urban, "multiplicity"]) == {3}
    assert set(rows.loc[~is_urban, "multiplicity"]) == {1}
    assert set(rows["variance_stratum"]) == {"01|land", "04|land"}
    assert rows["psu"].equals(rows["analysis_id"])
    assert not rows.isin(numbers).any().any()
    assert rows["village"].nunique() == 16


def test_round_of_a_list_is_published_by_province() -> None:
    release = make_release(as_list_round(make_closed_round()))
    figures = PublishedEstimate.objects.filter(release=release)
    assert set(figures.values_list("domain_code", flat=True)) >= {"01", "04"}


def test_sealed_reserves_stay_out_and_released_ones_come_in() -> None:
    survey_round = make_closed_round(SMALL)
    sealed, released = Case.objects.filter(disposition=Disposition.REFUSAL)[:2]
    Case.objects.filter(pk__in=[sealed.pk, released.pk]).update(is_reserve=True)
    Case.objects.filter(pk=released.pk).update(released_at=survey_round.opens_at, release_reason="bão")
    rows = open_snapshot(take_snapshot(round=survey_round)).rows
    assert len(rows) == 95
    assert rows["is_reserve"].sum() == 1


def test_open_round_is_refused_and_nothing_is_written(own_snapshots: Path) -> None:
    with pytest.raises(RoundNotEstimableError, match="sipas-2026"):
        take_snapshot(round=reopen(make_closed_round(SMALL)))
    assert not Snapshot.objects.exists()
    assert not own_snapshots.exists()


def test_round_without_answers_is_refused() -> None:
    survey_round = make_closed_round(Shape(persons=6, response_rate=0.0))
    with pytest.raises(RoundNotEstimableError):
        take_snapshot(round=survey_round)


def test_round_without_a_sample_is_refused() -> None:
    survey_round = make_closed_round(SMALL)
    Response.objects.all().delete()
    SeparatedResponse.objects.all().delete()
    survey_round.sample.delete()
    survey_round.refresh_from_db()
    with pytest.raises(RoundNotEstimableError):
        take_snapshot(round=survey_round)


def test_outcome_that_contradicts_the_answers_is_refused() -> None:
    survey_round = make_closed_round(SMALL)
    case = Case.objects.filter(disposition=Disposition.REFUSAL).first()
    Case.objects.filter(pk=case.pk).update(disposition=Disposition.COMPLETE)
    with pytest.raises(RoundNotEstimableError, match="1"):
        take_snapshot(round=survey_round)
