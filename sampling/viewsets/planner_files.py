"""A plan as a file: tables for spreadsheets, and the design as a document that a draw can start from."""

import io
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import override
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from sampling.design.area_strata import PREDECESSOR, PROVINCE
from sampling.methods import parse_sampling_template
from sampling.selectors.planning import PlanningBasis
from sampling.spreadsheets import BYTE_ORDER_MARK, csv_text
from sampling.viewsets.planner_area import AreaResult, DomainRow, points
from sampling.viewsets.planner_rules import AreaRequest, strata_of
from sampling.viewsets.planner_words import UNIT_LABELS, attribute_label, domain_name, stage_label

NATION = "nation"
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
SHEET_TITLE_LENGTH = 31
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DECIMALS = 2

type Cell = str | float | int | None


@dataclass(frozen=True, slots=True)
class PlanTable:
    """One table of a plan."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class PlanFile:
    """What is sent: bytes with their type."""

    content: bytes
    content_type: str
    extension: str

    def response(self, name: str) -> HttpResponse:
        """Return the file under a name."""
        answer = HttpResponse(self.content, content_type=self.content_type)
        answer["Content-Disposition"] = content_disposition_header(
            as_attachment=True, filename=f"{name}.{self.extension}"
        )
        return answer


def write_csv(tables: Sequence[PlanTable]) -> PlanFile:
    """Write the first table."""
    text = BYTE_ORDER_MARK + csv_text(tables[0].header, tables[0].rows)
    return PlanFile(text.encode(), "text/csv; charset=utf-8", "csv")


def write_xlsx(tables: Sequence[PlanTable]) -> PlanFile:
    """Write one sheet per table."""
    book = Workbook(write_only=True)
    for table in tables:
        sheet = book.create_sheet(table.title[:SHEET_TITLE_LENGTH])
        sheet.freeze_panes = "A2"
        sheet.append([_head(sheet, text) for text in table.header])
        for row in table.rows:
            sheet.append([_harmless(cell) for cell in row])
    buffer = io.BytesIO()
    book.save(buffer)
    return PlanFile(buffer.getvalue(), XLSX_TYPE, "xlsx")


def write_json(document: Mapping[str, Any]) -> PlanFile:
    """Write a document, readable for people."""
    text = json.dumps(document, ensure_ascii=False, indent=2)
    return PlanFile(text.encode(), "application/json", "json")


TABLE_WRITERS: Mapping[str, Callable[[Sequence[PlanTable]], PlanFile]] = {
    "csv": write_csv,
    "xlsx": write_xlsx,
}
DOCUMENT = "json"


def _head(sheet: WriteOnlyWorksheet, text: str) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, value=_harmless(text))
    cell.font = Font(bold=True)
    return cell


def _harmless(cell: Cell) -> Cell:
    """Put an apostrophe before a text that a spreadsheet would compute."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_STARTS) else cell


def area_tables(basis: PlanningBasis, request: AreaRequest, result: AreaResult) -> list[PlanTable]:
    """Return the plan by domain, by stratum, and what was assumed."""
    stages = [stage_label(stage, UNIT_LABELS) for stage in basis.stages]
    domains = PlanTable(
        _("Domains"),
        (
            _("code"),
            _("name"),
            *stages,
            _("answers expected"),
            _("half-width in points"),
            _("half-width under the template"),
            _("degrees of freedom"),
            _("design effect"),
            _("cost in đồng"),
            _("reaches the target"),
        ),
        tuple(_domain_cells(row) for row in result.rows),
    )
    strata = PlanTable(
        _("Strata"),
        (_("code"), _("name"), _("adults") if basis.has_frame else _("units"), *stages),
        tuple(
            (
                one.code,
                " · ".join(domain_name(name) for _code, name in one.key),
                one.plan.size,
                *(round(count, DECIMALS) for count in one.plan.counts),
            )
            for one in result.strata
        ),
    )
    return [domains, strata, _assumptions(basis, request)]


def _domain_cells(row: DomainRow) -> tuple[Cell, ...]:
    planned = row.planned
    standard = row.standard_margin
    return (
        row.code,
        row.name,
        *(round(count, DECIMALS) for count in planned.counts),
        round(planned.completed, DECIMALS),
        None if row.margin is None else round(row.margin, DECIMALS),
        None if standard is None else round(standard, DECIMALS),
        round(planned.df, DECIMALS),
        round(planned.deff, DECIMALS),
        round(planned.cost),
        _("no") if row.is_missed else _("yes"),
    )


