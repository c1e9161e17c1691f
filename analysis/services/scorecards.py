"""Points of the reform index that the provinces earn from their satisfaction index."""

import math
from collections.abc import Iterator, Mapping

import numpy as np

from analysis.estimation import Estimate
from analysis.index import INDEX_CODE, IndexResult, compare_pairs
from analysis.index.result import INTERVAL_METHOD
from analysis.models import Release, Scorecard
from analysis.par import (
    CandidateInput,
    CriteriaSet,
    SipasEstimate,
    SipasScore,
    competition_ranks,
    score_sipas,
)
from analysis.par.criteria import INDEX_INPUT
from analysis.services.figures import CONFIDENCE


def build_scorecards(
    release: Release, result: IndexResult, criteria_set: CriteriaSet, names: Mapping[str, str]
) -> list[Scorecard]:
    """Return the scorecards of a release, not yet saved, for every candidate input of the set."""
    scores = score_sipas(
        criteria_set, [_inputs(result, str(code)) for code in result.parts], confidence=CONFIDENCE
    )
    candidates = (
        {}
        if criteria_set.sipas is None
        else {candidate.code: candidate for candidate in criteria_set.sipas.candidate_inputs}
    )
    return [
        card
        for code, listed in scores.items()
        for card in _cards(release, listed, _input_by_province(result, candidates[code]), names)
    ]


def _inputs(result: IndexResult, province: str) -> SipasEstimate:
    """Return the index and its contents in one province, under the names that criteria sets use."""
    estimate = result.contents(province)
    codes = [INDEX_INPUT if name == INDEX_CODE else name for name in estimate.names]
    limits = estimate.interval(CONFIDENCE, INTERVAL_METHOD)
    return SipasEstimate(
        unit=province,
        values={
            code: None if math.isnan(value) else value
            for code, value in zip(codes, estimate.value.tolist(), strict=True)
        },
        covariances={
            (first, second): float(estimate.covariance[row, column])
            for row, first in enumerate(codes)
            for column, second in enumerate(codes)
        },
        intervals={
            code: (low, high)
            for code, low, high in zip(codes, limits.low.tolist(), limits.high.tolist(), strict=True)
        },
        df=float(estimate.degrees_of_freedom.min()),
    )


def _input_by_province(result: IndexResult, candidate: CandidateInput) -> Estimate:
    """Return a candidate input in every province, with the covariances between provinces."""
    weights = {code: float(weight) for code, weight in candidate.weights.items()} or {INDEX_CODE: 1.0}
    estimate = result.estimates[result.method.headline]
    places = {pair: place for place, pair in enumerate(zip(estimate.domains, estimate.names, strict=True))}
    matrix = np.zeros((len(result.parts), len(estimate)))
    for row, province in enumerate(result.parts):
        for code, weight in weights.items():
            matrix[row, places[province, code]] = weight
    return estimate.contrast(matrix, [str(province) for province in result.parts])


def _cards(
    release: Release, scores: tuple[SipasScore, ...], inputs: Estimate, names: Mapping[str, str]
) -> Iterator[Scorecard]:
    ranks = {rank.unit: rank for rank in competition_ranks({score.unit: score.points for score in scores})}
    intervals = compare_pairs(inputs).rank_intervals()
    possible = dict(
        zip(inputs.names, zip(intervals["rank_low"], intervals["rank_high"], strict=True), strict=True)
    )
    for score in scores:
        rank = ranks[score.unit]
        if (
            score.points is None
            or score.standard_error is None
            or score.interval is None
            or rank.rank is None
        ):
            continue
        best, worst = possible[score.unit]
        yield Scorecard(
            release=release,
            province_code=score.unit,
            province_name=names[score.unit],
            candidate_input=score.candidate,
            maximum=score.maximum,
            points=float(score.points),
            standard_error=float(score.standard_error),
            lower=float(score.interval[0]),
            upper=float(score.interval[1]),
            rank=rank.rank,
            rank_low=int(best),
            rank_high=int(worst),
            is_tied=rank.is_tied or rank.is_tied_as_shown,
        )
