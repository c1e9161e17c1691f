"""The documentation keeps up with the code: what is not written down, or no longer true, is red."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.core.management import get_commands

from survey_site.core.roles import KEPT_FROM_ADMINISTRATORS, ROLES, Role

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PACKAGES = ("survey_site", "analysis", "questionnaires", "sampling")
NOT_OURS = {".venv", ".venv-scale", ".tools", ".git", "var", "node_modules"}
VARIABLE_SOURCES = [*(ROOT / "survey_site" / "settings").glob("*.py"), ROOT / ".ci" / "with_postgres.py"]
NOT_YET = "Not yet in the code"
ADR_PARTS = ("Status: ", "## Context\n", "## Decision\n", "## Consequences\n")

CODE = re.compile(r"`([^`]+)`")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\)")
HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*$", re.MULTILINE)
REQUIREMENT = re.compile(r"^[A-Za-z0-9][\w.-]*", re.MULTILINE)
VARIABLE = re.compile(r"\bSURVEY_[A-Z_]+\b")


def rows(text: str) -> Iterator[list[str]]:
    """Cells of every table row that is not a ruler."""
    for line in text.splitlines():
        if line.startswith("|") and not set(line) <= set("|-: "):
            yield [cell.strip() for cell in line.strip().strip("|").split("|")]


def first_codes(text: str) -> set[str]:
    """What the first cells of the tables name in backticks."""
    return {code for cells in rows(text) for code in CODE.findall(cells[0])}


def section(text: str, heading: str) -> str:
    """The text under a second-level heading."""
    return text.split(f"\n## {heading}\n", maxsplit=1)[1].split("\n## ", maxsplit=1)[0]


def slug(heading: str) -> str:
    """The anchor that a heading gets."""
    kept = re.sub(r"[^\w\- ]", "", heading.replace("`", "").lower())
    return kept.replace(" ", "-")


def our_markdown() -> list[Path]:
    paths = [path.relative_to(ROOT) for path in ROOT.rglob("*.md")]
    return sorted(path for path in paths if NOT_OURS.isdisjoint(path.parts))


def relative_links(path: Path) -> Iterator[tuple[Path, str]]:
    """Target and anchor of every link of a file that stays in the repository."""
    for target in LINK.findall(FENCE.sub("", path.read_text())):
        if not re.match(r"[a-z][a-z+.-]*:", target):
            name, _hash, anchor = target.partition("#")
            yield ((path.parent / name).resolve() if name else path, anchor)


def pages_behind(path: Path) -> set[Path]:
    """Pages that a page links to; a link to a folder shows the pages in it."""
    targets = {target for target, _anchor in relative_links(path)}
    shown = {page for target in targets if target.is_dir() for page in target.glob("*.md")}
    return shown | {target for target in targets if target.suffix == ".md" and target.exists()}


def broken_links(path: Path) -> list[str]:
    broken = []
    for target, anchor in relative_links(path):
        if not target.exists():
            broken.append(str(target))
        elif anchor and anchor not in {slug(heading) for heading in HEADING.findall(target.read_text())}:
            broken.append(f"{target}#{anchor}")
    return broken


def direct_requirements() -> set[str]:
    return {
        name.lower()
        for path in (ROOT / "requirements").glob("*.in")
        for name in REQUIREMENT.findall(path.read_text())
    }


def own_commands() -> set[str]:
    return {
        path.stem
        for package in PACKAGES
        for path in (ROOT / package).rglob("management/commands/*.py")
        if path.stem != "__init__"
    }


@cache
def words_in_code() -> frozenset[str]:
    """Every name that occurs in our own modules, templates and method files."""
    sources = (path for package in PACKAGES for path in (ROOT / package).rglob("*"))
    texts = (path.read_text() for path in sources if path.suffix in {".py", ".html", ".json"})
    return frozenset(word for text in texts for word in re.findall(r"\w+", text))


def is_in_code(term: str) -> bool:
    """Tell whether every part of a dotted name occurs; `name_*` stands for any name that begins so."""
    words = words_in_code()
    if term.endswith("*"):
        return any(word.startswith(term[:-1]) for word in words)
    return all(part in words for part in re.findall(r"\w+", term))


def test_every_direct_requirement_is_explained_and_nothing_else() -> None:
    used = (DOCS / "dependencies.md").read_text().split("\n## What we do not use")[0]
    assert first_codes(used) == direct_requirements()


def test_every_requirement_has_a_reason_and_a_licence() -> None:
    used = (DOCS / "dependencies.md").read_text().split("\n## What we do not use")[0]
    assert [cells for cells in rows(used) if len(cells) != 3 or not all(cells)] == []


def test_every_variable_is_documented_and_read() -> None:
    read = {name for path in VARIABLE_SOURCES for name in VARIABLE.findall(path.read_text())}
    text = (DOCS / "operations" / "settings.md").read_text()
    assert read
    assert first_codes(section(text, "Variables")) == read


def test_every_own_command_is_documented() -> None:
    text = (DOCS / "operations" / "commands.md").read_text()
    assert first_codes(section(text, "Our commands")) == own_commands()


def test_documented_library_commands_exist() -> None:
    text = (DOCS / "operations" / "commands.md").read_text()
    assert first_codes(section(text, "Commands of the libraries")) <= set(get_commands())


def test_every_verb_of_make_is_documented() -> None:
    verbs = set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))
    text = (DOCS / "operations" / "commands.md").read_text()
    assert {f"make {verb}" for verb in verbs} == first_codes(section(text, "Verbs of make")) - {"make"}


@pytest.mark.parametrize("path", our_markdown(), ids=str)
def test_links_resolve(path: Path) -> None:
    assert broken_links(ROOT / path) == []


def test_rule_on_links_fails_on_a_broken_one(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# One\n[a](gone.md) [b](#two) [c](#one) [d](https://example.org)\n```\n[e](code.md)\n```\n"
    )
    assert broken_links(page) == [str(tmp_path / "gone.md"), f"{page}#two"]


def test_every_document_can_be_reached_from_the_index() -> None:
    reached, waiting = set(), [DOCS / "README.md"]
    while waiting:
        page = waiting.pop()
        reached.add(page)
        waiting += pages_behind(page) - reached - set(waiting)
    assert sorted(str(path.relative_to(DOCS)) for path in set(DOCS.rglob("*.md")) - reached) == []


def test_decisions_are_numbered_without_gaps_and_listed() -> None:
    decisions = sorted(path for path in (DOCS / "adr").glob("*.md") if path.name != "README.md")
    listed = {target.name for target, _anchor in relative_links(DOCS / "adr" / "README.md")}
    assert [int(path.name[:4]) for path in decisions] == list(range(1, len(decisions) + 1))
    assert {path.name for path in decisions} <= listed


def test_decisions_have_all_their_parts() -> None:
    texts = {path.name: path.read_text() for path in (DOCS / "adr").glob("0*.md")}
    assert texts
    assert [name for name, text in texts.items() if not all(part in text for part in ADR_PARTS)] == []


def matrix() -> tuple[list[str], dict[str, list[bool]]]:
    """Role names and, by permission, who has it, as the table of roles says."""
    header, *body = rows(section((DOCS / "operations" / "roles.md").read_text(), "Matrix"))
    return header[2:], {CODE.findall(cells[1])[0]: [cell == "yes" for cell in cells[2:]] for cells in body}


def may(role: Role, right: str) -> bool:
    """Tell whether the table of the code gives a role a right."""
    if right == "pages":
        return role.edits_pages
    return (role.has_everything and right not in KEPT_FROM_ADMINISTRATORS) or right in role.permissions


def test_matrix_names_every_role() -> None:
    assert matrix()[0] == [role.name for role in ROLES.values()]


def test_matrix_says_what_the_code_grants() -> None:
    _names, documented = matrix()
    granted = {"pages", *(right for role in ROLES.values() for right in role.permissions)}
    assert documented == {right: [may(role, right) for role in ROLES.values()] for right in granted}


def test_code_terms_of_the_glossary_exist() -> None:
    in_code = (DOCS / "glossary.md").read_text().split(f"## {NOT_YET}")[0]
    terms = [term for cells in rows(in_code) if len(cells) > 1 for term in CODE.findall(cells[1])]
    assert terms
    assert [term for term in terms if not is_in_code(term)] == []


def test_rule_on_terms_fails_on_an_invented_one() -> None:
    invented = "Quantum" + "Stratum"
    assert is_in_code("SurveyRound")
    assert is_in_code("reference_period_*")
    assert not is_in_code(invented)
