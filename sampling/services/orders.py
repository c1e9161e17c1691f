"""Keeping the sorted lists from which a sample was drawn, so that anybody can replay the selection."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from sampling.design.fingerprints import digest_of_rows
from sampling.design.ordering import OrderedList, digest_of_random_order
from sampling.design.selection import SimpleRandomSample
from sampling.models import FrameUnit, ListedUnit, Sample, SamplingFrame, SelectionList
from sampling.selectors.frames import REGISTER_STAGES

BATCH_SIZE = 2_000
Stage = SamplingFrame.Stage


@dataclass(frozen=True, slots=True)
class ListProof:
    """A sorted list in short: where it belongs, how long it is, and its SHA-256."""

    stage: str
    stratum: str
    n_units: int
    n_wanted: int
    digest: str


def area_proofs(lists: Iterable[OrderedList]) -> Iterator[ListProof]:
    """Yield the proof of every list of communes or villages."""
    for ordered in lists:
        yield ListProof(ordered.stage, ordered.stratum, len(ordered.codes), ordered.wanted, ordered.digest())


def register_proofs(
    samples: Mapping[str, SimpleRandomSample], n_wanted: int, stage: str = Stage.PERSON
) -> Iterator[ListProof]:
    """Yield the proof of the order in which every register, or list of households, was drawn from."""
    for village, drawn in samples.items():
        order = drawn.main + drawn.reserve + drawn.rest
        digest = digest_of_random_order(stage, village, n_wanted, order)
        yield ListProof(stage, village, len(order), n_wanted, digest)


def digest_of_proofs(proofs: Iterable[ListProof]) -> str:
    """Return one digest of the order of all lists, by stage and stratum."""
    return digest_of_rows(sorted([str(proof.stage), proof.stratum, proof.digest] for proof in proofs))


def write_area_lists(sample: Sample, lists: Iterable[OrderedList]) -> None:
    """Write the lists of communes and villages with every unit in its place."""
    kept = list(lists)
    rows = [_area_list(sample, ordered) for ordered in kept]
    SelectionList.objects.bulk_create(rows, batch_size=BATCH_SIZE)
    ListedUnit.objects.bulk_create(_listed_units(sample, rows, kept), batch_size=BATCH_SIZE)


def write_register_lists(sample: Sample, proofs: Iterable[ListProof]) -> None:
    """Write size and digest of the random order of every register; its numbers stay in the village."""
    SelectionList.objects.bulk_create(
        (
            SelectionList(
                sample=sample,
                stage=proof.stage,
                stratum=proof.stratum,
                n_units=proof.n_units,
                n_wanted=proof.n_wanted,
                digest=proof.digest,
            )
            for proof in proofs
            if proof.stage in REGISTER_STAGES
        ),
        batch_size=BATCH_SIZE,
    )


def _area_list(sample: Sample, ordered: OrderedList) -> SelectionList:
    """Turn a sorted list into its row."""
    return SelectionList(
        sample=sample,
        stage=ordered.stage,
        stratum=ordered.stratum,
        n_units=len(ordered.codes),
        n_wanted=ordered.wanted,
        total_size=ordered.total,
        random_start=ordered.start,
        digest=ordered.digest(),
    )


def _listed_units(
    sample: Sample, rows: Iterable[SelectionList], lists: Iterable[OrderedList]
) -> Iterator[ListedUnit]:
    """Turn the units of sorted lists into rows."""
    units = FrameUnit.objects.filter(frame__round=sample.round, exclusion_reason="")
    keys = {(stage, code): key for stage, code, key in units.values_list("frame__stage", "code", "pk")}
    for row, ordered in zip(rows, lists, strict=True):
        for position, code, size, cumulated in ordered.rows():
            yield ListedUnit(
                list=row,
                position=position,
                frame_unit_id=keys[ordered.stage, code],
                measure_of_size=size,
                cumulated_size=cumulated,
            )
