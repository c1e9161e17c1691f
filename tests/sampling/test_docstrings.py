import doctest
from importlib import import_module

import pytest

PURE_MODULES = [
    "sampling.vietnamese",
    "sampling.design.allocation",
    "sampling.design.bethel",
    "sampling.design.convex",
    "sampling.design.fingerprints",
    "sampling.design.frame_check",
    "sampling.design.joint_probabilities",
    "sampling.design.lists",
    "sampling.design.ordering",
    "sampling.design.poisson_binomial",
    "sampling.design.probabilities",
    "sampling.design.seeds",
    "sampling.design.selection",
    "sampling.design.stages",
]


@pytest.mark.parametrize("name", PURE_MODULES)
def test_examples_run(name: str):
    results = doctest.testmod(import_module(name))
    assert results.attempted
    assert not results.failed
