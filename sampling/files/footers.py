"""What stands below a table: totals, notes, places and dates, signatures."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from sampling.files.grids import NumberedRow, quoted
from sampling.files.headers import Header, Layout, title_keys
from sampling.files.problems import Difference

FOOTER_WORDS = (
    "tong cong", "tong so", "cong", "nguoi lap", "nguoi lap bieu", "lap bieu", "thu truong", "noi nhan",
    "ky ten", "ky ghi ro ho ten", "ghi chu", "chu tich", "pho chu tich", "giam doc", "pho giam doc",
    "truong phong", "ke toan", "nguoi kiem tra", "xac nhan", "tm", "kt", "total", "prepared by",
    "approved by", "signature", "note", "notes",
)  # fmt: skip
"""How such rows begin, as search keys."""


def split_footer(
    body: list[NumberedRow], header: Header, layout: Layout
) -> tuple[list[NumberedRow], list[Difference]]:
    """Return the rows of the table, and what is said about those below it.

    Rows at the end are left out if none has a code and more than half of what is required, and if an empty
    row or one of the usual words comes before them. Whatever is left out is told, so a row with a forgotten
    code is seen.
    """
    positions = {column: position for position, column in enumerate(header.columns) if column}
    required = [positions[column] for column in layout.required if column in positions]
    first = len(body)
    while first and not _is_of_table(body[first - 1][1], required):
        first -= 1
    while first < len(body) and not _begins_footer(body, first):
        first += 1
    footer = body[first:]
    if not footer:
        return body, []
    reason = _("Rows below the table are left out.")
    return body[:first], [Difference(footer[0][0], "", quoted(footer), "—", reason)]


def _is_of_table(cells: Sequence[str], required: Sequence[int]) -> bool:
    """Tell whether a row has a code, or most of what every row has."""
    values = [cells[position].strip() if position < len(cells) else "" for position in required]
    code = values[0] if values else ""
    has_code = bool(code) and not any(map(str.isspace, code)) and any(map(str.isdecimal, code))
    return has_code or sum(map(bool, values)) * 2 > len(values)


def _begins_footer(body: Sequence[NumberedRow], position: int) -> bool:
    """Tell whether a row is parted from the table, or says that it is none of it."""
    number, cells = body[position]
    is_parted = position > 0 and body[position - 1][0] < number - 1
    return is_parted or any(_is_footer_text(cell) for cell in cells)


def _is_footer_text(cell: str) -> bool:
    """Tell whether a cell says what rows below tables say."""
    keys = title_keys(cell.strip()) if cell.strip() and not cell.strip().isdecimal() else ()
    return any(key == word or key.startswith(f"{word} ") for key in keys for word in FOOTER_WORDS) or any(
        " ngay " in f" {key} " and " thang " in f" {key} " for key in keys
    )
