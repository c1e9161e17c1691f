"""Findings of linting at their places in the editor."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from questionnaires.findings import described
from questionnaires.models import Questionnaire
from questionnaires.schema import Problem, Severity

STREAMS = frozenset({"sections", "scales", "attributes", "rules", "remarks"})
LISTS = frozenset({"questions", "options", "rules"})
PARTS = {"points": "point", "statements": "statement"}
"""Lists of the consent, and the type of their blocks in the stream that holds both."""
_STEP = re.compile(r"(\w+)\[(\d+)\]")
_KEY = re.compile(r"(section|question|scale):([^/]+)")


@dataclass(frozen=True, slots=True)
class Placed:
    """A finding in words, its place in the document, and the block of the editor that it is about."""

    path: str
    message: str
    anchor: str
    is_error: bool


def placed(questionnaire: Questionnaire, problems: Iterable[Problem]) -> list[Placed]:
    """Return findings with their blocks."""
    return [_placed(questionnaire, problem) for problem in problems]


def _placed(questionnaire: Questionnaire, problem: Problem) -> Placed:
    """Return one finding with its block."""
    found = described(problem)
    anchor = block_anchor(questionnaire, found.path)
    return Placed(found.path, found.message, anchor, problem.severity is Severity.ERROR)


def block_anchor(questionnaire: Questionnaire, path: str) -> str:
    """Return the identifier of the innermost block that a path leads to, empty where there is none."""
    key = _KEY.match(path)
    block = _by_code(questionnaire, *key.groups()) if key else _by_steps(questionnaire, path)
    return f"block-{block.id}-section" if block is not None and block.id else ""


def _by_steps(questionnaire: Questionnaire, path: str) -> Any:
    """Follow a path such as ``$.sections[2].questions[0].code`` as far as there are blocks."""
    steps = [(name, int(position)) for name, position in _STEP.findall(path)]
    if not steps:
        return None
    (name, position), *further = steps
    block = _at(_stream(questionnaire, name), position)
    for name, position in further:
        inner = _at(_children(block, name), position)
        if inner is None:
            break
        block = inner
    return block


def _stream(questionnaire: Questionnaire, name: str) -> Sequence[Any]:
    """Return the blocks of a stream, or of one kind in the consent."""
    if name in STREAMS:
        return list(getattr(questionnaire, name))
    return [block for block in questionnaire.consent if block.block_type == PARTS.get(name)]


def _children(block: Any, name: str) -> Sequence[Any]:
    """Return the blocks of a list inside a block."""
    is_list = block is not None and name in LISTS and isinstance(block.value, Mapping) and name in block.value
    return list(block.value[name].bound_blocks) if is_list else []


def _at(blocks: Sequence[Any], position: int) -> Any:
    """Return the block at a position, None beyond the end."""
    return blocks[position] if position < len(blocks) else None


def _by_code(questionnaire: Questionnaire, kind: str, code: str) -> Any:
    """Return the block of a section, question or scale by its code."""
    stream = list(questionnaire.scales if kind == "scale" else questionnaire.sections)
    if kind == "question":
        stream = [question for section in stream for question in _children(section, "questions")]
    return next((block for block in stream if block.value["code"] == code), None)
