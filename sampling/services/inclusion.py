"""Inclusion probabilities when more are asked than were drawn: reserves released, units replaced.

All of it is counted again from the stored lists, never by stretching what is stored.

For persons the result is exact where the number released does not depend on the answers or on who gives
them: drawn and released ones together are then a simple random sample of the larger number. For villages and
communes drawn systematically it is the probability to be in the systematic sample or among the units that
were added by rule (`sampling.design.enlarged_samples`), given how many were added; for other ways of
selecting, that of n + r units drawn with the probabilities of the stage, proportional to size or equal. Both
are marked as approximate wherever figures rest on them.
"""

from collections.abc import Iterable
from fractions import Fraction

from django.db.models import Exists, OuterRef, Q

from sampling.design.enlarged_samples import enlarged_probabilities
from sampling.design.schemes.units import target_probabilities
from sampling.models import Case, ListedUnit, SampledUnit, SelectionList
from sampling.models.samples import CaseQuerySet
from sampling.selectors.orders import selection_of
from sampling.signals import cases_recounted

ONE = Fraction(1)

type ListProbabilities = dict[int, Fraction]
"""The probability of every unit of a list, by the id of its frame unit."""


class Inclusion:
    """Inclusion probabilities of drawn units; those of one list are computed once."""

    def __init__(self) -> None:
        self._lists: dict[int, ListProbabilities] = {}

    def of_unit(self, unit: SampledUnit) -> Fraction:
        """Return the probability of a drawn unit at its stage, replacements counted.

        It is exact where nothing was replaced. A unit without a list keeps what is stored.
        """
        listed = (
            ListedUnit.objects.filter(list__sample=unit.sample_id, frame_unit=unit.frame_unit_id)
            .select_related("list__sample__template")
            .first()
        )
        if listed is None:
            return Fraction(unit.inclusion_probability)
        if listed.list_id not in self._lists:
            self._lists[listed.list_id] = _probabilities(listed.list)
        return self._lists[listed.list_id][unit.frame_unit_id]

    def of_area(self, unit: SampledUnit) -> Fraction:
        """Return the probability of a unit through all stages down to it."""
        probability = ONE
        above: SampledUnit | None = unit
        while above is not None:
            probability *= self.of_unit(above)
            above = above.parent
        return probability


def unit_probability(unit: SampledUnit) -> Fraction:
    """Return the inclusion probability of a drawn unit at its stage, replacements counted."""
    return Inclusion().of_unit(unit)


def area_probability(unit: SampledUnit) -> Fraction:
    """Return the probability of a village through all stages down to it."""
    return Inclusion().of_area(unit)


def _probabilities(selection_list: SelectionList) -> ListProbabilities:
    """Compute the probabilities of all units of a list."""
    rows = ListedUnit.objects.filter(list=selection_list).order_by("position")
    units = list(rows.values_list("frame_unit", "measure_of_size"))
    selection = selection_of(selection_list)
    sizes = selection.counting_sizes(size for _unit, size in units)
    n_added = _n_added(selection_list)
    if n_added and selection.has_start:
        enlarged = enlarged_probabilities(sizes, selection_list.n_wanted, n_added)
        found = [Fraction(value) for value in enlarged.tolist()]
    else:
        found = target_probabilities(sizes, selection_list.n_wanted + n_added)
    return {unit: probability for (unit, _size), probability in zip(units, found, strict=True)}


def _n_added(selection_list: SelectionList) -> int:
    """Count the replacements taken from a list that have cases, of their own or in their villages."""
    in_list = ListedUnit.objects.filter(list=selection_list).values("frame_unit")
    added = SampledUnit.objects.filter(
        sample=selection_list.sample_id, frame_unit__in=in_list, replaces__isnull=False
    )
    has_cases = Q(Exists(Case.objects.filter(village=OuterRef("pk")))) | Q(
        Exists(Case.objects.filter(village__parent=OuterRef("pk")))
    )
    return added.filter(has_cases).count()


def population_of(pool: CaseQuerySet, n_counted: int) -> int:
    """Return how many persons a pool was drawn from: p = n / N, so N = n / p, a whole number."""
    probability = pool.values_list("inclusion_probability", flat=True).order_by("pk")[0]
    return round(n_counted / probability)


def recount(pool: CaseQuerySet, *, n: int, population: int, above: Fraction) -> None:
    """Give every case of a pool n out of N, and the weight that follows, rounded once."""
    probability = Fraction(n, population)
    weight = float(1 / (above * probability))
    pool.update(inclusion_probability=float(probability), design_weight=weight)
    cases_recounted.send(Case, cases=pool, probability=float(probability), weight=weight)


def recount_list(unit: SampledUnit) -> None:
    """Count the list of a unit again, after more were taken from it, and the cases of all villages below."""
    inclusion = Inclusion()
    beside = SampledUnit.objects.filter(
        sample=unit.sample_id, stage=unit.stage, stratum=unit.stratum, parent=unit.parent_id
    )
    for each in beside:
        probability = inclusion.of_unit(each)
        each.inclusion_probability = float(probability)
        each.is_approximate = probability < 1
        each.save(update_fields=["inclusion_probability", "is_approximate"])
    is_village = unit.stage == SampledUnit.Stage.VILLAGE
    below = beside if is_village else SampledUnit.objects.filter(parent__in=beside)
    _recount_villages(below.select_related("parent__parent"), inclusion)


def _recount_villages(villages: Iterable[SampledUnit], inclusion: Inclusion) -> None:
    """Count the cases of villages again with the probabilities above them."""
    for village in villages:
        pool = Case.objects.filter(village=village)
        n = pool.active().count()
        if n:
            recount(pool, n=n, population=population_of(pool, n), above=inclusion.of_area(village))
