"""Forms for keying: the number of the paper form, then all its items at once."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from questionnaires.fieldwork.keys import UnknownKeyError, answer_from_keys
from questionnaires.models import OpenRound
from questionnaires.models.open_rounds import LONGEST_PLACE
from questionnaires.permissions import runs_open_round
from questionnaires.schema import Kind, Question, Questionnaire, compile_validator, is_unanswered
from questionnaires.selectors import with_place
from questionnaires.services import RoundNotOpenError
from questionnaires.services.open_responses import check_open_round
from questionnaires.wizard.messages import message_for
from sampling.models import Case, SurveyRound
from sampling.selectors.territories import Person, within_province, within_territory


class NumberForm(forms.Form):
    """The case number on the form; the round where more than one takes answers."""

    number = forms.CharField(
        label=gettext_lazy("Case number on the form"),
        max_length=2 * LONGEST_PLACE,
        error_messages={"required": gettext_lazy("Enter the case number printed on the form.")},
    )
    round = forms.ModelChoiceField(
        label=gettext_lazy("Survey round"), queryset=SurveyRound.objects.none(), empty_label=None
    )

    def __init__(self, *args: Any, user: Person = None, is_keyed: bool = False, **kwargs: Any) -> None:
        """Take also what is closed meanwhile if a form `is_keyed` already: it is shown again, not lost."""
        super().__init__(*args, **kwargs)
        self.user, self.is_keyed = user, is_keyed
        self.open_round: tuple[OpenRound, str] | None = None
        self.accepting = within_territory(SurveyRound.objects.accepting_answers(), user, "")
        begun = SurveyRound.objects.filter(opens_at__lte=timezone.now())
        field: Any = self.fields["round"]
        field.queryset = within_territory(begun, user, "") if is_keyed else self.accepting
        field.required = not is_keyed and field.queryset.count() > 1

    def clean_number(self) -> str:
        """Look for an open round first: its code stands for all of its forms, and no other round is asked."""
        number = str(self.cleaned_data["number"]).strip()
        self.open_round = find_open_round(number, self.user)
        if self.open_round:
            self.fields["round"].required = False
            if not self.is_keyed:
                refuse_closed(self.open_round[0])
        return number

    def clean(self) -> dict[str, Any]:
        """Find the case among those that may be asked, unless it is the form of an open round."""
        values = super().clean() or {}
        if self.open_round:
            return values | {"open_round": self.open_round}
        if "number" in values and not self.errors:
            found = self._find(values)
            if found is None:
                raise ValidationError(
                    _("No case has the number %(number)s in a round that takes answers. Check the form."),
                    params={"number": values["number"]},
                )
            values["case"] = found
        return values

    def _find(self, values: Mapping[str, Any]) -> Case | None:
        """Return the case with the number; on a page keyed already even if its round closed meanwhile."""
        if values.get("round"):
            return self._cases(values, [values["round"]]).first()
        found = self._cases(values, self.accepting).first()
        if found or not self.is_keyed:
            return found
        field: Any = self.fields["round"]
        return self._cases(values, field.queryset).order_by("-sample__round__closes_at").first()

    def _cases(self, values: Mapping[str, Any], rounds: Iterable[SurveyRound]) -> QuerySet[Case]:
        """Return the cases of some rounds with the number."""
        cases = Case.objects.filter(number=values["number"], sample__round__in=rounds).active()
        mine = within_province(cases, self.user, "village__province")
        return with_place(mine).select_related("response")


def find_open_round(number: str, user: Person) -> tuple[OpenRound, str] | None:
    """Return the open round of a form, and the counter where it lay, as in the address on the poster."""
    code, _slash, place = number.partition("/")
    rounds = OpenRound.objects.filter(code=code, needs_token=False)
    found = rounds.select_related("version__questionnaire").first()
    is_taken = found is not None and runs_open_round(user, found) and len(place) <= LONGEST_PLACE
    return (found, place) if found is not None and is_taken else None


def refuse_closed(open_round: OpenRound) -> None:
    """Raise for an open round that takes no answers, with its dates."""
    try:
        check_open_round(open_round)
    except RoundNotOpenError as error:
        raise ValidationError(str(error)) from error


class KeyedField(forms.CharField):
    """One item of a paper form."""

    def __init__(self, question: Question) -> None:
        super().__init__(required=False, max_length=max(question.max_length, 40))
        self.question = question

    def clean(self, value: Any) -> Any:
        """Return the answer that was keyed, or name the keys there are."""
        try:
            return answer_from_keys(self.question, super().clean(value))
        except UnknownKeyError as error:
            raise ValidationError(
                _("Expected one of the keys %(known)s, got %(key)s. Look at the form again."),
                params={"known": ", ".join(error.known), "key": error.key},
            ) from error


class KeyingForm(forms.Form):
    """All items of a form, checked together by the schema."""

    has_consent = forms.BooleanField(
        label=gettext_lazy("The consent on the form is ticked"),
        error_messages={
            "required": gettext_lazy("A form without consent is not keyed in. Record a refusal.")
        },
    )

    def __init__(
        self, *args: Any, schema: Questionnaire, attributes: Mapping[str, Any], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.schema, self.attributes = schema, attributes
        asked = [question for question in schema.questions if question.kind is not Kind.NOTE]
        self.numbers = {question.code: number for number, question in enumerate(asked, start=1)}
        self.fields |= {question.code: KeyedField(question) for question in asked}
        if schema.consent is None:
            del self.fields["has_consent"]

    def clean(self) -> dict[str, Any]:
        """Check everything at once."""
        super().clean()
        checked = compile_validator(self.schema).validate(self.answers, self.attributes, complete=True)
        for error in checked.errors:
            if error.question in self.fields and error.question not in self.errors:
                question = self.schema.question(error.question)
                self.add_error(error.question, message_for(error, question, self.numbers[error.question]))
        return self.cleaned_data

    @property
    def answers(self) -> dict[str, Any]:
        """What was keyed, by question."""
        keyed = {code: self.cleaned_data.get(code) for code in self.numbers}
        return {code: answer for code, answer in keyed.items() if not is_unanswered(answer)}
