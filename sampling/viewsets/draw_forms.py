"""Forms of a draw: commitment, public value, reason, design of a list."""

import datetime
import json
from fractions import Fraction
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sampling.models import SurveyRound
from sampling.selectors.steering import stages_to_follow

NOT_COORDINATED, FIRST_OF_CHAIN = "", "first"
PERCENT = 100
LONGEST_SOURCE, LONGEST_VALUE, LONGEST_REASON = 200, 256, 500


class DraftForm(forms.Form):
    """The design of a transaction list, as the planner writes it."""

    design = forms.FileField(
        label=gettext_lazy("Design of the list"),
        help_text=gettext_lazy("The JSON file that the planner gives (list-design/1)."),
    )

    def clean_design(self) -> dict[str, Any]:
        """Return the document of the file."""
        try:
            document = json.loads(self.cleaned_data["design"].read().decode("utf-8-sig"))
        except ValueError as error:
            raise forms.ValidationError(
                _("Expected a JSON file in UTF-8, got another file. Download the design again.")
            ) from error
        if not isinstance(document, dict):
            raise forms.ValidationError(_("Expected a JSON object, got another value."))
        return document


class CoordinationForm(forms.Form):
    """Whether permanent numbers select the units of an area stage, and which earlier round they look at."""

    chain = forms.ChoiceField(
        label=gettext_lazy("Coordination with other rounds"),
        help_text=gettext_lazy(
            "Every place keeps one number from round to round; so a round can avoid the places of an earlier "
            "one, or meet them again. Auditors verify a coordinated stage; nobody else may know the numbers."
        ),
    )
    again = forms.FloatField(
        label=gettext_lazy("Share of the earlier places to draw again, %"),
        min_value=0,
        max_value=100,
        initial=0,
        required=False,
        help_text=gettext_lazy(
            "0 avoids them; 100 draws as many of them as possible. With any share above 0 the places are "
            "determined before the public value exists, which the public page then says."
        ),
    )

    def __init__(self, *args: Any, survey_round: SurveyRound, stage: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        earlier = stages_to_follow(survey_round, stage)
        self.fields["chain"] = forms.ChoiceField(
            label=self.fields["chain"].label,
            help_text=self.fields["chain"].help_text,
            required=False,
            choices=[
                (NOT_COORDINATED, _("not coordinated")),
                (FIRST_OF_CHAIN, _("the first round of a chain")),
                *(
                    (draw.commitment_digest, _("after round %(round)s") % {"round": draw.round.code})
                    for draw in earlier
                ),
            ],
        )

    def clean(self) -> dict[str, Any]:
        """Return what the design says of coordination, as the service takes it."""
        cleaned: dict[str, Any] = super().clean() or {}
        chain = cleaned.get("chain", NOT_COORDINATED)
        if chain == FIRST_OF_CHAIN:
            cleaned["design"] = {"coordination": {}}
        elif chain != NOT_COORDINATED:
            share = Fraction(str(cleaned.get("again") or 0)) / PERCENT
            cleaned["design"] = {"coordination": {"previous": chain, "share": str(share)}}
        return cleaned


class CommitForm(forms.Form):
    """The value that will make the seed: who publishes it, where, and when."""

    public_source = forms.CharField(
        label=gettext_lazy("Public source"),
        max_length=LONGEST_SOURCE,
        help_text=gettext_lazy(
            "Who publishes which value, so exactly that nobody can choose between two: for example the "
            "special prize of a lottery on a day."
        ),
    )
    public_source_url = forms.URLField(
        label=gettext_lazy("Address of the public source"), required=False, assume_scheme="https"
    )
    public_value_due = forms.DateField(
        label=gettext_lazy("Day on which the value is published"),
        help_text=gettext_lazy("A day after today, dd/mm/yyyy: the value must not exist yet."),
    )

    def clean_public_value_due(self) -> datetime.date:
        """Refuse a day that has come."""
        due: datetime.date = self.cleaned_data["public_value_due"]
        if due <= timezone.localdate():
            raise forms.ValidationError(_("Expected a day after today."))
        return due


class PublicValueForm(forms.Form):
    """The value as it was published, typed twice, because one commitment is one draw."""

    public_value = forms.CharField(label=gettext_lazy("Public value"), max_length=LONGEST_VALUE)
    again = forms.CharField(
        label=gettext_lazy("Public value, once more"),
        max_length=LONGEST_VALUE,
        help_text=gettext_lazy("A value is entered once. A mistake can only be abandoned, in public."),
    )

    def clean(self) -> dict[str, Any]:
        """Refuse two values that differ."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("public_value") != cleaned.get("again"):
            self.add_error("again", _("The two values differ."))
        return cleaned


class AbandonForm(forms.Form):
    """Why a draw is given up; the reason is public."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("The reason is published with the commitment and stays there."),
    )


class ConfirmForm(forms.Form):
    """Nothing to fill in."""
