"""Working estimates: choose a round, what is estimated and by what; see the figures, take them as a file."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import URLPattern, path, reverse, reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.generic import FormView, TemplateView
from wagtail.admin.menu import MenuItem
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.viewsets.base import ViewSet
from wagtail.admin.widgets.button import HeaderButton

from analysis.estimation import AnalysisError
from analysis.exports import FORMATS, ExportTable
from analysis.forms import SnapshotForm
from analysis.models import Snapshot
from analysis.permissions import ESTIMATE_SNAPSHOT
from analysis.refusals import described
from analysis.selectors.estimands import EstimandGroup, Statistic, estimand_groups
from analysis.services.working_estimates import (
    SUPPRESSED,
    WorkingEstimates,
    WorkingRequest,
    estimate_working_figures,
    record_download,
)
from analysis.snapshots import SnapshotError
from analysis.tasks import take_working_snapshot
from analysis.views import active_language, file_response
from analysis.viewsets.choices import EstimateForm, WorkingForm, closed_snapshots
from analysis.viewsets.dots import dot_chart
from analysis.viewsets.working_tables import Marked, drawn, mark_sentences, shown_rows, working_table
from questionnaires.selectors import RoundWithoutQuestionnaireError
from sampling import task_results
from sampling.models.rounds import RoundStatus
from sampling.selectors.territories import rounds_run_by

LONGEST_KEY = 18
"""Digits of a number that every database still reads as a key."""
DOWNLOAD = "download"


class WorkingMenuItem(MenuItem):
    """An entry for those who may compute working figures."""

    def is_shown(self, request: HttpRequest) -> bool:
        """Ask for the right."""
        return bool(request.user.has_perm(ESTIMATE_SNAPSHOT))


class OfTheDesk(WagtailAdminTemplateMixin):
    """A page for those who may compute working figures."""

    header_icon = "table"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Let them in."""
        if not request.user.has_perm(ESTIMATE_SNAPSHOT):
            raise PermissionDenied
        answer: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return answer


class WorkingView[Result: Marked](OfTheDesk, TemplateView, ABC):
    """A form sent by GET, and below it what it gives; nothing is changed or published."""

    form_class: type[WorkingForm]

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        """Offer a snapshot of a closed round."""
        url = reverse("working-estimates:snapshot")
        return [HeaderButton(TakeSnapshotView.page_title, url=url, icon_name="history")]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Send a file where one is asked for and there is one, and else the page."""
        result = self.computed
        chosen = FORMATS.get(request.GET.get(DOWNLOAD, ""))
        if chosen is None or result is None or self.snapshot is None:
            return super().get(request, *args, **kwargs)
        table = self.export(result)
        record_download(
            snapshot=self.snapshot,
            user=cast("AbstractBaseUser", request.user),
            details={"table": table.name, "format": chosen.extension, "query": self.query},
        )
        return file_response(chosen.write(table), chosen, f"sipas-{table.name}-{active_language()}")

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """Lead back to the first page of the admin."""
        return [*super().get_breadcrumbs_items(), {"url": "", "label": self.page_title}]

    @cached_property
    def snapshot(self) -> Snapshot | None:
        """The snapshot asked for, or the newest."""
        known = closed_snapshots(self.request.user)
        wanted = self.request.GET.get("snapshot", "")
        asked = known.filter(pk=wanted).first() if wanted.isdecimal() and len(wanted) <= LONGEST_KEY else None
        return asked or known.first()

    @property
    def is_moving(self) -> bool:
        """Whether answers can still be withdrawn, so that figures may change."""
        return self.snapshot is not None and self.snapshot.round.status != RoundStatus.FROZEN

    @cached_property
    def groups(self) -> tuple[EstimandGroup, ...]:
        """What can be estimated from it; nothing where the round asks no questionnaire."""
        if self.snapshot is None:
            return ()
        try:
            return estimand_groups(self.snapshot.round, active_language())
        except RoundWithoutQuestionnaireError:
            return ()

    @cached_property
    def form(self) -> WorkingForm | None:
        """The form, filled in if it was sent."""
        if self.snapshot is None or not self.groups:
            return None
        chosen = None
        if "estimand" in self.request.GET:
            chosen = self.request.GET.copy()
            chosen.setdefault("snapshot", str(self.snapshot.pk))
        form = self.form_class(chosen, self.snapshot, self.groups)
        field: Any = form.fields["snapshot"]
        field.queryset = closed_snapshots(self.request.user)
        return form

    @cached_property
    def _outcome(self) -> tuple[Result | None, str]:
        if self.snapshot is None or self.form is None or not self.form.is_valid():
            return None, ""
        try:
            return self.compute(self.snapshot, self.form.request()), ""
        except AnalysisError as error:
            return None, described(error)
        except SnapshotError as error:
            return None, str(error)

    @property
    def computed(self) -> Result | None:
        """What was computed."""
        return self._outcome[0]

    @property
    def query(self) -> str:
        """The choices as they stand in the address."""
        chosen = self.request.GET.copy()
        chosen.pop(DOWNLOAD, None)
        return chosen.urlencode()

    def _form(self) -> WorkingForm:
        if self.form is None:
            raise LookupError("Expected a form that was filled in, got none; compute first.")
        return self.form

    def _asked(self) -> tuple[Snapshot, WorkingRequest]:
        form = self._form()
        return form.cleaned_data["snapshot"], form.request()

    @abstractmethod
    def compute(self, snapshot: Snapshot, request: WorkingRequest) -> Result:
        """Compute what was asked for."""

    @abstractmethod
    def export(self, result: Result) -> ExportTable:
        """Return what was computed as a table for files."""

    @abstractmethod
    def shown(self, result: Result) -> Mapping[str, Any]:
        """Return what the template shows of it."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the form, and the result or the refusal."""
        result, refusal = self._outcome
        context: dict[str, Any] = super().get_context_data(**kwargs)
        context |= {"form": self.form, "snapshot": self.snapshot, "refusal": refusal, "query": self.query}
        context["is_moving"] = self.is_moving
        if result is None:
            return context
        marks = mark_sentences(result, self.snapshot.round) if self.snapshot else ()
        extra = {"result": result, "sentences": marks, "formats": list(FORMATS)}
        return context | extra | dict(self.shown(result))


