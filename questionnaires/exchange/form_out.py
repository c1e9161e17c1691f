"""A questionnaire written as an XLSForm that ODK, KoboToolbox and this platform read."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from questionnaires.exchange.choices import OWN_LIST, YES_NO_LIST, base_of, choice_names, suffix_of
from questionnaires.exchange.conditions_in import read_condition
from questionnaires.exchange.conditions_out import write_condition
from questionnaires.exchange.extras import COLUMNS, extra_rows, lost
from questionnaires.exchange.form_in import read_form
from questionnaires.exchange.headings import TRANSLATED, language_heading
from questionnaires.exchange.limits import write_exclusive, write_limits
from questionnaires.exchange.problems import FileProblem, FileProblemsError
from questionnaires.exchange.scope import CHOICE_KINDS, Scope, Subject
from questionnaires.exchange.sheets import CHOICES, PLATFORM, SETTINGS, SURVEY, Sheet, sheet_of_rows
from questionnaires.exchange.survey_in import ATTRIBUTE_PREFIX, FLAG_KEYS, SECTION_SUFFIX, SECTION_TEXTS
from questionnaires.exchange.types import write_type
from questionnaires.exchange.xpath import ExpressionError
from questionnaires.schema import SPECIAL_LABELS, YES_NO_OPTIONS

_PLACE = re.compile(r"\{\{\s*([A-Za-z][\w.-]*)\s*(?:\|[^{}]*)?\}\}")
_TYPED = ("type", "name")
_RULED = ("required", "relevant", "constraint", "appearance")
_KEPT_WORDS = 6
"""How many keys a notice names."""


@dataclass(frozen=True, slots=True)
class WrittenForm:
    """The sheets of a form, and what only the sheet beside the standard ones keeps."""

    sheets: Mapping[str, Sheet]
    notices: tuple[FileProblem, ...] = field(default=())


def write_form(document: Mapping[str, Any], *, version: str = "") -> WrittenForm:
    """Return the sheets of an XLSForm for a questionnaire.

    Parameters
    ----------
    document : mapping
        A document as :func:`questionnaires.schema.to_document` writes it.
    version : str, optional
        Written under ``version``.

    Returns
    -------
    WrittenForm
        Reading the sheets gives the document again, whole.

    Raises
    ------
    FileProblemsError
        If codes repeat themselves, so that rows could not be told apart, or nothing is asked.
    """
    if not document["sections"]:
        raise FileProblemsError([FileProblem(SURVEY, "", "no_questions")])
    _refuse_repeated(document)
    standard = _Writer(document).sheets(version)
    shell = _scale_rows(document)
    back = read_form(standard | {PLATFORM: sheet_of_rows(PLATFORM, COLUMNS, shell)})
    extras = lost(dict(document), back.document, back.sources)
    rows = extra_rows(extras)
    notices = tuple(
        FileProblem(
            PLATFORM,
            "",
            "not_in_form",
            {
                "name": extra.of.partition(":")[2] or extra.of,
                "keys": ", ".join([*extra.kept, *extra.instead][:_KEPT_WORDS]),
            },
        )
        for extra in extras
        if extra.kept or extra.instead
    )
    return WrittenForm(standard | {PLATFORM: sheet_of_rows(PLATFORM, COLUMNS, rows)}, notices)


def _scale_rows(document: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return rows that only say which lists are scales."""
    return [{"of": f"scale:{scale['code']}"} for scale in document.get("scales", ())]


def _refuse_repeated(document: Mapping[str, Any]) -> None:
    """Raise if a code names two things of one kind."""
    questions = [question["code"] for section in document["sections"] for question in section["questions"]]
    groups = {
        SURVEY: questions,
        "sections": [section["code"] for section in document["sections"]],
        CHOICES: [scale["code"] for scale in document.get("scales", ())],
        "attributes": [attribute["code"] for attribute in document.get("attributes", ())],
    }
    repeated = [
        FileProblem(sheet, "", "duplicate_code", {"name": code})
        for sheet, codes in groups.items()
        for code in dict.fromkeys(code for code in codes if codes.count(code) > 1)
    ]
    if repeated:
        raise FileProblemsError(repeated)


