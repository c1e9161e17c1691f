"""Texts that do no harm in a spreadsheet."""

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
_SHIELD = "'"


def neutralise(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula.

    An apostrophe goes before a text that starts with = + - @, a tab or a line break.

    Examples
    --------
    >>> neutralise("=1+1"), neutralise("Hà Nội")
    ("'=1+1", 'Hà Nội')
    """
    return _SHIELD + text if text.startswith(_FORMULA_STARTS) else text
