"""The pages built from the docstrings: whole, without a warning, and without another host."""

import pkgutil
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
EXPORTING = (
    "analysis.estimation",
    "analysis.weighting",
    "analysis.index",
    "analysis.quality",
    "analysis.par",
)
LOADED = re.compile(r"""<(?:script|link|img|iframe)[^>]*(?:src|href)=["'](?:https?:)?//""")


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("api")
    command = [
        sys.executable,
        "-m",
        "sphinx",
        "-q",
        "-W",
        "--keep-going",
        "-b",
        "html",
        "docs/api",
        str(target),
    ]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 - the project's own documents
    assert result.returncode == 0, result.stderr
    return target


@pytest.mark.parametrize("package", EXPORTING)
def test_every_public_name_has_its_page(pages: Path, package: str) -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in pages.glob("*.html"))
    module = import_module(package)
    documented = [name for name in module.__all__ if callable(getattr(module, name))]
    missing = [name for name in documented if not re.search(rf'id="[\w.]+\.{name}"', text)]
    assert documented
    assert not missing


def test_every_module_of_the_sampling_core_has_its_page(pages: Path) -> None:
    text = (pages / "design.html").read_text(encoding="utf-8")
    names = [module.name for module in pkgutil.iter_modules(import_module("sampling.design").__path__)]
    assert [name for name in names if f'id="module-sampling.design.{name}"' not in text] == []


def test_formulas_need_no_script(pages: Path) -> None:
    assert "<math" in (pages / "estimation.html").read_text(encoding="utf-8")


def test_no_page_loads_anything_from_another_host(pages: Path) -> None:
    loading = [path.name for path in pages.rglob("*.html") if LOADED.search(path.read_text(encoding="utf-8"))]
    assert loading == []
