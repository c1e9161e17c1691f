"""Drawing all stages with one seed: for rehearsals, teaching and the demonstration.

Whoever chooses the seed knows the sample before it is drawn, so it proves nothing. A sample drawn like this
has no draws with commitments, and says so wherever it is shown.
"""

from django.db import transaction
from django.utils.translation import gettext as _

from sampling.design.commitments import StageSeeds
from sampling.models import Sample, SamplingFrame, SurveyRound
from sampling.models.rounds import RoundStatus
from sampling.selectors.draws import may_rehearse, was_committed
from sampling.selectors.frames import first_places
from sampling.services.audit import User, record
from sampling.services.draws.computing import drawn_stages, person_draw, plan_of
from sampling.services.draws.errors import DrawRefusedError
from sampling.services.draws.progress import Progress, report
from sampling.services.draws.states import living_draws
from sampling.services.draws.writing import new_sample, proof_of, write_persons, write_stage
from sampling.services.registers import Registers
from sampling.services.rounds import require_status
from sampling.services.territories import require_territory

Stage = SamplingFrame.Stage


def draw_sample(
    *,
    round: SurveyRound,
    seed: str,
    registers: Registers,
    user: User = None,
    progress: Progress | None = None,
) -> Sample:
    """Draw all stages of a round with one seed in one transaction."""
    with transaction.atomic():
        sample = draw_area_stages(round=round, seed=seed, user=user, progress=progress)
        return draw_person_stage(sample=sample, registers=registers, user=user, progress=progress)


def communes_to_list(*, round: SurveyRound, seed: str) -> list[str]:
    """Return the communes that the seed draws and whose villages must be listed; nothing is written."""
    stages = drawn_stages(round, StageSeeds(common=seed), through=Stage.COMMUNE.value)
    return [unit.code for unit in stages[-1].units]


@transaction.atomic
def draw_area_stages(
    *, round: SurveyRound, seed: str, user: User = None, progress: Progress | None = None
) -> Sample:
    """Draw the area stages of a round with one seed and write them."""
    require_territory(user, round)
    require_status(round, RoundStatus.PREPARING)
    refuse_second_sample(round)
    places = first_places(round)
    through = plan_of(round).areas[-1].code
    stages = drawn_stages(round, StageSeeds(common=seed), through=through, places=places)
    sample = new_sample(round, seed)
    for drawn in stages:
        write_stage(sample, drawn, places)
    record(sample, "sampling.draw_areas", user=user, details=proof_of(sample))
    report(progress, "areas", sample.n_villages, sample.n_villages)
    return sample


@transaction.atomic
def draw_person_stage(
    *, sample: Sample, registers: Registers, user: User = None, progress: Progress | None = None
) -> Sample:
    """Draw the adults of the drawn villages and complete the sample."""
    require_territory(user, sample.round)
    require_status(sample.round, RoundStatus.PREPARING)
    refuse_rehearsal(sample.round)
    if sample.fingerprint:
        raise DrawRefusedError(
            _("The adults of round %(round)s are already drawn.") % {"round": sample.round.code}
        )
    write_persons(sample, person_draw(sample=sample, registers=registers, progress=progress), progress)
    record(sample, "sampling.draw", user=user, details=proof_of(sample))
    return sample


def refuse_second_sample(survey_round: SurveyRound) -> None:
    """Say that one round is one draw."""
    if Sample.objects.filter(round=survey_round).exists():
        raise DrawRefusedError(
            _("Round %(round)s already has a sample. One round is one draw; prepare a new round for another.")
            % {"round": survey_round.code}
        )
    refuse_rehearsal(survey_round)


def refuse_rehearsal(survey_round: SurveyRound) -> None:
    """Say why a round takes no seed of anybody's choice: it is a real one, or has commitments."""
    if was_committed(survey_round) or living_draws(survey_round):
        raise DrawRefusedError(
            _("Round %(round)s is drawn with public commitments. Draw its stages one after the other.")
            % {"round": survey_round.code}
        )
    if not may_rehearse(survey_round):
        raise DrawRefusedError(
            _(
                "Round %(round)s is a real round: it is drawn with public commitments only. "
                "Mark the round as a demonstration to rehearse."
            )
            % {"round": survey_round.code}
        )
