"""The stored order of the lists, as it is needed to replay a selection from the database alone."""

from collections.abc import Iterator
from itertools import groupby

from django.db.models import Exists, OuterRef, QuerySet

from sampling.design.area_selection import AreaSelection
from sampling.design.commitments import StageSeeds
from sampling.design.ordering import ListedRow, OrderedList, digest_of_list
from sampling.design.stage_plans import StagePlan
from sampling.models import ListedUnit, Sample, SampledUnit, SelectionList
from sampling.selectors.steering import steering_of

CHUNK_SIZE = 5_000
VILLAGE = SampledUnit.Stage.VILLAGE


def listed_units(sample: Sample) -> QuerySet[ListedUnit]:
    """Return the units of all lists in their order, each marked `is_drawn` or not."""
    drawn = SampledUnit.objects.filter(sample=sample, frame_unit=OuterRef("frame_unit"))
    return (
        ListedUnit.objects.filter(list__sample=sample)
        .select_related("list", "frame_unit__administrative_unit")
        .annotate(is_drawn=Exists(drawn))
        .order_by("list__stage", "list__stratum", "position")
    )


def lists_of_the_draw(sample: Sample) -> QuerySet[SelectionList]:
    """Return the lists of a sample without those of communes that took the place of others."""
    later = SampledUnit.objects.filter(sample=sample, replaces__isnull=False).exclude(stage=VILLAGE)
    return SelectionList.objects.filter(sample=sample).exclude(
        stage=VILLAGE, stratum__in=later.values("frame_unit__code")
    )


def selection_of(selection_list: SelectionList) -> AreaSelection:
    """Return how was selected from a list of areas."""
    plan = StagePlan.from_document(selection_list.sample.template.document)
    return plan.area(selection_list.stage).selection


def stored_lists(sample: Sample, seeds: StageSeeds | None = None) -> Iterator[OrderedList]:
    """Yield the stored lists of communes and villages; `drawn_units` of each replays its selection.

    Systematic selection needs no more than what is stored with the list; other methods need the seeds.
    """
    types = dict(
        ListedUnit.objects.filter(list__sample=sample, frame_unit__administrative_unit__isnull=False)
        .exclude(list__stage=VILLAGE)
        .values_list("frame_unit__code", "frame_unit__administrative_unit__unit_type")
    )
    steering = steering_of(sample.round)
    for kept, rows in _rows_by_list(sample):
        selection = selection_of(kept)
        yield OrderedList(
            stage=kept.stage,
            stratum=kept.stratum,
            codes=tuple(code for _place, code, _size, _before in rows),
            sizes=tuple(size for _place, _code, size, _before in rows),
            wanted=kept.n_wanted,
            start=kept.random_start,
            selection=selection,
            balance=selection.balancing_values(
                [(size, types.get(code) or "") for _place, code, size, _before in rows]
            ),
            seed="" if seeds is None or selection.has_start else seeds.at(kept.stage),
            steering=steering.get(kept.stage),
        )


def stored_list_digests(sample: Sample) -> dict[tuple[str, str], str]:
    """Return the digest of the rows of every stored list, and the stored one of every register."""
    registers = SelectionList.objects.filter(sample=sample, units__isnull=True)
    digests = {(kept.stage, kept.stratum): kept.digest for kept in registers}
    for kept, rows in _rows_by_list(sample):
        digests[kept.stage, kept.stratum] = digest_of_list(
            kept.stage, kept.stratum, kept.n_wanted, kept.random_start, rows, selection_of(kept)
        )
    return digests


def _rows_by_list(sample: Sample) -> Iterator[tuple[SelectionList, list[ListedRow]]]:
    """Yield every list that has units together with them."""
    lists = {kept.pk: kept for kept in lists_of_the_draw(sample).select_related("sample__template")}
    units = (
        ListedUnit.objects.filter(list__in=lists_of_the_draw(sample))
        .order_by("list__stage", "list__stratum", "position")
        .values_list("list", "position", "frame_unit__code", "measure_of_size", "cumulated_size")
    )
    for key, rows in groupby(units.iterator(chunk_size=CHUNK_SIZE), key=lambda row: row[0]):
        yield lists[key], [(place, code, size, before) for _list, place, code, size, before in rows]
