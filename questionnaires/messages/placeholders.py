"""What an author may leave open in a text, and filling it in."""

import re
from collections.abc import Mapping

LINK, CODE, AGENCY, DECISION, TELEPHONE, CLOSES, GENUINE = (
    "link",
    "code",
    "agency",
    "decision",
    "telephone",
    "closes",
    "genuine",
)
PLACEHOLDERS = (LINK, CODE, AGENCY, DECISION, TELEPHONE, CLOSES, GENUINE)
"""Every placeholder there is, in the order in which the page lists them."""
FROM_THE_CODE = (LINK, CODE)
"""Placeholders that stand for the access code of one case."""
NAMED = (AGENCY, DECISION, TELEPHONE)
"""What every message says of its sender."""

_OPEN = re.compile(r"\{([^{}]*)\}")


def placeholders_in(text: str) -> list[str]:
    """Return what stands between braces, in the order of the text, known or not.

    Examples
    --------
    >>> placeholders_in("{agency}: {link} {name}")
    ['agency', 'link', 'name']
    """
    return _OPEN.findall(text)


def has_stray_brace(text: str) -> bool:
    """Tell whether a brace opens or closes nothing.

    Examples
    --------
    >>> has_stray_brace("{link}"), has_stray_brace("{link"), has_stray_brace("{{link}}")
    (False, True, True)
    """
    return not {"{", "}"}.isdisjoint(_OPEN.sub("", text))


def fill(text: str, values: Mapping[str, str]) -> str:
    """Return a text with its placeholders filled in, once: braces in a value are left alone.

    Parameters
    ----------
    text : str
        Only names of `PLACEHOLDERS` between braces; linting refuses others before a text is kept.
    values : mapping of str to str
        What to put in; a name without a value stays as it is.

    Examples
    --------
    >>> fill("{agency}: {link}", {"agency": "{link}", "link": "https://khaosat.example.vn/"})
    '{link}: https://khaosat.example.vn/'
    """
    return _OPEN.sub(lambda found: values.get(found[1], found[0]), text)
