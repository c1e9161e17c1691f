from pathlib import Path

import pandas as pd
import pytest
from django.core.exceptions import ValidationError
from django.db.models import Q
from wagtail.models import ModelLogEntry

from analysis.estimation import SinglePsuError
from analysis.models import IndexMethod, PublishedEstimate, Release, Scorecard
from analysis.quality import MINIMUM_PUBLISHED
from analysis.resources import estimates_table
from analysis.selectors.rates import disposition_rates
from analysis.services import MethodMismatchError, NoPrecisionError, covered_by, take_snapshot
from analysis.snapshots import SnapshotError
from questionnaires.models import SeparatedResponse
from sampling.models import Disposition, Draw, SurveyRound
from tests.analysis.rounds import CRITERIA, Shape, add_margins, forms_of, make_closed_round, make_release

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_snapshots")]

Level = PublishedEstimate.DomainLevel
Node = PublishedEstimate.Node
Statistic = PublishedEstimate.Statistic
ONE_COMMUNE = Shape(provinces=("01", "04"), communes=1, villages=4)


def test_release_has_every_node_of_every_domain_by_every_statistic() -> None:
    release = make_release()
    shares = release.estimates.filter(statistic=Statistic.TOP_TWO_SHARE)
    n_nodes = 1 + 2 + 9 + 33
    assert shares.count() == release.estimates.filter(statistic=Statistic.MEAN_SCORE).count() == 3 * n_nodes
    assert release.estimates.filter(statistic=Statistic.POOLED_SHARE).count() == 3 * 9
    plain = release.estimates.get(statistic=Statistic.PLAIN_MEAN_OF_PROVINCES)
    provinces = shares.filter(domain_level=Level.PROVINCE, node=Node.INDEX)
    assert plain.value == pytest.approx(sum(row.value for row in provinces) / 2)


def test_figures_carry_their_uncertainty() -> None:
    national = make_release().estimates.get(
        domain_level=Level.NATION, node=Node.INDEX, statistic=Statistic.TOP_TWO_SHARE
    )
    assert 70 < national.lower < national.value < national.upper < 90
    assert national.standard_error > 0
    assert 1 <= national.degrees_of_freedom <= 8 - 2
    assert national.effective_n > 0
    assert 0 < national.item_nonresponse < 0.1
    assert "few_df" in national.flags


def test_provinces_of_clearly_different_satisfaction_are_told_apart() -> None:
    survey_round = make_closed_round(Shape(provinces=("01",), satisfied=0.95))
    other = make_closed_round(Shape(provinces=("04",), satisfied=0.5), code="other")
    move_cases(other, survey_round)
    release = make_release(survey_round)
    assert release.comparisons["groups"] == {"01": "higher", "04": "lower"}
    assert release.comparisons["not_distinguishable"] == {"01": [], "04": []}
    best = release.estimates.get(domain_code="01", node=Node.INDEX, statistic=Statistic.TOP_TWO_SHARE)
    assert (best.comparison, best.rank_low, best.rank_high) == ("higher", 1, 1)


def test_provinces_alike_are_not_distinguishable_and_share_their_ranks() -> None:
    release = make_release()
    assert release.comparisons["not_distinguishable"] == {"01": ["04"], "04": ["01"]}
    assert release.comparisons["not_comparable"] == {"01": [], "04": []}
    assert set(release.scorecards.values_list("rank_low", "rank_high")) == {(1, 2)}


def test_a_province_where_all_answer_alike_is_not_comparable() -> None:
    """Nothing is known of its error, so that it is neither told apart nor called alike."""
    survey_round = make_closed_round(Shape(provinces=("01", "08")))
    other = make_closed_round(Shape(provinces=("04",), satisfied=1.0), code="other")
    move_cases(other, survey_round)
    release = make_release(survey_round)
    assert release.comparisons["groups"]["04"] == "not_comparable"
    assert release.comparisons["not_comparable"] == {"01": ["04"], "04": ["01", "08"], "08": ["04"]}
    assert release.comparisons["not_distinguishable"] == {"01": ["08"], "04": [], "08": ["01"]}
    index = release.estimates.get(domain_code="04", node=Node.INDEX, statistic=Statistic.TOP_TWO_SHARE)
    assert index.comparison == "not_comparable"
    assert "zero_variance" in index.flags
    row = estimates_table(release, "en").rows.query("domain_code == '04' and comparison != ''")
    assert row["comparison"].tolist() == ["not_comparable"]


