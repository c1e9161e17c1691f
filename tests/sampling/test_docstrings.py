import doctest
import inspect
import pkgutil
from importlib import import_module

import pytest

from sampling import design


def modules_with_examples() -> list[str]:
    names = [module.name for module in pkgutil.walk_packages(design.__path__, f"{design.__name__}.")]
    return [
        "sampling.vietnamese",
        *(name for name in names if ">>> " in inspect.getsource(import_module(name))),
    ]


MODULES = modules_with_examples()


@pytest.mark.parametrize("name", MODULES)
def test_examples_run(name: str):
    results = doctest.testmod(import_module(name))
    assert results.attempted
    assert not results.failed


def test_modules_are_found():
    assert {"sampling.design.seeds", "sampling.design.schemes.registry"} <= set(MODULES)
