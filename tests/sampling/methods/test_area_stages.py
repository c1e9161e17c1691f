"""Templates may name every method of selection at their area stages; what cannot be drawn is refused."""

import copy
from typing import Any

import pytest

from sampling.design.stage_plans import StagePlan
from sampling.methods import TemplateError, parse_sampling_template, sampling_template
from tests.sampling.area_stages import STAGES, area_stage


def template(*, communes: dict[str, Any] | None = None, villages: dict[str, Any] | None = None) -> Any:
    """The design of today with other area stages."""
    document = copy.deepcopy(dict(sampling_template("sipas-2025-34x6").document))
    document["stages"][0] |= communes or {}
    document["stages"][1] |= villages or {}
    return document


def only_way(stage: dict[str, Any]) -> dict[str, Any]:
    """What a stage says of its selection."""
    return {key: stage[key] for key in ("selection", "order", "measure_of_size", "balance") if key in stage}


@pytest.mark.parametrize("name", STAGES)
def test_communes_may_be_selected_in_every_way(name: str):
    document = template(communes=only_way(STAGES[name]))
    stage = parse_sampling_template(document).stage("commune")
    plan = StagePlan.from_document(document)
    assert plan.area("commune").selection.method == stage.selection == STAGES[name]["selection"]
    assert plan.area("commune").selection.order == stage.order
    assert plan.area("commune").selection.balance == stage.balance


@pytest.mark.parametrize("method", ["sampford", "tille", "pareto", "simple_random", "systematic"])
def test_villages_may_have_a_method_of_their_own(method: str):
    document = template(villages=only_way(area_stage(method)))
    assert parse_sampling_template(document).stage("village").selection == method
    assert StagePlan.from_document(document).area("village").selection.method == method


def test_adults_are_drawn_by_simple_random_selection_alone():
    document = template()
    document["stages"][2] |= {"selection": "bernoulli"}
    with pytest.raises(TemplateError, match="a selection out of simple_random, within_household"):
        parse_sampling_template(document)


@pytest.mark.parametrize(
    ("stages", "code", "expected"),
    [
        ({"communes": {"selection": "simple_random"}}, "wrong_stage", "a measure_of_size of null"),
        ({"communes": {"selection": "tille", "measure_of_size": None}}, "wrong_stage", "a measure_of_size"),
        ({"communes": {"selection": "within_household"}}, "wrong_stage", "measure_of_size of null"),
        ({"communes": {"selection": "cube"}}, "wrong_selection", "a balance exactly when"),
        ({"communes": {"balance": ["size"]}}, "wrong_selection", "a balance exactly when"),
        ({"communes": {"balance": ["area"]}}, "bad_field", "balance"),
        ({"communes": {"order": ["serpentine"]}}, "wrong_selection", "followed by keys"),
        ({"communes": {"order": ["serpentine", "random"]}}, "wrong_selection", "followed by keys"),
        ({"communes": {"order": ["sorted"]}}, "wrong_selection", "followed by keys"),
        ({"villages": {"selection": "poisson"}}, "wrong_selection", "at the first stage only"),
    ],
)
def test_what_cannot_be_drawn_is_refused(stages: dict[str, Any], code: str, expected: str):
    with pytest.raises(TemplateError, match=expected) as caught:
        parse_sampling_template(template(**stages))
    assert caught.value.code == code
