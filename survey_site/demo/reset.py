"""Removing demonstration data, and nothing else."""

from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from analysis.models import Release, Snapshot
from questionnaires.models import Response, SeparatedResponse
from questionnaires.services.messages import outbox_path
from sampling.models import Draw, SurveyRound
from sampling.services.audit import User, record_table
from sampling.services.bundles import bundle_path
from sampling.services.draws.register_files import forget_registers
from survey_site.pages.models import ResultsPage

RESET = "demo.reset"


@transaction.atomic
def reset(*, user: User = None) -> int:
    """Delete demonstration rounds with everything that hangs on them; return how many there were."""
    rounds = SurveyRound.objects.filter(is_demo=True)
    ResultsPage.objects.filter(release__is_demo=True).delete()
    files = _files(rounds)
    Release.objects.filter(snapshot__round__in=rounds).delete()
    Snapshot.objects.filter(round__in=rounds).delete()
    Response.objects.filter(case__sample__round__in=rounds).delete()
    SeparatedResponse.objects.filter(sample__round__in=rounds).delete()
    played = list(rounds)
    for survey_round in played:
        if hasattr(survey_round, "sample"):
            survey_round.sample.units.filter(stage="village").delete()
            survey_round.sample.delete()
        survey_round.delete()
    if played:
        record_table(SurveyRound, RESET, user=user, details={"rounds": len(played)})
    transaction.on_commit(lambda: _delete(files, played))
    return len(played)


def _delete(files: list[Path], rounds: list[SurveyRound]) -> None:
    for path in files:
        path.unlink(missing_ok=True)
    for survey_round in rounds:
        forget_registers(survey_round)


def _files(rounds: "QuerySet[SurveyRound]") -> list[Path]:
    root = Path(settings.SNAPSHOT_ROOT)
    names = list(Snapshot.objects.filter(round__in=rounds).values_list("file_name", flat=True))
    names += list(Release.objects.filter(snapshot__round__in=rounds).values_list("weights_file", flat=True))
    bundles = [bundle_path(draw) for draw in Draw.objects.filter(round__in=rounds).exclude(fingerprint="")]
    outboxes = [outbox_path(survey_round) for survey_round in rounds]
    return [*(root / name for name in names if name), *bundles, *outboxes]
