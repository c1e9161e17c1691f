"""Files that come in and go out: registers of villages, dry runs of frames, the drawn list."""

import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.db.models import Exists, ExpressionWrapper, F, OuterRef, QuerySet
from django.db.models.functions import Coalesce, NullIf
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from import_export import fields, resources, widgets

from sampling.files.problems import Difference
from sampling.models import Case, Sample
from sampling.selectors.cases import has_approximate_probability
from sampling.selectors.draws import committed_draws
from sampling.services import LoadedFrame, Register, load_frame
from sampling.services.frame_files import READERS, read_frame_table
from sampling.services.registers import LONGEST_NUMBER
from sampling.spreadsheets import csv_text

FIRST_ROW = 2
"""Row 1 of a file is the row of column names."""

NUMBER, SEX, AGE_GROUP, VILLAGE = "number", "sex", "age_group", "village"
SEXES: Mapping[str, str] = {"male": "male", "nam": "male", "female": "female", "nữ": "female"}
"""What a register may write, and what is stored."""

LONGEST_AGE_GROUP = 16


@dataclass(frozen=True, slots=True)
class FileProblem:
    """One thing wrong at one place of a file; row 1 is the row of column names."""

    file: str
    row: int
    column: str
    expected: str
    got: str
    hint: str


class RegisterFilesError(ValueError):
    """Raised with every problem of the registers; nothing was drawn."""

    def __init__(self, problems: Sequence[FileProblem]) -> None:
        self.problems = tuple(problems)
        count = len(self.problems)
        super().__init__(
            ngettext("The registers have %(count)s problem.", "The registers have %(count)s problems.", count)
            % {"count": count}
        )


def read_registers(path: Path) -> dict[str, Register]:
    """Read the registers of a folder, one file per village, or of one file with a column `village`.

    All rows are checked before anything is returned.
    """
    reading = _Reading()
    if path.is_dir():
        for file in sorted(path.iterdir()):
            if file.suffix.lower() in READERS:
                reading.take(file, village=file.stem)
    else:
        reading.take(path)
    if reading.problems:
        raise RegisterFilesError(reading.problems)
    return {village: reading.register(adults) for village, adults in reading.adults.items()}


def missing_registers(villages: Iterable[str], registers: Mapping[str, Register]) -> list[FileProblem]:
    """Return one problem for each drawn village without a register."""
    return [
        FileProblem(
            file=village,
            row=0,
            column=VILLAGE,
            expected=_("the register of the drawn village %(village)s") % {"village": village},
            got="—",
            hint=_("Ask the village for its register and add it."),
        )
        for village in villages
        if village not in registers
    ]


@dataclass(frozen=True, slots=True)
class ReadRegisters:
    """Registers by village, and what in their files is read otherwise than it is written."""

    registers: dict[str, Register]
    differences: tuple[Difference, ...]


def read_register_files(paths: Sequence[Path]) -> ReadRegisters:
    """Read the registers of several files with a column `village`; a village stands in one file only."""
    reading = _Reading()
    for path in paths:
        reading.take(path)
    if reading.problems:
        raise RegisterFilesError(reading.problems)
    registers = {village: reading.register(adults) for village, adults in reading.adults.items()}
    return ReadRegisters(registers, tuple(reading.differences))


class _Reading:
    """Collects the rows of registers by village, and what is wrong with them."""

    def __init__(self) -> None:
        self.problems: list[FileProblem] = []
        self.differences: list[Difference] = []
        self.file_of: dict[str, str] = {}
        self.adults: dict[str, dict[str, tuple[str, str]]] = defaultdict(dict)

    def take(self, file: Path, *, village: str = "") -> None:
        """Check the rows of one file."""
        table = read_frame_table(file, stage="register")
        rows = table.rows
        self.differences += (replace(difference, file=file.name) for difference in table.differences)
        columns = list(rows[0]) if rows else []
        required = [NUMBER] if village else [VILLAGE, NUMBER]
        allowed = [*required, SEX, AGE_GROUP]
        self._check_columns(file.name, columns, required, allowed)
        if not rows or not set(required) <= set(columns):
            return
        for raw in rows:
            row = {column: value.strip() for column, value in raw.items()}
            self._refuse_second_file(file.name, raw.number, village or row[VILLAGE])
            self._take_row(file.name, raw.number, village or row[VILLAGE], row)

    def register(self, adults: Mapping[str, tuple[str, str]]) -> Register:
        """Turn the checked adults of a village into its register; a column that did not come stays empty."""
        sex, age_group = zip(*adults.values(), strict=True)
        return Register(
            ids=list(adults),
            sex=sex if any(sex) else (),
            age_group=age_group if any(age_group) else (),
        )

    def _check_columns(
        self, file: str, columns: Sequence[str], required: Sequence[str], allowed: Sequence[str]
    ) -> None:
        """Check that the columns are those agreed, and that there is a row."""
        got = ", ".join(columns)
        for column in required:
            if column not in columns:
                hint = _("Add the column; write its name exactly so.")
                self._add(file, 1, column, _("the column %(value)s") % {"value": column}, got, hint)
        for column in columns:
            if column not in allowed:
                expected = _("only the columns %(value)s") % {"value": ", ".join(allowed)}
                hint = _("Remove or rename the column; names and addresses do not belong here.")
                self._add(file, 1, column, expected, column, hint)

    def _refuse_second_file(self, file: str, number: int, village: str) -> None:
        """Name a village that another file holds already, once for each file."""
        first = self.file_of.setdefault(village, file)
        if first != file:
            self.file_of[village] = file
            expected = _("the register of a village in one file; it is in %(file)s already") % {"file": first}
            self._add(file, number, VILLAGE, expected, village, _("Send one register for each village."))

    def _take_row(self, file: str, number: int, village: str, row: Mapping[str, str]) -> None:
        """Check one row and keep the adult; one with problems is kept too, so that doubles are found."""
        for column, value in row.items():
            if not value:
                self._add(file, number, column, _("a value"), "", _("Fill in the cell."))
        adult = row[NUMBER]
        if adult in self.adults[village]:
            expected = _("each number once in a village")
            self._add(file, number, NUMBER, expected, adult, _("Remove the second row."))
        if row.get(SEX) and row[SEX].lower() not in SEXES:
            expected = _("one of %(values)s") % {"values": ", ".join(SEXES)}
            self._add(file, number, SEX, expected, row[SEX], _("Correct the cell."))
        for column, longest in ((NUMBER, LONGEST_NUMBER), (AGE_GROUP, LONGEST_AGE_GROUP)):
            if len(row.get(column, "")) > longest:
                expected = _("at most %(value)s characters") % {"value": longest}
                self._add(file, number, column, expected, row[column], _("Shorten the text."))
        sex = SEXES.get(row.get(SEX, "").lower(), "")
        self.adults[village][adult] = (sex, sys.intern(row.get(AGE_GROUP, "")))

    def _add(self, file: str, row: int, column: str, expected: str, got: str, hint: str) -> None:
        """Note a problem."""
        self.problems.append(FileProblem(file, row, column, expected, got or "—", hint))


