"""Several variables of an area plan as a small table of text: means, limits and variance components."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from math import isfinite

from django.utils.translation import gettext as _

from sampling.design.allocation import AllocationError
from sampling.design.least_cost_variables import OTHERS, PlanVariable
from sampling.design.planning import Components, PlanError
from sampling.viewsets.planner_fields import PERCENT

VARIABLE, STRATUM, MEAN, CV, WHOLE_CV = "variable", "stratum", "mean", "cv", "whole_cv"
SEPARATORS = (";", "\t", ",")

type Row = Mapping[str, str]


class VariablesError(ValueError):
    """Raised with what cannot be read, and what to do."""


def read_variables(text: str, stages: Sequence[str]) -> tuple[PlanVariable, ...]:
    """Read a table with `variable`, `mean`, and if wanted `cv`, `whole_cv`, `stratum`, one column per stage.

    A line without a stratum, or with `*`, is for all strata that the variable does not name; the limits, in
    per cent, stand there.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines:
        return ()
    separator = next((mark for mark in SEPARATORS if mark in lines[0]), SEPARATORS[0])
    header = [name.strip().lower() for name in lines[0].split(separator)]
    _check_header(header, stages)
    rows: dict[str, dict[str, Row]] = defaultdict(dict)
    for number, line in enumerate(lines[1:], start=2):
        cells = dict(zip(header, (cell.strip() for cell in line.split(separator)), strict=False))
        name, stratum = cells.get(VARIABLE, ""), cells.get(STRATUM) or OTHERS
        if not name or stratum in rows[name]:
            raise VariablesError(
                _("Line %(line)s: name a variable, and each of its strata once.") % {"line": number}
            )
        rows[name][stratum] = cells
    return tuple(_read_variable(name, strata, stages) for name, strata in rows.items())


def _check_header(header: Sequence[str], stages: Sequence[str]) -> None:
    """Refuse a table without its columns, or with only some of the variances."""
    found = [stage for stage in stages if stage in header]
    expected = [VARIABLE, MEAN, *(stages if found else ())]
    missing = [name for name in expected if name not in header]
    if missing:
        raise VariablesError(
            _("The first line must name the columns %(expected)s; missing: %(missing)s.")
            % {"expected": ";".join(expected), "missing": ", ".join(missing)}
        )


def _read_variable(name: str, strata: Mapping[str, Row], stages: Sequence[str]) -> PlanVariable:
    """Read the lines of one variable."""
    try:
        limits = strata.get(OTHERS, {})
        return PlanVariable(
            name,
            {stratum: _number(cells[MEAN]) for stratum, cells in strata.items()},
            {
                stratum: Components(tuple(_number(cells[stage]) for stage in stages))
                for stratum, cells in strata.items()
                if any(cells.get(stage) for stage in stages)
            },
            cv=_limit(limits, CV),
            whole_cv=_limit(limits, WHOLE_CV),
        )
    except (AllocationError, KeyError, PlanError, ValueError) as error:
        raise VariablesError(
            _(
                "Variable %(name)s: give a mean, limits above 0 in per cent or none, and one variance of 0 "
                "or more for each of %(stages)s or none."
            )
            % {"name": name, "stages": ", ".join(stages)}
        ) from error


def _limit(cells: Row, name: str) -> float | None:
    """Read a limit in per cent; empty for none."""
    return _number(cells[name]) / PERCENT if cells.get(name) else None


def _number(text: str) -> float:
    """Read a number with a decimal point or comma."""
    value = float(text.replace(",", "."))
    if not isfinite(value):
        raise ValueError(text)
    return value
