"""Published figures the rules must reproduce, and the one they are known not to."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from analysis.par.criteria import CriteriaSet
from analysis.par.errors import ParError
from analysis.par.exact import as_decimal, is_within, round_half_up
from analysis.par.points import sipas_points
from analysis.par.ranking import competition_ranks
from analysis.par.scoring import group_of, mean_of_regions, percent_of

FORMAT = "published-checks/1"

PASSES = "passes"
FAILS = "fails"
KNOWN_MISMATCH = "known mismatch"

#: Two values that agree or not, as shown in the report, and the verdict.
type Outcome = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One published figure beside what our rules give for it."""

    check: str
    what: str
    status: str
    expected: str
    computed: str
    sources: tuple[str, ...]


def published_checks(document: Mapping[str, object], criteria_set: CriteriaSet) -> list[CheckResult]:
    """Compute every published check and report whether our rules reproduce it.

    Parameters
    ----------
    document
        A parsed document in the format ``published-checks/1``.
    criteria_set
        The set whose groups are used.

    Returns
    -------
    list of CheckResult
        In document order. Status ``"passes"`` or ``"fails"``; a case recorded as an open contradiction is
        ``"known mismatch"`` while it lasts, and ``"fails"`` once the rule gives the published value, since
        the record is then out of date.

    Raises
    ------
    ParError
        ``wrong_format`` or ``unknown_check``.

    Examples
    --------
    >>> from analysis.methods import criteria_set, published_checks_document
    >>> report = published_checks(published_checks_document(), criteria_set("876-2022").parsed)
    >>> [result.check for result in report if result.status != "passes"]
    ['T8']
    """
    checks = document.get("checks")
    if document.get("format") != FORMAT or not isinstance(checks, list):
        raise ParError(
            "wrong_format",
            expected=f"a document in the format {FORMAT} with a list of checks",
            got=repr(document.get("format")),
            hint="Choose the file of published checks.",
        )
    return [_run(check, criteria_set) for check in checks]


def _run(check: Mapping[str, Any], criteria_set: CriteriaSet) -> CheckResult:
    kind = check.get("kind")
    if not isinstance(kind, str) or kind not in _KINDS:
        raise ParError(
            "unknown_check",
            expected=f"a check of kind {', '.join(_KINDS)}",
            got=repr(kind),
            hint="Correct the kind.",
        )
    expected, computed, status = _KINDS[kind](check, criteria_set)
    return CheckResult(
        check=str(check["id"]),
        what=str(check["what"]),
        status=status,
        expected=expected,
        computed=computed,
        sources=tuple(check.get("sources", ())),
    )


def _verdict(*, agrees: bool) -> str:
    return PASSES if agrees else FAILS


def _shown(values: object) -> str:
    return ", ".join(str(value) for value in values) if isinstance(values, list) else str(values)


def _check_sipas_points(check: Mapping[str, Any], _: CriteriaSet) -> Outcome:
    points = sipas_points(check["in"]["sipas"], check["in"]["max"])
    agrees = is_within(points, check["out"], check["tolerance"])
    return check["out"], str(points), _verdict(agrees=agrees)


def _check_block_shares(check: Mapping[str, Any], _: CriteriaSet) -> Outcome:
    shares = [percent_of(points, maximum) for points, maximum in check["in"].values()]
    return _compare_lists(check, shares)


def _check_sums(check: Mapping[str, Any], _: CriteriaSet) -> Outcome:
    sums = [sum((as_decimal(part) for part in parts), Decimal(0)) for parts in check["in"]]
    return _compare_lists(check, sums)


def _compare_lists(check: Mapping[str, Any], computed: list[Decimal]) -> Outcome:
    pairs = zip(computed, check["out"], strict=True)
    agrees = all(is_within(value, expected, check["tolerance"]) for value, expected in pairs)
    return _shown(check["out"]), _shown([round_half_up(value) for value in computed]), _verdict(agrees=agrees)


def _check_mean_of_regions(check: Mapping[str, Any], _: CriteriaSet) -> Outcome:
    mean = mean_of_regions(check["in"]["means"], check["in"]["counts"])
    agrees = is_within(mean, check["out"], check["tolerance"])
    return check["out"], str(round_half_up(mean, 3)), _verdict(agrees=agrees)


def _check_groups(check: Mapping[str, Any], criteria_set: CriteriaSet) -> Outcome:
    letters = [group_of(index, criteria_set.groups) for index in check["in"]]
    return _shown(check["out"]), _shown(letters), _verdict(agrees=letters == check["out"])


def _check_ranking(check: Mapping[str, Any], _: CriteriaSet) -> Outcome:
    order = [rank.unit for rank in competition_ranks(check["in"])]
    return _shown(check["out"]), _shown(order), _verdict(agrees=order == check["out"])


def _check_sum_of_maxima(check: Mapping[str, Any], _: CriteriaSet) -> Outcome:
    total = sum((as_decimal(maximum) for maximum in check["in"]), Decimal(0))
    return check["out"], str(total), _verdict(agrees=total == as_decimal(check["out"]))


def _check_headline_mismatch(check: Mapping[str, Any], _: CriteriaSet) -> Outcome:
    """Report an open contradiction: the rule still gives what was recorded, not what was published."""
    points = sipas_points(check["in"]["sipas_headline"], check["in"]["max"])
    is_as_recorded = points == as_decimal(check["out_headline_rule"])
    is_still_open = not is_within(points, check["out_published"], check["tolerance"])
    return check["out_published"], str(points), KNOWN_MISMATCH if is_as_recorded and is_still_open else FAILS


_KINDS: Mapping[str, Callable[[Mapping[str, Any], CriteriaSet], Outcome]] = {
    "sipas_points": _check_sipas_points,
    "block_shares": _check_block_shares,
    "sum_of_rounded_parts": _check_sums,
    "mean_of_regions": _check_mean_of_regions,
    "groups": _check_groups,
    "ranking": _check_ranking,
    "sum_of_maxima": _check_sum_of_maxima,
    "headline_mismatch": _check_headline_mismatch,
}
