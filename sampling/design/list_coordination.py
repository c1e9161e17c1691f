"""What a design says of another round: which one it follows, how many units are taken again, and where.

Numbers belong to the persons of lists, or to the places of an area stage, and to the key of an installation.
A design names the key by its fingerprint and fixes the numbers by a digest; the starting point comes from the
seed in the first round, and from a rule in the next.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Self

from sampling.design.fingerprints import canonical_lines
from sampling.design.list_values import ListDesignError, read_fraction, read_keys
from sampling.design.refusals import marked as _
from sampling.design.refusals import said
from sampling.design.seeds import uniform_below

KEYS = ("previous", "share", "start", "spread", "key_fingerprint", "unit_fingerprint", "numbers_sha256")
DIGEST = re.compile("[0-9a-f]{64}")
UNIT_STAGE = "person"
"""Label of the permanent numbers of the persons of lists."""

LIST_STAGE, START_LABELS = "dossier", ("coordination", "start")
SPREAD_LABELS = ("coordination", "spread")
GRID = 1 << 64
"""Starting points are whole multiples of 1 / 2**64."""


@dataclass(frozen=True, slots=True)
class ListCoordination:
    """How a list or an area stage is coordinated; :meth:`from_document` reads one.

    Parameters
    ----------
    previous : str
        Digest of the commitment of the earlier round; empty for the first round of a chain.
    share : Fraction
        Share of the sample that was in the earlier one, among the persons of both lists.
    start : Fraction or None
        Starting point, from 0 to below 1; None as long as it is not computed, and in a first round for good,
        as it comes from the seed there.
    spread : Fraction
        How far beyond the starting point the seed may begin without changing the share; 0 where nothing is
        left to the seed.
    key_fingerprint : str
        Tells the coordination key apart from others.
    unit_fingerprint : str
        Tells apart the keys that turn persons into units; empty for places, which have their codes.
    numbers_sha256 : str
        Digest of the permanent numbers of all units, see :func:`number_lines`.
    """

    previous: str = ""
    share: Fraction = Fraction(0)
    start: Fraction | None = None
    spread: Fraction = Fraction(0)
    key_fingerprint: str = ""
    unit_fingerprint: str = ""
    numbers_sha256: str = ""

    @classmethod
    def from_document(cls, document: object) -> Self:
        """Read and check the value of ``coordination`` in a design.

        Parameters
        ----------
        document : object
            A mapping; a key that is left out is empty, ``share`` is ``"0"``.

        Returns
        -------
        ListCoordination
            What it says.

        Raises
        ------
        ListDesignError
            If a digest or a number is none, or a first round has a share or a starting point.

        Examples
        --------
        >>> ListCoordination.from_document({"previous": "ab" * 32, "share": "0.25"}).share
        Fraction(1, 4)
        """
        keys = read_keys(document, KEYS, [], "coordination")
        start = keys.get("start", "")
        read = cls(
            previous=_digest(keys, "previous"),
            share=read_fraction(keys.get("share", "0"), "share", most=1),
            start=None if start == "" else read_fraction(start, "start", most=1) % 1,
            spread=read_fraction(keys.get("spread", "0"), "spread", most=1),
            key_fingerprint=_digest(keys, "key_fingerprint"),
            unit_fingerprint=_digest(keys, "unit_fingerprint"),
            numbers_sha256=_digest(keys, "numbers_sha256"),
        )
        if not read.previous and (read.share or read.spread or read.start is not None):
            raise ListDesignError(
                _("no share and no starting point in the first round of a chain"),
                said(_("the share %(share)s and the start %(start)s"), share=read.share, start=read.start),
                _("The seed gives the starting point. Name the earlier round, or leave both out."),
            )
        return read

    @property
    def is_complete(self) -> bool:
        """Tell whether everything is there that a commitment has to fix."""
        fixed = (self.key_fingerprint, self.unit_fingerprint, self.numbers_sha256)
        return all(fixed) and (self.start is not None or not self.previous)

    def document(self) -> dict[str, Any]:
        """Return the canonical document.

        Returns
        -------
        dict
            What :meth:`from_document` reads back; numbers are text.
        """
        return {
            "previous": self.previous,
            "share": str(self.share),
            "start": "" if self.start is None else str(self.start),
            "key_fingerprint": self.key_fingerprint,
            "unit_fingerprint": self.unit_fingerprint,
            "numbers_sha256": self.numbers_sha256,
            **({"spread": str(self.spread)} if self.spread else {}),
        }

    def start_at(self, seed: str, stage: str = LIST_STAGE) -> Fraction:
        """Return the starting point of a draw.

        Parameters
        ----------
        seed : str
            The seed of the draw; looked at in the first round of a chain, and where a spread leaves it room.
        stage : str, optional
            The stage that is drawn; a list by default.

        Returns
        -------
        Fraction
            From 0 to below 1.

        Raises
        ------
        ListDesignError
            If the starting point of a later round is not computed yet.

        Examples
        --------
        >>> 0 <= ListCoordination().start_at("2026") < 1
        True
        """
        if self.start is not None:
            steps = (
                uniform_below(int(self.spread * GRID) + 1, seed, stage, *SPREAD_LABELS) if self.spread else 0
            )
            return (self.start + Fraction(steps, GRID)) % 1
        if self.previous:
            raise ListDesignError(
                _("a starting point after an earlier round"), said(_("none")), _("Check the draw first.")
            )
        return Fraction(uniform_below(GRID, seed, stage, *START_LABELS), GRID)

    def starting(self, start: Fraction) -> Self:
        """Return the same with a starting point, on the grid, and without a spread.

        Parameters
        ----------
        start : Fraction
            From 0 to below 1.

        Returns
        -------
        ListCoordination
            With the next multiple of 1 / 2**64 that is not below it.

        Examples
        --------
        >>> str(ListCoordination("ab" * 32).starting(Fraction(1, 2)).start)
        '1/2'
        """
        on_grid = Fraction(-(-start.numerator * GRID // start.denominator), GRID) % 1
        return replace(self, start=on_grid, spread=Fraction(0))

    def spreading(self, previous_start: Fraction, longest: Fraction) -> Self:
        """Return the same with all the room that a round leaves which meets nobody of the previous one.

        Parameters
        ----------
        previous_start : Fraction
            Starting point of the previous round, from 0 to below 1.
        longest : Fraction
            Largest sampling fraction of the new round among the units of both, its reserve included.

        Returns
        -------
        ListCoordination
            With a spread that ends where the longest arc would reach the previous starting point again; a
            multiple of 1 / 2**64 below 1.

        Examples
        --------
        >>> after = ListCoordination("ab" * 32).starting(Fraction(1, 2))
        >>> str(after.spreading(Fraction(1, 4), Fraction(1, 4)).spread)
        '1/2'
        """
        room = 1 - ((self.start or Fraction(0)) - previous_start) % 1 - longest
        steps = min(max(room.numerator * GRID // room.denominator, 0), GRID - 1)
        return replace(self, spread=Fraction(steps, GRID))


def unit_name(dossier: str, person_key: str) -> str:
    """Return what names a person from round to round.

    Parameters
    ----------
    dossier : str
        Id of a dossier.
    person_key : str
        Keyed hash of the person; empty if there is none.

    Returns
    -------
    str
        ``p`` and the key; ``d`` and the dossier where there is none: such a unit is a new one in every list.

    Examples
    --------
    >>> unit_name("H-1", "ab12"), unit_name("H-1", "")
    ('pab12', 'dH-1')
    """
    return f"p{person_key}" if person_key else f"d{dossier}"


def number_lines(numbers: Iterable[tuple[str, str]]) -> Iterator[bytes]:
    r"""Yield the canonical lines whose SHA-256 is ``numbers_sha256``.

    Parameters
    ----------
    numbers : iterable of (str, str)
        Units by :func:`unit_name` and their numbers in 64 hexadecimal digits, in the order of the units by
        code point.

    Yields
    ------
    bytes
        One line a unit.

    Examples
    --------
    >>> list(number_lines([("dH-1", "00")]))
    [b'["dH-1","00"]\n']
    """
    return (canonical_lines([[unit, number]]) for unit, number in numbers)


def _digest(document: Any, key: str) -> str:
    """Read 64 hexadecimal digits, or nothing."""
    value = document.get(key, "")
    if not isinstance(value, str) or (value and not DIGEST.fullmatch(value)):
        raise ListDesignError(
            _("%(key)s to be 64 hexadecimal digits"), repr(value), _("Copy the whole digest."), key=key
        )
    return value
