"""Pages below an open round: opening and closing, poster, square, count, results, answers, tokens."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.functional import Promise
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import TemplateView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from questionnaires.models import OpenRound, OpenRoundStatus
from questionnaires.permissions import (
    CHANGE_OPEN_ROUND,
    EXPORT_OPEN_ROUND,
    VIEW_OPEN_ROUND,
    runs_open_round,
    sees_open_round,
)
from questionnaires.selectors import open_counts, question_counts
from questionnaires.services.open_exports import AnswerTable, export_open_answers
from questionnaires.services.open_papers import open_address, poster_page, qr_picture
from questionnaires.services.open_rounds import OpenRoundStateError, close_open_round, start_open_round
from sampling.printing import PDF, pdf_from_html
from sampling.spreadsheets import BYTE_ORDER_MARK, SheetRows, csv_lines, workbook_file

CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class OpenRoundAction:
    """A step from one state to the next, and what a person reads before taking it."""

    slug: str
    service: Callable[..., OpenRound]
    label: Promise
    consequence: Promise


ACTIONS: Mapping[str, OpenRoundAction] = {
    OpenRoundStatus.PREPARING: OpenRoundAction(
        "open",
        start_open_round,
        gettext_lazy("Open the form for answers"),
        gettext_lazy(
            "Whoever has the link may answer between the dates. Address and version stay as they are."
        ),
    ),
    OpenRoundStatus.OPEN: OpenRoundAction(
        "close",
        close_open_round,
        gettext_lazy("Close the form"),
        gettext_lazy(
            "No further answer is taken, none can be withdrawn, and forms under way are deleted. "
            "A closed form stays closed."
        ),
    ),
}
"""What can be done with an open round, by its state."""

BY_SLUG: Mapping[str, OpenRoundAction] = {action.slug: action for action in ACTIONS.values()}


def open_round_url(open_round: OpenRound) -> str:
    """Return the address of the page of an open round."""
    return reverse("openround:inspect", args=[open_round.pk])


class OfOpenRoundMixin:
    """A page of one open round, for those who have a right and whose round it is, or who may look at it."""

    needed_right = VIEW_OPEN_ROUND
    is_to_change = False
    open_round: OpenRound
    request: HttpRequest

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Find the round, and keep people of a province to theirs."""
        rounds = OpenRound.objects.select_related("version__questionnaire", "territory")
        self.open_round = get_object_or_404(rounds.defer("version__document"), pk=kwargs["pk"])
        is_allowed = runs_open_round if self.is_to_change else sees_open_round
        if not (request.user.has_perm(self.needed_right) and is_allowed(request.user, self.open_round)):
            raise PermissionDenied
        answer: HttpResponseBase = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]  # the mixin stands before a view
        return answer

    @property
    def staff(self) -> AbstractUser:
        """Whoever is signed in."""
        return cast("AbstractUser", self.request.user)

    @property
    def place(self) -> str:
        """The counter that a poster or link is for, as it stands in an address."""
        return slugify(self.request.GET.get("place", "").replace("đ", "d").replace("Đ", "D"))[:80]

    def file_name(self, *parts: str) -> str:
        """Return the name of a file of the round."""
        return "-".join(part for part in ("open", self.open_round.code, *parts) if part)


class OpenPageMixin(OfOpenRoundMixin, WagtailAdminTemplateMixin):
    """A page in the admin with the way back to the round."""

    header_icon = "group"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """Lead back to the round and the list."""
        here = [
            {"url": reverse("openround:index"), "label": _("Open rounds")},
            {"url": open_round_url(self.open_round), "label": str(self.open_round)},
            {"url": "", "label": self.get_page_title()},
        ]
        return [*super().get_breadcrumbs_items(), *here]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the round and the way back."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"open_round": self.open_round, "round_url": open_round_url(self.open_round)}