def _assumptions(basis: PlanningBasis, request: AreaRequest) -> PlanTable:
    """Write down what the figures rest on."""
    chosen = request.assumptions
    rows: list[tuple[Cell, ...]] = [
        (_("sampling template"), str(basis.template)),
        (_("strata"), request.attribute),
        (_("allocation"), request.rule),
        (_("confidence level"), chosen.confidence),
        (_("response rate"), chosen.response_rate),
        (_("drawing without replacement counts"), _("yes") if chosen.fpc else _("no")),
        (_("target: half-width in points"), points(request.target)),
    ]
    parts = zip(basis.stages, request.costs, request.components.variances, strict=True)
    for stage, cost, variance in parts:
        label = stage_label(stage, UNIT_LABELS)
        rows.append((_("cost in đồng, assumed: %(stage)s") % {"stage": label}, cost))
        rows.append((_("variance, assumed: %(stage)s") % {"stage": label}, variance))
    return PlanTable(_("Assumptions"), (_("what"), _("value")), tuple(rows))


def template_document(basis: PlanningBasis, request: AreaRequest, result: AreaResult) -> dict[str, Any]:
    """Return the plan as a sampling template, from which a draw can start."""
    document = dict(basis.template.document)
    first, *later = basis.stages
    takes = {one.code: round(one.plan.takes[0]) for one in result.strata}
    usual = Counter(takes.values()).most_common(1)[0][0]
    names = {one.code: _in_both([name for _code, name in one.key]) for one in result.strata}
    exceptions = [
        {"stratum": code, "n_units": take, "title": names[code]}
        for code, take in sorted(takes.items())
        if take != usual
    ]
    divided = {name: value for name, value in first.items() if name != "allocation"}
    stages = [divided | {"n_units": usual, "exceptions": exceptions}]
    stages += [stage | {"n_units": round(take)} for stage, take in zip(later, request.takes, strict=True)]
    stages += document["stages"][len(stages) :]
    document |= _origin(document) | {
        "strata": _strata(basis, request, len(takes)),
        "stages": stages,
        "expected": _expected(stages, list(takes.values())),
    }
    parse_sampling_template(document)
    return document


def _in_both(names: Sequence[str]) -> dict[str, str]:
    """Return the name of a stratum in both languages."""
    return {language: _in(language, lambda: ", ".join(map(domain_name, names))) for language in ("vi", "en")}


def _in(language: str, words: Callable[[], str]) -> str:
    """Return words in a language."""
    with override(language):
        return words()


def _origin(document: Mapping[str, Any]) -> dict[str, Any]:
    """Say that a plan is a plan: assumed, provisional, decided by nobody yet."""
    return {
        "code": f"{document['code']}-plan",
        "version": 1,
        "decision": None,
        "decision_date": None,
        "confidence": "assumed",
        "is_provisional": True,
        "provisional_reason": {
            "vi": "Phương án lập bằng trang kế hoạch mẫu, chưa có quyết định ban hành.",
            "en": "A plan made on the planner's page; no decision has adopted it yet.",
        },
    }


def _strata(basis: PlanningBasis, request: AreaRequest, n_strata: int) -> dict[str, Any]:
    """Describe the strata: as in the template, or the provinces of its domains, or those before them."""
    document = basis.template.document
    keys = strata_of(request.attribute)[0]
    if keys == basis.template_attributes:
        return {**document["strata"], "n_strata": n_strata}
    if keys == (PROVINCE,):
        return _provinces_of_domains(document) | {"n_strata": n_strata}
    if keys == (PREDECESSOR,):
        title = {
            "vi": "Tỉnh, thành phố trước ngày 01/7/2025",
            "en": "The provinces before 1 July 2025",
        }
        return {"level": PROVINCE, "valid_on": "2025-06-30", "n_strata": n_strata, "title": title}
    title = {language: _in(language, lambda: attribute_label(request.attribute)) for language in ("vi", "en")}
    named = {"title": title, "by": list(keys), "n_strata": n_strata}
    if {PROVINCE, PREDECESSOR}.isdisjoint(keys):
        named["level"] = NATION
    return _provinces_of_domains(document) | named


def _provinces_of_domains(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return level, day and title of the provinces for which a template has results."""
    domain = next(one for one in document["domains"] if one["level"] == PROVINCE)
    return {name: domain[name] for name in ("level", "valid_on", "title")}


def _expected(stages: Iterable[Mapping[str, Any]], firsts: Sequence[int]) -> dict[str, int]:
    """Count the units of every stage."""
    first, *later = stages
    counts = {first["code"]: sum(firsts)}
    total = sum(firsts)
    for stage in later:
        total *= stage["n_units"]
        counts[stage["code"]] = total
    return counts
