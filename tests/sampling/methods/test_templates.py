"""Sampling templates: the files themselves, and what a wrong one is told."""

import copy
from typing import Any

import pytest

from sampling.design.stage_plans import StagePlan
from sampling.methods import (
    ListTemplate,
    TemplateError,
    collect_templates,
    load_templates,
    parse_sampling_template,
    sampling_template,
)
from sampling.methods.template import expected_counts


def make_document(**changes: Any) -> dict[str, Any]:
    return copy.deepcopy(dict(sampling_template("sipas-2025-63x6").document)) | changes


def make_document_with_stage(position: int, **changes: Any) -> dict[str, Any]:
    document = make_document()
    document["stages"][position] |= changes
    return document


def problem_of(document: dict[str, Any]) -> TemplateError:
    with pytest.raises(TemplateError) as caught:
        parse_sampling_template(document)
    return caught.value


@pytest.mark.parametrize(
    ("code", "n_strata", "counts"),
    [
        ("sipas-2025-63x6", 63, {"commune": 390, "village": 1170, "person": 36270}),
        ("sipas-2025-34x6", 34, {"commune": 216, "village": 648, "person": 20088}),
        (
            "sipas-2022-63x3x2x3",
            63,
            {"district": 195, "commune": 390, "village": 1170, "person": 36270},
        ),
        (
            "sipas-2025-34x6-households",
            34,
            {"commune": 216, "village": 648, "household": 20088, "person": 20088},
        ),
    ],
)
def test_templates_draw_the_sizes_they_announce(code: str, n_strata: int, counts: dict[str, int]):
    template = sampling_template(code).parsed

    assert template.strata.n_strata == n_strata
    assert expected_counts(template) == counts


def test_the_two_big_cities_take_twice_as_many_communes():
    communes = sampling_template("sipas-2025-63x6").parsed.stage("commune")

    assert [communes.n_units_in(stratum) for stratum in ("01", "79", "48")] == [12, 12, 6]


def test_strata_are_the_provinces_before_the_merger_and_results_those_after():
    template = sampling_template("sipas-2025-63x6").parsed

    assert template.strata.valid_on.isoformat() == "2025-06-30"
    assert [(domain.code, domain.n_domains) for domain in template.domains] == [
        ("province", 34),
        ("nation", 1),
    ]


def test_communes_are_drawn_by_size_in_type_and_random_order():
    communes = sampling_template("sipas-2025-63x6").parsed.stage("commune")

    assert communes.selection == "pps_systematic"
    assert communes.order == ("unit_type", "random")
    assert communes.excludes_units_without_residents


def test_adults_are_drawn_with_equal_probability_and_a_reserve():
    persons = sampling_template("sipas-2025-63x6").parsed.stage("person")

    assert (persons.selection, persons.n_units, persons.n_reserve) == ("simple_random", 31, 10)


@pytest.mark.parametrize("code", ["sipas-2025-63x6", "sipas-2025-34x6", "sipas-2022-63x3x2x3"])
def test_templates_are_provisional_and_say_why(code: str):
    template = sampling_template(code).parsed

    assert template.is_provisional
    assert template.provisional_reason.vi.endswith(".")
    assert template.provisional_reason.en.endswith(".")
    assert template.sources


def test_counts_that_do_not_follow_from_the_stages_are_refused_with_the_difference():
    error = problem_of(make_document(expected={"commune": 390, "village": 1170, "person": 36000}))

    assert error.code == "wrong_counts"
    assert "'person': 270" in str(error)


@pytest.mark.parametrize(
    ("position", "changes", "expected"),
    [
        (0, {"n_units": 0}, "n_units of at least 1"),
        (2, {"n_reserve": -1}, "n_reserve of at least 0"),
        (0, {"measure_of_size": None}, "measure_of_size"),
        (2, {"measure_of_size": "n_adults"}, "measure_of_size"),
    ],
)
def test_a_stage_that_cannot_be_drawn_is_refused(position: int, changes: dict[str, Any], expected: str):
    error = problem_of(make_document_with_stage(position, **changes))

    assert error.code == "wrong_stage"
    assert expected in str(error)


def test_exceptions_by_stratum_belong_to_the_first_stage():
    exceptions = make_document()["stages"][0]["exceptions"]

    assert problem_of(make_document_with_stage(1, exceptions=exceptions)).code == "wrong_stage"
    assert problem_of(make_document_with_stage(0, exceptions=exceptions[:1] * 2)).code == "wrong_stage"