def test_points_are_a_tenth_of_the_index_for_both_inputs() -> None:
    release = make_release()
    card = release.scorecards.get(province_code="01", candidate_input="headline")
    index = release.estimates.get(domain_code="01", node=Node.INDEX, statistic=Statistic.TOP_TWO_SHARE)
    service = release.estimates.get(domain_code="01", node_code="S", statistic=Statistic.TOP_TWO_SHARE)
    assert card.points == pytest.approx(index.value / 10)
    assert card.standard_error == pytest.approx(index.standard_error / 10)
    assert (card.lower, card.upper) == pytest.approx((index.lower / 10, index.upper / 10))
    assert release.scorecards.get(province_code="01", candidate_input="service").points == pytest.approx(
        service.value / 10
    )


def test_marks_follow_methods_round_and_weights() -> None:
    assert make_release().is_provisional
    assert not make_release(make_closed_round(code="second"), code="R2").is_demo
    assert make_release(make_closed_round(code="third", is_demo=True), code="R3").is_demo


def test_a_sample_without_commitments_is_marked_for_good() -> None:
    release = make_release()
    assert release.is_rehearsed
    Draw.objects.create(
        round=release.snapshot.round,
        stage="commune",
        design={},
        seed="1",
        commitment_digest="0" * 64,
        status="closed",
    )
    release.refresh_from_db()
    assert release.is_rehearsed
    assert not make_release(release.snapshot.round, code="R2").is_rehearsed


def test_weighting_with_margins_is_recorded_with_its_source() -> None:
    survey_round = make_closed_round(Shape(persons=60))
    add_margins(survey_round, "01", "04")
    steps = make_release(survey_round).weighting
    assert [step["step"] for step in steps] == ["design", "nonresponse", "raking"]
    assert steps[-1]["sum"] == pytest.approx(20_000)
    assert steps[-1]["source"] == "Tổng điều tra dân số 2019"


def test_errors_are_those_of_the_residuals_from_the_margins() -> None:
    survey_round = make_closed_round(Shape(persons=60))
    SeparatedResponse.objects.filter(sex="male").update(answers=dict.fromkeys(CRITERIA, 5))
    SeparatedResponse.objects.filter(sex="female").update(answers=dict.fromkeys(CRITERIA, 2))
    add_margins(survey_round, "01", "04")
    snapshot = take_snapshot(round=survey_round)
    index = {"domain_code": "01", "node": Node.INDEX, "statistic": Statistic.TOP_TWO_SHARE}
    raked = make_release(snapshot=snapshot).estimates.get(**index)
    assert raked.value == pytest.approx(50)
    assert raked.standard_error == pytest.approx(0, abs=1e-6)
    survey_round.population_margins.all().delete()
    assert make_release(snapshot=snapshot, code="R2").estimates.get(**index).standard_error > 1


def test_part_without_answers_is_listed_with_its_reason_and_never_silently_absent() -> None:
    survey_round = make_closed_round()
    skip_in(survey_round, "01", "S-5.1")
    release = make_release(survey_round)
    withheld = {(part["domain"], part["node"]): part["reason"] for part in release.rates["withheld"]}
    assert withheld == dict.fromkeys(
        [("01", "S-5.1"), ("01", "S-5"), ("01", "S"), ("01", "index"), ("", "index")], "no_answers"
    )
    assert not release.estimates.filter(domain_code="01", node=Node.INDEX).exists()
    assert not release.estimates.filter(statistic=Statistic.PLAIN_MEAN_OF_PROVINCES).exists()
    assert release.estimates.filter(domain_code="", node=Node.INDEX).count() == 2
    assert set(release.scorecards.values_list("province_code", flat=True)) == {"04"}


def test_part_answered_in_one_commune_or_by_a_handful_has_no_figure() -> None:
    survey_round = make_closed_round()
    skip_in(survey_round, "01", "S-5.1", but="01000")
    skip_in(survey_round, "04", "S-5.2", keep=6)
    withheld = make_release(survey_round).rates["withheld"]
    reasons = {(part["domain"], part["node"]): part["reason"] for part in withheld}
    assert reasons["01", "S-5.1"] == "no_precision"
    assert reasons["04", "S-5.2"] == "few_answers"
    assert not any(part["node"] == "index" for part in withheld)


