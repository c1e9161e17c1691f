"""The stages of a round as steps on its page: where each is, and what comes next."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from sampling.models import SurveyRound
from sampling.models.draws import DrawStatus
from sampling.selectors.draws import RoundStage, round_stages

NOT_BEGUN = ""
STATES = (
    DrawStatus.DRAFTED,
    DrawStatus.CHECKED,
    DrawStatus.COMMITTED,
    DrawStatus.DRAWN,
    DrawStatus.ISSUED,
    DrawStatus.CLOSED,
)
"""The way of a draw, in order."""

NEXT_STEPS: Mapping[str, Promise] = {
    NOT_BEGUN: _("Draft the draw"),
    DrawStatus.DRAFTED: _("Check frame and design"),
    DrawStatus.CHECKED: _("Commit publicly"),
    DrawStatus.COMMITTED: _("Enter the public value when it is published"),
    DrawStatus.DRAWN: _("Issue the list"),
    DrawStatus.ISSUED: _("Close the draw after the round is closed"),
    DrawStatus.CLOSED: _("Nothing more to do"),
}
"""What comes next, by state."""


@dataclass(frozen=True, slots=True)
class DrawStep:
    """One stage with its state and its pages."""

    stage: RoundStage
    is_open: bool
    url: str
    lists_url: str

    @property
    def status(self) -> str:
        """State of the living draw; empty before one is drafted."""
        return self.stage.draw.status if self.stage.draw else NOT_BEGUN

    @property
    def next_label(self) -> Promise | str:
        """What comes next."""
        return NEXT_STEPS[self.status] if self.is_open else _("The stage before comes first")

    @property
    def n_done(self) -> int:
        """How many states lie behind."""
        return STATES.index(DrawStatus(self.status)) + 1 if self.status else 0


def draw_steps(survey_round: SurveyRound) -> list[DrawStep]:
    """Return the stages of a round as steps; a stage opens when the one before is drawn."""
    steps: list[DrawStep] = []
    is_open = is_listable = True
    for stage in round_stages(survey_round):
        address = [survey_round.pk, stage.code]
        lists_url = reverse("surveyround:lists", args=address) if stage.is_listed and is_listable else ""
        steps.append(DrawStep(stage, is_open, reverse("surveyround:stage", args=address), lists_url))
        is_open = stage.draw is not None and stage.draw.seed != ""
        is_listable = stage.draw is not None and stage.draw.status in (DrawStatus.ISSUED, DrawStatus.CLOSED)
    return steps
