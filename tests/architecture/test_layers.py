"""The rules of the architecture hold, and each of them fails on a planted violation."""

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("survey_site", "analysis", "questionnaires", "sampling")
LINT = Path(sys.executable).parent / "lint-imports"

PLANTED = {
    "Packages point one way": ("sampling/services/planted.py", "import questionnaires.models\n"),
    "Pure cores know no framework": ("sampling/design/planted.py", "import django.db\n"),
    "Pure cores of different packages": ("questionnaires/schema/planted.py", "import sampling.design\n"),
    "Analysis cores do not reach": ("analysis/index/planted.py", "import sampling.vietnamese\n"),
    "Layers inside each app": ("sampling/models/planted.py", "import sampling.services\n"),
    "Only the wizard knows formtools": ("questionnaires/services/planted.py", "import formtools.wizard\n"),
    "Only the engine knows query engines": ("analysis/services/planted.py", "import duckdb\n"),
    "Personal data is imported": ("sampling/services/planted.py", "import sampling.models.contacts\n"),
    "No import cycles": ("analysis/estimation/planted.py", "import analysis.index\n"),
}


def lint_imports(root: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([LINT, "--no-cache"], cwd=root, capture_output=True, text=True, check=False)  # noqa: S603 - the project's own tool


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("planted")
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package, target / package, ignore=shutil.ignore_patterns("__pycache__", "*.json", "*.csv")
        )
    shutil.copy(ROOT / "pyproject.toml", target)
    return target


def test_every_contract_is_kept() -> None:
    result = lint_imports(ROOT)
    assert result.returncode == 0, result.stdout


def test_personal_data_is_not_taken_through_the_package_of_all_models() -> None:
    takers = [
        f"{path.relative_to(ROOT)}: {node.module}"
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module == "sampling.models"
        if any(name.name == "Contact" for name in node.names)
    ]
    assert takers == []


@pytest.mark.parametrize("contract", PLANTED)
def test_contract_fails_on_a_planted_violation(contract: str, copy: Path) -> None:
    path, source = PLANTED[contract]
    planted = copy / path
    planted.write_text(source)
    try:
        result = lint_imports(copy)
    finally:
        planted.unlink()
    broken = [line for line in result.stdout.splitlines() if line.startswith(contract) and "BROKEN" in line]
    assert result.returncode != 0
    assert broken, result.stdout
