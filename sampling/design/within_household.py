"""One adult of a household: by a number sealed before the adults were known, or by the last birthday."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from sampling.design.seeds import derive
from sampling.design.selection import SelectionError

SEAL_LABEL = "adult of the household"
MOST_ON_PAPER = 10
"""Adults for which a printed slip says who is to be asked."""

LONGEST_MONTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


@dataclass(frozen=True, slots=True)
class SelectedAdult:
    """The adult to ask, and what the answer stands for.

    Attributes
    ----------
    adult : str
        Identifier in the list of the household.
    probability : Fraction
        1 / number of adults; for a quasi-random choice the probability that is taken for granted.
    is_quasi_random : bool
        Whether something other than drawn randomness decided.
    """

    adult: str
    probability: Fraction
    is_quasi_random: bool = False

    @property
    def weight_factor(self) -> Fraction:
        """Number of adults: what the weight of the household is multiplied by."""
        return 1 / self.probability


def sealed_number(seed: str, household: str) -> str:
    """Return the number that decides in a household, fixed when the household is drawn.

    Parameters
    ----------
    seed : str
        The seed of the draw of households.
    household : str
        Id of the household.

    Returns
    -------
    str
        64 hexadecimal digits. It goes with the case in a sealed form and is opened when the list of adults is
        closed.

    Examples
    --------
    >>> sealed_number("2026", "00004-01-017") == sealed_number("2026", "00004-01-018")
    False
    """
    return derive(seed, SEAL_LABEL, household).hex()


def digest_of_seal(number: str) -> str:
    """Return what proves later that a sealed number was not exchanged.

    Parameters
    ----------
    number : str
        The sealed number.

    Returns
    -------
    str
        SHA-256 of the number, 64 hexadecimal digits; it may be shown before the number is opened.

    Examples
    --------
    >>> len(digest_of_seal(sealed_number("2026", "00004-01-017")))
    64
    """
    return hashlib.sha256(number.encode()).hexdigest()


def select_adult(adults: Sequence[str], number: str) -> SelectedAdult:
    """Select one of the listed adults with the sealed number of the household.

    Parameters
    ----------
    adults : sequence of str
        The adults as they were listed, each once: names, or line numbers given in an agreed order such as
        oldest first. The order of the sequence does not matter.
    number : str
        The sealed number.

    Returns
    -------
    SelectedAdult
        The adult with the smallest SHA-256 of ``number:adult``, with probability 1 / number of adults.

    Raises
    ------
    SelectionError
        If nobody is listed or somebody twice.

    Notes
    -----
    Nobody can know who is selected before the list is closed, because the number is sealed, and nobody can
    draw again, because the number is one. It does the work of the grid of Kish [1]_ for any number of adults
    with exactly equal chances.

    References
    ----------
    .. [1] Kish, L. (1949). A procedure for objective respondent selection within the household. Journal of
       the American Statistical Association 44.

    Examples
    --------
    >>> chosen = select_adult(["1", "2", "3"], sealed_number("2026", "00004-01-017"))
    >>> str(chosen.probability), str(chosen.weight_factor), chosen.is_quasi_random
    ('1/3', '3', False)
    """
    _check_listed(list(adults))
    prefix = f"{number}:"
    chosen = min(adults, key=lambda adult: (hashlib.sha256(f"{prefix}{adult}".encode()).digest(), adult))
    return SelectedAdult(chosen, Fraction(1, len(adults)))


def selection_table(number: str, most: int = MOST_ON_PAPER) -> tuple[int, ...]:
    """Return which adult a sealed number selects from 1, 2, … adults: the row of a printed slip.

    Parameters
    ----------
    number : str
        The sealed number.
    most : int, optional
        The longest list that the row is for.

    Returns
    -------
    tuple of int
        One line number for each number of adults; the adults are listed from oldest to youngest.

    Notes
    -----
    It replaces one row of the tables of Kish. Whoever has seen it before the adults are listed can list them
    so that a certain one is chosen; the slip must stay closed until then.

    Examples
    --------
    >>> row = selection_table(sealed_number("2026", "00004-01-017"), 4)
    >>> row[0], all(1 <= line <= adults for adults, line in enumerate(row, start=1))
    (1, True)
    """
    lines = [str(line) for line in range(1, most + 1)]
    return tuple(int(select_adult(lines[:adults], number).adult) for adults in range(1, most + 1))


def select_last_birthday(birthdays: Mapping[str, tuple[int, int]], on: date, number: str) -> SelectedAdult:
    """Select the adult who had a birthday last, which is only nearly random.

    Parameters
    ----------
    birthdays : mapping of str to (month, day)
        The birthday of every adult of the household.
    on : date
        Day of the visit; a birthday on this day is the last one.
    number : str
        The sealed number, which decides between adults with the same birthday.

    Returns
    -------
    SelectedAdult
        Marked as quasi-random; the probability is taken to be 1 / number of adults.

    Raises
    ------
    SelectionError
        If nobody is listed or a birthday is no day of a year.

    Notes
    -----
    Quick and friendly [1]_, but whoever opens the door knows the answer before it is asked and may bend it.
    Births are not spread evenly over the year, and a short fieldwork period always takes the same season.
    Use listed adults and a sealed number where the list can be had.

    References
    ----------
    .. [1] Salmon, C. T., Nichols, J. S. (1983). The next-birthday method of respondent selection. Public
       Opinion Quarterly 47; Gaziano, C. (2005). Comparative analysis of within-household respondent selection
       techniques. Public Opinion Quarterly 69.

    Examples
    --------
    >>> select_last_birthday({"1": (3, 14), "2": (11, 2)}, date(2026, 5, 1), "ab").adult
    '1'
    """
    _check_listed(list(birthdays))
    for adult, (month, day) in birthdays.items():
        if not (1 <= month <= len(LONGEST_MONTHS) and 1 <= day <= LONGEST_MONTHS[month - 1]):
            raise SelectionError(
                f"Expected month and day of a birthday, got {month} and {day} for {adult!r}."
                " Correct it, or list the adults and use the sealed number."
            )
    today = (on.month, on.day)
    latest = max((birthday <= today, birthday) for birthday in birthdays.values())
    tied = [adult for adult, birthday in birthdays.items() if (birthday <= today, birthday) == latest]
    chosen = select_adult(tied, number).adult
    return SelectedAdult(chosen, Fraction(1, len(birthdays)), is_quasi_random=True)


def _check_listed(adults: list[str]) -> None:
    """Refuse an empty list and an adult who is listed twice."""
    if not adults:
        raise SelectionError(
            "Expected at least one adult, got an empty list. Record the household as having none."
        )
    if len(set(adults)) < len(adults):
        twice = next(adult for adult in adults if adults.count(adult) > 1)
        raise SelectionError(f"Expected every adult once, got {twice!r} again.")
