"""What is asked before a round is published."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from analysis.estimation import SINGLE_PSU_POLICIES
from analysis.models import CriteriaSet, IndexMethod, Release
from analysis.weighting import DRAWN_UNIT, PERSON
from sampling.models import SurveyRound
from sampling.models.rounds import RoundStatus

POLICY_LABELS = {
    "fail": _("refuse to publish"),
    "remove": _("count no variance for it"),
    "certainty": _("count no variance for it: it was chosen with certainty"),
    "adjust": _("centre it at the mean of all units"),
    "average": _("give it the average variance of the other strata"),
}


UNIT_CHOICES = [
    ("", _("as the method says; what was drawn, if it does not")),
    (DRAWN_UNIT, _("every drawn unit: dossiers count")),
    (PERSON, _("every person once: the weight of a dossier is divided by the dossiers of its person")),
]


class PublishForm(forms.Form):
    """Round, methods and code of a release."""

    round = forms.ModelChoiceField(
        SurveyRound.objects.none(),
        label=_("Round"),
        help_text=_(
            "Frozen rounds only: in the others answers may still arrive, be corrected or be withdrawn."
        ),
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
        label=_("A stratum with a single drawn unit"),
        choices=[(policy, POLICY_LABELS[policy]) for policy in SINGLE_PSU_POLICIES],
        initial="fail",
    )

    unit_of_analysis = forms.ChoiceField(
        label=_("What counts in a list of dossiers"),
        choices=UNIT_CHOICES,
        required=False,
        help_text=_(
            "Matters only where dossiers were drawn. If the method does not say, counting persons makes the "
            "release provisional."
        ),
    )

    def __init__(self, *args: Any, rounds: QuerySet[SurveyRound], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["round"]
        field.queryset = rounds.filter(status=RoundStatus.FROZEN)

    def clean(self) -> dict[str, Any]:
        """Refuse to count something else than the method does."""
        values = super().clean() or {}
        method, chosen = values.get("method"), values.get("unit_of_analysis")
        named = method.document.get("unit_of_analysis") if method else ""
        if named and chosen not in ("", named):
            self.add_error("unit_of_analysis", _("The method names what it counts; leave the choice to it."))
        return values

    def clean_code(self) -> str:
        """Refuse a code that was used."""
        code: str = self.cleaned_data["code"]
        if Release.objects.filter(code=code).exists():
            raise forms.ValidationError(
                _("There is a release %(code)s already; a correction is a new release with a new code."),
                params={"code": code},
            )
        return code


class SnapshotForm(forms.Form):
    """The closed round of a working snapshot."""

    round = forms.ModelChoiceField(
        SurveyRound.objects.none(),
        label=_("Round"),
        help_text=_(
            "Closed rounds only. The snapshot replaces the one before, and is deleted at the freeze."
        ),
    )

    def __init__(self, *args: Any, rounds: QuerySet[SurveyRound], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["round"]
        field.queryset = rounds.filter(status=RoundStatus.CLOSED)
