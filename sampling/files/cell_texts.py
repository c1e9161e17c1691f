"""The text of a value in a workbook, the same whichever way the sheet is read."""

import datetime

LARGEST_EXACT = 10**15
"""Spreadsheets keep fifteen digits of a number; a longer code has lost its last ones."""

DIGITS_LOST = "#"


def cell_text(value: object) -> str:
    """Return the text of a cell: whole numbers without decimals, days as dd/mm/yyyy."""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        return _number_text(value)
    if isinstance(value, datetime.datetime):
        return f"{value:%d/%m/%Y}" if value.time() == datetime.time() else f"{value:%d/%m/%Y %H:%M:%S}"
    if isinstance(value, datetime.date):
        return f"{value:%d/%m/%Y}"
    return str(value)


def _number_text(value: float) -> str:
    """Return a number; one with more digits than spreadsheets keep is marked."""
    if value.is_integer() and abs(value) < LARGEST_EXACT:
        return str(int(value))
    return f"{DIGITS_LOST}{value:.14e}" if abs(value) >= LARGEST_EXACT else repr(value)
