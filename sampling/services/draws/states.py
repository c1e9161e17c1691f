"""The life of a draw: drafted, checked, committed, drawn, issued, closed; or abandoned with a reason.

Every step is taken by one statement that also asks for the state before, so that of two people who press at
once only one succeeds.
"""

import datetime
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sampling.design.commitments import Commitment, digest_of_secret
from sampling.design.fingerprints import digest_of_document
from sampling.design.list_design import ListDesign, ListDesignError
from sampling.design.stage_frames import stage_design
from sampling.models import Draw, Sample, SamplingFrame, SurveyRound
from sampling.models.draws import DrawStatus
from sampling.models.rounds import ESTIMABLE_STATUSES, RoundStatus
from sampling.sealing import seal_secret
from sampling.selectors.frames import REGISTER_STAGES, stage_codes
from sampling.services.audit import User, record
from sampling.services.draws.checks import DRAWN_STATUSES, DrawCheck, check_of
from sampling.services.draws.coordinated_areas import asked_coordination
from sampling.services.draws.errors import DrawRefusedError, DrawStateError
from sampling.services.draws.illustrations import Illustration, circumstances
from sampling.services.draws.proof_rows import digest_of_draw_frame, registers_in_short
from sampling.services.draws.writing import source_of_lists
from sampling.services.household_contacts import forget_heads
from sampling.services.refusals import told
from sampling.services.rounds import require_status
from sampling.services.territories import require_territory

Stage = SamplingFrame.Stage
OPEN_STATUSES = (DrawStatus.DRAFTED, DrawStatus.CHECKED)
"""States in which nothing is fixed yet."""


@transaction.atomic
def draft_draw(
    *, round: SurveyRound, stage: str, design: Mapping[str, Any] | None = None, user: User = None
) -> Draw:
    """Begin the draw of a stage.

    `design` is that of a transaction list; the template says it for areas, and `coordination` is all that may
    be added: the earlier round and the share of its units, or nothing for the first round of a chain.
    """
    require_territory(user, round)
    require_status(round, RoundStatus.PREPARING)
    SurveyRound.objects.select_for_update().get(pk=round.pk)
    _refuse_out_of_turn(round, stage)
    draw = Draw(round=round, stage=stage, design=_design_document(round, stage, design or {}))
    draw.full_clean(validate_constraints=False)
    draw.save(force_insert=True)
    record(draw, "sampling.draft_draw", user=user, details={"stage": stage})
    return draw


def _design_document(survey_round: SurveyRound, stage: str, design: Mapping[str, Any]) -> dict[str, Any]:
    """Return the rule of a stage: the canonical design of a list, or what the template says."""
    if stage != Stage.DOSSIER:
        said = stage_design(survey_round.template.document, stage)
        return asked_coordination(said, design["coordination"]) if "coordination" in design else said
    try:
        return ListDesign.from_document(design).document()
    except ListDesignError as error:
        raise DrawRefusedError(told(error)) from error


def _refuse_out_of_turn(survey_round: SurveyRound, stage: str) -> None:
    """Refuse a stage that the round does not have, has drawn, or cannot draw yet."""
    codes = stage_codes(survey_round)
    if stage not in codes:
        raise DrawRefusedError(
            _("Expected one of the stages %(known)s, got %(got)s.")
            % {"known": ", ".join(codes), "got": stage}
        )
    living = living_draws(survey_round)
    if stage in living:
        raise DrawRefusedError(
            _("The stage has a draw already: “%(state)s”. Abandon it with a reason to draft another.")
            % {"state": living[stage].get_status_display()}
        )
    if not living and Sample.objects.filter(round=survey_round).exists():
        raise DrawRefusedError(
            _("Round %(round)s was drawn without a public commitment. Prepare a new round.")
            % {"round": survey_round.code}
        )
    undrawn = [code for code in codes[: codes.index(stage)] if not _is_drawn(living.get(code))]
    if undrawn:
        raise DrawRefusedError(
            _("The stage “%(stage)s” comes first; it is not drawn yet.") % {"stage": Stage(undrawn[0]).label}
        )


