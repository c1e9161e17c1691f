"""Arguments of a case that remember what was read, so that one that nobody knows is an error."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

DESIGN_KEYS = {
    "ids",
    "strata",
    "weights",
    "fpc",
    "nest",
    "pps",
    "jointprob",
    "lonely_psu",
    "adjust_domain_lonely",
}


class Arguments(Mapping[str, Any]):
    """The arguments of a case."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self.given = given
        self.read: set[str] = set()

    def __getitem__(self, key: str) -> Any:
        self.read.add(key)
        return self.given[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.given)

    def __len__(self) -> int:
        return len(self.given)

    def refuse_unread(self, case_id: str) -> None:
        """Refuse an argument that changed nothing, unless it says what happens in any case."""
        unread = {key: value for key, value in self.given.items() if key not in self.read}
        unknown = {key: value for key, value in unread.items() if not SAID_ANYWAY.get(key, _never)(value)}
        if unknown:
            raise KeyError(f"arguments {unknown} of case {case_id} are not known")


def check_design_keys(spec: Mapping[str, Any] | None) -> None:
    """Refuse a part of a design that the runner would pass by."""
    unknown = set(spec or {}) - DESIGN_KEYS
    if unknown:
        raise KeyError(f"parts {sorted(unknown)} of a design are not known")


def _never(_value: Any) -> bool:
    return False


def _begins(*beginnings: str) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and value.startswith(beginnings)


TIGHT = 1e-7

SAID_ANYWAY: dict[str, Callable[[Any], bool]] = {
    "na": _begins("drop", "listwise"),
    "epsilon": lambda value: 0 < value <= TIGHT,
    "df": _begins("degf of the domain"),
    "order": _begins("rank 1 = highest"),
    "p": _begins("two-sided normal, unadjusted"),
    "same_psu": lambda value: value is True,
    "note": lambda value: isinstance(value, str),
}
"""Arguments that operations need not read, with the values that say what is done in any case."""
