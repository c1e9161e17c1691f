"""Carrying a draw out: the public value is entered, the seed follows, and the list from it."""

import datetime
from collections.abc import Callable, Mapping

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sampling.design.commitments import CommitmentError, normal_public_value, seed_of_commitment
from sampling.design.fingerprints import digest_of_rows
from sampling.models import Draw, Sample, SamplingFrame
from sampling.models.draws import DrawStatus
from sampling.models.rounds import RoundStatus
from sampling.sealing import SealError, seal_seed, secret_of
from sampling.selectors.frames import first_places
from sampling.services.audit import User, record
from sampling.services.draws.computing import DrawnList, drawn_stages, person_draw, seeds_of
from sampling.services.draws.dossiers import drawn_dossiers, write_dossiers
from sampling.services.draws.errors import DrawRefusedError
from sampling.services.draws.illustrations import Illustration, circumstances
from sampling.services.draws.progress import Progress
from sampling.services.draws.proof_rows import (
    Rows,
    area_list_rows,
    digest_of_draw_frame,
    person_list_rows,
    rows_of_persons,
)
from sampling.services.draws.register_files import kept_registers
from sampling.services.draws.states import move
from sampling.services.draws.writing import new_sample, write_persons, write_stage
from sampling.services.household_contacts import copy_heads
from sampling.services.rounds import require_status
from sampling.services.territories import require_territory

Stage = SamplingFrame.Stage
LONGEST_VALUE = 256


@transaction.atomic
def carry_out_draw(
    *,
    draw: Draw,
    public_value: str,
    user: User = None,
    progress: Progress | None = None,
    illustration: Illustration | None = None,
) -> Draw:
    """Enter the public value on or after its day: make the seed, draw and write the list at once."""
    require_territory(user, draw.round)
    require_status(draw.round, RoundStatus.PREPARING)
    given = circumstances(draw, illustration, draw.public_source)
    value = checked_public_value(draw, public_value, given.today)
    move(draw, (DrawStatus.COMMITTED,), DrawStatus.DRAWN, drawn_at=given.now)
    _refuse_changed_frame(draw)
    draw.public_value = value
    draw.seed = seal_seed(draw, _seed_of(draw, value))
    draw.save(update_fields=["public_value", "seed"])
    rows = list(STAGES.get(draw.stage, _draw_area)(draw, user, progress))
    draw.n_drawn = len(rows)
    draw.fingerprint = digest_of_rows(rows)
    draw.save(update_fields=["n_drawn", "fingerprint"])
    record(draw, "sampling.carry_out_draw", user=user, details=_proof(draw))
    return draw


def checked_public_value(draw: Draw, public_value: str, today: datetime.date | None = None) -> str:
    """Return the public value as it enters the seed, or say why it cannot be taken."""
    due = draw.public_value_due
    if due is None or (today or timezone.localdate()) < due:
        day = f"{due:%d/%m/%Y}" if due else "—"
        raise DrawRefusedError(
            _("The public value is published on %(day)s. Enter it then, not before.") % {"day": day}
        )
    try:
        value = normal_public_value(public_value)
    except CommitmentError as error:
        raise DrawRefusedError(
            _("Expected the value that the public source published, got nothing.")
        ) from error
    if len(value) > LONGEST_VALUE:
        raise DrawRefusedError(
            _("Expected a value of at most %(longest)s characters.") % {"longest": LONGEST_VALUE}
        )
    return value


def _seed_of(draw: Draw, public_value: str) -> str:
    """Return the seed; the secret is opened for this alone."""
    try:
        secret = secret_of(draw)
    except SealError as error:
        raise DrawRefusedError(
            _(
                "The secret of the draw cannot be opened: SURVEY_COORDINATION_KEY is not the key of the "
                "commitment. Set that key again, or abandon the draw with this reason."
            )
        ) from error
    return seed_of_commitment(
        secret=secret, commitment_digest=draw.commitment_digest, public_value=public_value
    )


def _refuse_changed_frame(draw: Draw) -> None:
    """Refuse to draw from another frame than the committed one."""
    if digest_of_draw_frame(draw) != draw.frame_digest:
        raise DrawRefusedError(
            _("The frame is not the one that was committed. Abandon the draw with this reason.")
        )


def _draw_area(draw: Draw, _user: User, _progress: Progress | None) -> Rows:
    """Draw one area stage and write its units."""
    places = first_places(draw.round)
    drawn = drawn_stages(draw.round, seeds_of(draw.round), through=draw.stage, places=places)
    sample = Sample.objects.filter(round=draw.round).first() or new_sample(draw.round, draw.seed)
    write_stage(sample, drawn[-1], places)
    return area_list_rows(drawn[-1])


def _draw_persons(draw: Draw, _user: User, progress: Progress | None) -> Rows:
    """Draw the adults from the registers that were sent, and complete the sample."""
    return rows_of_persons(_drawn_from_registers(draw, progress))


def _drawn_from_registers(draw: Draw, progress: Progress | None) -> DrawnList:
    """Draw from the lists of the last stage, and write what was drawn."""
    sample = Sample.objects.get(round=draw.round)
    drawn = person_draw(sample=sample, registers=kept_registers(draw.round), progress=progress)
    write_persons(sample, drawn, progress)
    return drawn


def _draw_households(draw: Draw, user: User, progress: Progress | None) -> Rows:
    """Draw households, seal the number of each, and keep the contacts of the drawn, nobody else's."""
    _drawn_from_registers(draw, progress)
    rows = list(person_list_rows(draw))
    copy_heads(sample=Sample.objects.get(round=draw.round), user=user)
    return rows


def _draw_dossiers(draw: Draw, user: User, progress: Progress | None) -> Rows:
    """Draw from a transaction list."""
    drawn = drawn_dossiers(draw)
    rows = [each.canonical_row() for each in drawn]
    draw.fingerprint = digest_of_rows(rows)
    write_dossiers(draw, drawn, user=user, progress=progress)
    return rows


STAGES: Mapping[str, Callable[[Draw, User, Progress | None], Rows]] = {
    Stage.PERSON.value: _draw_persons,
    Stage.HOUSEHOLD.value: _draw_households,
    Stage.DOSSIER.value: _draw_dossiers,
}
"""How the stages are drawn that are no areas."""


def _proof(draw: Draw) -> dict[str, str | int]:
    """Return what the audit log keeps of a draw; more people read the log than may know a seed."""
    return {
        "stage": draw.stage,
        "commitment_sha256": draw.commitment_digest,
        "public_value": draw.public_value,
        "list_sha256": draw.fingerprint,
        "units": draw.n_drawn,
    }
