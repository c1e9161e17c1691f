"""The figures of a release as rows: every part of the index, for the nation and the provinces."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from analysis.estimation import Estimate
from analysis.index import (
    INDEX_CODE,
    NATION,
    POOLED_SHARE,
    IndexResult,
    compare_pairs,
    compare_with_nation,
)
from analysis.index.result import INTERVAL_METHOD
from analysis.models import PublishedEstimate, Release
from analysis.services.withholding import families_of, reasons_to_withhold
from sampling.selectors import is_list_round

CONFIDENCE = 0.95
NATION_NAME = "Cả nước"

Level = PublishedEstimate.DomainLevel
Statistic = PublishedEstimate.Statistic

STATISTICS: Mapping[str, str] = {
    "top_two_share": Statistic.TOP_TWO_SHARE,
    "mean_score": Statistic.MEAN_SCORE,
    POOLED_SHARE: Statistic.POOLED_SHARE,
}
"""Statistics of the index and the names they are published under."""


NO_PRECISION: Mapping[bool, Promise] = {
    False: gettext_lazy(
        "Expected two communes with answers in a stratum of every province; %(codes)s have fewer, "
        "so no interval can be given. Draw more communes, or join strata."
    ),
    True: gettext_lazy(
        "Expected two persons or dossiers with answers in a stratum of every province; %(codes)s have fewer, "
        "so no interval can be given. Draw more of the list, or join strata."
    ),
}
"""What is missing for an interval, by whether a round draws from a list."""


class NoPrecisionError(ValueError):
    """Raised when a province has so few drawn units that nothing can be said about its error."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a province stands: against the nation, and between which ranks."""

    group: str
    rank_low: int
    rank_high: int
    not_distinguishable: tuple[str, ...]
    not_comparable: tuple[str, ...]


def standings(result: IndexResult) -> dict[str, Standing]:
    """Compare the provinces with the nation and with one another, jointly at 95 %.

    What has no test, since the error of a figure is not known, is published as not comparable: the sample
    says nothing about the difference, not even that it is small.
    """
    groups = compare_with_nation(result).set_index("domain")["group"]
    pairs = compare_pairs(result.by_domain())
    ranks = pairs.rank_intervals().set_index("domain")
    labels = np.array([str(label) for label in pairs.labels])
    is_untested = np.isnan(pairs.p_value)
    is_alike = ~is_untested & ~pairs.is_distinguishable & ~np.eye(len(labels), dtype=bool)
    return {
        label: Standing(
            group=str(groups[label]),
            rank_low=int(ranks.loc[label, "rank_low"]),
            rank_high=int(ranks.loc[label, "rank_high"]),
            not_distinguishable=tuple(labels[is_alike[position]].tolist()),
            not_comparable=tuple(labels[is_untested[position]].tolist()),
        )
        for position, label in enumerate(labels.tolist())
    }


