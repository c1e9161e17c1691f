"""What a commitment fixes of an area stage: the rows on which the selection depends, and the rule."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sampling.design.fingerprints import Cell, digest_of_document
from sampling.design.stages import TYPES_IN_ORDER, UNIT_TYPE, DesignError

STAGE_FORMAT = "stage-design/1"


def stage_design(template: Mapping[str, Any], stage: str) -> dict[str, Any]:
    """Return the rule of one stage as a document that says everything, without the template at hand.

    Parameters
    ----------
    template : mapping
        A sampling template in the format ``sampling-template/1``.
    stage : str
        Code of the stage.

    Returns
    -------
    dict
        `stage`, `selection`, `order`, the order of the types of communes where it counts, the units wanted in
        general and by stratum, the reserves, and the SHA-256 of the template.

    Raises
    ------
    DesignError
        If the template has no such stage.

    Examples
    --------
    >>> person = {"code": "person", "selection": "simple_random", "order": ["random"], "n_units": 31}
    >>> stage_design({"stages": [person]}, "person")["n"]
    31
    """
    found = next((row for row in template["stages"] if row["code"] == stage), None)
    if found is None:
        known = tuple(row["code"] for row in template["stages"])
        raise DesignError(f"Expected one of the stages {known}, got {stage!r}.")
    return {
        "format": STAGE_FORMAT,
        "stage": stage,
        "selection": found["selection"],
        "order": list(found["order"]),
        "type_order": list(TYPES_IN_ORDER) if UNIT_TYPE in found["order"] else [],
        "n": found["n_units"],
        "n_by_stratum": {row["stratum"]: row["n_units"] for row in found.get("exceptions", ())},
        "n_reserve": found.get("n_reserve", 0),
        "template_sha256": digest_of_document(template),
    }


def area_rows(units: Iterable[tuple[str, str, str, int]]) -> Iterator[list[Cell]]:
    """Return the canonical rows of units of an area stage.

    Parameters
    ----------
    units : iterable of (stratum, code, unit_type, size)
        The stratum is the unit above from the second stage on; the type is empty where the order does not
        depend on it. Units without residents are left out: they cannot be drawn.

    Yields
    ------
    list
        One row a unit, for `digest_of_frame`.

    Examples
    --------
    >>> list(area_rows([("01", "00004", "phường", 500)]))
    [['01', '00004', 'phường', 500]]
    """
    for stratum, code, unit_type, size in units:
        yield [stratum, code, unit_type, size]


def person_rows(registers: Mapping[str, Iterable[str]]) -> Iterator[list[Cell]]:
    """Return the canonical rows of the registers of villages.

    Parameters
    ----------
    registers : mapping of village code to numbers in the register
        Numbers only; nothing else of a person takes part in the draw.

    Yields
    ------
    list
        The village and one number.

    Examples
    --------
    >>> list(person_rows({"00004-01": ["1", "2"]}))
    [['00004-01', '1'], ['00004-01', '2']]
    """
    for village, numbers in registers.items():
        for number in numbers:
            yield [village, number]