class DeskView(WorkingView[WorkingEstimates]):
    """One figure by up to two columns of the design."""

    form_class = EstimateForm
    template_name = "analysis/desk.html"
    page_title = gettext_lazy("Working estimates")

    def compute(self, snapshot: Snapshot, request: WorkingRequest) -> WorkingEstimates:
        """Estimate."""
        return estimate_working_figures(snapshot=snapshot, request=request)

    def export(self, result: WorkingEstimates) -> ExportTable:
        """Return the figures with what explains them."""
        snapshot, request = self._asked()
        return working_table(result, request, snapshot, active_language())

    def shown(self, result: WorkingEstimates) -> Mapping[str, Any]:
        """Return rows, picture and the words above them."""
        snapshot, request = self._asked()
        rows = shown_rows(result.figures, request, snapshot, active_language())
        figures = drawn(rows)
        has_few_df = bool(result.figures["flags"].str.contains("few_df").any())
        return {
            "rows": rows,
            "estimand": request.estimand,
            "statistic": Statistic(request.statistic).label,
            "has_answers": any(row["answer"] for row in rows),
            "has_domains": bool(request.by),
            "chart": dot_chart(figures),
            "is_too_long": len(figures) > 0 and dot_chart(figures) is None,
            "has_few_df": has_few_df,
            "n_suppressed": int((result.figures["reason"] == SUPPRESSED).sum()),
        }


class TakeSnapshotView(OfTheDesk, FormView):
    """Queues a snapshot of a closed round, for working figures alone."""

    form_class = SnapshotForm
    template_name = "analysis/take_snapshot.html"
    page_title = gettext_lazy("Take a working snapshot")
    header_icon = "history"
    success_url = reverse_lazy("working-estimates:index")

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """Lead back to the working estimates."""
        here = [
            {"url": reverse("working-estimates:index"), "label": DeskView.page_title},
            {"url": "", "label": self.page_title},
        ]
        return [*super().get_breadcrumbs_items(), *here]

    def get_form_kwargs(self) -> dict[str, Any]:
        """Offer the rounds that the person runs."""
        return {**super().get_form_kwargs(), "rounds": rounds_run_by(self.request.user)}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Name the button, and say if the last attempt of whoever asks failed, nobody else's."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {
            "action_url": self.request.path,
            "submit_button_label": pgettext("snapshot", "Take"),
            "submit_button_active_label": pgettext("snapshot", "Taking…"),
            "failure": task_results.last_failure(take_working_snapshot, user_id=self.request.user.pk),
        }

    def form_valid(self, form: SnapshotForm) -> HttpResponse:
        """Hand the work to a worker."""
        chosen = form.cleaned_data["round"]
        take_working_snapshot.enqueue(round_id=chosen.pk, user_id=int(self.request.user.pk or 0))
        messages.success(
            self.request,
            _("The snapshot of %(round)s is being taken. Choose the round here in a minute.")
            % {"round": chosen},
        )
        return super().form_valid(form)


class WorkingViewSet(ViewSet):
    """One page, with an entry in the menu for those who may."""

    menu_item_class = WorkingMenuItem
    view_class: type[WorkingView[Any]]

    def get_urlpatterns(self) -> list[URLPattern]:
        """Return the address of the page."""
        view: Callable[..., HttpResponseBase] = self.construct_view(self.view_class)
        return [path("", view, name="index")]


class DeskViewSet(WorkingViewSet):
    """Working estimates."""

    name = "working-estimates"
    icon = "table"
    menu_label = gettext_lazy("Working estimates")
    view_class = DeskView

    def get_urlpatterns(self) -> list[URLPattern]:
        """Add the page that takes snapshots."""
        take: Callable[..., HttpResponseBase] = self.construct_view(TakeSnapshotView)
        return [*super().get_urlpatterns(), path("snapshot/", take, name="snapshot")]
