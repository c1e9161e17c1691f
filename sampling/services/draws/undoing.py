"""Taking back what an abandoned draw has written; the draw itself stays."""

from collections.abc import Callable, Mapping

from django.db import transaction

from sampling.models import Draw, ListSubmission, Sample, SampledUnit, SamplingFrame, SelectionList
from sampling.selectors.frames import REGISTER_STAGES, stage_codes
from sampling.services.draws.register_files import forget_registers
from sampling.services.household_contacts import forget_heads

Stage = SamplingFrame.Stage
COUNTS: Mapping[str, str] = {Stage.COMMUNE.value: "n_communes", Stage.VILLAGE.value: "n_villages"}


def undo_stage(draw: Draw) -> None:
    """Remove drawn units, lists and cases of a stage, and let its frame be changed again."""
    sample = Sample.objects.filter(round=draw.round).first()
    if draw.seed and sample:
        UNDOING.get(draw.stage, _undo_area)(draw, sample)
    frames = SamplingFrame.objects.filter(round=draw.round, stage=draw.stage)
    if draw.stage in REGISTER_STAGES:
        frames.delete()
    else:
        frames.update(frozen_at=None)


def _undo_area(draw: Draw, sample: Sample) -> None:
    """Remove the units of an area stage, and what was sent for the stage below."""
    codes = stage_codes(draw.round)
    below = codes[codes.index(draw.stage) + 1]
    ListSubmission.objects.filter(round=draw.round, stage=below).delete()
    if below in REGISTER_STAGES:
        transaction.on_commit(lambda: forget_registers(draw.round))
        transaction.on_commit(lambda: forget_heads(draw.round))
    if draw.stage == codes[0]:
        sample.delete()
        return
    SelectionList.objects.filter(sample=sample, stage=draw.stage).delete()
    SampledUnit.objects.filter(sample=sample, stage=draw.stage).delete()
    if draw.stage in COUNTS:
        setattr(sample, COUNTS[draw.stage], 0)
        sample.save(update_fields=[COUNTS[draw.stage]])


def _undo_persons(draw: Draw, sample: Sample) -> None:
    """Remove cases and registers in short; the sample is incomplete again."""
    sample.cases.all().delete()
    SelectionList.objects.filter(sample=sample, stage=draw.stage).delete()
    sample.fingerprint = sample.order_digest = ""
    sample.n_persons = sample.n_reserves = 0
    sample.save(update_fields=["fingerprint", "order_digest", "n_persons", "n_reserves"])


def _undo_dossiers(_draw: Draw, sample: Sample) -> None:
    """Remove the sample with its cases."""
    sample.delete()


UNDOING: Mapping[str, Callable[[Draw, Sample], None]] = {
    Stage.PERSON.value: _undo_persons,
    Stage.HOUSEHOLD.value: _undo_persons,
    Stage.DOSSIER.value: _undo_dossiers,
}
"""How the stages are taken back that are no areas."""
