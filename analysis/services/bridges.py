"""The bridge from a figure in a spreadsheet to the published one: a row for every step of the weighting."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from analysis.estimation import Estimate, SurveyDesign
from analysis.marks import Mark
from analysis.models import PublishedEstimate, Snapshot
from analysis.selectors.estimands import Estimand
from analysis.services.weighted_samples import WeightedSample, open_sample
from analysis.services.working_estimates import (
    CONFIDENCE,
    NUMBERS,
    WorkingRequest,
    compute_figures,
    estimate,
    interval_method,
    marks_of,
    remembered,
)
from analysis.weighting import kish_deff, weighting_bridge


@dataclass(frozen=True, eq=False)
class Bridge:
    """The same figure after every step of the weighting, and as a release published it.

    `steps` has one row per step: ``step``, the numbers of an estimate, ``change`` of the value since the step
    before, ``weights_deff``, ``flags``, and the ``reason`` why there is no figure.
    """

    steps: pd.DataFrame
    marks: tuple[Mark, ...]
    is_demo: bool
    is_approximate: bool
    published: PublishedEstimate | None


def build_bridge(*, snapshot: Snapshot, request: WorkingRequest, province: str = "") -> Bridge:
    """Estimate the nation or a province without weights and after every step of the weighting."""
    key = repr(("bridge", request.key, province))
    return remembered(snapshot, key, lambda: _build(open_sample(snapshot), request, province))


def _build(sample: WeightedSample, request: WorkingRequest, province: str) -> Bridge:
    is_inside = _is_inside(sample, province)
    labels = sample.content.rows["province"].where(is_inside, None) if province else None

    def estimand(design: SurveyDesign) -> Estimate:
        found = estimate(sample, request, design, labels)
        if not isinstance(found, Estimate):
            raise TypeError(f"Expected a share or a mean, got {request.statistic}; offer no others here.")
        return found.select([len(found) - 1])

    design = sample.plain_design(request.single_psu)
    steps = weighting_bridge(
        design, sample.weighting, estimand, level=CONFIDENCE, method=interval_method(request)
    )
    steps["weights_deff"] = _weights_deff(sample, is_inside)
    reason = _reason(sample, request, province)
    return Bridge(
        steps=_without(steps, reason),
        marks=marks_of(sample, request.estimand),
        is_demo=sample.snapshot.round.is_demo,
        is_approximate=sample.is_approximate,
        published=None if reason else _published(sample, request, province),
    )


def _is_inside(sample: WeightedSample, province: str) -> np.ndarray:
    rows = sample.content.rows
    return (
        np.full(len(rows), fill_value=True) if not province else rows["province"].eq(province).to_numpy(bool)
    )


def _weights_deff(sample: WeightedSample, is_inside: np.ndarray) -> list[float]:
    """Kish's design effect of the weights of those inside, step by step."""
    weighting = sample.weighting
    steps = range(1, len(weighting.steps) + 1)
    return [1.0, *(kish_deff(weighting.up_to(number).weights[is_inside]) for number in steps)]


def _reason(sample: WeightedSample, request: WorkingRequest, province: str) -> str:
    """Say why there is no figure, as beside all other provinces; "" where there is one."""
    by = ("province",) if province else ()
    figures = compute_figures(sample, replace(request, by=by)).figures
    places = figures["province"] if province else pd.Series("", figures.index)
    return str(figures.loc[places == province, "reason"].iloc[0])


def _without(steps: pd.DataFrame, reason: str) -> pd.DataFrame:
    """Take out the figures where there is a reason to."""
    shown = steps.assign(reason=reason, n=steps["n"].astype(float))
    if reason:
        shown[[name for name in (*NUMBERS, "change", "n", "weights_deff") if name in shown]] = np.nan
    return shown


def _published(sample: WeightedSample, request: WorkingRequest, province: str) -> PublishedEstimate | None:
    """Find the same figure in the release whose weights are used."""
    release, estimand = sample.release, request.estimand
    if release is None or not _is_of(release.method_id, estimand):
        return None
    return (
        release.estimates.filter(domain_code=province, node_code=estimand.node, statistic=request.statistic)
        .select_related("release")
        .first()
    )


def _is_of(method_id: int, estimand: Estimand) -> bool:
    return estimand.method is not None and estimand.method.pk == method_id
