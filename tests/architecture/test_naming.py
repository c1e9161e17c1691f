"""House rules on names and layout."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("survey_site", "analysis", "questionnaires", "sampling")
FORBIDDEN = {"data", "info", "utils", "helpers", "manager", "misc", "common"}
TOP_LEVEL = {
    "survey_site", "sampling", "questionnaires", "analysis", "locale", "tests", "docs", "benchmarks",
    "requirements", "manage.py", "pyproject.toml", "Makefile", "README.md", "CONTRIBUTING.md",
    "CHANGELOG.md", "SECURITY.md", "LICENSE",
}  # fmt: skip


def vague_names(paths: list[Path]) -> list[str]:
    return [str(path) for path in paths if path.stem in FORBIDDEN]


def test_no_module_has_a_vague_name() -> None:
    modules = [path.relative_to(ROOT) for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    assert vague_names(modules) == []
    assert vague_names([Path("sampling/utils.py")]) == ["sampling/utils.py"]


def test_top_level_is_as_agreed() -> None:
    found = {path.name for path in ROOT.iterdir() if not path.name.startswith(".") and path.name != "var"}
    assert found == TOP_LEVEL


def test_requirements_name_no_address_and_pin_hashes() -> None:
    for path in (ROOT / "requirements").glob("*.txt"):
        text = path.read_text()
        assert "://" not in text, path.name
        assert text.count("==") <= text.count("--hash=sha256:"), path.name
    assert not (ROOT / "uv.lock").exists()