class OpenActionView(OpenPageMixin, TemplateView):
    """Asks before an open round takes its next state."""

    template_name = "sampling/round_confirm.html"
    needed_right = CHANGE_OPEN_ROUND
    is_to_change = True

    @property
    def action(self) -> OpenRoundAction:
        """What is about to be done."""
        return BY_SLUG[self.kwargs["action"]]

    def get_page_title(self) -> str:
        """Return it in words."""
        return str(self.action.label)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the action."""
        return super().get_context_data(**kwargs) | {"action": self.action}

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        """Take the state, or say why it cannot be taken."""
        try:
            open_round = self.action.service(round=self.open_round, user=request.user)
        except OpenRoundStateError as error:
            messages.error(request, str(error))
        else:
            words = _("%(round)s: %(state)s.")
            messages.success(request, words % {"round": open_round, "state": open_round.get_status_display()})
        return redirect(open_round_url(self.open_round))


class PosterView(OfOpenRoundMixin, View):
    """The poster, as a page to look at or as a PDF to print."""

    def get(self, _request: HttpRequest, paper: str, **_kwargs: Any) -> HttpResponse:
        """Send the poster."""
        page = poster_page(self.open_round, place=self.place)
        if paper == "html":
            return uncached(HttpResponse(page))
        name = f"{self.file_name('poster', self.place)}.pdf"
        return uncached(HttpResponse(pdf_from_html(page), content_type=PDF), name)


class SquareView(OfOpenRoundMixin, View):
    """The QR code as a picture for a message."""

    def get(self, _request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        """Send the picture."""
        picture = qr_picture(open_address(self.open_round, place=self.place))
        return uncached(
            HttpResponse(picture, content_type="image/png"), f"{self.file_name('qr', self.place)}.png"
        )


class CountView(OfOpenRoundMixin, View):
    """The number of forms so far, for the script that keeps the page current."""

    def get(self, _request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        """Send the counts."""
        counts = open_counts(self.open_round)
        return uncached(
            JsonResponse(
                {"sent": counts.n_sent, "under_way": counts.n_under_way, "flagged": counts.n_flagged}
            )
        )


class ResultsView(OpenPageMixin, TemplateView):
    """Counts of each option, marked as what they are: no sample."""

    template_name = "questionnaires/admin/open_results.html"
    page_title = gettext_lazy("Results")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the counts, with or without the forms that carry a remark."""
        is_unflagged = self.request.GET.get("flags") == "without"
        language = get_language() or "vi"
        return super().get_context_data(**kwargs) | {
            "counts": open_counts(self.open_round),
            "is_unflagged": is_unflagged,
            "questions": question_counts(self.open_round, language, is_unflagged=is_unflagged),
        }


class AnswersView(OfOpenRoundMixin, View):
    """The answers as a spreadsheet, written while they are read."""

    needed_right = EXPORT_OPEN_ROUND
    is_to_change = True

    def get(self, _request: HttpRequest, file_format: str, **_kwargs: Any) -> HttpResponseBase:
        """Send the file."""
        table = export_open_answers(
            round=self.open_round, file_format=file_format, language=get_language() or "vi", user=self.staff
        )
        return uncached(WRITERS[file_format](table), f"{self.file_name('answers')}.{file_format}")


def _csv_of(table: AnswerTable) -> HttpResponseBase:
    """Return the answers as CSV, codes as they are stored."""

    def lines() -> Any:
        yield BYTE_ORDER_MARK
        yield from csv_lines(table.header, table.rows())

    return StreamingHttpResponse(lines(), content_type=CSV)


def _xlsx_of(table: AnswerTable) -> HttpResponseBase:
    """Return the answers as a workbook: in words, in codes, and what the codes mean."""
    columns = (_("column"), _("question"), _("text"), _("kind"), _("values"))
    sheets = (
        SheetRows(_("Answers"), table.worded_header, table.worded_rows()),
        SheetRows(_("Codes"), table.header, table.rows()),
        SheetRows(_("Codebook"), columns, table.codebook_rows()),
    )
    return FileResponse(workbook_file(sheets), content_type=XLSX)


WRITERS: Mapping[str, Callable[[AnswerTable], HttpResponseBase]] = {"csv": _csv_of, "xlsx": _xlsx_of}


def uncached[Answer: HttpResponseBase](response: Answer, name: str = "") -> Answer:
    """Keep an answer out of every cache, under a name where it is a file."""
    add_never_cache_headers(response)
    if name:
        disposition = content_disposition_header(as_attachment=True, filename=name)
        response.headers["Content-Disposition"] = disposition or "attachment"
    return response
