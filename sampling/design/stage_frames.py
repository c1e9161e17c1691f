"""What a commitment fixes of an area stage: the rows on which the selection depends, and the rule."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sampling.design.area_selection import SIZE, TYPES_IN_ORDER, UNIT_TYPE, AreaSelection
from sampling.design.fingerprints import Cell, digest_of_document
from sampling.design.households import HOUSEHOLD_STAGE
from sampling.design.stage_plans import PERSON_STAGE, DesignError, area_selections

STAGE_FORMAT = "stage-design/1"
"""Of registers, and of areas drawn by systematic PPS from a list in random order, sorted by type or not."""

SELECTION_FORMAT = "stage-design/2"
"""Of areas that are selected or sorted in another way: it adds `measure_of_size` and `balance`."""

BELOW_AREAS = (HOUSEHOLD_STAGE, PERSON_STAGE)


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
        general and by stratum, the reserves, and the SHA-256 of the template. Where the template names them,
        `strata` are the attributes that make the strata and `allocation` divides `n` among them. That of
        households also says under `within` by which rule one adult of each is chosen, that in the second
        format whether the size counts and what is balanced.

    Raises
    ------
    DesignError
        If the template has no such stage, or an area stage is selected in a way that is not known.

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
    selection = _area_selection(template, stage)
    return {
        "format": STAGE_FORMAT,
        "stage": stage,
        "selection": found["selection"],
        "order": list(found["order"]),
        "type_order": list(TYPES_IN_ORDER) if _uses_type(found, selection) else [],
        "n": found["n_units"],
        "n_by_stratum": {row["stratum"]: row["n_units"] for row in found.get("exceptions", ())},
        "n_reserve": found.get("n_reserve", 0),
        "template_sha256": digest_of_document(template),
        **_adult_rule(template, stage),
        **_second_format(selection),
        **_strata(template, found),
    }


def _strata(template: Mapping[str, Any], stage: Mapping[str, Any]) -> dict[str, Any]:
    """Return what makes the strata and divides the units, if that is more than provinces and their numbers.

    The numbers themselves come from the frame, when the draw is checked.
    """
    if stage is not template["stages"][0]:
        return {}
    by = template.get("strata", {}).get("by")
    allocation = stage.get("allocation")
    return ({"strata": list(by)} if by else {}) | ({"allocation": dict(allocation)} if allocation else {})


def _area_selection(template: Mapping[str, Any], stage: str) -> AreaSelection | None:
    """Return how an area stage is selected; None for the stages below the areas."""
    areas = [row for row in template["stages"] if row["code"] not in BELOW_AREAS]
    return area_selections(areas).get(stage)


def _uses_type(stage: Mapping[str, Any], selection: AreaSelection | None) -> bool:
    """Tell whether the draw depends on the types of units."""
    return selection.uses_type if selection else UNIT_TYPE in stage["order"]


def _second_format(selection: AreaSelection | None) -> dict[str, Any]:
    """Return what the first format cannot say; nothing where it says everything."""
    if selection is None or not selection.needs_second_format:
        return {}
    return {
        "format": SELECTION_FORMAT,
        "measure_of_size": SIZE if selection.by_size else None,
        "balance": list(selection.balance),
    }


def _adult_rule(template: Mapping[str, Any], stage: str) -> dict[str, Any]:
    """Return by which rule an adult of a household is chosen; nothing for other stages."""
    if stage != HOUSEHOLD_STAGE:
        return {}
    person = template["stages"][-1]
    return {"within": {"stage": person["code"], "rule": person["rule"]}}


def area_rows(units: Iterable[tuple[str, str, str, int]]) -> Iterator[list[Cell]]:
    """Return the canonical rows of units of an area stage.

    Parameters
    ----------
    units : iterable of (stratum, code, unit_type, size)
        The stratum is the unit above from the second stage on; the type is empty where the order does not
        depend on it, nor the balance. Units without residents are left out: they cannot be drawn.

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
