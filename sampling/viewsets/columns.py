"""Columns of listings: numbers and days as readers write them, the mark of a provisional method."""

from collections.abc import Callable
from operator import attrgetter
from typing import Any

from django.utils.formats import date_format, number_format
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.ui.tables import Column

from sampling.models.areas import UNKNOWN_START

type Label = str | Promise


def number_column(name: str, label: Label, places: int = 0) -> Column:
    """Return a sortable column of numbers with grouped digits: 20.088 in Vietnamese."""

    def shown(row: Any) -> str:
        value = attrgetter(name)(row)
        return "" if value is None else grouped(value, places)

    return Column(name, label=label, accessor=shown, sort_key=name)


def grouped(value: float, places: int = 0) -> str:
    """Write a number with its digits grouped."""
    return number_format(f"{value:.{places}f}", decimal_pos=places, use_l10n=True, force_grouping=True)


def day_column(name: str, label: Label) -> Column:
    """Return a sortable column of days; the sentinel of an unknown start is told in words."""

    def shown(row: Any) -> str:
        value = getattr(row, name)
        if value == UNKNOWN_START:
            return _("unknown")
        return date_format(value, "SHORT_DATE_FORMAT") if value else ""

    return Column(name, label=label, accessor=shown, sort_key=name)


def mark_column(is_provisional: Callable[[Any], bool]) -> Column:
    """Return a column with the provisional mark where a method behind the row has no official text."""

    def shown(row: Any) -> str:
        words = _("Provisional method")
        return format_html('<span class="mark-provisional">{}</span>', words) if is_provisional(row) else ""

    return Column("mark", label=gettext_lazy("mark"), accessor=shown)
