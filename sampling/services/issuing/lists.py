"""Lists of respondents: to print, for spreadsheets, or many in one archive. Each one is on record."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from django.contrib.auth.models import AbstractUser
from django.db import models, transaction
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from sampling.models import Sample
from sampling.printing import PDF, ZIP, pdf_from_html, zip_of
from sampling.services.audit import record
from sampling.services.issuing.access import checked_scope
from sampling.services.issuing.objections import withhold_objectors
from sampling.services.issuing.respondents import Respondent, VillageList, village_lists
from sampling.services.issuing.scopes import Scope, safe_name
from sampling.spreadsheets import BYTE_ORDER_MARK, csv_text, workbook_of

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TEMPLATE = "sampling/print/respondents.html"
SEX_WORDS: Mapping[str, object] = {"male": gettext_lazy("male"), "female": gettext_lazy("female")}

type Step = Callable[[int, int], None]


class ListFormat(models.TextChoices):
    """Kinds of files."""

    PDF = "pdf", gettext_lazy("PDF, to print")
    HTML = "html", gettext_lazy("HTML, to print from the browser")
    XLSX = "xlsx", gettext_lazy("XLSX, codes as text")
    CSV = "csv", gettext_lazy("CSV")


class Split(models.TextChoices):
    """How many files."""

    NONE = "none", gettext_lazy("one file")
    COMMUNE = "commune", gettext_lazy("one file for each commune, in a ZIP")
    VILLAGE = "village", gettext_lazy("one file for each village, in a ZIP")


@dataclass(frozen=True, slots=True)
class IssuedFile:
    """A file that is handed to somebody."""

    name: str
    content: bytes
    content_type: str
    n_rows: int


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for."""

    scope: Scope
    file_format: ListFormat
    split: Split = Split.NONE


@transaction.atomic
def make_respondent_lists(
    *, request: Request, user: AbstractUser, progress: Step | None = None
) -> IssuedFile:
    """Return the respondents of a scope as a file, or as an archive of files, by given name in each village.

    Refused to whoever may not see names, of this round or of this province, now; sealed reserves are in no
    list, and whoever objected or refused is listed without name and address. The audit log keeps who took
    what, and how many rows.
    """
    scope = checked_scope(request.scope, user)
    withhold_objectors(scope.sample, user)
    lists = village_lists(scope)
    content_type, write = WRITERS[request.file_format]
    parts = []
    split = list(_split(lists, request.split))
    for done, (name, part) in enumerate(split, start=1):
        parts.append((f"{name}.{request.file_format.value}", write(scope.sample, part)))
        if progress is not None:
            progress(done, len(split))
    n_rows = sum(len(each.respondents) for each in lists)
    details = {
        "rows": n_rows,
        "villages": len(lists),
        "scope": scope.code,
        "format": request.file_format.value,
        "split": request.split.value,
    }
    record(scope.sample, "sampling.export_respondents", user=user, details=details)
    base = safe_name(f"{scope.sample.round.code}-{scope.code}")
    if request.split == Split.NONE:
        return IssuedFile(
            f"{base}.{request.file_format.value}",
            parts[0][1] if parts else write(scope.sample, []),
            content_type,
            n_rows,
        )
    return IssuedFile(f"{base}-{request.file_format.value}.zip", zip_of(parts), ZIP, n_rows)


def _split(lists: list[VillageList], split: Split) -> Iterator[tuple[str, list[VillageList]]]:
    """Yield the lists of each file with its name."""
    if split == Split.NONE:
        yield "all", lists
        return
    if split == Split.VILLAGE:
        yield from ((each.place.file_name, [each]) for each in lists)
        return
    for codes, members in groupby(lists, key=lambda each: each.place.codes[:2]):
        yield safe_name("-".join(code for code in codes if code)), list(members)


def list_page(sample: Sample, lists: Iterable[VillageList]) -> str:
    """Return the page that is printed, the same for the browser and for the PDF."""
    context = {
        "round": sample.round,
        "lists": list(lists),
        "printed_at": timezone.localtime(),
        "is_demo": sample.round.is_demo,
        "is_provisional": sample.template.is_provisional,
        "visits": (1, 2, 3),
    }
    return render_to_string(TEMPLATE, context)


def header() -> list[str]:
    """Return the columns of a list for spreadsheets."""
    return [
        _("Province, code"), _("Province"), _("Commune, code"), _("Commune"), _("Village, code"),
        _("Village"), _("Case number"), _("Number in the register"), _("Full name"), _("Sex"), _("Age group"),
        _("Address"), _("Telephone"), pgettext("of a case", "Outcome"),
    ]  # fmt: skip


def rows(lists: Iterable[VillageList]) -> Iterator[list[str]]:
    """Yield one row for each respondent, all of it text."""
    for each in lists:
        place = each.place
        province, commune, village = place.codes
        for respondent in each.respondents:
            yield [
                province, place.province, commune, place.commune, village, place.village,
                *_own_cells(respondent),
            ]  # fmt: skip


def _own_cells(respondent: Respondent) -> list[str]:
    """Return the cells of one respondent; the number in the register would lead to a withheld person."""
    case, contact = respondent.case, respondent.contact
    return [
        case.number,
        "" if respondent.is_withheld else case.register_number,
        contact.full_name,
        str(SEX_WORDS.get(case.sex, case.sex)),
        case.age_group,
        contact.address,
        contact.phone,
        respondent.note,
    ]


def _as_csv(_sample: Sample, lists: Iterable[VillageList]) -> bytes:
    return (BYTE_ORDER_MARK + csv_text(header(), rows(lists))).encode()


def _as_workbook(_sample: Sample, lists: Iterable[VillageList]) -> bytes:
    return workbook_of(_("Respondents"), header(), list(rows(lists)))


def _as_page(sample: Sample, lists: Iterable[VillageList]) -> bytes:
    return list_page(sample, lists).encode()


def _as_pdf(sample: Sample, lists: Iterable[VillageList]) -> bytes:
    return pdf_from_html(list_page(sample, lists))


WRITERS: Mapping[ListFormat, tuple[str, Callable[[Sample, Iterable[VillageList]], bytes]]] = {
    ListFormat.PDF: (PDF, _as_pdf),
    ListFormat.HTML: ("text/html; charset=utf-8", _as_page),
    ListFormat.XLSX: (XLSX, _as_workbook),
    ListFormat.CSV: ("text/csv; charset=utf-8", _as_csv),
}
"""Type and writer of every kind of file."""
