"""What is asked before a round is published."""

from django import forms
from django.utils.translation import gettext_lazy as _

from analysis.estimation import SINGLE_PSU_POLICIES
from analysis.models import CriteriaSet, IndexMethod, Release
from sampling.models import SurveyRound
from sampling.models.rounds import ESTIMABLE_STATUSES

POLICY_LABELS = {
    "fail": _("refuse to publish"),
    "remove": _("count no variance for it"),
    "certainty": _("count no variance for it: it was chosen with certainty"),
    "adjust": _("centre it at the mean of all units"),
    "average": _("give it the average variance of the other strata"),
}


class PublishForm(forms.Form):
    """Round, methods and code of a release."""

    round = forms.ModelChoiceField(
        SurveyRound.objects.filter(status__in=ESTIMABLE_STATUSES),
        label=_("Round"),
        help_text=_("Closed rounds only: an answer may still arrive in the others."),
    )
    method = forms.ModelChoiceField(
        IndexMethod.objects.filter(document__is_computable=True).order_by("-code"), label=_("Index method")
    )
    criteria_set = forms.ModelChoiceField(
        CriteriaSet.objects.exclude(document__sipas=None).order_by("-code"), label=_("Criteria set")
    )
    code = forms.CharField(
        label=_("Code of the release"),
        max_length=20,
        validators=Release.code.field.validators,
        help_text=_("It stands in addresses and file names and never changes."),
    )
    single_psu = forms.ChoiceField(
        label=_("A stratum with a single commune"),
        choices=[(policy, POLICY_LABELS[policy]) for policy in SINGLE_PSU_POLICIES],
        initial="fail",
    )

    def clean_code(self) -> str:
        """Refuse a code that was used."""
        code: str = self.cleaned_data["code"]
        if Release.objects.filter(code=code).exists():
            raise forms.ValidationError(
                _("There is a release %(code)s already; a correction is a new release with a new code."),
                params={"code": code},
            )
        return code
