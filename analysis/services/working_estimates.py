"""Working estimates: one figure by up to two variables, computed from a snapshot and published nowhere."""

import hashlib
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from django.contrib.auth.models import AbstractBaseUser
from django.core.cache import cache
from django.utils.translation import get_language
from wagtail.log_actions import log

from analysis.estimation import (
    OVERALL,
    BoolArray,
    Domains,
    Estimate,
    FloatArray,
    QuantileEstimate,
    RowScores,
    SurveyDesign,
    quantile,
)
from analysis.index import parse_index_method
from analysis.index.estimating import STATISTICS
from analysis.index.nodes import map_nodes
from analysis.marks import Mark, index_marks, sample_marks
from analysis.models import Release, Snapshot
from analysis.quality import find_small_cells, suppress_parts, suppress_table
from analysis.selectors.estimands import SATISFIED_FROM, Estimand, Statistic
from analysis.services.margins import RURAL, URBAN
from analysis.services.weighted_samples import WeightedSample, open_sample
from analysis.snapshots import Storage
from sampling.services.territories import require_territory

PERCENT = 100.0
SHARE_BOUNDS = (0.0, PERCENT)
RATING_BOUNDS = (1.0, 5.0)
QUARTILES = (0.25, 0.5, 0.75)
CONFIDENCE = 0.95
QUANTILE_INTERVALS: Mapping[str, str] = {
    "": "mean",
    "t": "mean",
    "logit": "xlogit",
    "korn_graubard": "beta",
    "arcsine": "asin",
}
"""The interval of a quantile is that of the share below it, carried back."""
CACHE_SECONDS = 3_600

NUMBERS = ("value", "standard_error", "low", "high", "df", "deff", "effective_n", "cv")
SUPPRESSED, NO_PRECISION, NO_ANSWERS = "suppressed", "no_precision", "no_answers"
WHOLE = "*"
"""Stands in the columns of the domains for all respondents together; no code is written like it."""
NOT_KNOWN = "?"
"""The domain of people whose category is not known, so that the parts add up to the whole."""

type Labels = pd.Series | pd.DataFrame | None
type Precise = Estimate | QuantileEstimate


@dataclass(frozen=True, slots=True)
class WorkingRequest:
    """What somebody wants to know: of what, how, by which columns of the design, with which interval."""

    estimand: Estimand
    statistic: str
    by: tuple[str, ...] = ()
    interval: str = ""
    single_psu: str = ""
    without_replacements: bool = False

    @property
    def key(self) -> str:
        """Tells this request from every other."""
        parts = (self.estimand.key, self.statistic, self.by, self.interval, self.single_psu)
        return repr((*parts, self.without_replacements))


@dataclass(frozen=True, eq=False)
class WorkingEstimates:
    """Figures that nobody has published.

    Attributes
    ----------
    figures : data frame
        One column per domain variable (empty for the whole), then ``name``, ``value``, ``standard_error``,
        ``low``, ``high``, ``df``, ``deff``, ``effective_n``, ``cv``, ``n``, ``flags`` and ``reason`` why a
        row has no figure. Shares in per cent.
    marks : tuple of Mark
        Why the figures are provisional.
    is_demo : bool
    is_approximate : bool
        Whether the weights rest on approximate inclusion probabilities.
    """

    figures: pd.DataFrame
    marks: tuple[Mark, ...]
    is_demo: bool
    is_approximate: bool


def estimate_working_figures(*, snapshot: Snapshot, request: WorkingRequest) -> WorkingEstimates:
    """Estimate what was asked for."""

    def compute() -> WorkingEstimates:
        sample = open_sample(snapshot, without_replacements=request.without_replacements)
        return compute_figures(sample, request)

    return remembered(snapshot, request.key, compute)


def remembered[Result](snapshot: Snapshot, key: str, compute: Callable[[], Result]) -> Result:
    """Keep for an hour what was computed with the weights of a release; these never change."""
    release = snapshot.releases.order_by("-published_at").only("weights_digest").first()
    if release is None:
        return compute()
    parts = (snapshot.digest, release.weights_digest, key, str(get_language()))
    name = "analysis.working:" + hashlib.sha256(repr(parts).encode()).hexdigest()
    found: Result | None = cache.get(name)
    if found is None:
        found = compute()
        cache.set(name, found, CACHE_SECONDS)
    return found


def record_download(*, snapshot: Snapshot, user: AbstractBaseUser, details: Mapping[str, Any]) -> None:
    """Note in the audit log who took which working figures; a person of a province gets its own."""
    require_territory(user, snapshot.round)
    log(snapshot, "analysis.export_working_estimates", user=user, data=dict(details))


