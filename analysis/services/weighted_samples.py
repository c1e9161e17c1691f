"""The respondents of a snapshot with weights: those of its newest release, or computed where it has none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from django.conf import settings

from analysis.estimation import SurveyDesign
from analysis.models import PopulationMargin, Release, Snapshot
from analysis.selectors import margins_of
from analysis.services.list_variances import (
    BREWER,
    FRACTION,
    STRATUM,
    is_without_replacement,
    variance_columns,
)
from analysis.services.snapshots import open_snapshot
from analysis.services.weighting import degrees_of, margin_labels, rests_on_approximation, weight_snapshot
from analysis.snapshots import (
    ANALYSIS_ID,
    MULTIPLICITY_FACTOR,
    REPLACEMENT_MARK,
    SnapshotContent,
    read_weights,
)
from analysis.weighting import Margin, Weighting, start_weighting, weighted_design
from analysis.weighting.steps import MULTIPLICITY, NONRESPONSE, RAKING
from sampling.models import Disposition
from sampling.models.samples import RESPONDENT_DISPOSITIONS

type Steps = tuple[Mapping[str, Any], ...]
type Cells = Mapping[str, np.ndarray]
"""The cell of every respondent in each margin that the weights meet, by the name of the margin."""


@dataclass(frozen=True, eq=False)
class WeightedSample:
    """Respondents with answers and weights, and the steps to these.

    Attributes
    ----------
    snapshot : Snapshot
    content : SnapshotContent
        Respondents only; the rows have the columns of the weights too.
    cells : mapping of margin to labels
    steps : tuple of mapping
        The weighting as a release stores it.
    release : Release, optional
        Where the weights come from; None if they were computed now.
    """

    snapshot: Snapshot
    content: SnapshotContent
    cells: Cells
    steps: Steps
    release: Release | None

    @cached_property
    def weighting(self) -> Weighting:
        """The steps from design weights to final weights, as the library knows them."""
        rows = self.content.rows
        started = start_weighting(rows["base_weight"].to_numpy())
        if any(step["step"] == MULTIPLICITY for step in self.steps):
            started = started.then(MULTIPLICITY, rows[MULTIPLICITY_FACTOR].to_numpy())
        adjusted = started.then(NONRESPONSE, rows["nonresponse_factor"].to_numpy())
        if not self.cells:
            return adjusted
        final = rows["final_weight"]
        margins = [
            Margin(
                name, labels, {str(cell): float(total) for cell, total in final.groupby(labels).sum().items()}
            )
            for name, labels in self.cells.items()
        ]
        return adjusted.then(RAKING, rows["calibration_factor"].to_numpy(), auxiliaries=margins)

    @property
    def uncalibrated(self) -> np.ndarray:
        """Weights before they were brought to the margins."""
        return self.weighting.base_weights

    @property
    def is_without_replacement(self) -> bool:
        """Whether variances know that a list was drawn without replacement."""
        return is_without_replacement(self.steps[0])

    @property
    def is_approximate(self) -> bool:
        """Whether the weights rest on approximate inclusion probabilities."""
        return rests_on_approximation(self.steps)

    @property
    def single_psu(self) -> str:
        """How a stratum with a single PSU was treated in the release; refused where there is none."""
        return str(self.steps[0]["single_psu"])

    def plain_design(self, single_psu: str = "") -> SurveyDesign:
        """Return strata, clusters and final weights of the respondents, without the margins.

        A list is drawn without replacement where its weighting says so; earlier releases do not.
        """
        return SurveyDesign.from_frame(
            self.content.rows,
            weight="final_weight",
            strata=STRATUM,
            clusters="variance_psu",
            fpc=FRACTION if self.is_without_replacement else None,
            single_psu=single_psu or self.single_psu,
            pps=BREWER if self.is_without_replacement else None,
            degrees=degrees_of(self.steps),
        )

    def design(self, single_psu: str = "") -> SurveyDesign:
        """Return the design with final weights and the margins that they meet."""
        return weighted_design(self.plain_design(single_psu), self.weighting)


def open_sample(snapshot: Snapshot, *, without_replacements: bool = False) -> WeightedSample:
    """Read a snapshot with the weights of its newest release, or weight it now where it has none.

    Without replacements it is always weighted now: whoever answered in a village that replaces another one
    counts as a nonrespondent, like the people of the village that was replaced.
    """
    release = snapshot.releases.order_by("-published_at").first()
    if release is not None and not without_replacements:
        release.snapshot = snapshot
        return open_release(release)
    content = open_snapshot(snapshot)
    if without_replacements:
        content = count_replacements_out(content)
    margins = margins_of(snapshot.round)
    weighted = weight_snapshot(content, margins)
    names = [] if margins is None else weighted.steps[-1]["margins"]
    cells = dict(zip(names, weighted.cells, strict=True))
    joined = _joined(content, weighted.weights, weighted.steps)
    return WeightedSample(snapshot, joined, cells, weighted.steps, None)


def is_in_replacement(rows: pd.DataFrame) -> pd.Series:
    """Tell which cases lie in a village that was not drawn at first, or in a commune that was not."""
    return rows["village"].str.endswith(REPLACEMENT_MARK)


def count_replacements_out(content: SnapshotContent) -> SnapshotContent:
    """Count the respondents of replacements as nonrespondents."""
    answered = content.rows["disposition"].isin(list(RESPONDENT_DISPOSITIONS))
    outcomes = content.rows["disposition"].mask(
        is_in_replacement(content.rows) & answered, Disposition.OTHER.value
    )
    return replace(content, rows=content.rows.assign(disposition=outcomes))


def open_release(release: Release) -> WeightedSample:
    """Read a release's snapshot with the weights it was published with."""
    path = Path(settings.SNAPSHOT_ROOT) / release.weights_file
    weights = read_weights(path, digest=release.weights_digest)
    content = _joined(open_snapshot(release.snapshot), weights, release.weighting)
    return WeightedSample(
        snapshot=release.snapshot,
        content=content,
        cells=_cells_of(release, content.rows),
        steps=tuple(release.weighting),
        release=release,
    )


def margin_names(release: Release) -> list[str]:
    """Return the margins that the weights of a release meet, in the order of its weighting."""
    last = release.weighting[-1]
    if last["step"] != RAKING:
        return []
    stored = PopulationMargin.objects.filter(round=release.snapshot.round)
    return last.get("margins") or list(
        stored.order_by("variable").values_list("variable", flat=True).distinct()
    )


def _cells_of(release: Release, rows: pd.DataFrame) -> dict[str, np.ndarray]:
    """Find the cells again by which a release was weighted, thin ones merged as it says."""
    merges = release.weighting[-1]["merges"]
    merged = {cell: merge["into"] for merge in merges for cell in merge["cells"]}
    return {
        name: margin_labels(rows, name).map(lambda cell: merged.get(cell, cell)).to_numpy(dtype=object)
        for name in margin_names(release)
    }


def _joined(
    content: SnapshotContent, weights: pd.DataFrame, steps: Sequence[Mapping[str, Any]]
) -> SnapshotContent:
    """Put weights and answers of the respondents side by side, with what the variance of a list needs."""
    rows = weights.merge(content.rows, on=ANALYSIS_ID, validate="one_to_one")
    if is_without_replacement(steps[0]):
        rows = rows.assign(**variance_columns(rows))
    return replace(content, rows=rows)