class _Writer:
    """Writes the rows of the standard sheets."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document
        self.languages = _languages(document)
        self.scales = {scale["code"]: scale["options"] for scale in document.get("scales", ())}
        self.codes = {q["code"] for section in document["sections"] for q in section["questions"]}
        self.survey: list[dict[str, str]] = []
        self.choices: dict[str, list[dict[str, str]]] = {}
        self.scope = Scope(self.subjects())

    def sheets(self, version: str) -> dict[str, Sheet]:
        """Return the three standard sheets."""
        for attribute in self.document.get("attributes", ()):
            name = f"{ATTRIBUTE_PREFIX}{attribute['code']}"
            self.survey.append({"type": "hidden", "name": name} | self.texts("label", attribute["label"]))
        for section in self.document["sections"]:
            self.add_section(section)
        self.add_unused_scales()
        texts = [language_heading(column, language) for column in TRANSLATED for language in self.languages]
        messages = [language_heading("constraint_message", language) for language in self.languages]
        head = [*_TYPED, *texts, *_RULED, *messages]
        rows = [row for name in self.lists_in_order() for row in self.choices[name]]
        settings = {
            "form_title": self.title,
            "form_id": self.document["code"],
            "version": version,
            "default_language": language_heading("", self.languages[0]).removeprefix("::"),
        }
        return {
            SURVEY: sheet_of_rows(SURVEY, head, self.survey),
            CHOICES: sheet_of_rows(CHOICES, ["list_name", "name", *texts], rows),
            SETTINGS: sheet_of_rows(SETTINGS, list(settings), [settings]),
        }

    @property
    def title(self) -> str:
        """The title in the language of the form."""
        title = self.document["title"]
        words = title.get(self.languages[0]) or next(filter(None, title.values()), self.document["code"])
        return str(words)

    def subjects(self) -> Iterator[Subject]:
        """Yield what conditions may look at."""
        for attribute in self.document.get("attributes", ()):
            code = attribute["code"]
            yield Subject(f"{ATTRIBUTE_PREFIX}{code}", "attribute", code, "attribute")
        for section in self.document["sections"]:
            for question in section["questions"]:
                values = [option["value"] for option in self.options_of(question)]
                names = dict(zip(choice_names(values), values, strict=True))
                yield Subject(question["code"], "question", question["code"], question["kind"], names)

    def options_of(self, question: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return the options of a question, those of its scale and those that go without saying included."""
        if "scale" in question:
            return list(self.scales[question["scale"]])
        if question["kind"] == "yes_no" and "options" not in question:
            return [{"value": option.value, "label": dict(option.label)} for option in YES_NO_OPTIONS]
        return list(question.get("options", ()))

    def add_section(self, section: Mapping[str, Any]) -> None:
        """Write a group with its questions."""
        code = section["code"]
        name = f"{code}{SECTION_SUFFIX}" if code in self.codes else code
        title = self.texts("label", section["title"], section["code"])
        begin = {"type": "begin_group", "name": name, "appearance": "field-list"} | title
        self.survey.append(begin | self.relevant(section))
        for suffix, key in SECTION_TEXTS.items():
            if any(section.get(key, {}).values()):
                note = {"type": "note", "name": f"{code}{suffix}"}
                self.survey.append(note | self.texts("label", section[key]))
        for question in section["questions"]:
            self.survey.append(self.question_row(question, section))
        self.survey.append({"type": "end_group", "name": name})

    def question_row(self, question: Mapping[str, Any], section: Mapping[str, Any]) -> dict[str, str]:
        """Return the row of a question."""
        row = {
            "type": write_type(question, self.add_list(question)),
            "name": question["code"],
            "required": "yes" if question.get("is_required") else "",
            "appearance": _appearance(question),
        }
        row |= self.texts("label", question["text"], question["code"])
        row |= self.texts("hint", question.get("help", {}))
        row |= self.media("media::audio", question.get("audio", {}))
        row |= self.media("media::image", question.get("picture", {}))
        return row | self.relevant(question) | self.constraint(question, section)

    def add_list(self, question: Mapping[str, Any]) -> str:
        """Write the list of a question, once, and return its name."""
        if question["kind"] not in CHOICE_KINDS:
            return ""
        options = self.options_of(question)
        if not options:
            return ""
        specials = [name for name, flag in FLAG_KEYS.items() if question.get(flag)]
        is_plain_yes_no = (
            question["kind"] == "yes_no" and "options" not in question and "scale" not in question
        )
        base = question.get("scale") or f"{question['code']}{OWN_LIST}"
        if is_plain_yes_no and YES_NO_LIST not in self.scales:
            base = YES_NO_LIST
        name = f"{base}{suffix_of(specials)}"
        if name not in self.choices:
            self.choices[name] = self.choice_rows(name, options, specials)
        return name

    def choice_rows(
        self, name: str, options: Iterable[Mapping[str, Any]], specials: Iterable[str]
    ) -> list[dict[str, str]]:
        """Return the rows of a list."""
        found = list(options)
        names = choice_names([option["value"] for option in found])
        rows = [
            {"list_name": name, "name": choice}
            | self.texts("label", option["label"], choice)
            | self.media("media::audio", option.get("audio", {}))
            | self.media("media::image", option.get("picture", {}))
            for choice, option in zip(names, found, strict=True)
        ]
        return rows + [
            {"list_name": name, "name": special} | self.texts("label", SPECIAL_LABELS[special])
            for special in specials
        ]

    def add_unused_scales(self) -> None:
        """Write the scales that no question uses without special answers, so that none is lost."""
        used = set(map(base_of, self.choices))
        for code, options in self.scales.items():
            if code not in used:
                self.choices[code] = self.choice_rows(code, options, ())

    def lists_in_order(self) -> list[str]:
        """Return the names of the lists: first the scales in their order, with and without ways out."""
        order = {code: place for place, code in enumerate(self.scales)}
        return sorted(self.choices, key=lambda name: order.get(base_of(name), len(order)))

    def relevant(self, part: Mapping[str, Any]) -> dict[str, str]:
        """Return the condition of a question or section, where it can be said."""
        return {"relevant": self.expression(part["visible_when"])} if "visible_when" in part else {}

    def expression(self, condition: Mapping[str, Any]) -> str:
        """Return a condition as an expression that can be read back, else nothing."""
        written = write_condition(condition, self.scope) or ""
        try:
            if written:
                read_condition(written, self.scope)
        except ExpressionError:
            return ""
        return written

    def constraint(self, question: Mapping[str, Any], section: Mapping[str, Any]) -> dict[str, str]:
        """Return the limits of a question, or else the first hard rule that its answer can break."""
        exclusive = [
            name
            for name, option in zip(
                choice_names([option["value"] for option in self.options_of(question)]),
                self.options_of(question),
                strict=True,
            )
            if option.get("is_exclusive")
        ]
        limits = write_limits(question)
        if exclusive and question["kind"] == "multiple" and "scale" not in question:
            limits = write_exclusive(exclusive)
        if limits:
            return {"constraint": limits}
        for rule in section.get("rules", ()):
            if rule.get("severity") == "hard" and rule["code"] == f"{question['code']}.rule":
                written = self.expression(rule["must"])
                messages = self.texts("constraint_message", rule["message"])
                return {"constraint": written} | messages if written and messages else {}
        return {}

    def texts(self, column: str, texts: Mapping[str, str], otherwise: str = "") -> dict[str, str]:
        """Return the cells of a text per language; a text that must be there and is not gets its code."""
        cells = {
            language_heading(column, language): self.with_places(text)
            for language, text in texts.items()
            if text
        }
        return cells or ({language_heading(column, self.languages[0]): otherwise} if otherwise else {})

    def media(self, column: str, names: Mapping[str, str]) -> dict[str, str]:
        """Return the cells of a recording or picture per language."""
        return {language_heading(column, language): name for language, name in names.items() if name}

    def with_places(self, text: str) -> str:
        """Return a text with the answers it shows named as the form names them."""
        return _PLACE.sub(self.place, text.replace("${", "$ {"))

    def place(self, match: re.Match[str]) -> str:
        """Return the place of one answer in a text."""
        for subject in ("question", "attribute"):
            found = self.scope.by_code.get((subject, match[1]))
            if found is not None:
                return f"${{{found.name}}}"
        return match[0]


def _appearance(question: Mapping[str, Any]) -> str:
    """Return the appearance of a question."""
    if question["kind"] == "likert":
        return "likert"
    return "multiline" if question["kind"] == "text" and question.get("is_multiline") else ""


def _languages(document: Mapping[str, Any]) -> tuple[str, ...]:
    """Return every language in which something is written, those that are needed first."""
    found = dict.fromkeys(document["languages"])
    found.update(dict.fromkeys(_languages_in(document)))
    return tuple(found) or ("vi",)


def _languages_in(value: Any) -> Iterator[str]:
    """Yield the languages of all texts inside a value."""
    if isinstance(value, list):
        for item in value:
            yield from _languages_in(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key in TEXT_KEYS and isinstance(item, dict):
                yield from item
            else:
                yield from _languages_in(item)


TEXT_KEYS = frozenset({"title", "heading", "intro", "text", "help", "label", "audio", "picture", "message"})