def try_frame(**values: Any) -> LoadedFrame:
    """Load a frame, refused as the service refuses it, and take it back: what came of it is only shown."""
    with transaction.atomic():
        loaded = load_frame(**values)
        transaction.set_rollback(True)
    return loaded


class CaseResource(resources.ModelResource):
    """The drawn list: who is to be asked by the number in the register, without any personal data.

    `household_adults` are the adults of a drawn household of whom one is asked, 1 in a sample without
    households, and empty where they are not listed yet; `inclusion_probability` and `household_weight` are
    those of the household, and `design_weight`, that of the person, is `household_weight` times the adults.
    """

    province_code = fields.Field(attribute="village__province__code", column_name="province_code")
    province = fields.Field(attribute="village__province__name", column_name="province")
    commune_code = fields.Field(attribute="village__parent__frame_unit__code", column_name="commune_code")
    commune = fields.Field(attribute="village__parent__frame_unit__name", column_name="commune")
    village_code = fields.Field(attribute="village__frame_unit__code", column_name="village_code")
    village = fields.Field(attribute="village__frame_unit__name", column_name="village")
    is_reserve = fields.Field("is_reserve", "is_reserve", widget=widgets.BooleanWidget())
    is_provisional = fields.Field(
        "sample__template__is_provisional", "is_provisional", widget=widgets.BooleanWidget()
    )
    is_demo = fields.Field("sample__round__is_demo", "is_demo", widget=widgets.BooleanWidget())
    is_rehearsed = fields.Field("is_rehearsed", "is_rehearsed", widget=widgets.BooleanWidget())
    is_approximate = fields.Field("is_approximate", "is_approximate", widget=widgets.BooleanWidget())
    household_weight = fields.Field("design_weight", "household_weight", widget=widgets.FloatWidget())
    household_adults = fields.Field("household_adults", "household_adults", widget=widgets.IntegerWidget())
    design_weight = fields.Field("person_weight", "design_weight", widget=widgets.FloatWidget())

    class Meta:
        model = Case
        fields = (
            "number", "province_code", "province", "commune_code", "commune", "village_code", "village",
            "register_number", "is_reserve", "draw_order", "sex", "age_group", "inclusion_probability",
            "household_weight", "household_adults", "design_weight", "is_approximate", "is_provisional",
            "is_demo", "is_rehearsed",
        )  # fmt: skip
        export_order = fields

    def filter_export(self, queryset: QuerySet, **_kwargs: Any) -> QuerySet:
        """Read places along with the cases, and whether commitments led to them."""
        places = ("village__province", "village__frame_unit", "village__parent__frame_unit")
        unproved = ~Exists(committed_draws().filter(round=OuterRef("sample__round")))
        cases = queryset.select_related(*places, "sample__round", "sample__template")
        n_adults = F("household__n_adults")
        marked: QuerySet = cases.annotate(
            is_rehearsed=unproved,
            is_approximate=models.Case(
                models.When(
                    household__is_quasi_random=True, household__n_adults__gt=1, then=models.Value(value=True)
                ),
                default=has_approximate_probability(),
            ),
            household_adults=models.Case(
                models.When(household__isnull=True, then=1),
                default=n_adults,
                output_field=models.IntegerField(),
            ),
            person_weight=ExpressionWrapper(
                F("design_weight") * Coalesce(NullIf(n_adults, 0), 1), models.FloatField()
            ),
        )
        return marked.order_by("number")

    def import_data(self, *_args: Any, **_kwargs: Any) -> None:
        """Refuse: cases come from a draw alone."""
        raise PermissionDenied(_("Cases are drawn, never imported. Draw a sample instead."))


def drawn_list(sample: Sample) -> str:
    """Return the drawn list of a sample as CSV text; sealed reserves are not in it."""
    dataset = CaseResource().export(Case.objects.filter(sample=sample).active())
    return csv_text(dataset.headers, dataset)
