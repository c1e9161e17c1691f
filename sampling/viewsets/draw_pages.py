"""The page of a stage: its state, its frame in pictures, its commitment, and the steps that may be taken."""

from collections.abc import Mapping
from typing import Any, cast

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from sampling.draw_tasks import draw_progress, kept_check, take_draw_step
from sampling.models import Draw, SampledUnit, SamplingFrame
from sampling.models.draws import DrawStatus
from sampling.models.rounds import ESTIMABLE_STATUSES
from sampling.selectors.draws import (
    abandoned_draws,
    drawn_places,
    names_of_provinces_today,
    province_names,
    round_stages,
    seed_on_page,
    unit_places,
    unit_sizes,
)
from sampling.selectors.frames import stage_codes
from sampling.selectors.selections import selection_facts
from sampling.selectors.territories import runs_round
from sampling.services.draws import DrawCheck, check_of
from sampling.task_results import is_under_way, last_failure
from sampling.viewsets.draw_steps import STATES, draw_steps
from sampling.viewsets.list_strata import StrataForm
from sampling.viewsets.pictures import allocation_bars, commune_map, size_distribution
from sampling.viewsets.planner_words import stratum_label
from sampling.viewsets.rounds import OfRoundMixin

COMMIT_DRAW, ISSUE_DRAW, AUDIT_DRAW = "sampling.commit_draw", "sampling.issue_draw", "sampling.audit_draw"
Stage = SamplingFrame.Stage
CHECKED_AT_ONCE = (Stage.DISTRICT.value, Stage.COMMUNE.value, Stage.VILLAGE.value)
"""Stages whose frame is in the database, so that a look at the page may check it."""

MAPPED = (Stage.DISTRICT.value, Stage.COMMUNE.value)
MOST_BARS = 100
REFRESH_SECONDS = 5
OPEN_STATES = (DrawStatus.DRAFTED, DrawStatus.CHECKED)


