"""Requests about personal data in the admin: what is due, entering letters and calls, answering, printing."""

import datetime
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView, TemplateView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.viewsets.base import ViewSet

from questionnaires.models import Right, RightsRequest
from questionnaires.permissions import ADD_RIGHTS_REQUEST, ANSWER_RIGHTS_REQUEST, VIEW_RIGHTS_REQUESTS
from questionnaires.services import RightsRequestError, answer_rights_request, receive_rights_request
from questionnaires.viewsets.field_pages import RightMenuItem
from sampling.models import SurveyRound
from sampling.selectors.territories import province_of

MOST_ANSWERED = 100
STAFF_CHANNELS = [
    choice for choice in RightsRequest.Channel.choices if choice[0] != RightsRequest.Channel.PAGE
]


class NationalMixin(WagtailAdminTemplateMixin):
    """A page for those who have the right and work for the whole country."""

    needed_right = VIEW_RIGHTS_REQUESTS
    header_icon = "user"
    request: HttpRequest

    @property
    def staff(self) -> AbstractUser:
        """Whoever is signed in."""
        return cast("AbstractUser", self.request.user)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """Name the page, below the list of requests."""
        above = [{"url": reverse("rights:index"), "label": RightsListView.page_title}]
        own = [{"url": "", "label": self.get_page_title()}]
        is_list = isinstance(self, RightsListView)
        return [*self.breadcrumbs_items, *([] if is_list else above), *own]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Let those in who have the right."""
        if not request.user.has_perm(self.needed_right) or province_of(request.user) is not None:
            raise PermissionDenied
        answer: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return answer


class RightsListView(NationalMixin, TemplateView):
    """The requests that wait, the most urgent first, and those answered last."""

    template_name = "questionnaires/admin/rights_list.html"
    page_title = gettext_lazy("Requests about personal data")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Split open requests from answered ones."""
        requests = RightsRequest.objects.select_related("round", "handled_by")
        waiting = requests.exclude(status=RightsRequest.Status.ANSWERED).order_by("due_at")
        answered = requests.filter(status=RightsRequest.Status.ANSWERED).order_by("-answered_at")
        return super().get_context_data(**kwargs) | {
            "waiting": waiting,
            "answered": answered[:MOST_ANSWERED],
            "now": timezone.now(),
            "may_add": self.request.user.has_perm(ADD_RIGHTS_REQUEST),
        }


class RightsEntryForm(forms.Form):
    """A request that came by letter, call or at a counter."""

    channel = forms.ChoiceField(label=gettext_lazy("How it came"), choices=STAFF_CHANNELS)
    right = forms.ChoiceField(label=gettext_lazy("Which right"), choices=Right.choices)
    round = forms.ModelChoiceField(
        label=gettext_lazy("Round"), queryset=SurveyRound.objects.none(), required=False
    )
    received_on = forms.DateField(label=gettext_lazy("Received on"), initial=timezone.localdate)
    text = forms.CharField(label=gettext_lazy("Request"), max_length=4000, widget=forms.Textarea)
    reply_to = forms.CharField(
        label=gettext_lazy("How to answer"),
        max_length=400,
        help_text=gettext_lazy("Address, telephone or e-mail; erased once the request is answered."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["round"]
        field.queryset = SurveyRound.objects.order_by("-year", "code")

    def clean_received_on(self) -> datetime.date:
        """Refuse a day in the future."""
        day: datetime.date = self.cleaned_data["received_on"]
        if day > timezone.localdate():
            raise forms.ValidationError(_("Expected a day that is not in the future. Correct it."))
        return day


class RightsEntryView(NationalMixin, FormView):
    """Enters a letter or a call."""

    needed_right = ADD_RIGHTS_REQUEST
    template_name = "questionnaires/admin/rights_entry.html"
    page_title = gettext_lazy("Enter a request")
    form_class = RightsEntryForm

    def form_valid(self, form: RightsEntryForm) -> HttpResponse:
        """Take the request."""
        received = receive_rights_request(**form.cleaned_data, user=self.staff)
        messages.success(
            self.request,
            _("Request %(number)s is to be answered by %(day)s.")
            % {"number": received.number, "day": f"{timezone.localtime(received.due_at):%H:%M %d/%m/%Y}"},
        )
        return redirect("rights:index")


class RightsAnswerForm(forms.Form):
    """The answer, and whether it is the last word."""

    answer = forms.CharField(label=gettext_lazy("Answer"), max_length=4000, widget=forms.Textarea)
    is_final = forms.BooleanField(
        label=gettext_lazy("This is the final answer; how to reach the person is erased"),
        required=False,
        initial=True,
    )


class RightsAnswerView(NationalMixin, FormView):
    """Shows a request and takes its answer."""

    template_name = "questionnaires/admin/rights_answer.html"
    form_class = RightsAnswerForm

    @property
    def asked(self) -> RightsRequest:
        """The request of the address."""
        return get_object_or_404(RightsRequest, pk=self.kwargs["pk"])

    @property
    def may_answer(self) -> bool:
        """Whether whoever is signed in may answer."""
        return self.request.user.has_perm(ANSWER_RIGHTS_REQUEST)

    def get_page_title(self) -> str:
        """Return the number of the request."""
        return self.asked.number

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the request."""
        asked = self.asked
        return super().get_context_data(**kwargs) | {
            "asked": asked,
            "is_open": asked.status != RightsRequest.Status.ANSWERED,
            "is_overdue": asked.status != RightsRequest.Status.ANSWERED and timezone.now() > asked.due_at,
            "may_answer": self.may_answer,
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Take an answer from those who may give one."""
        if not self.may_answer:
            raise PermissionDenied
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: RightsAnswerForm) -> HttpResponse:
        """Keep the answer; the letter can be printed before it is final, while the address is known."""
        try:
            answer_rights_request(request=self.asked, **form.cleaned_data, user=self.staff)
        except RightsRequestError as error:
            form.add_error(None, str(error))
            return self.form_invalid(form)
        messages.success(self.request, _("The answer was kept."))
        return redirect("rights:answer", pk=self.kwargs["pk"])


class RightsLetterView(NationalMixin, TemplateView):
    """The answer as a letter to print."""

    template_name = "questionnaires/print/rights_letter.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add request and answer."""
        asked = get_object_or_404(RightsRequest.objects.select_related("round"), pk=kwargs["pk"])
        return super().get_context_data(**kwargs) | {"asked": asked, "today": timezone.localdate()}


class RightsMenuItem(RightMenuItem):
    """An entry for those who see requests."""

    right = VIEW_RIGHTS_REQUESTS

    def is_shown(self, request: HttpRequest) -> bool:
        """Leave out people of a province."""
        return super().is_shown(request) and province_of(request.user) is None


class RightsViewSet(ViewSet):
    """The menu entry of requests about personal data."""

    name = "rights"
    icon = "user"
    menu_label = gettext_lazy("Requests about data")
    menu_item_class = RightsMenuItem

    def get_urlpatterns(self) -> list[URLPattern]:
        """Return the addresses of the list, of entering, of one request and of its letter."""
        return [
            path("", RightsListView.as_view(), name="index"),
            path("new/", RightsEntryView.as_view(), name="new"),
            path("<int:pk>/", RightsAnswerView.as_view(), name="answer"),
            path("<int:pk>/letter/", RightsLetterView.as_view(), name="letter"),
        ]
