"""Which area stages of a round permanent numbers steer, and which earlier ones a new stage can follow."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext as _

from sampling.design.coordination import CoordinationError, key_fingerprint
from sampling.design.list_coordination import ListCoordination
from sampling.design.schemes import METHODS
from sampling.design.stage_coordination import Steering
from sampling.models import Draw, SamplingFrame, SurveyRound
from sampling.models.draws import DrawStatus
from sampling.selectors.frames import REGISTER_STAGES


def steering_of(survey_round: SurveyRound) -> dict[str, Steering]:
    """Return key and starting point of every coordinated area stage that has its seed, by stage.

    Raises `CoordinationError` if the key of this installation is not the one of a draw.
    """
    draws = Draw.objects.filter(round=survey_round).exclude(status=DrawStatus.ABANDONED).exclude(seed="")
    rows = draws.exclude(stage=SamplingFrame.Stage.DOSSIER).values_list("stage", "design", "seed")
    return {
        stage: _steering(ListCoordination.from_document(design["coordination"]), stage, seed)
        for stage, design, seed in rows
        if "coordination" in design
    }


def designs_of(survey_round: SurveyRound) -> dict[str, Mapping[str, Any]]:
    """Return the committed design of every stage that has its seed, by stage."""
    draws = Draw.objects.filter(round=survey_round).exclude(status=DrawStatus.ABANDONED).exclude(seed="")
    return dict(draws.values_list("stage", "design"))


def selection_of_stage(survey_round: SurveyRound, stage: str) -> str:
    """Return how the template of a round selects at a stage; empty for a list, whose design says it."""
    stages = survey_round.template.document.get("stages", ())
    return next((row["selection"] for row in stages if row["code"] == stage), "")


def can_be_coordinated(survey_round: SurveyRound, stage: str) -> bool:
    """Tell whether permanent numbers can steer an area stage: its method looks at one number per unit."""
    method = METHODS.get(selection_of_stage(survey_round, stage))
    return stage not in REGISTER_STAGES and method is not None and method.supports_coordination


def stages_to_follow(survey_round: SurveyRound, stage: str) -> list[Draw]:
    """Return the drawn stages of other rounds that a stage can avoid or meet, the newest first."""
    rule = METHODS[selection_of_stage(survey_round, stage)].rule
    near = Q(round__territory=None) | Q(round__territory=survey_round.territory_id)
    draws = Draw.objects.filter(near, stage=stage).exclude(status=DrawStatus.ABANDONED).exclude(seed="")
    others = draws.exclude(round=survey_round).select_related("round").order_by("-drawn_at", "-pk")
    return [
        draw
        for draw in others
        if "coordination" in draw.design and METHODS[draw.design["selection"]].rule is rule
    ]


def _steering(coordination: ListCoordination, stage: str, seed: str) -> Steering:
    """Return what steers one stage."""
    key = settings.COORDINATION_KEY
    if key_fingerprint(key) != coordination.key_fingerprint:
        raise CoordinationError(
            _(
                "Expected the coordination key with which the draw was committed, got another. "
                "Set SURVEY_COORDINATION_KEY to that key again."
            )
        )
    return Steering(key, coordination.start_at(seed, stage))
