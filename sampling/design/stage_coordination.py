"""Area stages that permanent random numbers steer: which may be, and what their design and their draw say.

A place keeps its number, which follows from the coordination key, the stage and its code, from round to
round. The selection looks at the distance of the numbers from a starting point; the order of the list still
comes from the seed of the stage, and only says where a unit stands.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from sampling.design.coordination.permanent import CoordinationError, permanent_numbers
from sampling.design.coordination.rounds import select_coordinated
from sampling.design.list_coordination import ListCoordination
from sampling.design.refusals import marked as _
from sampling.design.schemes.registry import METHODS
from sampling.design.schemes.units import Unit, target_probabilities
from sampling.design.selection import Selected

COORDINATED_FORMAT = "stage-design/3"
"""Of areas that permanent numbers select: it adds `coordination` to the second format."""

HEX_DIGITS = 64


@dataclass(frozen=True, slots=True)
class Steering:
    """The permanent numbers of a stage, and from where they are counted.

    Parameters
    ----------
    key : str
        The coordination key.
    start : Fraction
        Starting point, from 0 to below 1.
    """

    key: str = field(repr=False)
    start: Fraction

    def select(self, method: str, units: Sequence[Unit], n: int, stage: str) -> list[Selected]:
        """Select from a list by the permanent numbers of its units.

        Parameters
        ----------
        method : str
            A method that supports coordination.
        units : sequence of Unit
            In the order of the list.
        n : int
            Units wanted.
        stage : str
            Level of the units.

        Returns
        -------
        list of Selected
            In the order of the list.

        Raises
        ------
        CoordinationError
            If the method does not look at numbers of units.

        Examples
        --------
        >>> units = [Unit(str(number)) for number in range(6)]
        >>> steering = Steering("k" * 32, Fraction(0))
        >>> len(steering.select("simple_random", units, 2, "commune"))
        2
        """
        return select_coordinated(method, units, n, self.key, stage=stage, start=self.start)


def check_coordinated(stage: Mapping[str, Any]) -> None:
    """Refuse to coordinate a stage whose method does not look at one number per unit.

    Parameters
    ----------
    stage : mapping
        A stage of a template, or the design of one: ``code`` or ``stage``, and ``selection``.

    Raises
    ------
    CoordinationError
        If overlap with another round has no meaning there.

    Examples
    --------
    >>> check_coordinated({"code": "commune", "selection": "pareto"})
    """
    method = METHODS.get(stage["selection"])
    if method is None or not method.supports_coordination:
        place = stage.get("code", stage.get("stage", ""))
        able = ", ".join(code for code, known in METHODS.items() if known.supports_coordination)
        raise CoordinationError(
            _(
                "Expected a method with one number per unit (%(able)s) at the stage '%(stage)s', got "
                "'%(method)s': the overlap of two rounds has no meaning there. Take a template with one of "
                "these methods, or draw without coordination."
            ),
            able=able,
            stage=place,
            method=stage["selection"],
        )


def coordinated_design(design: Mapping[str, Any], coordination: ListCoordination) -> dict[str, Any]:
    """Return the design of an area stage with its coordination.

    Parameters
    ----------
    design : mapping
        In the second format of `sampling.design.stage_frames`.
    coordination : ListCoordination
        Which round it follows, and what is fixed of the numbers; places are told by their codes, so there is
        no fingerprint of units.

    Returns
    -------
    dict
        In the format ``stage-design/3``.

    Raises
    ------
    CoordinationError
        If the method cannot be coordinated.

    Examples
    --------
    >>> design = {"format": "stage-design/2", "stage": "commune", "selection": "pareto"}
    >>> coordinated_design(design, ListCoordination())["format"]
    'stage-design/3'
    """
    check_coordinated(design)
    return {**design, "format": COORDINATED_FORMAT, "coordination": coordination.document()}


def number_pairs(codes: Iterable[str], key: str, stage: str) -> list[tuple[str, str]]:
    """Return the permanent numbers of places as they are fixed and handed to auditors.

    Parameters
    ----------
    codes : iterable of str
        Codes of the units of a frame, in any order.
    key : str
        The coordination key.
    stage : str
        Level of the units.

    Returns
    -------
    list of (str, str)
        Code and number in 64 hexadecimal digits, sorted by code;
        `sampling.design.list_coordination.number_lines` writes them.

    Examples
    --------
    >>> [(code, len(number)) for code, number in number_pairs("ba", "k" * 32, "commune")]
    [('a', 64), ('b', 64)]
    """
    ordered = sorted(codes)
    numbers = permanent_numbers(ordered, key, stage)
    return [(code, f"{number:0{HEX_DIGITS}x}") for code, number in zip(ordered, numbers, strict=True)]


def chances(
    rows: Iterable[tuple[str, str, int]], design: Mapping[str, Any]
) -> dict[str, tuple[str, Fraction]]:
    """Return the stratum and the inclusion probability of every unit of a stage.

    Parameters
    ----------
    rows : iterable of (stratum, code, size)
        The frame; the stratum is the unit above from the second stage on.
    design : mapping
        The design of the stage.

    Returns
    -------
    dict of str to (str, Fraction)
        By code; the probability is the target, as far as the method meets it only nearly.

    Examples
    --------
    >>> design = {"n": 1, "n_by_stratum": {}, "measure_of_size": "size"}
    >>> str(chances([("01", "a", 3), ("01", "b", 1)], design)["b"][1])
    '1/4'
    """
    by_size = bool(design.get("measure_of_size", True))
    strata: dict[str, list[tuple[str, int]]] = {}
    for stratum, code, size in rows:
        strata.setdefault(stratum, []).append((code, size if by_size else 1))
    found: dict[str, tuple[str, Fraction]] = {}
    for stratum, units in strata.items():
        n = design["n_by_stratum"].get(stratum, design["n"])
        targets = target_probabilities([size for _code, size in units], n)
        found |= {code: (stratum, pi) for (code, _size), pi in zip(units, targets, strict=True)}
    return found
