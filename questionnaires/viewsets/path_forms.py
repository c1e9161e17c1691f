"""The form in which answers of a test path are typed: one field per attribute and question."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from questionnaires.schema import (
    SPECIAL_LABELS,
    Kind,
    Question,
    Questionnaire,
    from_text,
    without_places,
)
from questionnaires.services.paths import NAME_LENGTH

KNOWN = "known:"
ANSWER = "answer:"
SEPARATED = gettext_lazy("Values in order, separated by commas.")


class PathForm(forms.Form):
    """A name, what the sample knows, and answers; what stays empty is not answered."""

    name = forms.CharField(
        label=gettext_lazy("Name of the test path"),
        max_length=NAME_LENGTH,
        help_text=gettext_lazy("Who is meant, for example: used a service, not satisfied."),
    )

    def __init__(self, *args: Any, schema: Questionnaire, language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.schema = schema
        for attribute in schema.attributes:
            label = f"{attribute.code} – {attribute.label.in_language(language)}"
            self.fields[f"{KNOWN}{attribute.code}"] = forms.CharField(label=label, required=False)
        for section in schema.sections:
            for question in section.questions:
                if question.kind is not Kind.NOTE:
                    self.fields[f"{ANSWER}{question.code}"] = _field(question, section.code, language)

    @property
    def attributes(self) -> dict[str, Any]:
        """What is known, by code."""
        given = {each.code: self.cleaned_data[f"{KNOWN}{each.code}"] for each in self.schema.attributes}
        return {code: read_attribute(text) for code, text in given.items() if text.strip()}

    @property
    def answers(self) -> dict[str, Any]:
        """The answers as the engine takes them."""
        questions = (each for each in self.schema.questions if each.kind is not Kind.NOTE)
        read = {each.code: _answer(each, self.cleaned_data[f"{ANSWER}{each.code}"]) for each in questions}
        return {code: answer for code, answer in read.items() if answer not in (None, [])}


def read_attribute(text: str) -> int | str:
    """Return something known about a person: a whole number where it is written as one."""
    written = text.strip()
    is_number = written.removeprefix("-").isdecimal() and str(int(written)) == written
    return int(written) if is_number else written


def _field(question: Question, section: str, language: str) -> forms.Field:
    """Return the field of a question."""
    label = f"{section} · {question.code} – {without_places(question.text, language)}"
    choices = _choices(question, language)
    if question.kind is Kind.MULTIPLE:
        boxes = forms.CheckboxSelectMultiple
        return forms.MultipleChoiceField(label=label, choices=choices, required=False, widget=boxes)
    if question.options and question.kind is not Kind.RANKING:
        return forms.ChoiceField(label=label, choices=[("", "–"), *choices], required=False)
    help_text = SEPARATED if question.kind is Kind.RANKING else ""
    return forms.CharField(label=label, required=False, help_text=help_text)


def _choices(question: Question, language: str) -> list[tuple[str, str]]:
    """Return what may be chosen, with values, as authors know them."""
    labels: Mapping[Any, Any] = {option.value: option.label for option in question.options} | {
        value: SPECIAL_LABELS[value] for value in question.special_values
    }
    return [(str(value), f"{value} – {label.in_language(language)}") for value, label in labels.items()]


def _answer(question: Question, typed: Any) -> Any:
    """Return a typed answer."""
    if question.kind is Kind.RANKING and "," in typed:
        typed = typed.split(",")
    if not isinstance(typed, list):
        return from_text(question, typed)
    answers = [answer for text in typed if (answer := from_text(question, text)) is not None]
    is_special = len(answers) == 1 and answers[0] in question.special_values
    return answers[0] if is_special else answers
