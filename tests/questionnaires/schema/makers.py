"""Small makers of questionnaires for tests."""

from typing import Any

from questionnaires.schema import (
    Comparison,
    Consent,
    ConsentStatement,
    Kind,
    LocalizedText,
    Option,
    Question,
    Questionnaire,
    Section,
    Subject,
)


def text(vietnamese: str = "Nội dung", english: str = "Content") -> LocalizedText:
    return LocalizedText.of({"vi": vietnamese, "en": english})


def options(*values: int | str) -> tuple[Option, ...]:
    return tuple(Option(value, text(f"Mức {value}", f"Level {value}")) for value in values)


def question(code: str = "Q1", kind: Kind = Kind.LIKERT, **changes: Any) -> Question:
    has_points = kind in {Kind.LIKERT, Kind.SINGLE, Kind.MULTIPLE}
    defaults = {"options": options(1, 2, 3, 4, 5) if has_points else ()}
    if kind is Kind.YES_NO:
        defaults = {"options": options(1, 0)}
    return Question(code=code, kind=kind, **({"text": text()} | defaults | changes))


def section(*questions: Question, code: str = "A", **changes: Any) -> Section:
    return Section(code=code, title=text("Phần", "Part"), questions=questions, **changes)


def questionnaire(*sections: Section, **changes: Any) -> Questionnaire:
    consent = Consent("1", text(), statements=(ConsentStatement("index", text(), is_required=True),))
    defaults = {"title": text("Phiếu", "Form"), "languages": ("vi", "en"), "consent": consent}
    return Questionnaire(code="test", sections=sections, **(defaults | changes))


def form(*questions: Question) -> Questionnaire:
    """Return a questionnaire of one section."""
    return questionnaire(section(*questions))


def equals(code: str, value: Any) -> Comparison:
    return Comparison(Subject.QUESTION, code, "equals", value)


def document(**changes: Any) -> dict[str, Any]:
    """Return the smallest complete document."""
    label = {"vi": "Có", "en": "Yes"}
    single = {
        "code": "Q1",
        "kind": "single",
        "text": {"vi": "Câu hỏi", "en": "Question"},
        "options": [{"value": 1, "label": label}, {"value": 2, "label": label}],
    }
    part = {"code": "A", "title": {"vi": "Phần", "en": "Part"}, "questions": [single]}
    title = {"vi": "Phiếu", "en": "Form"}
    base = {"schema": 1, "code": "x", "title": title, "languages": ["vi", "en"], "sections": [part]}
    return base | changes


def with_question(**changes: Any) -> dict[str, Any]:
    """Return the smallest document with its question changed."""
    changed = document()
    changed["sections"][0]["questions"][0] |= changes
    return changed
