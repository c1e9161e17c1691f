"""Every way in which an area stage may be selected, as a stage of a template."""

from typing import Any

from sampling.design.area_selection import AREA_METHODS, CUBE
from sampling.design.schemes import METHODS

ORDERS = (
    ["random"],
    ["unit_type", "random"],
    ["serpentine", "unit_type", "size"],
    ["serpentine", "unit_type", "code"],
    ["serpentine", "size"],
)


def area_stage(method: str, code: str = "commune", **changes: Any) -> dict[str, Any]:
    """A stage with a method, and what the method needs."""
    stage = {
        "code": code,
        "title": {"vi": "Xã, phường, đặc khu", "en": "Communes"},
        "selection": method,
        "measure_of_size": "n_adults" if METHODS[method].needs_size else None,
        "n_units": 5,
        "exceptions": [],
        "order": ["random"],
        "excludes_units_without_residents": True,
        "n_reserve": 0,
    }
    if method == CUBE:
        stage["balance"] = ["unit_type"]
    return stage | changes


STAGES = {
    **{method: area_stage(method) for method in AREA_METHODS},
    "cube with equal probabilities": area_stage(
        CUBE, measure_of_size=None, balance=["size", "unit_type"], order=["unit_type", "random"]
    ),
    **{
        f"{method}, {' '.join(order)}": area_stage(method, order=order)
        for method in ("pps_systematic", "systematic")
        for order in ORDERS
    },
    "sampford, serpentine": area_stage("sampford", order=["serpentine", "unit_type", "size"]),
}
"""By name: every method, and the orders that matter to systematic ones."""
