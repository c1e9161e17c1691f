"""New drafts: a copy of a form there is, or a small one to begin with."""

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.contrib.auth.models import AbstractBaseUser
from django.core.validators import validate_slug
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView

from questionnaires.models import Questionnaire
from questionnaires.permissions import ADD_DRAFT
from questionnaires.services.copies import CodeTakenError, copy_draft, start_draft

TEXT_LENGTH = 255


class BeginningForm(forms.Form):
    """What a new draft is called."""

    title_vi = forms.CharField(label=gettext_lazy("Title in Vietnamese"), max_length=TEXT_LENGTH)
    title_en = forms.CharField(
        label=gettext_lazy("Title in English"),
        max_length=TEXT_LENGTH,
        required=False,
        help_text=gettext_lazy("Leave it empty for a form in Vietnamese only."),
    )
    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=60,
        validators=[validate_slug],
        help_text=gettext_lazy("Small letters, digits and hyphens, for example sipas-2027. It names files."),
    )


class BeginningView(PermissionRequiredMixin, FormView):
    """A page that makes a draft and leads to its editor."""

    permission_required = ADD_DRAFT
    raise_exception = True
    form_class = BeginningForm
    template_name = "questionnaires/admin/beginning.html"

    def make(self, **values: Any) -> Questionnaire:
        """Make the draft."""
        return start_draft(**values)

    def form_valid(self, form: BeginningForm) -> HttpResponse:
        """Make the draft, or say why its code cannot be used."""
        user = cast("AbstractBaseUser", self.request.user)
        try:
            draft = self.make(**form.cleaned_data, user=user)
        except CodeTakenError as error:
            form.add_error("code", str(error))
            return self.form_invalid(form)
        messages.success(self.request, _("The draft “%(draft)s” was made. Write on.") % {"draft": draft})
        return redirect(reverse("wagtailsnippets_questionnaires_questionnaire:edit", args=[draft.pk]))


class StartDraftView(BeginningView):
    """Begins with one section and one question, fit to be published."""


class CopyDraftView(BeginningView):
    """Begins with a form there is."""

    @cached_property
    def source(self) -> Questionnaire:
        """Return the draft that is copied."""
        return get_object_or_404(Questionnaire, pk=self.kwargs["pk"])

    def make(self, **values: Any) -> Questionnaire:
        """Copy the draft."""
        return copy_draft(questionnaire=self.source, **values)

    def get_initial(self) -> dict[str, Any]:
        """Propose the titles there are."""
        source = self.source
        return {"title_vi": source.title_vi, "title_en": source.title_en, "code": f"{source.code}-2"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Name what is copied."""
        return {**super().get_context_data(**kwargs), "source": self.source}
