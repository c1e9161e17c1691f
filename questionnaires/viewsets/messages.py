"""Invitations and reminders: the state of the channels, waves, the ledger."""

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.http import content_disposition_header
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import FormView, TemplateView

from questionnaires.messages.recorded import latest_recorded
from questionnaires.messages.words import reason_words
from questionnaires.models import Message, MessageStatus, MessageTemplate
from questionnaires.permissions import CHANGE_MESSAGE_TEMPLATE, SEND_MESSAGES, VIEW_MESSAGES
from questionnaires.selectors.messages import (
    LEDGER_HEADER,
    ledger_rows,
    messages_of,
    template_name,
    wave_counts,
)
from questionnaires.services.messages import (
    RoundUnnamedError,
    TextRefusedError,
    Wave,
    WaveRefusedError,
    channel_states,
    outbox_path,
    preview_wave,
    queue_wave,
    refuse_unnamed,
    retry_failed,
    settle_unclear,
    stop_messages,
)
from questionnaires.tasks import send_messages
from questionnaires.viewsets.field_pages import RightMenuItem, RightViewSet
from questionnaires.viewsets.message_templates import TemplateView as MessageTemplateView
from sampling.models.territories import runs_round
from sampling.services.audit import record
from sampling.services.issuing import Scope, scope_of
from sampling.spreadsheets import BYTE_ORDER_MARK, csv_lines
from sampling.task_results import is_under_way, last_failure
from sampling.viewsets.handing_out import PlacedMixin, scope_choices

PER_PAGE = 50
USUAL_DAYS, MOST_DAYS = 3, 60
REFUSALS = (WaveRefusedError, RoundUnnamedError, TextRefusedError)


class OverviewView(PlacedMixin, TemplateView):
    """Shows channels, texts and waves of a round, and what can be done with what waits."""

    needed_right = VIEW_MESSAGES
    template_name = "questionnaires/admin/messages.html"
    page_title = gettext_lazy("Invitations and reminders")
    header_icon = "mail"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add everything that the page tells."""
        own = messages_of(self.survey_round, self.staff)
        may_edit = self.staff.has_perm(CHANGE_MESSAGE_TEMPLATE) and runs_round(self.staff, self.survey_round)
        return super().get_context_data(**kwargs) | {
            "sample": self.sample,
            "channels": channel_states(self.survey_round),
            "templates": self.templates(),
            "waves": wave_counts(self.survey_round, self.staff),
            "statuses": MessageStatus.choices,
            "n": {status.value: own.filter(status=status).count() for status in MessageStatus},
            "is_under_way": is_under_way(send_messages, round_id=self.survey_round.pk),
            "failure": last_failure(send_messages, round_id=self.survey_round.pk),
            "unnamed": unnamed_words(self.survey_round),
            "may_send": self.staff.has_perm(SEND_MESSAGES),
            "may_edit": may_edit,
        }

    def templates(self) -> list[tuple[str, MessageTemplate]]:
        """Return the texts of the round with their names."""
        found = MessageTemplate.objects.filter(round=self.survey_round)
        found = found.order_by("purpose", "channel", "language")
        return [(template_name(each.purpose, each.channel, each.language), each) for each in found]


def unnamed_words(survey_round: Any) -> str:
    """Return what a round lacks before anything can be sent, empty if nothing."""
    try:
        refuse_unnamed(survey_round)
    except RoundUnnamedError as error:
        return str(error)
    return ""


class WaveForm(forms.Form):
    """Which text, to whom, and how long people are left in peace between two messages."""

    template = forms.ModelChoiceField(
        label=gettext_lazy("Text of the message"), queryset=MessageTemplate.objects.none(), empty_label=None
    )
    unit = forms.ChoiceField(label=gettext_lazy("To"), required=False)
    days = forms.IntegerField(
        label=gettext_lazy("Not to whoever was written to within so many days"),
        min_value=0,
        max_value=MOST_DAYS,
        initial=USUAL_DAYS,
    )
    number = forms.IntegerField(min_value=1, required=False, widget=forms.HiddenInput)
    seen = forms.IntegerField(min_value=0, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, survey_round: Any, units: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        template: Any = self.fields["template"]
        template.queryset = MessageTemplate.objects.filter(round=survey_round).select_related(
            "round__template"
        )
        template.label_from_instance = lambda each: template_name(each.purpose, each.channel, each.language)
        unit: Any = self.fields["unit"]
        unit.choices = units


class WaveView(PlacedMixin, FormView):
    """Chooses a wave, shows whom it reaches and what it costs, and queues it once it is confirmed."""

    needed_right = SEND_MESSAGES
    form_class = WaveForm
    template_name = "questionnaires/admin/message_wave.html"
    page_title = gettext_lazy("Send a wave of messages")
    header_icon = "mail"

    def get_form_kwargs(self) -> dict[str, Any]:
        """Offer the texts of the round and the units of the province."""
        units = scope_choices(self.sample, self.chosen_province())
        return {**super().get_form_kwargs(), "survey_round": self.survey_round, "units": units}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the form of the province."""
        return super().get_context_data(**kwargs) | {"place_form": self.place_form()}

    def form_valid(self, form: WaveForm) -> HttpResponse:
        """Show the wave, or queue the one that was shown."""
        values = form.cleaned_data
        chosen = {"template": values["template"], "scope": self.scope(values["unit"]), "days": values["days"]}
        is_confirmed = "confirm" in self.request.POST and values["number"] and values["seen"] is not None
        try:
            if is_confirmed:
                shown = {"number": values["number"], "seen": values["seen"]}
                return self.queued(queue_wave(user=self.staff, **chosen, **shown))
            wave = preview_wave(user=self.staff, **chosen)
        except REFUSALS as error:
            form.add_error(None, str(error))
            return self.form_invalid(form)
        return self.render_to_response(self.get_context_data(form=form, **shown_wave(wave)))

    def scope(self, unit: str) -> Scope:
        """Return the part of the sample that was chosen."""
        province = self.chosen_province()
        return scope_of(self.sample, province.pk if province else None, int(unit) if unit else None)

    def queued(self, n_queued: int) -> HttpResponse:
        """Start the worker, and say how many messages wait."""
        if n_queued:
            start_sending(self.survey_round.pk, int(self.staff.pk))
            words = ngettext(
                "%(n)s message waits for the worker.", "%(n)s messages wait for the worker.", n_queued
            )
            messages.success(self.request, words % {"n": n_queued})
        else:
            messages.info(self.request, _("Nobody was added: this wave was confirmed before."))
        return redirect(reverse("messages:round", args=[self.survey_round.pk]))


