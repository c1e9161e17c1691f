"""Withheld cases by province: entries for people who never asked would show as a cluster."""

from collections import defaultdict
from dataclasses import dataclass

from django.db.models import Count, Q
from django.db.models.functions import Coalesce
from scipy.stats import binom

from sampling.models import Case, Disposition, Sample
from sampling.selectors.territories import Person, within_province

CHANCE = 0.01
"""How rarely a province may be marked where nothing but chance is at work, over all provinces together."""

FULL = 100


@dataclass(frozen=True, slots=True)
class WithheldCount:
    """The withheld cases of a province, and the most of them in one of its communes or agencies."""

    name: str
    n_cases: int
    n_withheld: int
    most_in_one: int
    is_cluster: bool

    @property
    def percent(self) -> float:
        """Share of the cases to be asked."""
        return FULL * self.n_withheld / self.n_cases


def withheld_by_province(sample: Sample, user: Person = None) -> list[WithheldCount]:
    """Return the provinces with withheld cases, the largest share first; a province alone to its people.

    A province is marked if so many would come about by chance alone in less than one of a hundred rounds,
    were its people withheld as often as those of the others (binomial tail, Bonferroni).
    """
    found: dict[tuple[int, str], list[tuple[int, int]]] = defaultdict(list)
    for province, name, n_cases, n_withheld in _counted(sample):
        found[province, name].append((n_cases, n_withheld))
    cases = {key: sum(n for n, _withheld in units) for key, units in found.items()}
    withheld = {key: sum(n for _cases, n in units) for key, units in found.items()}
    n_cases, n_withheld, limit = sum(cases.values()), sum(withheld.values()), CHANCE / max(len(found), 1)
    seen = set(within_province(sample.units.all(), user, "province").values_list("province", flat=True))
    rows = [
        WithheldCount(
            name=key[1],
            n_cases=cases[key],
            n_withheld=withheld[key],
            most_in_one=max(n for _cases, n in units),
            is_cluster=_tail(cases[key], withheld[key], n_cases - cases[key], n_withheld - withheld[key])
            < limit,
        )
        for key, units in found.items()
        if withheld[key] and key[0] in seen
    ]
    return sorted(rows, key=lambda row: (-row.percent, row.name))


def _counted(sample: Sample) -> list[tuple[int, str, int, int]]:
    """Count cases and withheld cases by province and commune, or by province and agency."""
    cases = Case.objects.active().filter(sample=sample)
    units = cases.values("village__province", "village__province__name", above=_UNIT).order_by("above")
    counted = units.annotate(
        n_cases=Count("pk"), n_withheld=Count("pk", filter=Q(disposition=Disposition.WITHHELD))
    )
    return list(counted.values_list("village__province", "village__province__name", "n_cases", "n_withheld"))


_UNIT = Coalesce("village__parent", "village")
"""The commune of a village; an agency has no unit above it."""


def _tail(n_cases: int, n_withheld: int, n_others: int, n_withheld_others: int) -> float:
    """Return the chance of so many withheld cases or more at the rate of the others, plus one case."""
    if not n_others:
        return 1.0
    rate = min((n_withheld_others + 1) / n_others, 1.0)
    return float(binom.sf(n_withheld - 1, n_cases, rate))
