"""Ways of selecting in words, on the pages where they are shown."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext

from sampling.design.area_selection import AREA_METHODS, BALANCING_VARIABLES
from sampling.design.stage_frames import stage_design
from sampling.methods.template import ORDER_KEYS, SELECTIONS
from sampling.selectors.selections import KEY_NAMES, METHOD_NAMES, selection_facts, selection_name
from tests.sampling.area_stages import STAGES, area_stage
from tests.sampling.draws import committed, framed_round
from tests.sampling.makers import make_template


def design_of(stage: dict[str, Any]) -> dict[str, Any]:
    return stage_design({"stages": [stage]}, "commune")


def test_every_method_and_every_key_of_a_template_has_words():
    assert set(SELECTIONS) <= set(METHOD_NAMES)
    assert {*ORDER_KEYS, *BALANCING_VARIABLES} <= set(KEY_NAMES)
    assert len({selection_name(method) for method in AREA_METHODS}) == len(AREA_METHODS)


@pytest.mark.parametrize("method", AREA_METHODS)
def test_what_a_method_does_not_promise_is_said(method: str):
    facts = selection_facts(design_of(area_stage(method)))
    assert facts.is_approximate is (method in {"pareto", "sequential_poisson"})
    assert facts.has_random_size is (method in {"poisson", "bernoulli"})
    assert bool(facts.balance) is (method == "cube")


def test_a_balanced_sample_says_on_what_and_with_which_probabilities():
    with translation.override("en"):
        equal = selection_facts(design_of(STAGES["cube with equal probabilities"]))
        by_size = selection_facts(design_of(area_stage("cube", order=["serpentine", "size"])))
    assert equal.method == "balanced (cube method), equal probabilities"
    assert equal.balance == "number of adults, type of unit"
    assert by_size.method == "balanced (cube method), probability proportional to size"
    assert by_size.order == "serpentine, every second group the other way, number of adults"


@pytest.fixture
def pareto_round(settings: Any, tmp_path: Any):
    settings.FRAME_ROOT = tmp_path / "frames"
    template = make_template()
    template.document["stages"][0]["selection"] = "pareto"
    template.save()
    return framed_round(template=template)


@pytest.mark.django_db
def test_the_page_of_verification_names_the_method_and_marks_it(client: Client, pareto_round: Any):
    committed(pareto_round)
    url = reverse("sampling:verification_round", args=[pareto_round.code])
    text = client.get(url, headers={"accept-language": "en"}).content.decode()
    assert str(selection_name("pareto")) in text
    assert text.count("mark-provisional") == 1


@pytest.mark.django_db
def test_the_page_of_the_stage_names_the_method_and_marks_it(admin_client: Client, pareto_round: Any):
    committed(pareto_round)
    url = reverse("surveyround:stage", args=[pareto_round.pk, "commune"])
    text = admin_client.get(url, headers={"accept-language": "en"}).content.decode()
    assert str(selection_name("pareto")) in text
    assert gettext("probabilities are approximate") in text
