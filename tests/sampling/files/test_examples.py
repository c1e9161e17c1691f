import doctest
from importlib import import_module

import pytest

MODULES = ("cells", "encodings", "grids", "headers", "letters", "mended_letters", "syllables")


@pytest.mark.parametrize("name", MODULES)
def test_examples_run(name: str):
    results = doctest.testmod(import_module(f"sampling.files.{name}"))
    assert results.attempted
    assert not results.failed
