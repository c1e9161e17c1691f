"""Forms as sheets, written as tables of text."""

from collections.abc import Sequence
from typing import Any

from questionnaires.exchange.sheets import Sheet, sheet_of_table
from questionnaires.schema import Questionnaire, to_document
from tests.questionnaires.schema import strategies

SURVEY_HEADINGS = ("type", "name", "label::Vietnamese (vi)", "relevant", "constraint", "constraint_message")
SETTINGS = (("form_title", "form_id"), ("Phiếu", "phieu"))


def sheet(name: str, *rows: Sequence[str]) -> Sheet:
    return sheet_of_table(name, [(number, list(row)) for number, row in enumerate(rows, start=1)])


def form(
    survey: Sequence[Sequence[str]],
    choices: Sequence[Sequence[str]] = (),
    settings: Sequence[Sequence[str]] = SETTINGS,
    headings: Sequence[str] = SURVEY_HEADINGS,
) -> dict[str, Sheet]:
    choice_head = ("list_name", "name", "label::Vietnamese (vi)")
    return {
        "survey": sheet("survey", headings, *survey),
        "choices": sheet("choices", choice_head, *choices),
        "settings": sheet("settings", *settings),
    }


YES_NO = (("có_không", "1", "Có"), ("có_không", "0", "Không"))


def _with_own_codes(questionnaire: Questionnaire) -> dict[str, Any]:
    """The document with every code used once, as linting demands before publication."""
    document = to_document(questionnaire)
    taken: set[str] = set()
    for part in [*document.get("attributes", ()), *document["sections"]]:
        _rename(part, taken)
        for question in part.get("questions", ()):
            _rename(question, taken)
    return document


def _rename(part: dict[str, Any], taken: set[str]) -> None:
    while part["code"].lower() in taken:
        part["code"] += "x"
    taken.add(part["code"].lower())


documents = strategies.questionnaires().filter(lambda found: found.sections).map(_with_own_codes)
"""Whatever can be read as a questionnaire, with at least one section."""
