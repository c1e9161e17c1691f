"""Strata of a list as a small table of text: attributes, N, SD, mean, cost."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite, sqrt

from django.utils.translation import gettext as _

from sampling.design.stratified import ListStratum
from sampling.viewsets.planner_fields import PERCENT

COUNT, SPREAD, MEAN, COST, EFFECT = "n", "sd", "mean", "cost", "size_effect"
VALUE_COLUMN = re.compile(rf"({SPREAD}|{MEAN})(_\d+)?")
GROUPED = re.compile(r"\d{1,3}([.,\u00a0 ]\d{3})+")
SEPARATORS = (";", "\t", ",")
LARGEST_STRATA = 5_000


class TableError(ValueError):
    """Raised with the line that cannot be read, and what to do."""


@dataclass(frozen=True, slots=True)
class StrataTable:
    """Attributes and strata as they were read."""

    attributes: tuple[str, ...]
    strata: tuple[ListStratum, ...]


def read_strata(text: str, *, share: float, cost: float) -> StrataTable:
    """Read a table of strata; without SD and mean the answers are a share, without cost all cost the same."""
    lines = [line for line in text.replace("\ufeff", "").splitlines() if line.strip()]
    if not lines:
        raise TableError(_("Enter a line of column names and one line per stratum."))
    separator = next((mark for mark in SEPARATORS if mark in lines[0]), SEPARATORS[0])
    header = [name.strip().lower() for name in lines[0].split(separator)]
    if COUNT not in header or len(set(header)) < len(header):
        raise TableError(_("The first line must name each column once, N among them."))
    attributes = tuple(name for name in header if not is_value(name))
    if not attributes:
        raise TableError(_("Name at least one column that makes the strata, for example province."))
    if len(lines) > LARGEST_STRATA:
        raise TableError(_("At most %(n)s strata can be planned at once.") % {"n": LARGEST_STRATA - 1})
    usual = {SPREAD: sqrt(share * (PERCENT - share)), MEAN: share, COST: cost}
    strata = []
    for number, line in enumerate(lines[1:], start=2):
        cells = dict(zip(header, (cell.strip() for cell in line.split(separator)), strict=False))
        strata.append(_read_stratum(number, cells, attributes, usual))
    _refuse_doubles(strata)
    return StrataTable(attributes, tuple(strata))


def is_value(name: str) -> bool:
    """Tell whether a column holds numbers and makes no strata."""
    return name in {COUNT, COST, EFFECT} or VALUE_COLUMN.fullmatch(name) is not None


def _read_stratum(
    number: int, cells: Mapping[str, str], attributes: Sequence[str], usual: Mapping[str, float]
) -> ListStratum:
    """Read one line."""
    try:
        places = sorted({name.removeprefix(SPREAD) for name in cells if name.startswith(SPREAD)}) or [""]
        return ListStratum(
            key=tuple(cells[name] for name in attributes),
            population=_whole(cells[COUNT]),
            sds=tuple(_number(cells.get(f"{SPREAD}{place}", ""), usual[SPREAD]) for place in places),
            means=tuple(_number(cells.get(f"{MEAN}{place}", ""), usual[MEAN]) for place in places),
            cost=_cost(cells.get(COST, ""), usual[COST]),
            size_effect=_number(cells[EFFECT]) if cells.get(EFFECT) else None,
        )
    except (KeyError, ValueError, OverflowError) as error:
        raise TableError(
            _(
                "Line %(line)s: give every attribute, N as a whole number of at least 1, SD of 0 or more, "
                "a cost above 0 (1500 or 1.5, not 1.500) and, if there is such a column, a size_effect of at "
                "least 1."
            )
            % {"line": number}
        ) from error


def _whole(text: str) -> int:
    """Read a number of units, whose digits may be grouped by threes: none has decimals."""
    value = float(re.sub(r"\D", "", text)) if GROUPED.fullmatch(text) else _number(text)
    if not value.is_integer():
        raise ValueError(text)
    return int(value)


def _cost(text: str, usual: float) -> float:
    """Read a cost; 1.500 may be one and a half or fifteen hundred, and nobody can tell."""
    if GROUPED.fullmatch(text):
        raise ValueError(text)
    return _number(text, usual)


def _number(text: str, usual: float | None = None) -> float:
    """Read a number with a decimal point or comma: three decimals of a mean are no thousands."""
    if not text and usual is not None:
        return usual
    value = float(text.replace(",", "."))
    if not isfinite(value):
        raise ValueError(text)
    return value


def _refuse_doubles(strata: Sequence[ListStratum]) -> None:
    keys = [one.key for one in strata]
    twice = (
        sorted({" · ".join(key) for key in keys if keys.count(key) > 1}) if len(set(keys)) < len(keys) else []
    )
    if twice or not keys:
        raise TableError(_("Give every stratum once; twice: %(names)s.") % {"names": ", ".join(twice) or "–"})


def read_fixed(text: str) -> dict[str, float]:
    """Read numbers by kind: `xã=150; phường=200; *=100`."""
    pairs = [part.partition("=") for part in text.replace("\n", ";").split(";") if part.strip()]
    try:
        return {kind.strip(): float(int(number)) for kind, _equals, number in pairs}
    except ValueError as error:
        raise TableError(_("Write kinds and numbers as xã=150; phường=200; *=100.")) from error
