"""What the public may know of draws, and when."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, QuerySet

from sampling.models import Draw, SamplingFrame, SurveyRound
from sampling.models.draws import DrawStatus
from sampling.models.rounds import RoundStatus
from sampling.selectors.selections import SelectionFacts, selection_facts

PERSON_STAGES = (
    SamplingFrame.Stage.PERSON,
    SamplingFrame.Stage.HOUSEHOLD,
    SamplingFrame.Stage.DOSSIER,
)
"""Stages whose lists name persons: accredited auditors alone draw them again."""


@dataclass(frozen=True, slots=True)
class DrawFacts:
    """What one reader may see of a draw; what must stay hidden is empty."""

    draw: Draw
    is_demo: bool
    public_value: str
    seed: str
    secret: str
    fingerprint: str
    has_bundle: bool
    is_abandoned: bool
    names_persons: bool
    is_coordinated: bool
    attempt: int
    selection: SelectionFacts


def published_draws(survey_round: SurveyRound) -> QuerySet[Draw]:
    """Return the draws of a round that were committed, abandoned ones too."""
    return Draw.objects.filter(round=survey_round).exclude(commitment_digest="").order_by("pk")


def published_rounds() -> QuerySet[SurveyRound]:
    """Return the rounds with a commitment, newest first."""
    committed = Draw.objects.filter(round=OuterRef("pk")).exclude(commitment_digest="")
    return SurveyRound.objects.filter(Exists(committed)).order_by("-year", "code")


def unproved_rounds() -> QuerySet[SurveyRound]:
    """Return the rounds that went to respondents although no commitment led to their sample, newest first."""
    committed = Draw.objects.filter(round=OuterRef("pk")).exclude(commitment_digest="")
    asked = SurveyRound.objects.exclude(status=RoundStatus.PREPARING).filter(sample__isnull=False)
    return asked.exclude(Exists(committed)).order_by("-year", "code")


def draw_facts(
    draw: Draw,
    *,
    may_redraw: bool,
    has_bundle: bool,
    open_secret: Callable[[Draw], str],
    open_seed: Callable[[Draw], str],
) -> DrawFacts:
    """Return what may be seen: the public value at once, the seed only with the list that follows from it.

    Of an abandoned draw the secret is shown by itself: it says what list the public value would have given.
    """
    is_abandoned = draw.status == DrawStatus.ABANDONED
    return DrawFacts(
        draw=draw,
        is_demo=bool(draw.commitment.get("demonstration")),
        public_value=draw.public_value,
        seed=open_seed(draw) if may_redraw else "",
        secret=open_secret(draw) if may_redraw and is_abandoned else "",
        fingerprint=draw.fingerprint,
        has_bundle=may_redraw and has_bundle,
        is_abandoned=is_abandoned,
        names_persons=draw.stage in PERSON_STAGES,
        is_coordinated="coordination" in draw.design,
        attempt=published_draws(draw.round).filter(stage=draw.stage, pk__lte=draw.pk).count(),
        selection=selection_facts(draw.design),
    )
