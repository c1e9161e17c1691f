"""Model formulas such as ``y ~ age + area * sex + factor(region)``: read, never evaluated as code."""

import itertools
import re
from dataclasses import dataclass

from analysis.estimation.errors import EstimandError
from analysis.estimation.regression.variables import Variable

_SIGN = re.compile(r"([+-])(?![^(]*\))")
_STAR = re.compile(r"\*(?![^(]*\))")
_INTERCEPT = {("+", "1"): True, ("-", "0"): True, ("+", "0"): False, ("-", "1"): False}


@dataclass(frozen=True)
class Term:
    """Variables whose product enters the model: one for a main effect, more for an interaction."""

    variables: tuple[Variable, ...]

    @property
    def label(self) -> str:
        """The term as it is written in a formula."""
        return ":".join(variable.label for variable in self.variables)

    @property
    def key(self) -> frozenset[Variable]:
        """What makes two terms the same, whatever the order of their variables."""
        return frozenset(self.variables)


@dataclass(frozen=True)
class Formula:
    """A response and the terms that explain it, main effects first."""

    response: Variable
    terms: tuple[Term, ...]
    has_intercept: bool = True

    @property
    def variables(self) -> tuple[Variable, ...]:
        """Every variable once, the response first."""
        used = (variable for term in self.terms for variable in term.variables)
        return tuple(dict.fromkeys((self.response, *used)))


def parse_formula(text: str) -> Formula:
    """Read a formula in the notation of Wilkinson and Rogers.

    Parameters
    ----------
    text : str
        ``response ~ terms``. Terms are joined by ``+``; ``a:b`` is an interaction, ``a*b`` the same with its
        main effects; ``- 1`` or ``+ 0`` takes the intercept out. Columns may stand in ``factor()``
        (categories), ``log()``, ``log10()``, ``sqrt()``, ``exp()`` or ``I()``, with a number if need
        be: ``log(fee + 1)``, ``I(age^2)``, ``I(overall >= 4)``.

    Returns
    -------
    Formula

    Raises
    ------
    EstimandError
        If something cannot be read; no text is ever executed.

    References
    ----------
    Wilkinson, G. N. and Rogers, C. E. (1973). Symbolic description of factorial models for analysis of
    variance. Applied Statistics 22, 392-399.

    Examples
    --------
    >>> [term.label for term in parse_formula("score ~ area * sex + factor(year)").terms]
    ['area', 'sex', 'factor(year)', 'area:sex']
    """
    left, tilde, right = (part.strip() for part in text.partition("~"))
    if not (left and tilde and right):
        raise EstimandError(
            expected="a formula such as 'satisfied ~ age + area'",
            got=repr(text),
            hint="Write the response, a tilde and the terms.",
        )
    pieces = _SIGN.split(right if right[0] in "+-" else f"+{right}")
    signed = [(sign, piece.strip()) for sign, piece in zip(pieces[1::2], pieces[2::2], strict=True)]
    intercept = [_INTERCEPT[piece] for piece in signed if piece in _INTERCEPT]
    products = [_read_sign(piece) for piece in signed if piece not in _INTERCEPT]
    terms: dict[frozenset[Variable], Term] = {}
    for term in itertools.chain.from_iterable(map(_expand, products)):
        terms.setdefault(term.key, term)
    in_order = sorted(terms.values(), key=lambda term: len(term.variables))
    return Formula(Variable.read(left), tuple(in_order), intercept[-1] if intercept else True)


def parse_term(text: str) -> Term:
    """Read one term, for example ``factor(region)`` or ``area:sex``.

    Examples
    --------
    >>> parse_term("area : sex").label
    'area:sex'
    """
    return Term(tuple(dict.fromkeys(Variable.read(piece) for piece in text.split(":"))))


def _read_sign(signed: tuple[str, str]) -> str:
    sign, piece = signed
    if sign == "-":
        raise EstimandError(
            expected="terms to add; only the intercept can be taken out, by - 1",
            got=f"- {piece}",
            hint="Name the interactions that you want as a:b instead of taking others out.",
        )
    return piece


def _expand(product: str) -> list[Term]:
    """Turn a*b into a, b and a:b."""
    parts = [parse_term(piece).variables for piece in _STAR.split(product)]
    chosen = itertools.chain.from_iterable(
        itertools.combinations(parts, size) for size in range(1, len(parts) + 1)
    )
    return [Term(tuple(dict.fromkeys(itertools.chain.from_iterable(choice)))) for choice in chosen]
