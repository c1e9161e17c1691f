"""Proving a draw: everything is recomputed and compared with what is stored."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from sampling.design.fingerprints import digest_of_document, digest_of_frame, digest_of_rows
from sampling.design.selection import SelectionError
from sampling.design.stages import drawn_units
from sampling.models import Case, FrameUnit, ListSubmission, Sample, SampledUnit, SamplingFrame
from sampling.selectors.frames import REGISTER_STAGES
from sampling.selectors.orders import stored_list_digests, stored_lists
from sampling.selectors.replacements import of_the_draw
from sampling.services.draws import DrawnList, frame_digest, person_draw, seeds_of
from sampling.services.registers import Registers


@dataclass(frozen=True, slots=True)
class Verification:
    """What does not agree; nothing if the draw is proved."""

    differences: tuple[str, ...]

    @property
    def is_proved(self) -> bool:
        """Tell whether everything agrees."""
        return not self.differences


def verify_sample(*, sample: Sample, registers: Registers) -> Verification:
    """Redraw a sample from its frames, design, registers and seed, and compare list and proofs."""
    drawn = person_draw(sample=sample, registers=registers)
    return Verification(tuple(str(text) for is_wrong, text in _CHECKS if is_wrong(sample, drawn)))


def _frame_units_changed(sample: Sample, _drawn: DrawnList) -> bool:
    """Compare the stored units of the area frames with the digests taken when they were loaded."""
    fields = ("code", "name", "parent_code", "measure_of_size", "exclusion_reason")
    frames = SamplingFrame.objects.filter(round=sample.round).exclude(stage__in=REGISTER_STAGES)
    return any(
        frame.digest
        != digest_of_frame(
            [code, name, parent, size, bool(reason)]
            for code, name, parent, size, reason in _loaded_units(sample, frame).values_list(*fields)
        )
        for frame in frames
    )


def _loaded_units(sample: Sample, frame: SamplingFrame) -> QuerySet[FrameUnit]:
    """Return the units of a frame without those that communes listed which took the place of others."""
    communes = SampledUnit.objects.filter(sample=sample, replaces__isnull=False)
    late = ListSubmission.objects.filter(
        round=sample.round, stage=frame.stage, unit_code__in=communes.values("frame_unit__code")
    )
    return FrameUnit.objects.filter(frame=frame).exclude(parent_code__in=late.values("unit_code"))


def _frame_digest_differs(sample: Sample, drawn: DrawnList) -> bool:
    """Compare the digest of frames and registers."""
    return sample.frame_digest != frame_digest(sample.round, {drawn.stage: drawn.register_digest})


def _design_differs(sample: Sample, _drawn: DrawnList) -> bool:
    """Compare the digest of the sampling template."""
    return sample.design_digest != digest_of_document(sample.template.document)


def _fingerprint_differs(sample: Sample, drawn: DrawnList) -> bool:
    """Compare the fingerprint of the list."""
    return sample.fingerprint != drawn.fingerprint


def _cases_differ(sample: Sample, drawn: DrawnList) -> bool:
    """Compare the stored cases, row by row, with the list drawn again; those of replacements came later."""
    fields = (
        "number",
        "village__parent__frame_unit__code",
        "village__frame_unit__code",
        "register_number",
        "is_reserve",
    )
    drawn_cases = Case.objects.filter(of_the_draw("village__"), sample=sample)
    stored = drawn_cases.order_by("number").values_list(*fields)
    again = sorted(
        (person.number, person.commune, person.village, person.register_number, person.is_reserve)
        for person in drawn.persons
    )
    return digest_of_rows(sorted(stored)) != digest_of_rows(again)


def _order_differs(sample: Sample, drawn: DrawnList) -> bool:
    """Compare the digest of the order of the lists, and every stored list, with the lists sorted again."""
    again = {(str(proof.stage), proof.stratum): proof.digest for proof in drawn.orders}
    return sample.order_digest != drawn.order_digest or stored_list_digests(sample) != again


def _replay_differs(sample: Sample, _drawn: DrawnList) -> bool:
    """Select again from the stored order alone, and compare with the stored communes and villages."""
    fields = ("stage", "frame_unit__code", "frame_order", "draw_order", "is_certainty")
    units = SampledUnit.objects.filter(of_the_draw(), sample=sample)
    stored = set(units.values_list(*fields))
    try:
        replayed = {
            (ordered.stage, unit.code, unit.frame_order, unit.draw_order, unit.is_certainty)
            for ordered in stored_lists(sample, seeds_of(sample.round, common=sample.seed))
            for unit in drawn_units(ordered)
        }
    except SelectionError:
        return True
    return stored != replayed


_CHECKS: tuple[tuple[Callable[[Sample, DrawnList], bool], Promise], ...] = (
    (_frame_units_changed, _("The units of a frame are not those that were loaded.")),
    (_frame_digest_differs, _("The frames or registers are not those of the draw.")),
    (_design_differs, _("The design is not the one of the draw.")),
    (_order_differs, _("The stored order of the lists is not the one of the draw.")),
    (_replay_differs, _("The stored order of the lists gives other communes or villages.")),
    (_fingerprint_differs, _("Frames, design and seed give another list than the one drawn.")),
    (_cases_differ, _("The stored cases are not those of the drawn list.")),
)
