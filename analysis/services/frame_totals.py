"""What is known of a transaction list beside its sample: the number of units in every stratum."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from analysis.index import IndexMethod
from analysis.index.parsing import FRAME_COUNTS
from analysis.selectors.margins import FrameTotals
from analysis.weighting import DRAWN_UNIT
from sampling.design.list_design import ListDesign, Unit
from sampling.design.list_values import SEPARATOR
from sampling.models import Draw, SamplingFrame, SurveyRound
from sampling.models.draws import DrawStatus
from sampling.services.draws.dossiers import count_units, digest_of_list, frame_of_list, list_design

PROVINCE = "province"


class FrameTotalsError(ValueError):
    """Raised when the list of a round is not the one that was drawn from."""


def frame_totals(survey_round: SurveyRound, method: IndexMethod, unit: str) -> FrameTotals | None:
    """Count the strata of a list if the method brings weights to them; None where it does not.

    It does so for the units that were drawn. Of persons in a list of dossiers the strata tell no number: one
    person may have dossiers in several.
    """
    draws = Draw.objects.filter(round=survey_round, stage=SamplingFrame.Stage.DOSSIER)
    draw = draws.exclude(status=DrawStatus.ABANDONED).first()
    if method.list_totals != FRAME_COUNTS or draw is None:
        return None
    design, frame = list_design(draw), frame_of_list(draw)
    if unit != DRAWN_UNIT and design.unit is not Unit.PERSON:
        return None
    if digest_of_list(draw) != draw.frame_digest:
        raise FrameTotalsError(
            _(
                "The list of %(round)s is not the one that was drawn from, so its counts cannot be used. "
                "Restore the file of the list from a backup."
            )
            % {"round": survey_round.code}
        )
    counts = count_units(frame, design)
    return FrameTotals(frame.source, frame.reference_date, counts, _provinces(design, counts))


def _provinces(design: ListDesign, strata: Iterable[str]) -> dict[str, str]:
    """Return the province of every stratum, from its name; empty where a stratum may cross provinces."""
    if PROVINCE not in design.strata:
        return {}
    place = design.strata.index(PROVINCE)
    return {stratum: stratum.split(SEPARATOR)[place] for stratum in strata}