def comparisons_document(placed: Mapping[str, Standing]) -> dict[str, dict[str, Any]]:
    """Return the comparisons of a release as they are stored."""
    return {
        "not_distinguishable": {code: list(place.not_distinguishable) for code, place in placed.items()},
        "not_comparable": {code: list(place.not_comparable) for code, place in placed.items()},
        "groups": {code: place.group for code, place in placed.items()},
    }


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of a release, not yet saved, and the parts of the index that have none, with the reason."""

    rows: tuple[PublishedEstimate, ...]
    withheld: tuple[Mapping[str, str], ...]

    @property
    def incomplete_provinces(self) -> frozenset[str]:
        """Provinces without an index, or without one of its contents."""
        above = {PublishedEstimate.Node.INDEX, PublishedEstimate.Node.CONTENT}
        return frozenset(part["domain"] for part in self.withheld if part["level"] in above)


def build_figures(
    release: Release, result: IndexResult, names: Mapping[str, str], placed: Mapping[str, Standing]
) -> Figures:
    """Return the figures of a release; a part without one is named, never left out in silence."""
    _require_precision(result, names, NO_PRECISION[is_list_round(release.snapshot.round)])
    found = list(_rows(result))
    reasons = reasons_to_withhold(found, families_of(result.nodes))
    listed = list(zip(found, reasons, strict=True))
    rows = [_figure(release, row, names) for row, reason in listed if reason is None]
    for row in rows:
        _place(row, result.method.headline, placed)
    withheld = [_withheld(row, reason) for row, reason in listed if reason is not None]
    mean = result.plain_mean()
    if np.isnan(mean.value.item()):
        withheld.append(_withheld_mean())
    else:
        rows.append(_plain_mean(release, mean))
    return Figures(tuple(rows), tuple(withheld))


def _withheld(row: Mapping[str, Any], reason: str) -> dict[str, str]:
    return {
        "domain": "" if row["domain"] == NATION else row["domain"],
        "level": row["level"],
        "node": row["node"],
        "statistic": str(STATISTICS[row["statistic"]]),
        "reason": reason,
    }


def _withheld_mean() -> dict[str, str]:
    """Name the mean over provinces, which needs a value in each of them."""
    return {
        "domain": "",
        "level": str(PublishedEstimate.Node.INDEX),
        "node": INDEX_CODE,
        "statistic": str(Statistic.PLAIN_MEAN_OF_PROVINCES),
        "reason": str(Release.Withheld.NO_ANSWERS),
    }


def _require_precision(result: IndexResult, sampled: Iterable[str], refusal: Promise) -> None:
    """Refuse a province that was sampled but has too few drawn units with answers, or none."""
    index = result.by_domain()
    precise = {
        str(province) for province, df in zip(index.domains, index.degrees_of_freedom, strict=True) if df > 0
    }
    without = sorted({*sampled, *map(str, index.domains)} - precise)
    if without:
        raise NoPrecisionError(str(refusal) % {"codes": ", ".join(without)})


def _rows(result: IndexResult) -> Iterator[Mapping[str, Any]]:
    frame = result.to_frame(CONFIDENCE)
    names = [str(name) for name in frame.columns]
    for values in frame.itertuples(index=False, name=None):
        yield dict(zip(names, values, strict=True))


def _figure(release: Release, row: Mapping[str, Any], names: Mapping[str, str]) -> PublishedEstimate:
    is_nation = row["domain"] == NATION
    return PublishedEstimate(
        release=release,
        domain_level=Level.NATION if is_nation else Level.PROVINCE,
        domain_code="" if is_nation else row["domain"],
        domain_name=NATION_NAME if is_nation else names[row["domain"]],
        node=row["level"],
        node_code=row["node"],
        statistic=STATISTICS[row["statistic"]],
        value=row["value"],
        standard_error=row["standard_error"],
        lower=row["low"],
        upper=row["high"],
        degrees_of_freedom=int(row["df"]),
        deff=_known(row["deff"]),
        effective_n=_known(row["effective_n"]),
        n=int(row["n"]),
        item_nonresponse=_known(row["item_nonresponse"]),
        flags=row["flags"].split(),
    )


def _plain_mean(release: Release, mean: Estimate) -> PublishedEstimate:
    """Return the mean over provinces, each counted once, that stands beside the national index."""
    limits = mean.interval(CONFIDENCE, INTERVAL_METHOD)
    return PublishedEstimate(
        release=release,
        domain_level=Level.NATION,
        domain_name=NATION_NAME,
        node=PublishedEstimate.Node.INDEX,
        node_code=INDEX_CODE,
        statistic=Statistic.PLAIN_MEAN_OF_PROVINCES,
        value=mean.value.item(),
        standard_error=mean.standard_error.item(),
        lower=limits.low.item(),
        upper=limits.high.item(),
        degrees_of_freedom=int(mean.degrees_of_freedom.item()),
        n=int(mean.n.item()),
        flags=list(mean.flags[0]),
    )


def _place(row: PublishedEstimate, headline: str, placed: Mapping[str, Standing]) -> None:
    """Write the standing of a province on the row of its index."""
    is_index = row.node == PublishedEstimate.Node.INDEX and row.statistic == headline
    if is_index and row.domain_code in placed:
        place = placed[row.domain_code]
        row.comparison = place.group
        row.rank_low, row.rank_high = place.rank_low, place.rank_high


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
