"""Types of rows of a survey sheet: which kind of question each stands for, and which have no place here."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

SELECTS: Mapping[str, str] = {
    "select_one": "single",
    "select one": "single",
    "select1": "single",
    "select_multiple": "multiple",
    "select multiple": "multiple",
    "rank": "ranking",
    "odk:rank": "ranking",
}
PLAIN: Mapping[str, str] = {
    "integer": "number",
    "int": "number",
    "decimal": "number",
    "text": "text",
    "string": "text",
    "date": "date",
    "note": "note",
    "hidden": "attribute",
    "begin_group": "begin_group",
    "begin group": "begin_group",
    "end_group": "end_group",
    "end group": "end_group",
}
IGNORED = frozenset(
    {
        *("start", "end", "today", "deviceid", "username", "phonenumber", "email", "simserial"),
        *("subscriberid", "audit", "start-geopoint", "background-audio"),
    }
)
"""What a device notes by itself; the platform keeps no such traces of a person."""
SUPPORTED = (
    *("select_one", "select_multiple", "rank", "integer", "decimal", "date", "text", "note"),
    *("begin_group", "end_group"),
)
_SELECT = re.compile(
    rf"(?P<type>{'|'.join(map(re.escape, SELECTS))})\s+(?:from\s+)?(?P<list>\S+)(?P<other>\s+or[_ ]other)?"
)


@dataclass(frozen=True, slots=True)
class RowType:
    """What a row is: a kind, the list it chooses from, and whether another answer can be written in.

    An empty kind stands for a type that is not known here.
    """

    kind: str
    list_name: str = ""
    has_other: bool = False
    is_integer: bool = True


def read_type(text: str) -> RowType:
    """Return what the cell under ``type`` says.

    Parameters
    ----------
    text : str
        For example ``select_one satisfaction``.

    Returns
    -------
    RowType
        With kind ``ignored`` for what a device notes by itself, and empty for an unknown type.

    Examples
    --------
    >>> read_type("select_multiple channels or_other")
    RowType(kind='multiple', list_name='channels', has_other=True, is_integer=True)
    >>> read_type("geopoint").kind
    ''
    """
    words = " ".join(text.split())
    match = _SELECT.fullmatch(words)
    if match:
        return RowType(SELECTS[match["type"]], match["list"], bool(match["other"]))
    lowered = words.lower()
    if lowered in IGNORED:
        return RowType("ignored")
    return RowType(PLAIN.get(lowered, ""), is_integer=lowered != "decimal")


def write_type(question: Mapping[str, object], list_name: str) -> str:
    """Return the type of the row of a question; one that chooses from nothing yet is a text.

    Examples
    --------
    >>> (
    ...     write_type({"kind": "number", "is_integer": False}, ""),
    ...     write_type({"kind": "likert"}, "satisfaction"),
    ... )
    ('decimal', 'select_one satisfaction')
    """
    kind = str(question["kind"])
    if list_name:
        return f"{_TYPES[kind]} {list_name}"
    if kind == "number":
        return "integer" if question.get("is_integer", True) else "decimal"
    return "text" if kind in _TYPES else kind


_TYPES = {
    "likert": "select_one",
    "single": "select_one",
    "yes_no": "select_one",
    "multiple": "select_multiple",
    "ranking": "rank",
}