def test_count_too_small_to_publish_cannot_be_found_by_subtraction() -> None:
    survey_round = make_closed_round(Shape(provinces=("01", "04", "08"), villages=3))
    skip_in(survey_round, "04", "S-5.2", keep=6)
    skip_in(survey_round, "08", "S-5.2", keep=40)
    release = make_release(survey_round)
    withheld = {(part["domain"], part["node"]): part["reason"] for part in release.rates["withheld"]}
    hidden = {(domain, node) for domain in ("04", "08") for node in ("S-5", "S-5.2", "S-5.3")}
    assert withheld == dict.fromkeys(hidden, "protects_another") | {("04", "S-5.2"): "few_answers"}
    published = release.estimates.filter(node_code="S-5").exclude(domain_code="")
    assert not published.filter(domain_code__in=["04", "08"], statistic="pooled_top_two_share").exists()
    assert published.filter(domain_code__in=["04", "08"], statistic="top_two_share").exists()
    shown = dict(
        release.estimates.filter(node_code="S-5.2", statistic=Statistic.MEAN_SCORE).values_list(
            "domain_code", "n"
        )
    )
    assert shown.keys() == {"", "01"}
    assert shown[""] - shown["01"] > MINIMUM_PUBLISHED


def test_complete_release_withholds_nothing() -> None:
    assert make_release().rates["withheld"] == []


def test_item_nonresponse_leaves_out_those_to_whom_a_criterion_does_not_apply() -> None:
    survey_round = make_closed_round()
    for number, response in enumerate(SeparatedResponse.objects.order_by("pk")):
        response.answers = dict.fromkeys(CRITERIA, 4) | {"S-1.1": ("na", 4, 3, None)[number % 4]}
        response.save()
    release = make_release(survey_round)
    criterion = release.estimates.get(domain_code="", node_code="S-1.1", statistic=Statistic.TOP_TWO_SHARE)
    assert criterion.item_nonresponse == pytest.approx(1 / 3, abs=0.01)
    assert release.rates["not_applicable"]["S-1.1"] == pytest.approx(1 / 4, abs=0.01)
    assert release.rates["not_applicable"]["S-1.2"] == 0
    assert set(release.rates["provinces"]["01"]["not_applicable"]) == set(CRITERIA)


def test_province_with_few_communes_is_flagged() -> None:
    flags = (
        make_release()
        .estimates.get(domain_code="01", node=Node.INDEX, statistic=Statistic.TOP_TWO_SHARE)
        .flags
    )
    assert flags == ["few_df"]


def test_province_without_any_answer_is_refused_by_name() -> None:
    survey_round = make_closed_round(Shape(provinces=("01", "04"), communes=6))
    silent = survey_round.sample.cases.filter(village__province__code="04")
    forms_of(silent).delete()
    silent.update(disposition=Disposition.REFUSAL)
    with pytest.raises(NoPrecisionError, match="04"):
        make_release(survey_round)


def test_rates_are_those_of_the_nation_and_of_every_province() -> None:
    rates = make_release().rates
    completes = rates["dispositions"][Disposition.COMPLETE]
    assert rates["response_rate_1"] == rates["response_rate_2"] == pytest.approx(completes / rates["n"])
    assert rates["response_rate_3"] == rates["response_rate_1"]
    assert rates["eligibility"] == 1
    assert set(rates["provinces"]) == {"01", "04"}
    assert sum(part["n"] for part in rates["provinces"].values()) == rates["n"]


def test_cases_found_not_eligible_lower_the_share_assumed_of_the_unresolved() -> None:
    counts = {Disposition.COMPLETE: 60, Disposition.REFUSAL: 20, Disposition.UNKNOWN: 10}
    rows = pd.Series([code for code, number in counts.items() for _ in range(number)])
    found = disposition_rates(pd.concat([rows, pd.Series([Disposition.NOT_ELIGIBLE] * 20)]))
    assert (found["n"], found["eligibility"]) == (110, 0.8)
    assert found["response_rate_1"] == pytest.approx(60 / 90)
    assert found["response_rate_3"] == pytest.approx(60 / 88)


def test_province_without_an_eligible_case_has_no_rates() -> None:
    nobody = pd.Series([Disposition.NOT_ELIGIBLE] * 3)
    assert disposition_rates(nobody) == {"n": 3, "dispositions": {Disposition.NOT_ELIGIBLE: 3}}