def compute_figures(sample: WeightedSample, request: WorkingRequest) -> WorkingEstimates:
    """Estimate, and take out what rests on too few persons or has no error."""
    labels = domain_labels(sample.content.rows, request.by)
    found = estimate(sample, request, sample.design(request.single_psu), labels)
    figures = _framed(found, request)
    figures["reason"] = _reasons(figures, request.by)
    figures.loc[figures["reason"] != "", NUMBERS] = np.nan
    figures.loc[figures["reason"] == SUPPRESSED, "n"] = np.nan
    return WorkingEstimates(
        figures,
        marks_of(sample, request.estimand),
        is_demo=sample.snapshot.round.is_demo,
        is_approximate=sample.is_approximate,
    )


def domain_labels(rows: pd.DataFrame, by: tuple[str, ...]) -> pd.DataFrame | None:
    """Return the columns that make the domains, all of them codes."""
    if not by:
        return None
    labels = rows[list(by)]
    if "is_urban" in by:
        labels = labels.assign(is_urban=labels["is_urban"].map({True: URBAN, False: RURAL}))
    return labels.astype(object).where(labels.notna() & (labels != ""), NOT_KNOWN)


def marks_of(sample: WeightedSample, estimand: Estimand) -> tuple[Mark, ...]:
    """Return why figures of a sample are provisional."""
    weighted = Release(snapshot=sample.snapshot, method=estimand.method, weighting=list(sample.steps))
    return sample_marks(weighted) if estimand.method is None else index_marks(weighted)


@dataclass(frozen=True, eq=False)
class _Task:
    """A design with the answers that one estimator needs."""

    design: SurveyDesign
    rows: pd.DataFrame
    columns: Mapping[str, str]
    request: WorkingRequest
    labels: Labels

    @property
    def has_overall(self) -> bool:
        """Whether the whole comes before the domains."""
        return self.labels is not None

    def numbers(self) -> FloatArray:
        """Return the answers to the question as numbers."""
        variable = self.request.estimand.variable
        name = "" if variable is None else variable.name
        return self.rows[name].to_numpy(dtype=float)

    def answers(self, questions: tuple[str, ...]) -> FloatArray:
        """Return one column of numbers per question."""
        return np.column_stack([self.rows[self.columns[code]].to_numpy(dtype=float) for code in questions])


def estimate(
    sample: WeightedSample, request: WorkingRequest, design: SurveyDesign, labels: Labels
) -> Precise:
    """Estimate what was asked for with a design of the respondents, by labels of theirs."""
    content = sample.content
    task = _Task(design, content.rows, content.column_by_question, request, labels)
    if request.estimand.method is not None:
        return _node(task)
    return ESTIMATORS[request.statistic](task)


def _node(task: _Task) -> Estimate:
    """Estimate one part of an index, as a release does all of them together."""
    estimand, statistic = task.request.estimand, task.request.statistic
    method = parse_index_method(estimand.method.document if estimand.method else {})
    node_map = map_nodes(method)
    place = [node.code for node in node_map.nodes].index(estimand.node)
    is_used = node_map.weights[place] != 0
    questions = tuple(np.array(node_map.questions)[is_used].tolist())
    rule = STATISTICS["top_two_share" if statistic == Statistic.POOLED else statistic]
    answers = task.answers(questions)
    answered = ~np.isnan(answers)
    scores = np.where(answered, rule.score(np.nan_to_num(answers), method.scale), 0.0)
    rows = RowScores(
        scores, answered.astype(float), answered, combination=node_map.weights[[place]][:, is_used]
    )
    if statistic == Statistic.POOLED:
        rows = _pooled(scores, answered)
    estimated = task.design.combine_ratios(rows, _domains(task), (estimand.node,))
    return estimated.scaled(rule.factor, bounds=rule.bounds(method.scale))


def _pooled(scores: FloatArray, answered: np.ndarray) -> RowScores:
    """Return all answers to the criteria of an element as one ratio."""
    counts = answered.sum(axis=1, keepdims=True).astype(float)
    return RowScores(scores.sum(axis=1, keepdims=True), counts, counts > 0, combination=np.eye(1))


def _domains(task: _Task) -> Domains:
    if task.labels is None:
        return Domains.whole(task.design.n_rows)
    return Domains.from_labels(task.labels, n_rows=task.design.n_rows, has_overall=True)


