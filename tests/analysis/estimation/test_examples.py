"""The examples in the docstrings of the statistical cores run."""

import doctest
import importlib
import pkgutil

import pytest

PACKAGES = ("analysis.estimation", "analysis.weighting", "analysis.index", "analysis.quality")
MODULES = [
    module.name
    for package in PACKAGES
    for module in pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}.")
    if not module.ispkg
]


@pytest.mark.parametrize("name", MODULES)
def test_examples_run(name: str):
    outcome = doctest.testmod(importlib.import_module(name))
    assert outcome.failed == 0
