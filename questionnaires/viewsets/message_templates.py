"""The page on which a message is written: what it will look like and cost stands beside it."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.generic import FormView

from questionnaires.languages import LANGUAGES
from questionnaires.messages.defaults import default_text
from questionnaires.messages.placeholders import PLACEHOLDERS
from questionnaires.messages.words import problem_words
from questionnaires.models import Channel, MessageTemplate
from questionnaires.permissions import CHANGE_MESSAGE_TEMPLATE
from questionnaires.services.messages import TextRefusedError, fill_in, problems_of, save_template
from sampling.viewsets.handing_out import PlacedMixin

ROWS = 8


class TemplateForm(forms.ModelForm[MessageTemplate]):
    """A template; whether its text is in order is asked of the service."""

    language = forms.ChoiceField(
        label=gettext_lazy("Language"),
        choices=[(language.code, language.vietnamese) for language in LANGUAGES.values()],
    )

    class Meta:
        model = MessageTemplate
        fields = ("purpose", "channel", "language", "subject", "body", "is_unaccented", "zalo_template")
        labels = {"channel": gettext_lazy("Sent by"), "body": gettext_lazy("Text of the message")}
        widgets = {"body": forms.Textarea(attrs={"rows": ROWS})}


class TemplateView(PlacedMixin, FormView):
    """Writes a template, new or there already, with a preview that needs no script."""

    needed_right = CHANGE_MESSAGE_TEMPLATE
    is_to_change = True
    form_class = TemplateForm
    template_name = "questionnaires/admin/message_template.html"
    preview_name = "questionnaires/admin/message_preview.html"
    page_title = gettext_lazy("Text of a message")
    header_icon = "mail"

    def template(self) -> MessageTemplate:
        """Return the template of the address, or a new one for the round."""
        if "template_pk" in self.kwargs:
            found = MessageTemplate.objects.select_related("round__template")
            return get_object_or_404(found, pk=self.kwargs["template_pk"], round=self.survey_round)
        return MessageTemplate(round=self.survey_round)

    def get_initial(self) -> dict[str, Any]:
        """Begin a new template with a text that is in order."""
        if "template_pk" in self.kwargs:
            return {}
        asked = {name: self.request.GET.get(name, "") for name in ("purpose", "channel", "language")}
        purpose = asked["purpose"] if asked["purpose"] in MessageTemplate.Purpose.values else "invitation"
        channel = asked["channel"] if asked["channel"] in Channel.values else Channel.SMS.value
        language = asked["language"] if asked["language"] in LANGUAGES else "vi"
        subject, body = default_text(purpose, channel, language)
        return {
            "purpose": purpose,
            "channel": channel,
            "language": language,
            "subject": subject,
            "body": body,
            "is_unaccented": channel == Channel.SMS,
        }

    def get_form_kwargs(self) -> dict[str, Any]:
        """Bind the form to the template."""
        return {**super().get_form_kwargs(), "instance": self.template()}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the preview and the placeholders."""
        context = super().get_context_data(**kwargs)
        return (
            context
            | preview_of(as_typed(context["form"]))
            | {
                "placeholders": [f"{{{name}}}" for name in PLACEHOLDERS],
                "is_new": "template_pk" not in self.kwargs,
            }
        )

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer with the preview alone where the script of the page asks for it."""
        form = self.get_form()
        if "only_preview" in request.POST:
            return render(request, self.preview_name, preview_of(as_typed(form)))
        if "save" not in request.POST:
            return self.render_to_response(self.get_context_data(form=form))
        answer: HttpResponse = super().post(request, *args, **kwargs)
        return answer

    def form_valid(self, form: TemplateForm) -> HttpResponse:
        """Keep the template, or say what is wrong with it."""
        try:
            save_template(template=form.instance, user=self.staff)
        except TextRefusedError as error:
            form.add_error(None, ValidationError([problem_words(problem) for problem in error.problems]))
            return self.form_invalid(form)
        except ValidationError as error:
            form.add_error(None, ValidationError(error.messages))
            return self.form_invalid(form)
        return redirect(reverse("messages:round", args=[self.survey_round.pk]))


def as_typed(form: TemplateForm) -> MessageTemplate:
    """Return the template with what was typed, right or wrong."""
    typed = MessageTemplate(round=form.instance.round)
    for name in form.fields:
        value = form[name].value()
        setattr(typed, name, value in (True, "on", "true") if name == "is_unaccented" else str(value or ""))
    for name, known in (("channel", Channel), ("purpose", MessageTemplate.Purpose)):
        if getattr(typed, name) not in known.values:
            setattr(typed, name, known.values[0])
    return typed


def preview_of(template: MessageTemplate) -> dict[str, Any]:
    """Return what the preview shows."""
    text = fill_in(template)
    problems = problems_of(template)
    return {
        "preview": text,
        "preview_language": template.language,
        "segments": text.segments if template.channel == Channel.SMS else None,
        "errors": [problem_words(problem) for problem in problems if problem.is_error],
        "warnings": [problem_words(problem) for problem in problems if not problem.is_error],
    }