def test_code_is_used_once_and_a_failed_publication_leaves_nothing() -> None:
    first = make_release()
    with pytest.raises(ValidationError):
        make_release(snapshot=first.snapshot, code="R1")
    assert Release.objects.get() == first
    assert PublishedEstimate.objects.count() == first.estimates.count()


def test_code_must_be_fit_for_an_address() -> None:
    with pytest.raises(ValidationError):
        make_release(code="a/b")
    assert not PublishedEstimate.objects.exists()


def test_correction_is_a_new_release_beside_the_old_one() -> None:
    first = make_release()
    figures = list(first.estimates.order_by("pk").values_list("value", flat=True))
    second = make_release(snapshot=first.snapshot, code="R2")
    assert list(first.estimates.order_by("pk").values_list("value", flat=True)) == figures
    assert list(second.estimates.order_by("pk").values_list("value", flat=True)) == pytest.approx(figures)


def test_stratum_with_one_commune_is_refused_unless_a_policy_is_named() -> None:
    survey_round = make_closed_round()
    alone = survey_round.sample.units.get(frame_unit__code="01003")
    survey_round.sample.units.filter(Q(pk=alone.pk) | Q(parent=alone)).update(stratum="99")
    snapshot = take_snapshot(round=survey_round)
    with pytest.raises(SinglePsuError, match="99"):
        make_release(snapshot=snapshot)
    assert not Release.objects.exists()
    assert make_release(snapshot=snapshot, single_psu="adjust").weighting[0]["single_psu"] == "adjust"


def test_province_of_one_commune_has_no_interval_and_is_refused_by_name() -> None:
    with pytest.raises(NoPrecisionError, match="01, 04"):
        make_release(make_closed_round(ONE_COMMUNE), single_psu="adjust")
    assert not Release.objects.exists()


def test_altered_snapshot_is_refused(own_snapshots: Path) -> None:
    snapshot = take_snapshot(round=make_closed_round())
    (own_snapshots / snapshot.file_name).write_bytes(b"something else")
    with pytest.raises(SnapshotError, match=snapshot.digest):
        make_release(snapshot=snapshot)


def test_method_whose_questions_were_not_asked_is_refused() -> None:
    snapshot = take_snapshot(round=make_closed_round())
    make_release(snapshot=snapshot)
    method = IndexMethod.objects.get(code="M2023")
    method.document["contents"][0]["elements"][0]["criteria"][0]["question"] = "P-X"
    method.save()
    with pytest.raises(MethodMismatchError, match="P-X"):
        make_release(snapshot=snapshot, code="R2")


def test_coverage_counts_the_provinces_whose_interval_holds_the_truth() -> None:
    release = make_release()
    values = dict(
        release.estimates.filter(
            domain_level=Level.PROVINCE, node=Node.INDEX, statistic=Statistic.TOP_TWO_SHARE
        ).values_list("domain_code", "value")
    )
    assert covered_by(release, values) == 2
    assert covered_by(release, values | {"04": 10.0}) == 1
    assert covered_by(release, {}) == 0


def test_progress_is_told_from_first_to_last_step() -> None:
    told: list[tuple[int, int]] = []
    make_release(progress=lambda _step, done, total: told.append((done, total)))
    assert told == [(done, 4) for done in range(5)]


def test_publication_is_in_the_audit_log() -> None:
    make_release()
    actions = set(ModelLogEntry.objects.values_list("action", flat=True))
    assert {"analysis.load_methods", "analysis.take_snapshot", "analysis.publish_release"} <= actions
    assert Scorecard.objects.count() == 4


def move_cases(source: SurveyRound, target: SurveyRound) -> None:
    """Put the sample of one round into another."""
    source.sample.units.update(sample=target.sample)
    source.sample.cases.update(sample=target.sample)
    source.sample.separated_responses.update(sample=target.sample)


def skip_in(survey_round: SurveyRound, province: str, question: str, *, but: str = "", keep: int = 0) -> None:
    """Take the answers to a question away in a province, but for a commune or a few persons."""
    responses = SeparatedResponse.objects.filter(sample__round=survey_round, village__province__code=province)
    if but:
        responses = responses.exclude(village__parent__frame_unit__code=but)
    for response in responses.order_by("receipt_hash")[keep:]:
        response.answers.pop(question, None)
        response.save()
