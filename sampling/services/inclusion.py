"""Inclusion probabilities when more are asked than were drawn: reserves released, villages replaced.

All of it is counted again from whole numbers, never by stretching what is stored: n released out of N, n + 1
villages out of the list of a commune.

For persons the result is exact: drawn and released ones together are a simple random sample of the larger
number. For villages it is an approximation: those drawn by systematic PPS and the replacement, which follows
in the order of sequential Poisson sampling, are weighted as n + 1 villages drawn with probability
proportional to size.
"""

from fractions import Fraction

from sampling.design.selection import split_certainty_units
from sampling.models import Case, ListedUnit, SampledUnit, SelectionList
from sampling.models.samples import CaseQuerySet

ONE = Fraction(1)


def unit_probability(unit: SampledUnit) -> Fraction:
    """Return the inclusion probability of a drawn unit at its stage, replacements counted.

    It is exact where nothing was replaced; where r villages were, it is that of n + r villages drawn with
    probability proportional to size. It comes from the stored list from which the unit was drawn; a unit
    without a list keeps what is stored.
    """
    listed = ListedUnit.objects.filter(list__sample=unit.sample_id, frame_unit=unit.frame_unit_id).first()
    if listed is None:
        return Fraction(unit.inclusion_probability)
    rows = ListedUnit.objects.filter(list=listed.list_id).order_by("position")
    sizes = list(rows.values_list("measure_of_size", flat=True))
    wanted = listed.list.n_wanted + _n_added(listed.list)
    certain, rest = split_certainty_units(sizes, wanted)
    if listed.position - 1 in certain:
        return ONE
    total = sum(sizes[index] for index in rest)
    return Fraction((wanted - len(certain)) * listed.measure_of_size, total)


def _n_added(selection_list: SelectionList) -> int:
    """Count the replacements that were taken from a list."""
    in_list = ListedUnit.objects.filter(list=selection_list).values("frame_unit")
    added = SampledUnit.objects.filter(
        sample=selection_list.sample_id, frame_unit__in=in_list, replaces__isnull=False
    )
    return added.count()


def area_probability(unit: SampledUnit) -> Fraction:
    """Return the probability of a village through all stages down to it."""
    probability = ONE
    above: SampledUnit | None = unit
    while above is not None:
        probability *= unit_probability(above)
        above = above.parent
    return probability


def population_of(pool: CaseQuerySet, n_counted: int) -> int:
    """Return how many persons a pool was drawn from: p = n / N, so N = n / p, a whole number."""
    probability = pool.values_list("inclusion_probability", flat=True).order_by("pk")[0]
    return round(n_counted / probability)


def recount(pool: CaseQuerySet, *, n: int, population: int, above: Fraction) -> None:
    """Give every case of a pool n out of N, and the weight that follows, rounded once."""
    probability = Fraction(n, population)
    pool.update(inclusion_probability=float(probability), design_weight=float(1 / (above * probability)))


def recount_village(village: SampledUnit) -> None:
    """Count the cases of a village again, after the villages of its commune have become more."""
    pool = Case.objects.filter(village=village)
    n = pool.active().count()
    if n:
        recount(pool, n=n, population=population_of(pool, n), above=area_probability(village))
