"""Publishing a release, and the microdata behind one."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.generic import FormView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin

from analysis.exports import FORMATS
from analysis.forms import PublishForm
from analysis.models import Release
from analysis.permissions import EXPORT_MICRODATA
from analysis.resources import describe_table
from analysis.services import RoundNotFrozenError, export_microdata, export_recipe
from analysis.tasks import snapshot_and_publish
from analysis.views import active_language, file_response
from sampling import task_results
from sampling.models import SurveyRound
from sampling.models.rounds import RoundStatus
from sampling.selectors.territories import rounds_run_by
from sampling.services.territories import require_territory
from sampling.viewsets.rounds import ACTIONS, round_url

MICRODATA, PUBLIC, CODEBOOK = "microdata", "public", "codebook"


def last_failure() -> task_results.Failure | None:
    """Return what stopped the last publication, unless a later one went well."""
    return task_results.last_failure(snapshot_and_publish)


CHANGE_ROUND = "sampling.change_surveyround"


def freezing_url(user: Any, survey_round: SurveyRound) -> str:
    """Return where a closed round is frozen, to those who may; to others the page of the round."""
    if survey_round.status != RoundStatus.CLOSED or not user.has_perm(CHANGE_ROUND):
        return round_url(survey_round)
    return reverse("surveyround:action", args=[survey_round.pk, ACTIONS[RoundStatus.CLOSED].slug])


class PublishView(PermissionCheckedMixin, WagtailAdminTemplateMixin, FormView):
    """Queues a snapshot and its publication."""

    model = Release
    permission_required = "publish"
    form_class = PublishForm
    template_name = "analysis/publish.html"
    page_title = gettext_lazy("Take snapshot and publish")
    header_icon = "upload"

    def get_success_url(self) -> str:
        """Return to the list of releases."""
        return reverse("release:index")

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """Lead back to the list of releases."""
        here = [
            {"url": reverse("release:index"), "label": _("Releases")},
            {"url": "", "label": self.page_title},
        ]
        return [*super().get_breadcrumbs_items(), *here]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Name the button and where it goes, and the rounds that wait for their freeze."""
        user = self.request.user
        labels = {
            "submit_button_label": pgettext("release", "Publish"),
            "submit_button_active_label": pgettext("release", "Publishing…"),
        }
        closed = rounds_run_by(user).filter(status=RoundStatus.CLOSED).order_by("code")
        waiting = [(survey_round, freezing_url(user, survey_round)) for survey_round in closed]
        extra = {"action_url": self.request.path, "waiting": waiting}
        return super().get_context_data(**kwargs) | labels | extra

    def get_form_kwargs(self) -> dict[str, Any]:
        """Offer the rounds that the person may publish."""
        return {**super().get_form_kwargs(), "rounds": rounds_run_by(self.request.user)}

    def form_valid(self, form: PublishForm) -> HttpResponse:
        """Hand the work to a worker."""
        chosen = form.cleaned_data
        snapshot_and_publish.enqueue(
            round_id=chosen["round"].pk,
            method_id=chosen["method"].pk,
            criteria_set_id=chosen["criteria_set"].pk,
            code=chosen["code"],
            single_psu=chosen["single_psu"],
            unit_of_analysis=chosen["unit_of_analysis"],
            user_id=int(self.request.user.pk or 0),
        )
        messages.success(
            self.request,
            _("Publication of %(code)s has begun; it appears here when done.") % {"code": chosen["code"]},
        )
        return super().form_valid(form)


def download_microdata(request: HttpRequest, pk: int, what: str, file_format: str) -> HttpResponse:
    """Send the microdata of a release, or their codebook, to somebody who may have them."""
    user = request.user
    if not (user.is_authenticated and user.has_perm(EXPORT_MICRODATA)):
        raise PermissionDenied
    if file_format not in FORMATS:
        raise Http404
    release = get_object_or_404(Release.objects.select_related("method", "snapshot__round"), pk=pk)
    require_territory(user, release.snapshot.round)
    language = active_language()
    try:
        table = export_microdata(release=release, language=language, is_public=what == PUBLIC, user=user)
    except RoundNotFrozenError as error:
        messages.error(request, str(error))
        return redirect("release:inspect", release.pk)
    if what == CODEBOOK:
        table = describe_table(release, table, language)
    chosen = FORMATS[file_format]
    return file_response(chosen.write(table), chosen, f"sipas-{table.name}-{language}")


def download_recipe(request: HttpRequest, pk: int, file_name: str) -> HttpResponse:
    """Send one of the two files with which the shell finds the figures of a release in its microdata."""
    user = request.user
    if not (user.is_authenticated and user.has_perm(EXPORT_MICRODATA)):
        raise PermissionDenied
    release = get_object_or_404(Release.objects.select_related("method", "snapshot__round__template"), pk=pk)
    require_territory(user, release.snapshot.round)
    text = export_recipe(release=release, language=active_language()).get(file_name)
    if text is None:
        raise Http404
    response = HttpResponse(text, content_type="application/toml; charset=utf-8")
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=file_name)
    return response
