"""Variables as they come: read one at a time, so that no matrix of all rows and columns is ever built."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.estimation.arrays import BoolArray, FloatArray, IntArray, Values
from analysis.estimation.domains import Domains
from analysis.estimation.errors import EstimandError, refuse_name

type Numbers = NDArray[Any]
type Source = Values | Callable[[], Values]

_MATRIX = 2
_SHARE_HINT = "Compare first, for example values >= 4 or at_least=4, or use proportions() for all categories."


@dataclass(frozen=True, eq=False)
class Column:
    """One variable of a ratio of totals, or of a total.

    Attributes
    ----------
    numerator : array, shape (n_rows,)
        Of any numeric type; whatever it holds where the row has no answer does not count.
    denominator : array, shape (n_rows,), optional
        Without it, 1 for everybody who answered: the ratio is a mean.
    valid : bool array, shape (n_rows,), optional
        Who answered; everybody by default.
    """

    numerator: Numbers
    denominator: Numbers | None = None
    valid: BoolArray | None = None

    @property
    def is_share(self) -> bool:
        """Whether the values are true or false, so that their squares need not be summed."""
        return self.numerator.dtype == np.bool_ and self.denominator is None


@dataclass(frozen=True, eq=False)
class Variables:
    """Columns of the same kind with their names; iterating reads them one by one, as often as needed.

    Attributes
    ----------
    values : sequence of array-like, or of callables that return one, length k
        One entry per row in each.
    denominators : sequence of array-like, length k, optional
    names : tuple of str, length k
    n_rows : int
        Rows of the design.
    is_share : bool
        Whether the values must be 0, 1 or missing.
    at_least : float, optional
        Turns values into the statement that they are at least as high.
    """

    values: Sequence[Source]
    names: tuple[str, ...]
    n_rows: int
    denominators: Sequence[Source] | None = None
    is_share: bool = False
    at_least: float | None = None

    def __post_init__(self) -> None:
        """Refuse a limit that no answer, or every answer, could reach."""
        check_limit(self.at_least)

    @classmethod
    def of_categories(cls, categories: Domains) -> Self:
        """One share per category, over those who have one."""
        names = tuple(str(label) for label in categories.labels)
        values = [partial(_indicator, categories.codes, code) for code in range(len(names))]
        return cls(values, names, len(categories.codes), is_share=True)

    def _read(self, source: Source, position: int) -> tuple[Numbers, BoolArray | None]:
        values = source() if callable(source) else source
        return read_numbers(values, n_rows=self.n_rows, name=self.names[position])

    def __len__(self) -> int:
        return len(self.values)

    def __iter__(self) -> Iterator[Column]:
        for position, source in enumerate(self.values):
            numbers, valid = self._read(source, position)
            if self.denominators is not None:
                below, known = self._read(self.denominators[position], position)
                yield Column(numbers, below, _both(valid, known))
            elif self.at_least is not None:
                yield Column(np.asarray(numbers >= self.at_least), None, valid)
            else:
                yield Column(_as_share(numbers, valid) if self.is_share else numbers, None, valid)


def check_limit(at_least: float | None) -> None:
    """Refuse a limit of answers that is no number.

    Raises
    ------
    EstimandError
        If it is missing or infinite.
    """
    if at_least is not None and not np.isfinite(at_least):
        raise EstimandError(
            expected="a finite number as at_least",
            got=f"{at_least}",
            hint="Give the lowest answer that counts, for example 4 on a scale of 5.",
        )


def split_columns(values: Values, name: str) -> tuple[list[Values], tuple[str, ...]]:
    """Take a vector, a matrix, a series or a frame apart into columns with names.

    Parameters
    ----------
    values : array-like, shape (n_rows,) or (n_rows, k)
    name : str
        Names columns that bring none.

    Raises
    ------
    EstimandError
        If the name of a column is given instead of the column.

    Examples
    --------
    >>> split_columns(pd.DataFrame({"a": [1], "b": [2]}), "mean")[1]
    ('a', 'b')
    """
    refuse_name(values, "values", EstimandError)
    if isinstance(values, pd.DataFrame):
        return [values.iloc[:, position] for position in range(values.shape[1])], tuple(
            str(column) for column in values.columns
        )
    if isinstance(values, pd.Series):
        return [values], (name if values.name is None else str(values.name),)
    array = np.asarray(values)
    if array.dtype == object:
        array = array.astype(float)
    if array.ndim != _MATRIX:
        return [array.reshape(-1)], (name,)
    if array.shape[1] == 1:
        return [array[:, 0]], (name,)
    return list(array.T), tuple(f"{name}{position}" for position in range(1, array.shape[1] + 1))


def read_numbers(values: Values, *, n_rows: int, name: str) -> tuple[Numbers, BoolArray | None]:
    """Return the numbers of a column and who has one (None: everybody), copying as little as possible.

    Parameters
    ----------
    values : array-like, shape (n_rows,)
        NumPy, pandas nullable or Arrow-backed; missing answers are NaN, NA or None.
    n_rows : int
    name : str
        For the error.

    Raises
    ------
    EstimandError
        If the number of rows differs from the design's, a value is infinite or no number.

    Examples
    --------
    >>> numbers, valid = read_numbers(pd.Series([1, None], dtype="Int8"), n_rows=2, name="score")
    >>> numbers.tolist(), valid.tolist()
    ([1, 0], [True, False])
    """
    if len(values) != n_rows:
        raise EstimandError(
            expected=f"{n_rows} rows in {name}, one per row of the design",
            got=f"{len(values)}",
            hint="Pass missing answers as NaN instead of leaving their rows out.",
        )
    numbers, valid = _unwrap(values, name)
    if numbers.dtype.kind != "f":
        return numbers, valid
    if np.isinf(numbers).any():
        raise EstimandError(
            expected=f"finite numbers or NaN in {name}",
            got="an infinite value",
            hint="Turn divisions by zero into NaN before estimating.",
        )
    known = numbers == numbers  # noqa: PLR0124 - the one pass that finds NaN fastest
    return numbers, known if valid is None else known & valid


def _unwrap(values: Values, name: str) -> tuple[Numbers, BoolArray | None]:
    if isinstance(values, pd.Series) and isinstance(values.dtype, pd.api.extensions.ExtensionDtype):
        missing = values.isna().to_numpy()
        return _from_extension(values, name), ~missing if missing.any() else None
    array = np.asarray(values)
    if array.dtype.kind not in "fiub":
        array = _as_float(array, name)
    return array, None


def _from_extension(values: pd.Series, name: str) -> Numbers:
    kind = values.dtype.kind
    if kind in "iub":
        return values.to_numpy(dtype=np.dtype(values.dtype.type), na_value=0)
    if kind == "f":
        return values.to_numpy(dtype=float, na_value=np.nan)
    return _as_float(values.to_numpy(dtype=object, na_value=np.nan), name)


def _as_float(array: Numbers, name: str) -> Numbers:
    try:
        return array.astype(float)
    except (TypeError, ValueError) as error:
        raise EstimandError(
            expected=f"numbers in {name}",
            got=str(error),
            hint="Code answers as numbers, or use proportions() for categories.",
        ) from error


def _as_share(numbers: Numbers, valid: BoolArray | None) -> Numbers:
    if numbers.dtype == np.bool_:
        return numbers
    is_one = numbers == 1
    strange = ~(is_one | (numbers == 0))
    if valid is not None:
        strange &= valid
    if strange.any():
        raise EstimandError(
            expected="0, 1 or missing for a proportion", got=f"{numbers[strange][0]:g}", hint=_SHARE_HINT
        )
    return np.asarray(is_one)


def _both(first: BoolArray | None, second: BoolArray | None) -> BoolArray | None:
    if first is None or second is None:
        return second if first is None else first
    return first & second


def _indicator(codes: IntArray, code: int) -> FloatArray:
    """Mark a category with 1.0, others with 0.0 and who has none with NaN."""
    return np.where(codes >= 0, codes == code, np.nan)