def shown_wave(wave: Wave) -> dict[str, Any]:
    """Return what the page shows of a wave."""
    left_out = [(reason_words(reason), n) for reason, n in sorted(wave.audience.left_out.items())]
    return {"wave": wave, "left_out": left_out}


def start_sending(round_id: int, user_id: int) -> None:
    """Let the worker send what waits; a second start does no harm."""
    send_messages.enqueue(round_id=round_id, user_id=user_id, language=get_language() or "vi")


class ActionView(PlacedMixin, View):
    """Does something with the messages of a round: goes on, repeats, stops, settles."""

    needed_right = SEND_MESSAGES
    http_method_names = ["post"]

    def post(self, request: HttpRequest, action: str, **_kwargs: Any) -> HttpResponse:
        """Do it and return to where the button was."""
        if action not in ACTIONS:
            raise Http404
        number = request.POST.get("message", "")
        if action == "go-on" and not own_waiting(self):
            messages.error(request, _("None of your messages waits."))
            return redirect(reverse("messages:round", args=[self.survey_round.pk]))
        n_done = ACTIONS[action](self, int(number) if number.isdecimal() else None)
        words = ngettext("%(n)s message was changed.", "%(n)s messages were changed.", n_done)
        messages.success(request, words % {"n": n_done} if action != "go-on" else _("The worker goes on."))
        if action in STARTING and own_waiting(self):
            start_sending(self.survey_round.pk, int(self.staff.pk))
        page = "messages:ledger" if number else "messages:round"
        return redirect(reverse(page, args=[self.survey_round.pk]))


def own_waiting(view: ActionView) -> int:
    """Return how many messages wait that whoever is signed in may see: those of the own province."""
    return messages_of(view.survey_round, view.staff).filter(status=MessageStatus.QUEUED).count()


ACTIONS: Mapping[str, Callable[[ActionView, int | None], int]] = {
    "go-on": lambda view, _number: own_waiting(view),
    "stop": lambda view, _number: stop_messages(round=view.survey_round, user=view.staff),
    "repeat": lambda view, _number: retry_failed(round=view.survey_round, user=view.staff),
    "was-sent": lambda view, number: settle_unclear(
        round=view.survey_round, number=number, was_sent=True, user=view.staff
    ),
    "was-not-sent": lambda view, number: settle_unclear(
        round=view.survey_round, number=number, was_sent=False, user=view.staff
    ),
}
STARTING = ("go-on", "repeat", "was-not-sent")
"""After these the worker has something to do."""


