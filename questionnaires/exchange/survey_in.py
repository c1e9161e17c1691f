"""The survey sheet read as sections and questions."""

import difflib
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from questionnaires.exchange.choices import OWN_LIST, YES_NO_LIST, ChoiceList
from questionnaires.exchange.conditions_in import read_condition
from questionnaires.exchange.headings import Columns
from questionnaires.exchange.limits import exclusive_names, read_limits
from questionnaires.exchange.problems import FileProblem
from questionnaires.exchange.scope import Scope, Subject
from questionnaires.exchange.sheets import Row, Sheet
from questionnaires.exchange.types import SUPPORTED, RowType, read_type
from questionnaires.exchange.xpath import ExpressionError

CODE = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[-._][A-Za-z0-9]+)*")
PLACE = re.compile(r"\$\{\s*([^{}\s]+)\s*\}")
ATTRIBUTE_PREFIX, SECTION_SUFFIX = "attr__", "__section"
SECTION_TEXTS = {"__heading": "heading", "__intro": "intro"}
"""Notes that stand for texts of the section around them."""
OTHER, OTHER_SUFFIX = "other", "_other"
OTHER_LABEL = {"vi": "Khác", "en": "Other"}
OTHER_QUESTION = {"vi": "Xin ghi rõ.", "en": "Please specify."}
YES, NO = frozenset({"yes", "true", "true()", "1"}), frozenset({"no", "false", "false()", "0"})
FLAG_KEYS = {"na": "allows_not_applicable", "no_answer": "allows_no_answer"}
MEDIA = {"audio": "media::audio", "picture": "media::image"}
UNSUPPORTED_COLUMNS = (
    *("default", "calculation", "choice_filter", "repeat_count", "trigger", "parameters"),
    *("save_to", "read_only"),
)
KNOWN_APPEARANCES = frozenset({"likert", "multiline", "field-list"})


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the survey sheet, its type read."""

    row: Row
    type: RowType
    name: str


class SurveyReader:
    """Reads the rows one after the other; `sources` keeps the cells from which each part was read."""

    def __init__(
        self,
        sheet: Sheet,
        columns: Columns,
        lists: Mapping[str, ChoiceList],
        *,
        title: Mapping[str, str],
        scales: frozenset[str],
    ) -> None:
        self.sheet, self.columns, self.lists, self.title = sheet, columns, lists, title
        self.scales = scales
        self.problems: list[FileProblem] = []
        self.notices: list[FileProblem] = []
        self.sections: list[dict[str, Any]] = []
        self.attributes: list[dict[str, Any]] = []
        self.sources: dict[str, list[Row]] = {}
        self.scope = Scope(())
        self.open_group: Entry | None = None
        self.used: dict[str, list[str]] = {}

    def read(self) -> None:
        """Read every row."""
        entries = [entry for row in self.sheet.rows if (entry := self.entry(row)) is not None]
        self.check_names(entries)
        self.scope = Scope(self.subject(entry) for entry in entries if self.is_asked(entry))
        for entry in entries:
            if entry.type.list_name in self.lists:
                base = self.lists[entry.type.list_name].base
                self.used.setdefault(base, []).append(entry.name)
        for entry in entries:
            TAKE.get(entry.type.kind, SurveyReader.take_question)(self, entry)
        if self.open_group is not None:
            self.report("group_without_end", "type", self.open_group.row, name=self.open_group.name)

    def entry(self, row: Row) -> Entry | None:
        """Return a row with its type; rows without a meaning here are reported."""
        written = self.columns.cell(row, "type")
        if not written:
            self.report("missing_type", "type", row)
            return None
        found = read_type(written)
        if found.kind == "ignored":
            self.notice("ignored_type", "type", row, type=written)
            return None
        if not found.kind:
            code = "unsupported_type" if written.lower().split()[0] in OTHER_TYPES else "unknown_type"
            self.report(code, "type", row, type=written, supported=", ".join(SUPPORTED))
            return None
        return Entry(row, found, self.columns.cell(row, "name"))

    def is_asked(self, entry: Entry) -> bool:
        """Whether a row is something that conditions may look at."""
        return bool(entry.name) and entry.type.kind not in {"begin_group", "end_group"}

    def check_names(self, entries: list[Entry]) -> None:
        """Report rows without a name, with a name that is no code, and with a name used before."""
        seen: dict[str, int] = {}
        for entry in entries:
            if entry.type.kind == "end_group":
                continue
            if not entry.name:
                self.report("missing_name", "name", entry.row)
            elif not CODE.fullmatch(self.code_of(entry)):
                self.report("form_of_name", "name", entry.row, name=entry.name)
            elif entry.name in seen:
                self.report("duplicate_name", "name", entry.row, name=entry.name, row=str(seen[entry.name]))
            seen.setdefault(entry.name, entry.row.number)

    def code_of(self, entry: Entry) -> str:
        """Return the code that a name stands for."""
        name = entry.name.removeprefix(ATTRIBUTE_PREFIX).removesuffix(SECTION_SUFFIX)
        suffix = next((suffix for suffix in SECTION_TEXTS if name.endswith(suffix)), "")
        return name.removesuffix(suffix)

    def subject(self, entry: Entry) -> Subject:
        """Return what the name of a row stands for in expressions."""
        is_attribute = entry.type.kind == "attribute"
        choices = self.lists.get(entry.type.list_name)
        return Subject(
            name=entry.name,
            subject="attribute" if is_attribute else "question",
            code=self.code_of(entry),
            kind=entry.type.kind,
            values=choices.values() if choices else {},
        )

    # One row

    def take_group(self, entry: Entry) -> None:
        """Begin a section."""
        if self.open_group is not None:
            self.report("nested_group", "type", entry.row, name=entry.name)
            return
        self.open_group = entry
        section: dict[str, Any] = {"code": self.code_of(entry), "title": self.label(entry), "questions": []}
        if condition := self.condition(entry):
            section["visible_when"] = condition
        self.check_unsupported(entry)
        self.sections.append(section)
        self.sources[f"section:{section['code']}"] = [entry.row]

    def take_end(self, entry: Entry) -> None:
        """End a section."""
        if self.open_group is None:
            self.report("end_without_group", "type", entry.row)
        self.open_group = None

    def take_attribute(self, entry: Entry) -> None:
        """Take something the sample knows."""
        attribute = {"code": self.code_of(entry), "label": self.texts(entry, "label")}
        if not attribute["label"]:
            attribute["label"] = {"vi": attribute["code"]}
        self.attributes.append(attribute)
        self.sources[f"attribute:{attribute['code']}"] = [entry.row]

    def take_question(self, entry: Entry) -> None:
        """Take a question or a note."""
        section = self.section_here()
        if key := self.section_text(entry, section):
            section[key] = self.texts(entry, "label")
            self.sources[f"section:{section['code']}"].append(entry.row)
            return
        self.check_unsupported(entry)
        question = self.question(entry)
        section["questions"].append(question)
        self.sources[f"question:{question['code']}"] = [entry.row]
        self.take_constraint(entry, question, section)
        if entry.type.has_other:
            section["questions"].append(self.other_question(question, entry))

    def section_here(self) -> dict[str, Any]:
        """Return the section that is open; questions outside groups get one of their own."""
        if self.open_group is not None or (self.sections and self.sections[-1].get("is_implied")):
            return self.sections[-1]
        taken = {section["code"] for section in self.sections} | set(self.scope.by_name)
        code = next(f"S{n}" for n in range(1, len(taken) + 2) if f"S{n}" not in taken)
        self.sections.append({"code": code, "title": dict(self.title), "questions": [], "is_implied": True})
        self.sources[f"section:{code}"] = []
        return self.sections[-1]

    def section_text(self, entry: Entry, section: Mapping[str, Any]) -> str:
        """Return the key of the section for which a note stands, if it stands for one."""
        if entry.type.kind != "note":
            return ""
        names = {f"{section['code']}{suffix}": key for suffix, key in SECTION_TEXTS.items()}
        return names.get(entry.name, "")

    def question(self, entry: Entry) -> dict[str, Any]:
        """Return a question."""
        question: dict[str, Any] = {
            "code": self.code_of(entry),
            "kind": entry.type.kind,
            "text": self.label(entry),
            "help": self.texts(entry, "hint"),
            "is_required": self.is_required(entry),
            **{key: self.columns.texts(entry.row, column) for key, column in MEDIA.items()},
        }
        if not entry.type.is_integer:
            question["is_integer"] = False
        if condition := self.condition(entry):
            question["visible_when"] = condition
        self.take_appearance(entry, question)
        if entry.type.list_name:
            question |= self.options(entry, question["kind"])
        return {key: value for key, value in question.items() if value not in ({}, False) or key in KEPT}

    def take_appearance(self, entry: Entry, question: dict[str, Any]) -> None:
        """Take over the appearances that mean something here."""
        words = set(self.columns.cell(entry.row, "appearance").split())
        if "likert" in words and question["kind"] == "single":
            question["kind"] = "likert"
        if "multiline" in words and question["kind"] == "text":
            question["is_multiline"] = True
        if unknown := words - KNOWN_APPEARANCES:
            self.notice("unknown_appearance", "appearance", entry.row, text=" ".join(sorted(unknown)))

    def options(self, entry: Entry, kind: str) -> dict[str, Any]:
        """Return kind, options or scale, and special answers of a question that chooses from a list."""
        found = self.lists.get(entry.type.list_name)
        if found is None:
            near = difflib.get_close_matches(entry.type.list_name, self.lists, n=1)
            code = "missing_list_near" if near else "missing_list"
            self.report(code, "type", entry.row, list=entry.type.list_name, near="".join(near))
            return {}
        flags = {FLAG_KEYS[name]: True for name in found.specials}
        if self.is_scale(found):
            self.refuse_other(entry, found)
            return flags | {"scale": scale_code(found.base)}
        options = found.options()
        if entry.type.has_other and all(option["value"] != OTHER for option in options):
            options.append({"value": OTHER, "label": dict(OTHER_LABEL)})
        is_yes_no = found.base == YES_NO_LIST and {option["value"] for option in options} == {0, 1}
        if is_yes_no and kind == "single":
            kind = "yes_no"
        return flags | {"kind": kind, "options": options}

    def is_scale(self, found: ChoiceList) -> bool:
        """Whether a list is shared by questions, or was exported as a scale."""
        if found.base.endswith(OWN_LIST):
            return False
        if scale_code(found.base) in self.scales:
            return True
        return len(self.used.get(found.base, ())) > 1 and found.base != YES_NO_LIST

    def refuse_other(self, entry: Entry, found: ChoiceList) -> None:
        """Report a written-in answer that would be added to everybody's scale."""
        if entry.type.has_other:
            self.report("other_list_shared", "type", entry.row, list=found.name)

    def other_question(self, question: Mapping[str, Any], entry: Entry) -> dict[str, Any]:
        """Return the text in which the other answer is written."""
        operator = {"any_of": [OTHER]} if question["kind"] in {"multiple", "ranking"} else {"equals": OTHER}
        code = f"{question['code']}{OTHER_SUFFIX}"
        self.sources[f"question:{code}"] = [entry.row]
        condition = {"question": question["code"], **operator}
        return {"code": code, "kind": "text", "text": dict(OTHER_QUESTION), "visible_when": condition}

    def is_required(self, entry: Entry) -> bool:
        """Return whether an answer is required."""
        written = self.columns.cell(entry.row, "required").lower()
        if written and written not in YES | NO:
            self.report("required_condition", "required", entry.row, text=written)
        return written in YES

    def take_constraint(self, entry: Entry, question: dict[str, Any], section: dict[str, Any]) -> None:
        """Take a constraint over: as limits, as options that stand alone, or as a rule of the section."""
        written = self.columns.cell(entry.row, "constraint")
        message = self.texts(entry, "constraint_message")
        if not written:
            return
        try:
            limits = read_limits(written, question["kind"], is_integer=entry.type.is_integer)
            names = exclusive_names(written) if limits is None and question["kind"] == "multiple" else None
            if limits is not None:
                question |= limits
            elif names is not None:
                self.set_exclusive(question, names)
            elif not message:
                self.report("constraint_without_message", "constraint", entry.row)
            else:
                self.add_rule(
                    entry, section, read_condition(written, self.scope, self.scope.named(entry.name)), message
                )
                return
        except ExpressionError as error:
            self.report(error.code, "constraint", entry.row, **error.params)
        if message:
            self.notice("not_kept", "constraint_message", entry.row, column="constraint_message")

    def set_exclusive(self, question: Mapping[str, Any], names: list[str]) -> None:
        """Let options of a question's own list stand alone."""
        for option in question.get("options", ()):
            if str(option["value"]) in names:
                option["is_exclusive"] = True

    def add_rule(
        self, entry: Entry, section: dict[str, Any], must: dict[str, Any], message: dict[str, str]
    ) -> None:
        """Add a rule that forbids going on."""
        rule = {"code": f"{self.code_of(entry)}.rule", "must": must, "message": message, "severity": "hard"}
        section.setdefault("rules", []).append(rule)
        self.sources[f"section:{section['code']}"].append(entry.row)

    def condition(self, entry: Entry) -> dict[str, Any] | None:
        """Return the condition under ``relevant``."""
        written = self.columns.cell(entry.row, "relevant")
        try:
            return read_condition(written, self.scope) if written else None
        except ExpressionError as error:
            self.report(error.code, "relevant", entry.row, **error.params)
            return None

    def label(self, entry: Entry) -> dict[str, str]:
        """Return the label, which must be there."""
        label = self.texts(entry, "label")
        if not label:
            self.report("missing_label", "label", entry.row, name=entry.name)
        return label

    def texts(self, entry: Entry, column: str) -> dict[str, str]:
        """Return texts by language; answers shown in them are named as the questionnaire names them."""
        texts = self.columns.texts(entry.row, column)
        for name in {name for text in texts.values() for name in PLACE.findall(text)}:
            if name not in self.scope.by_name:
                self.report("text_unknown_name", column, entry.row, name=name)
        return {language: PLACE.sub(self.place, text) for language, text in texts.items()}

    def place(self, match: re.Match[str]) -> str:
        """Return how the questionnaire shows an answer in a text."""
        subject = self.scope.by_name.get(match[1])
        return f"{{{{{subject.code}}}}}" if subject else match[0]

    def check_unsupported(self, entry: Entry) -> None:
        """Report cells that a questionnaire cannot say."""
        for column in UNSUPPORTED_COLUMNS:
            if text := self.columns.cell(entry.row, column):
                self.report("not_expressed", column, entry.row, column=column, text=text)

    def report(self, code: str, column: str, row: Row, /, **params: str) -> None:
        """Note a problem in a cell."""
        self.problems.append(self.found(code, column, row, params))

    def notice(self, code: str, column: str, row: Row, /, **params: str) -> None:
        """Note what happened to a cell."""
        self.notices.append(self.found(code, column, row, params))

    def found(self, code: str, column: str, row: Row, params: Mapping[str, str]) -> FileProblem:
        """Return a finding in a cell."""
        place = self.sheet.place(self.columns.heading(column), row.number)
        return FileProblem(self.sheet.name, place, code, params)