class StageMixin(OfRoundMixin):
    """A page below a stage of a round."""

    permission_required = None
    stage: str
    draw: Draw | None

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Fetch the living draw of the stage."""
        super().setup(request, *args, **kwargs)
        self.stage = kwargs["stage"]
        if self.stage not in stage_codes(self.survey_round):
            raise Http404
        found = {each.code: each.draw for each in round_stages(self.survey_round)}
        self.draw = found[self.stage]

    @property
    def stage_label(self) -> str:
        """What the stage draws."""
        return str(Stage(self.stage).label)


class StageView(StageMixin, TemplateView):
    """Shows where the draw of a stage is and what may be done now."""

    template_name = "sampling/draw_stage.html"
    any_permission_required = ["view"]
    is_to_change = False

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Let those in who may see rounds and samples."""
        if not request.user.has_perm("sampling.view_sample"):
            raise PermissionDenied
        answer: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return answer

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Ask the browser to look again while a worker is busy."""
        response = cast("TemplateResponse", super().get(request, *args, **kwargs))
        if (response.context_data or {}).get("is_working"):
            response.headers["Refresh"] = str(REFRESH_SECONDS)
        return response

    def get_page_title(self) -> str:
        """Name the stage."""
        return _("Draw: %(stage)s") % {"stage": self.stage_label}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add state, report, pictures and actions."""
        step = next(each for each in draw_steps(self.survey_round) if each.stage.code == self.stage)
        check = self._check()
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return (
            context
            | {"step": step, "draw": self.draw, "stage": self.stage, "states": self._states(step.n_done)}
            | {"check": check, "actions": self._actions(is_open=step.is_open)}
            | {"strata_form": self._strata_form(), "seed": self._seed()}
            | {"abandoned": abandoned_draws(self.survey_round, self.stage)}
            | {"selection": selection_facts(self.draw.design) if self.draw else None}
            | self._pictures(check)
            | self._overlap(check)
            | self._work()
        )

    def _states(self, n_done: int) -> list[tuple[str, str]]:
        """Return every state with where it lies: behind, now or ahead."""
        return [
            (str(state.label), "done" if place < n_done else "now" if place == n_done else "ahead")
            for place, state in enumerate(STATES, start=1)
        ]

    def _seed(self) -> str:
        """Return the seed, as far as this person may know it."""
        user = self.request.user
        may_audit = user.has_perm(AUDIT_DRAW) and runs_round(user, self.survey_round)
        return seed_on_page(self.draw, may_audit=may_audit)

    def _check(self) -> DrawCheck | None:
        """Return what is to be said about the draw: the kept report, or a fresh one where that is quick."""
        if self.draw is None or self.draw.status not in OPEN_STATES:
            return None
        if self.stage in CHECKED_AT_ONCE:
            return check_of(self.draw)
        return kept_check(self.draw)

    def _actions(self, *, is_open: bool) -> list[str]:
        """Return what this person may do now."""
        if not runs_round(self.request.user, self.survey_round):
            return []
        may_commit = self.request.user.has_perm(COMMIT_DRAW)
        may_issue = self.request.user.has_perm(ISSUE_DRAW)
        status = self.draw.status if self.draw else ""
        wanted = {
            "draft": may_commit and not status and is_open,
            "check": may_commit and status in OPEN_STATES,
            "commit": may_commit and status == DrawStatus.CHECKED,
            "carry-out": may_commit and status == DrawStatus.COMMITTED,
            "issue": may_issue and status == DrawStatus.DRAWN,
            "close": may_issue
            and status == DrawStatus.ISSUED
            and self.survey_round.status in ESTIMABLE_STATUSES,
            "abandon": may_commit and status in (*OPEN_STATES, DrawStatus.COMMITTED, DrawStatus.DRAWN),
        }
        return [name for name, is_offered in wanted.items() if is_offered]

    def _strata_form(self) -> StrataForm | None:
        """Return the form that counts the strata of a list, for whoever plans its draw."""
        is_open = self.draw is None or self.draw.status in OPEN_STATES
        if self.stage != Stage.DOSSIER or not is_open:
            return None
        has_list = SamplingFrame.objects.filter(round=self.survey_round, stage=Stage.DOSSIER).exists()
        may_change = self.request.user.has_perm("sampling.change_surveyround")
        may_plan = may_change and runs_round(self.request.user, self.survey_round)
        return StrataForm() if has_list and may_plan else None

    def _pictures(self, check: DrawCheck | None) -> dict[str, Any]:
        """Return the pictures of the stage: what strata give, where drawn units lie, how large they are."""
        pictures: dict[str, Any] = {}
        if check and check.strata:
            names = self._names_of_strata()
            rows = [(_named(each.stratum, names), each.wanted, each.n_units) for each in check.strata]
            pictures |= {"bars": allocation_bars(rows[:MOST_BARS]), "n_more_bars": len(rows[MOST_BARS:])}
        if not SampledUnit.objects.filter(sample__round=self.survey_round, stage=self.stage).exists():
            return pictures
        if self.stage in MAPPED:
            places = unit_places(self.survey_round, self.stage)
            pictures["map"] = commune_map(places, drawn_places(self.survey_round, self.stage))
        return pictures | {"sizes": size_distribution(*unit_sizes(self.survey_round, self.stage))}

    def _overlap(self, check: DrawCheck | None) -> dict[str, Any]:
        """Return how many units are expected to be met again, by stratum, if a draw follows another."""
        plan = check.coordination if check else None
        if plan is None or not plan.overlaps:
            return {}
        names = self._names_of_strata()
        return {
            "plan": plan,
            "share": float(plan.share),
            "overlaps": [(_named(each.stratum, names), each) for each in plan.overlaps[:MOST_BARS]],
            "n_more_overlaps": len(plan.overlaps[MOST_BARS:]),
        }

    def _names_of_strata(self) -> dict[str, str]:
        """Return the provinces that are strata; a former one may have the code of another one of today."""
        if self.draw is None or self.stage != Stage.DOSSIER:
            return province_names(self.survey_round)
        columns = self.draw.design.get("strata", ())
        is_of_today = "province" in columns and "predecessor_province" not in columns
        return names_of_provinces_today() if is_of_today else {}

    def _work(self) -> dict[str, Any]:
        """Return what a worker is doing, and what it could not do."""
        if self.draw is None:
            return {}
        is_working = is_under_way(take_draw_step, draw_id=self.draw.pk)
        failure = None if is_working else last_failure(take_draw_step, draw_id=self.draw.pk)
        return {"is_working": is_working, "progress": draw_progress(self.draw), "failure": failure}


def _named(stratum: str, provinces: Mapping[str, str]) -> str:
    """Return a stratum with its name, where it has one."""
    name = stratum_label(stratum, provinces)
    return stratum if name == stratum else f"{stratum} {name}"
