"""Variance components as a small table of text: typed, pasted, or written by the statistics library."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from sampling.design.planning import Components, PlanError

STRATUM = "stratum"
SEPARATORS = (";", "\t", ",")


class ComponentsError(ValueError):
    """Raised with the line that cannot be read, and what to do."""


def read_components(text: str, stages: Sequence[str]) -> Mapping[str, Components]:
    """Read a table with the columns `stratum` and one per stage, other columns being passed over."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines:
        return {}
    separator = next((mark for mark in SEPARATORS if mark in lines[0]), SEPARATORS[0])
    header = [name.strip().lower() for name in lines[0].split(separator)]
    missing = [name for name in (STRATUM, *stages) if name not in header]
    if missing:
        raise ComponentsError(
            _("The first line must name the columns %(expected)s; missing: %(missing)s.")
            % {"expected": separator.join((STRATUM, *stages)), "missing": ", ".join(missing)}
        )
    rows = [(number, line.split(separator)) for number, line in enumerate(lines[1:], start=2)]
    return dict(_read_row(number, cells, header, stages) for number, cells in rows)


def _read_row(
    number: int, cells: Sequence[str], header: Sequence[str], stages: Sequence[str]
) -> tuple[str, Components]:
    """Read one stratum."""
    values = dict(zip(header, (cell.strip() for cell in cells), strict=False))
    try:
        parts = tuple(float(values[stage].replace(",", ".")) for stage in stages)
        return values[STRATUM], Components(parts)
    except (KeyError, ValueError, PlanError) as error:
        raise ComponentsError(
            _("Line %(line)s: give a code and one variance of 0 or more for each of %(stages)s.")
            % {"line": number, "stages": ", ".join(stages)}
        ) from error