def test_a_template_without_stages_is_refused():
    assert problem_of(make_document(stages=[])).code == "no_stages"


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"format": "sampling-template/0"}, "sipas-2025-63x6.format"),
        ({"version": "1"}, "sipas-2025-63x6.version"),
        ({"decision_date": "01/07/2025"}, "sipas-2025-63x6.decision_date"),
        ({"is_provisional": 1}, "sipas-2025-63x6.is_provisional"),
        ({"sources": "a page"}, "sipas-2025-63x6.sources"),
        ({"stages": None}, "sipas-2025-63x6.stages"),
        ({"title": {"vi": "Mẫu", "en": ""}}, "sipas-2025-63x6.title.en"),
        ({"strata": []}, "sipas-2025-63x6.strata"),
    ],
)
def test_a_wrong_field_is_named_by_its_path(changes: dict[str, Any], path: str):
    error = problem_of(make_document(**changes))

    assert error.code == "bad_field"
    assert path in str(error)


def test_an_unknown_sort_key_is_refused():
    assert problem_of(make_document_with_stage(0, order=["by_name"])).code == "bad_field"


def test_an_unknown_field_is_refused_rather_than_ignored():
    assert problem_of(make_document_with_stage(0, n_unit=3)).code == "unknown_field"


def test_a_second_file_with_the_same_code_and_version_is_refused():
    document = make_document()

    with pytest.raises(TemplateError, match="defined twice"):
        collect_templates([("a.json", document), ("b.json", document)])


def test_a_template_or_stage_that_is_not_there_is_named_with_those_that_are():
    with pytest.raises(TemplateError, match="sipas-2025-34x6 v1"):
        sampling_template("sipas-2030")
    with pytest.raises(TemplateError, match="commune, village, person"):
        sampling_template("sipas-2025-63x6").parsed.stage("household")


def test_digests_tell_the_templates_apart():
    digests = {loaded.digest for loaded in load_templates().values()}

    assert len(digests) == 5
    assert all(len(digest) == 64 for digest in digests)


@pytest.mark.parametrize("code", ["sipas-2025-63x6", "sipas-2025-34x6", "sipas-2025-34x6-households"])
def test_the_draw_can_carry_out_every_template(code: str):
    plan = StagePlan.from_document(sampling_template(code).document)

    assert (plan.communes, plan.villages, plan.persons, plan.reserves) == (6, 3, 31, 10)
    assert plan.communes_of("79") == 12


def test_districts_stood_above_the_communes_until_2024():
    plan = StagePlan.from_document(sampling_template("sipas-2022-63x3x2x3").document)

    assert plan.codes == ("district", "commune", "village", "person")
    assert [plan.area("district").wanted_of(stratum) for stratum in ("01", "79", "48")] == [6, 6, 3]
    assert (plan.communes, plan.villages) == (2, 3)


def test_rounds_of_lists_have_a_template_of_their_own_without_strata_and_sizes():
    template = sampling_template("sipas-dossiers")
    assert isinstance(template.parsed, ListTemplate)
    assert template.parsed.is_provisional
    assert "stages" not in template.document


@pytest.mark.parametrize("change", [{"strata": {}}, {"title": "x"}, {"confidence": "certain"}])
def test_a_wrong_list_template_is_told_its_field(change: dict[str, Any]):
    document = dict(sampling_template("sipas-dossiers").document) | change
    with pytest.raises(TemplateError, match=next(iter(change))):
        collect_templates([("list.json", document)])


@pytest.mark.parametrize(
    ("place", "changes"),
    [
        (2, {"rule": "listed_adults"}),
        (3, {"rule": "who opens the door"}),
        (3, {"n_units": 2}),
        (2, {"order": ["random"]}),
        (1, {"selection": "within_household"}),
    ],
)
def test_households_without_a_lawful_rule_for_the_adult_are_refused(place: int, changes: dict[str, Any]):
    document = copy.deepcopy(dict(sampling_template("sipas-2025-34x6-households").document))
    document["stages"][place] |= changes
    problem_of(document)


def test_adult_of_a_household_needs_a_household():
    document = copy.deepcopy(dict(sampling_template("sipas-2025-34x6-households").document))
    del document["stages"][2]
    problem_of(document)