def _satisfied(task: _Task) -> Estimate:
    shares = task.design.proportion(
        task.numbers(), by=task.labels, overall=task.has_overall, at_least=SATISFIED_FROM
    )
    return shares.scaled(PERCENT, bounds=SHARE_BOUNDS)


def _mean(task: _Task) -> Estimate:
    means = task.design.mean(task.numbers(), by=task.labels, overall=task.has_overall)
    return means.scaled(1.0, bounds=RATING_BOUNDS) if is_bounded(task.request) else means


def _categories(task: _Task) -> Estimate:
    variable = task.request.estimand.variable
    is_text = variable is not None and variable.storage is Storage.TEXT
    answers = task.rows[variable.name] if variable is not None else pd.Series(dtype=object)
    codes = (
        answers.where(answers.notna(), None) if is_text else answers.map("{:g}".format, na_action="ignore")
    )
    shares = task.design.proportions(
        codes.astype(object).where(codes.notna(), None), by=task.labels, overall=task.has_overall
    )
    return shares.scaled(PERCENT, bounds=SHARE_BOUNDS)


def _quartiles(task: _Task) -> QuantileEstimate:
    method = task.request.interval
    return quantile(
        task.design,
        task.numbers(),
        QUARTILES,
        by=task.labels,
        overall=task.has_overall,
        interval=QUANTILE_INTERVALS.get(method, method),
        level=CONFIDENCE,
    )


ESTIMATORS: Mapping[str, Callable[[_Task], Precise]] = {
    Statistic.SATISFIED: _satisfied,
    Statistic.MEAN: _mean,
    Statistic.CATEGORIES: _categories,
    Statistic.QUARTILES: _quartiles,
}
"""Estimators of questions."""


def interval_method(request: WorkingRequest) -> str:
    """Return the interval asked for; by default logit for what has bounds, Student's t for what has none."""
    return request.interval or ("logit" if is_bounded(request) else "t")


def is_bounded(request: WorkingRequest) -> bool:
    """Tell a share or the mean of a rating from the mean of any number."""
    variable = request.estimand.variable
    return variable is None or bool(variable.value_labels)


def _framed(found: Precise, request: WorkingRequest) -> pd.DataFrame:
    if isinstance(found, Estimate):
        frame = found.to_frame(CONFIDENCE, interval_method(request))
        frame["name"] = frame["name"] if request.statistic == Statistic.CATEGORIES else ""
    else:
        frame = found.to_frame()
        frame["name"] = frame["prob"].map("{:.0%}".format)
    places = [_place(domain, request.by) for domain in frame.get("domain", [OVERALL] * len(frame))]
    columns = pd.DataFrame(places, columns=list(request.by), index=frame.index)
    kept = frame.reindex(columns=["name", *NUMBERS, "n", "flags"])
    return pd.concat([columns, kept.astype({"n": float})], axis=1)


def _place(domain: Hashable, by: tuple[str, ...]) -> tuple[Hashable, ...]:
    if domain == OVERALL or domain is None:
        return (WHOLE,) * len(by)
    return domain if isinstance(domain, tuple) else (domain,)


def _reasons(figures: pd.DataFrame, by: tuple[str, ...]) -> list[str]:
    """Say for every row why it has no figure: too few persons, no error, or nobody at all."""
    n = figures["n"].fillna(0).to_numpy(dtype=np.int64)
    without_error = (n > 0) & ~(figures["df"].to_numpy(dtype=float) > 0)
    is_small = find_small_cells(n)
    if by:
        is_small = is_small | _hidden_cells(figures.assign(n=n), by)
    reasons = np.select([is_small, n == 0, without_error], [SUPPRESSED, NO_ANSWERS, NO_PRECISION], "")
    return [str(reason) for reason in reasons]


def _hidden_cells(figures: pd.DataFrame, by: tuple[str, ...]) -> BoolArray:
    """Hide small domains, and others that would tell them as a difference to the whole."""
    counts = figures[figures[by[0]] != WHOLE].groupby(list(by), sort=True)["n"].max()
    places = list(figures[list(by)].itertuples(index=False, name=None))
    if len(by) == 1:
        hidden: set[tuple[Hashable, ...]] = {
            (label,) for label in counts.index[suppress_parts(counts.to_numpy())]
        }
    else:
        table = counts.unstack(fill_value=0)
        rows, columns = np.nonzero(suppress_table(table.to_numpy()).cells)
        hidden = set(zip(table.index[rows], table.columns[columns], strict=True))
    return np.array([place in hidden for place in places])
