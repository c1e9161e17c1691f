"""Designs of lists by every method, for all tests that need each of them."""

from typing import Any

from sampling.design.coordination import key_fingerprint, permanent_numbers
from sampling.design.list_coordination import UNIT_STAGE
from sampling.design.list_draws import Numbers

KEY = "a coordination key for tests"
BY_SIZE = {"measure_of_size": "size", "reserve_percent": 0}
EQUAL = {"reserve_percent": 0}
SORTED = {"order": {"by": ["agency", "settled_on"]}}
WINDING = {"order": {"by": ["agency", "is_urban", "field"], "serpentine": True}}
FIRST_ROUND = {
    "unit": "person",
    "coordination": {
        "key_fingerprint": key_fingerprint(KEY),
        "unit_fingerprint": "0" * 64,
        "numbers_sha256": "0" * 64,
    },
}


def later_round(start: str) -> dict[str, Any]:
    """A round that follows another one."""
    first: Any = FIRST_ROUND["coordination"]
    return FIRST_ROUND | {"coordination": first | {"previous": "ab" * 32, "start": start}}


METHODS: dict[str, dict[str, Any]] = {
    "systematic": {"selection": "systematic", **EQUAL},
    "systematic by agency and day": {"selection": "systematic", **EQUAL, **SORTED},
    "systematic, serpentine": {"selection": "systematic", **EQUAL, **WINDING},
    "systematic of persons": {"selection": "systematic", "unit": "person", **EQUAL, **WINDING},
    "sizes, serpentine": {"selection": "pps_systematic", **BY_SIZE, **WINDING},
    "sizes by agency": {"selection": "pps_systematic", **BY_SIZE, **SORTED},
    "bernoulli": {"selection": "bernoulli", **EQUAL},
    "poisson": {"selection": "poisson", **BY_SIZE},
    "poisson of persons": {"selection": "poisson", "unit": "person", **BY_SIZE},
    "sequential poisson": {"selection": "sequential_poisson", **BY_SIZE},
    "pareto": {"selection": "pareto", **BY_SIZE},
    "pareto of persons": {"selection": "pareto", "unit": "person", **BY_SIZE},
    "sampford": {"selection": "sampford", **BY_SIZE},
    "tille": {"selection": "tille", **BY_SIZE},
    "coordinated simple random": {**FIRST_ROUND, "reserve_percent": 30},
    "coordinated simple random, later": {**later_round("15/16"), "reserve_percent": 30},
    "coordinated bernoulli": {**later_round("999/1000"), "selection": "bernoulli", **EQUAL},
    "coordinated poisson": {**FIRST_ROUND, "selection": "poisson", **BY_SIZE},
    "coordinated poisson, later": {**later_round("1/3"), "selection": "poisson", **BY_SIZE},
    "coordinated sequential poisson": {**later_round("0"), "selection": "sequential_poisson", **BY_SIZE},
    "coordinated pareto": {**FIRST_ROUND, "selection": "pareto", **BY_SIZE},
}
"""Changes to the document of a simple random design, by name."""


def numbers(key: str = KEY) -> Numbers:
    """What gives permanent numbers by a key."""
    return lambda unit: permanent_numbers([unit], key, UNIT_STAGE)[0]
