"""Reference cases from any folder of the format described in public/README.md."""

from pathlib import Path

import pytest

from tests.reference.runner import Folder

PUBLIC = Path(__file__).parent / "public"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--reference-dir", type=Path, default=PUBLIC, help="folder with data/ and expected/")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "reference_case" in metafunc.fixturenames:
        folder = Folder(metafunc.config.getoption("--reference-dir", default=PUBLIC))
        metafunc.parametrize("reference_case", folder.cases.values(), ids=folder.cases.keys())


@pytest.fixture(scope="session")
def reference_folder(pytestconfig: pytest.Config) -> Folder:
    return Folder(pytestconfig.getoption("--reference-dir", default=PUBLIC))
