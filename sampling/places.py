"""Names of places as an official writes them: the type of the unit before its name."""

SHORT_TYPES = {"thành phố trực thuộc trung ương": "thành phố"}
"""Types whose name in the tables is longer than the one in running text."""


def with_type(name: str, unit_type: str) -> str:
    """Return the name of a unit with its type.

    Parameters
    ----------
    name : str
        Name as listed, with or without the type.
    unit_type : str
        Type in the administrative tables; empty where it is not known.

    Returns
    -------
    str
        Type in small letters, then the name; a name that has its type already stays as it is.

    Examples
    --------
    >>> with_type("Hà Nội", "thành phố trực thuộc trung ương")
    'thành phố Hà Nội'
    >>> with_type("Xã Mẫu", "xã")
    'Xã Mẫu'
    """
    written = SHORT_TYPES.get(unit_type.casefold(), unit_type.casefold())
    has_type = name.casefold().startswith(f"{written} ")
    return name if has_type or not written else f"{written} {name}"
