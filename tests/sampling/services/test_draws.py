from itertools import chain
from typing import Any

import pytest
from wagtail.models import ModelLogEntry

from sampling.design.fingerprints import digest_of_rows
from sampling.models import Case, FrameUnit, Sample, SampledUnit, SamplingFrame, SurveyRound
from sampling.services import (
    DrawRefusedError,
    Register,
    RegisterError,
    communes_to_list,
    draw_area_stages,
    draw_person_stage,
    draw_sample,
    verify_sample,
)
from sampling.services.draws import DrawnList, person_draw
from tests.sampling.makers import (
    commune_rows,
    load,
    load_frames,
    make_round,
    make_sample,
    make_template,
    make_units,
    register,
    village_rows,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def survey_round():
    make_units()
    survey_round = make_round()
    load_frames(survey_round)
    return survey_round


def redrawn(sample: Sample) -> DrawnList:
    return person_draw(sample=sample, registers=register)


def test_sample_has_the_sizes_of_the_design(survey_round: SurveyRound):
    sample = draw_sample(round=survey_round, seed="seed", registers=register)
    assert (sample.n_communes, sample.n_villages) == (4, 8)
    assert (sample.n_persons, sample.n_reserves) == (40, 24)
    assert Case.objects.filter(sample=sample).count() == 64


def test_strata_are_former_provinces_and_results_belong_to_those_of_today(survey_round: SurveyRound):
    sample = draw_sample(round=survey_round, seed="seed", registers=register)
    communes = sample.units.filter(stage=SampledUnit.Stage.COMMUNE)
    assert sorted(communes.values_list("stratum", flat=True)) == ["72", "72", "80", "80"]
    assert set(sample.units.values_list("province__name", "province__valid_to")) == {("Tây Ninh", None)}


def test_weights_are_inverse_probabilities_and_add_up(survey_round: SurveyRound):
    sample = draw_sample(round=survey_round, seed="seed", registers=register)
    for case in sample.cases.select_related("village__parent"):
        probability = (
            case.inclusion_probability
            * case.village.inclusion_probability
            * case.village.parent.inclusion_probability
        )
        assert case.design_weight == pytest.approx(1 / probability)


def test_case_numbers_say_where_a_case_belongs(survey_round: SurveyRound):
    sample = draw_sample(round=survey_round, seed="seed", registers=register)
    numbers = list(sample.cases.order_by("number").values_list("number", flat=True))
    assert numbers[0] == "80-0001-01-001"
    assert numbers[-1] == "80-0004-02-008"
    assert all(case.draw_order == int(case.number[-3:]) for case in sample.cases.all())


def test_register_attributes_travel_with_their_adult(survey_round: SurveyRound):
    sample = draw_sample(round=survey_round, seed="seed", registers=register)
    for case in sample.cases.all():
        assert case.sex == ("male" if int(case.register_number) % 2 else "female")
        assert case.age_group == "18-39"


def test_same_frame_design_and_seed_give_the_same_list(survey_round: SurveyRound):
    fingerprint = draw_sample(round=survey_round, seed="seed", registers=register).fingerprint
    again = make_round(code="again", template=survey_round.template)
    load(again, "commune", reversed(commune_rows()))
    load(again, "village", reversed(village_rows()))
    sample = draw_sample(round=again, seed="seed", registers=register)
    assert sample.fingerprint == fingerprint
    assert sample.frame_digest == survey_round.sample.frame_digest
    other = make_round(code="other", template=survey_round.template)
    load_frames(other)
    assert draw_sample(round=other, seed="another", registers=register).fingerprint != fingerprint


def test_small_sample_is_pinned_byte_for_byte():
    sample = make_sample()
    assert sample.order_digest == "d51689e1699a8b0af14536bb6354c8289e32e30d574125126808c3a34b1548b5"
    assert sample.fingerprint == "5b4b0724df2a3e10be0968337d5dfcd4286190a25758ded08b016443f6df08cb"
    fingerprint = digest_of_rows(
        chain(
            [["order", sample.order_digest]], (person.canonical_row() for person in redrawn(sample).persons)
        )
    )
    assert sample.fingerprint == fingerprint


def test_cases_are_those_that_were_drawn_before_the_order_was_kept():
    rows = [person.canonical_row() for person in redrawn(make_sample()).persons]
    assert digest_of_rows(rows) == "c1efdf593e5a657f3903d8cd392b4ed99c010275ab532c995a9153d7a4dec361"


def test_villages_may_be_listed_after_the_communes_are_drawn():
    make_units()
    survey_round = make_round()
    load(survey_round, "commune", commune_rows())
    wanted = communes_to_list(round=survey_round, seed="seed")
    assert len(wanted) == 4
    load(survey_round, "village", [row for row in village_rows() if row["parent_code"] in wanted])
    sample = draw_area_stages(round=survey_round, seed="seed")
    assert not sample.fingerprint
    assert set(sample.units.filter(stage="commune").values_list("frame_unit__code", flat=True)) == set(wanted)
    complete = draw_person_stage(sample=sample, registers=register)
    assert complete.fingerprint
    assert SamplingFrame.objects.get(round=survey_round, stage="person").n_units == 8 * 20


def test_second_draw_of_a_round_is_refused(survey_round: SurveyRound):
    sample = draw_sample(round=survey_round, seed="seed", registers=register)
    with pytest.raises(DrawRefusedError, match="demo-2026"):
        draw_sample(round=survey_round, seed="other", registers=register)
    with pytest.raises(DrawRefusedError, match="demo-2026"):
        draw_person_stage(sample=sample, registers=register)
    assert Sample.objects.count() == 1


def test_commune_without_villages_is_named_and_nothing_is_written():
    make_units()
    survey_round = make_round()
    load(survey_round, "commune", commune_rows())
    wanted = communes_to_list(round=survey_round, seed="seed")
    load(survey_round, "village", [row for row in village_rows() if row["parent_code"] != wanted[0]])
    with pytest.raises(DrawRefusedError, match=wanted[0]):
        draw_sample(round=survey_round, seed="seed", registers=register)
    assert not Sample.objects.exists()


def test_round_without_frame_is_refused():
    make_units()
    with pytest.raises(DrawRefusedError):
        draw_sample(round=make_round(), seed="seed", registers=register)


@pytest.mark.parametrize(
    "wrong",
    [
        Register([]),
        Register(["1", "1"]),
        Register(["1" * 33]),
        Register([""]),
        Register(["1", "2"], sex=["male"]),
    ],
)
def test_wrong_register_leaves_no_trace(survey_round: SurveyRound, wrong: Any):
    with pytest.raises(RegisterError):
        draw_sample(round=survey_round, seed="seed", registers=lambda _village: wrong)
    assert not Sample.objects.exists()
    assert not SamplingFrame.objects.filter(stage="person").exists()


def test_missing_register_is_named(survey_round: SurveyRound):
    with pytest.raises(RegisterError, match="-"):
        draw_sample(round=survey_round, seed="seed", registers={})


def test_progress_reaches_the_end(survey_round: SurveyRound):
    seen = []
    draw_sample(round=survey_round, seed="seed", registers=register, progress=lambda *step: seen.append(step))
    assert seen[0] == ("areas", 8, 8)
    assert ("persons", 8, 8) in seen
    assert seen[-1] == ("cases", 64, 64)


def test_draw_leaves_its_proof_in_the_audit_log(survey_round: SurveyRound, admin_user: Any):
    sample = draw_sample(round=survey_round, seed="seed", registers=register, user=admin_user)
    entry = ModelLogEntry.objects.get(action="sampling.draw")
    assert entry.user == admin_user
    assert entry.data["list_sha256"] == sample.fingerprint
    assert entry.data["order_sha256"] == sample.order_digest
    assert "seed" not in entry.data


def test_excluded_units_are_never_drawn():
    make_units()
    survey_round = make_round()
    rows = commune_rows()
    rows[0]["measure_of_size"] = "0"
    load(survey_round, "commune", rows)
    load(survey_round, "village", village_rows())
    for seed in range(30):
        assert rows[0]["code"] not in communes_to_list(round=survey_round, seed=str(seed))


def test_stratum_smaller_than_wanted_is_taken_with_certainty():
    make_units()
    survey_round = make_round(template=make_template(communes=9, villages=9, persons=40))
    load_frames(survey_round)
    sample = draw_sample(round=survey_round, seed="seed", registers=register)
    assert sample.n_communes == 12
    assert all(unit.is_certainty for unit in sample.units.all())
    assert set(sample.cases.values_list("design_weight", flat=True)) == {1.0}


def test_strata_of_today_merge_the_former_ones():
    make_units()
    survey_round = make_round(template=make_template(strata_day="2025-07-01"))
    load_frames(survey_round)
    sample = draw_sample(round=survey_round, seed="seed", registers=register)
    assert sample.n_communes == 2
    assert set(sample.units.values_list("stratum", flat=True)) == {"80"}


def test_verification_proves_a_draw():
    sample = make_sample()
    assert verify_sample(sample=sample, registers=register).is_proved


def test_verification_names_tampering_with_a_frame():
    sample = make_sample()
    FrameUnit.objects.filter(frame__stage="commune", code="72001").update(measure_of_size=9_999)
    verification = verify_sample(sample=sample, registers=register)
    assert not verification.is_proved


def test_verification_names_tampering_with_the_list():
    sample = make_sample()
    assert sample.cases.filter(number="80-0001-01-001").update(register_number="zzz") == 1
    assert len(verify_sample(sample=sample, registers=register).differences) == 1


def test_verification_names_another_register():
    sample = make_sample()
    shorter = Register([f"{number:03d}" for number in range(1, 20)])
    assert not verify_sample(sample=sample, registers=lambda _village: shorter).is_proved


def test_deleting_a_round_takes_its_sample_along():
    sample = make_sample()
    sample.round.delete()
    assert not Case.objects.exists()
    assert not SamplingFrame.objects.exists()