def _is_drawn(draw: Draw | None) -> bool:
    """Tell whether the units of a stage are known."""
    return draw is not None and draw.status in DRAWN_STATUSES


def living_draws(survey_round: SurveyRound) -> dict[str, Draw]:
    """Return the draw of each stage that was not abandoned."""
    draws = Draw.objects.filter(round=survey_round).exclude(status=DrawStatus.ABANDONED).order_by("pk")
    return {draw.stage: draw for draw in draws}


@transaction.atomic
def check_draw(*, draw: Draw, user: User = None) -> DrawCheck:
    """Check a draft and say everything about it; a draft without problems may be committed."""
    require_territory(user, draw.round)
    _require(draw, *OPEN_STATUSES)
    check = check_of(draw)
    frame = SamplingFrame.objects.filter(round=draw.round, stage=draw.stage).first()
    status = DrawStatus.DRAFTED if check.problems else DrawStatus.CHECKED
    fixed = {} if check.design is None else {"design": check.design}
    move(draw, OPEN_STATUSES, status, frame=frame, **fixed)
    details = {"state": status.value, "problems": len(check.problems), "notes": len(check.notes)}
    record(draw, "sampling.check_draw", user=user, details=details)
    return check


@transaction.atomic
def commit_draw(
    *,
    draw: Draw,
    public_source: str,
    public_value_due: datetime.date,
    public_source_url: str = "",
    user: User = None,
    illustration: Illustration | None = None,
) -> Draw:
    """Fix frame, design and a new secret, and name the value that will make the seed.

    From here on the frame cannot change. The value must not exist yet: its day lies in the future. Only a
    demonstration may bring a made-up secret and moment with it.
    """
    require_territory(user, draw.round)
    require_status(draw.round, RoundStatus.PREPARING)
    given = circumstances(draw, illustration, public_source)
    _refuse_known_value(public_source, public_value_due, given.today)
    move(draw, (DrawStatus.CHECKED,), DrawStatus.COMMITTED, committed_at=given.now)
    check = check_of(draw)
    if check.problems:
        raise DrawRefusedError(check.problems[0])
    if check.design is not None and check.design != draw.design:
        raise DrawRefusedError(
            _("The list, the earlier list or a key was changed since the check. Check the draw again.")
        )
    draw.frame = _frozen_frame(draw)
    draw.secret, draw.secret_digest = seal_secret(draw, given.secret), digest_of_secret(given.secret)
    draw.frame_digest = digest_of_draw_frame(draw)
    draw.design_digest = digest_of_document(draw.design)
    draw.public_source = public_source.strip()
    draw.public_source_url = public_source_url
    draw.public_value_due = public_value_due
    commitment = commitment_of(draw)
    draw.commitment, draw.commitment_digest = commitment.document(), commitment.digest()
    draw.full_clean(validate_constraints=False)
    draw.save()
    details = {"stage": draw.stage, "commitment_sha256": draw.commitment_digest, **_published(draw)}
    record(draw, "sampling.commit_draw", user=user, details=details)
    return draw


def _refuse_known_value(public_source: str, public_value_due: datetime.date, today: datetime.date) -> None:
    """Refuse a source without a name and a value that may exist already."""
    if not public_source.strip():
        raise DrawRefusedError(_("Expected the name of a public source, got none."))
    if public_value_due <= today:
        raise DrawRefusedError(
            _("Expected a day after today, got %(day)s. A value that exists already proves nothing.")
            % {"day": f"{public_value_due:%d/%m/%Y}"}
        )


def _frozen_frame(draw: Draw) -> SamplingFrame:
    """Freeze the frame of a stage; that of the adults comes into being here, from the registers."""
    if draw.stage in REGISTER_STAGES:
        return _person_frame(draw)
    frame = SamplingFrame.objects.get(round=draw.round, stage=draw.stage)
    frame.frozen_at = timezone.now()
    frame.save(update_fields=["frozen_at"])
    return frame


