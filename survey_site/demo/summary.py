"""What the demonstration prints at its end."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analysis.models import PublishedEstimate, Release, Scorecard
from analysis.services import covered_by
from sampling.models import Sample
from survey_site.core.numbers import decimal, integer, percent
from survey_site.demo.stage import Stage

PLACES = 2
STEP_NAMES = {
    "migrate": gettext_lazy("Database"),
    "load": gettext_lazy("Units, methods, roles"),
    "population": gettext_lazy("Synthetic population"),
    "draw": gettext_lazy("Sample of the finished round"),
    "responses": gettext_lazy("Interviews"),
    "publish": gettext_lazy("Estimates and publication"),
    "truth": gettext_lazy("Comparison with the truth"),
    "open_round": gettext_lazy("Round that takes answers"),
}
"""What the steps of the machine's line are called in front of a person."""


@dataclass
class Timings:
    """Seconds per step, in the order of the steps."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Measure one step."""
        started = time.monotonic()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + time.monotonic() - started

    @property
    def total(self) -> float:
        """Seconds of all steps."""
        return sum(self.seconds.values())

    def lines(self) -> dict[str, str]:
        """Return the steps and their seconds for a person, in the active language."""
        return {
            str(STEP_NAMES.get(name, name)): _("%(seconds)s seconds") % {"seconds": decimal(seconds)}
            for name, seconds in self.seconds.items()
        }


@dataclass(frozen=True)
class Summary:
    """The figures of a finished demonstration round."""

    n_drawn: int
    n_responses: int
    national: PublishedEstimate
    true_national: float
    n_provinces: int
    n_covered: int
    first: Scorecard
    last: Scorecard

    def lines(self, timings: Timings) -> dict[str, str]:
        """Return the summary as names and values for a person, in the active language."""
        nation = self.national
        interval = _("%(value)s, confidence interval %(lower)s to %(upper)s (truth %(truth)s)") % {
            "value": percent(nation.value, PLACES),
            "lower": percent(nation.lower, PLACES),
            "upper": percent(nation.upper, PLACES),
            "truth": percent(self.true_national, PLACES),
        }
        covered = _("%(count)s of %(total)s") % {"count": self.n_covered, "total": self.n_provinces}
        return {
            _("People drawn"): integer(self.n_drawn),
            _("Responses"): integer(self.n_responses),
            _("National SIPAS (demonstration, provisional method)"): interval,
            _("Provinces whose interval covers the truth"): covered,
            _(
                "PAR points, first province"
            ): f"{self.first.province_name} {decimal(self.first.points, PLACES)}",
            _("PAR points, last province"): f"{self.last.province_name} {decimal(self.last.points, PLACES)}",
            **timings.lines(),
            _("Seconds in all"): decimal(timings.total),
        }

    def pairs(self, timings: Timings) -> dict[str, str]:
        """Return the summary as keys and values for a machine."""
        return {
            "n_drawn": str(self.n_drawn),
            "n_responses": str(self.n_responses),
            "sipas": f"{self.national.value:.2f}",
            "sipas_lower": f"{self.national.lower:.2f}",
            "sipas_upper": f"{self.national.upper:.2f}",
            "sipas_true": f"{self.true_national:.2f}",
            "covered": str(self.n_covered),
            "provinces": str(self.n_provinces),
            "par_first": f"{self.first.province_code}:{self.first.points:.2f}",
            "par_last": f"{self.last.province_code}:{self.last.points:.2f}",
            **{f"seconds_{name}": f"{seconds:.1f}" for name, seconds in timings.seconds.items()},
            "seconds_total": f"{timings.total:.1f}",
        }


def summarise(stage: Stage, sample: Sample, n_responses: int, release: Release) -> Summary:
    """Collect the figures of a published round and compare them with the truth."""
    headline = release.method.document["headline"]
    national = release.estimates.get(
        domain_level=PublishedEstimate.DomainLevel.NATION,
        node=PublishedEstimate.Node.INDEX,
        statistic=headline,
    )
    cards = release.scorecards.filter(candidate_input="headline").order_by("-points")
    truth = {code: value for code, value in stage.truth.items() if code}
    return Summary(
        n_drawn=sample.n_persons,
        n_responses=n_responses,
        national=national,
        true_national=stage.truth[""],
        n_provinces=len(truth),
        n_covered=covered_by(release, truth),
        first=cards[0],
        last=cards.reverse()[0],
    )