class LedgerMixin(PlacedMixin):
    """Something made of the messages of a round."""

    needed_right = VIEW_MESSAGES

    def rows(self) -> Any:
        """Return the messages that are asked for."""
        rows = messages_of(self.survey_round, self.staff)
        status = self.request.GET.get("status", "")
        return rows.filter(status=status) if status in MessageStatus.values else rows


class LedgerView(LedgerMixin, TemplateView):
    """The messages of a round one by one, without address or name."""

    template_name = "questionnaires/admin/message_ledger.html"
    page_title = gettext_lazy("Ledger of messages")
    header_icon = "list-ul"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add a page of lines."""
        rows = self.rows().select_related("template", "case").order_by("-queued_at", "-pk")
        page = Paginator(rows, PER_PAGE).get_page(self.request.GET.get("page"))
        return super().get_context_data(**kwargs) | {
            "page": page,
            "lines": [line_of(message) for message in page],
            "statuses": MessageStatus.choices,
            "status": self.request.GET.get("status", ""),
            "may_send": self.staff.has_perm(SEND_MESSAGES),
        }


def line_of(message: Message) -> dict[str, Any]:
    """Return a line of the ledger."""
    template = message.template
    return {
        "message": message,
        "template": template_name(template.purpose, template.channel, template.language),
        "reason": reason_words(message.reason),
        "is_unclear": message.status == MessageStatus.UNKNOWN,
    }


class LedgerFileView(LedgerMixin, View):
    """The ledger as CSV."""

    def get(self, _request: HttpRequest, **_kwargs: Any) -> StreamingHttpResponse:
        """Send the lines as they are read."""
        rows = self.rows()
        details = {"messages": rows.count()}
        record(self.survey_round, "questionnaires.export_messages", user=self.staff, details=details)
        lines = csv_lines(LEDGER_HEADER, ledger_rows(rows))
        content = (f"{'' if place else BYTE_ORDER_MARK}{line}" for place, line in enumerate(lines))
        answer = StreamingHttpResponse(content, content_type="text/csv; charset=utf-8")
        name = f"{self.survey_round.code}-messages.csv"
        disposition = content_disposition_header(as_attachment=True, filename=name)
        answer["Content-Disposition"] = disposition or "attachment"
        return answer


class OutboxView(PlacedMixin, TemplateView):
    """What a demonstration would have sent."""

    needed_right = VIEW_MESSAGES
    template_name = "questionnaires/admin/message_outbox.html"
    page_title = gettext_lazy("Outbox of the demonstration")
    header_icon = "mail"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the messages that were recorded last; people of a province see none of other provinces."""
        if not self.survey_round.is_demo:
            raise Http404
        cases = self.sample.cases.filter(village__province__in=self.place_form().provinces)
        recorded = latest_recorded(outbox_path(self.survey_round))
        own = set(cases.filter(number__in=[each.case for each in recorded]).values_list("number", flat=True))
        return super().get_context_data(**kwargs) | {
            "recorded": [each for each in recorded if each.case in own],
        }


class MessagesMenuItem(RightMenuItem):
    """An entry for those who see the ledger."""

    right = VIEW_MESSAGES


class MessagesViewSet(RightViewSet):
    """The menu entry of invitations and reminders."""

    name = "messages"
    icon = "mail"
    menu_label = gettext_lazy("Invitations and reminders")
    menu_item_class = MessagesMenuItem

    def get_urlpatterns(self) -> list[URLPattern]:
        """Return the addresses of rounds, and of the pages of one."""
        template = MessageTemplateView.as_view()
        return [
            path("", self.index_view, name="index"),
            path("<int:pk>/", OverviewView.as_view(), name="round"),
            path("<int:pk>/wave/", WaveView.as_view(), name="wave"),
            path("<int:pk>/texts/new/", template, name="template_new"),
            path("<int:pk>/texts/<int:template_pk>/", template, name="template"),
            path("<int:pk>/ledger/", LedgerView.as_view(), name="ledger"),
            path("<int:pk>/ledger/file/", LedgerFileView.as_view(), name="ledger_file"),
            path("<int:pk>/outbox/", OutboxView.as_view(), name="outbox"),
            path("<int:pk>/do/<slug:action>/", ActionView.as_view(), name="act"),
        ]
