"""The notebook for statisticians says what the code gives: it runs, and prints what is stored in it."""

import importlib.util
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
RUNNER = ROOT / ".ci" / "notebook.py"


@cache
def runner() -> ModuleType:
    """The module behind `make notebook`, which lies in no package."""
    spec = importlib.util.spec_from_file_location("notebook_runner", RUNNER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def shown(notebook: Any) -> Iterator[tuple[str, str]]:
    """What a reader sees below each cell of code: its number, and text, table or picture."""
    for number, cell in enumerate(notebook.cells, start=1):
        for output in cell.get("outputs", []):
            texts = output.get("data") or {output["output_type"]: output.get("text", output)}
            yield from ((f"cell {number} {kind}", str(text)) for kind, text in sorted(texts.items()))


def sections(notebook: Any) -> list[str]:
    """The text of each numbered part."""
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    return text.split("\n## ")[1:]


@pytest.mark.slow
def test_running_the_notebook_gives_what_is_stored_in_it() -> None:
    stored, fresh = dict(shown(runner().read())), dict(shown(runner().run()))
    assert len(stored) > 20
    assert fresh == stored, "Run `make notebook`, and look at the difference."


def test_notebook_holds_no_warning_and_no_trace_of_a_machine() -> None:
    notebook = runner().read()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert [output for output in outputs if output.get("name") == "stderr"] == []
    assert set(notebook.metadata) == {"kernelspec", "language_info"}
    assert str(ROOT) not in str(notebook)


def test_every_part_but_the_last_ends_with_what_may_be_said() -> None:
    *parts, _checklist = sections(runner().read())
    assert len(parts) > 8
    assert [part.splitlines()[0] for part in parts if "**You may say**" not in part.split("\n\n")[-1]] == []
    assert [part.splitlines()[0] for part in parts if "**You may not say**" not in part] == []


def test_notebook_begins_with_a_vietnamese_summary_and_marks_the_data() -> None:
    first = runner().read().cells[0].source
    assert "**Tóm tắt.**" in first
    assert "dữ liệu minh họa" in first
    assert "made up" in first