KEPT = frozenset({"code", "kind", "text"})
TAKE: Mapping[str, Callable[[SurveyReader, Entry], None]] = {
    "begin_group": SurveyReader.take_group,
    "end_group": SurveyReader.take_end,
    "attribute": SurveyReader.take_attribute,
}
OTHER_TYPES = frozenset(
    {
        *("begin_repeat", "begin", "end_repeat", "time", "datetime", "geopoint", "geotrace"),
        *("geoshape", "image", "photo", "audio", "video", "file", "barcode", "calculate", "acknowledge"),
        *("range", "trigger", "select_one_from_file", "select_multiple_from_file", "select_one_external"),
        *("xml-external", "csv-external", "begin_loop", "osm"),
    }
)
"""Types that exist elsewhere."""


def scale_code(name: str) -> str:
    """Return the code of a scale for the name of a list.

    Examples
    --------
    >>> scale_code("satisfaction"), scale_code("5_point__scale"), scale_code("hài lòng")
    ('satisfaction', 'L5_point_scale', 'hai_long')
    """
    if CODE.fullmatch(name):
        return name
    letters = unicodedata.normalize("NFD", name.replace("đ", "d").replace("Đ", "D"))
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    parts = re.findall(r"[A-Za-z0-9]+", plain) or ["list"]
    code = "_".join(parts)
    return code if code[0].isalpha() else f"L{code}"