def _person_frame(draw: Draw) -> SamplingFrame:
    """Keep size and digest of the registers, or lists of households, of the drawn villages."""
    villages = SamplingFrame.objects.get(round=draw.round, stage=Stage.VILLAGE)
    n_units, digest = registers_in_short(draw.round)
    SamplingFrame.objects.filter(round=draw.round, stage=draw.stage).delete()
    return SamplingFrame.objects.create(
        round=draw.round,
        stage=draw.stage,
        source=source_of_lists(draw.stage),
        reference_date=villages.reference_date,
        frozen_at=timezone.now(),
        n_units=n_units,
        digest=digest,
    )


def commitment_of(draw: Draw) -> Commitment:
    """Return what is published of a draw before its seed exists."""
    codes = stage_codes(draw.round)
    earlier = living_draws(draw.round)
    previous = [
        earlier[code].commitment_digest for code in codes[: codes.index(draw.stage)] if code in earlier
    ]
    return Commitment(
        round=draw.round.code,
        stage=draw.stage,
        frame_sha256=draw.frame_digest,
        design_sha256=draw.design_digest,
        secret_sha256=draw.secret_digest,
        public_source=draw.public_source,
        public_source_url=draw.public_source_url,
        public_value_due=draw.public_value_due or timezone.localdate(),
        previous=tuple(previous),
        committed_at=timezone.localtime(draw.committed_at) if draw.committed_at else None,
        is_demo=draw.round.is_demo,
    )


def _published(draw: Draw) -> dict[str, str]:
    """Return what the audit log keeps of a commitment."""
    return {
        "frame_sha256": draw.frame_digest,
        "design_sha256": draw.design_digest,
        "secret_sha256": draw.secret_digest,
        "public_source": draw.public_source,
    }


@transaction.atomic
def issue_draw(*, draw: Draw, user: User = None) -> Draw:
    """Hand the drawn list over: the next stage may be listed, or respondents may be asked."""
    require_territory(user, draw.round)
    move(draw, (DrawStatus.DRAWN,), DrawStatus.ISSUED, issued_at=timezone.now())
    if draw.stage == Stage.HOUSEHOLD:
        transaction.on_commit(lambda: forget_heads(draw.round))
    record(draw, "sampling.issue_draw", user=user, details={"stage": draw.stage, "units": draw.n_drawn})
    return draw


@transaction.atomic
def close_draw(*, draw: Draw, user: User = None) -> Draw:
    """Close a draw once its round is closed; the secret may then be shown, and everybody can draw again."""
    require_territory(user, draw.round)
    require_status(draw.round, *ESTIMABLE_STATUSES)
    move(draw, (DrawStatus.ISSUED,), DrawStatus.CLOSED, closed_at=timezone.now())
    record(
        draw, "sampling.close_draw", user=user, details={"stage": draw.stage, "list_sha256": draw.fingerprint}
    )
    return draw


def move(draw: Draw, start: tuple[DrawStatus, ...], end: DrawStatus, **values: Any) -> None:
    """Take a draw from one of some states to the next in one statement, or say in which state it is."""
    if not Draw.objects.filter(pk=draw.pk, status__in=start).update(status=end, **values):
        _require(draw, *start)
    draw.refresh_from_db()


def _require(draw: Draw, *allowed: DrawStatus) -> None:
    """Refuse a draw in any other state; the state is read afresh."""
    draw.refresh_from_db()
    if draw.status not in allowed:
        raise DrawStateError(
            _("Draw “%(draw)s”: expected state “%(expected)s”, got “%(got)s”.")
            % {
                "draw": draw,
                "expected": " / ".join(str(status.label) for status in allowed),
                "got": draw.get_status_display(),
            }
        )
