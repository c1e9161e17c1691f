"""Forms of the screen: one section at a time, the code, the consent; the rules are in the schema."""

from collections.abc import Iterable, Mapping
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from questionnaires.access_codes import LENGTH, MalformedCodeError, normalize
from questionnaires.models import Helper, Pressure
from questionnaires.schema import (
    RULE,
    Answer,
    AnswerError,
    Consent,
    Kind,
    Question,
    Questionnaire,
    Section,
    ValidationResult,
    compile_validator,
    from_text,
    is_unanswered,
    path,
)
from questionnaires.schema.days import PARTS
from questionnaires.wizard.messages import message_for
from questionnaires.wizard.wordings import told

WRONG_CODE = _("This code is not right yet. Check the last 4 digits on the letter and enter it again.")
WRONG_LENGTH = _("The code has 16 digits; %(n)d were entered. Look at the letter and enter it again.")


class AnswerField(forms.Field):
    """One question; reads what was typed and leaves judging to the schema."""

    def __init__(self, question: Question) -> None:
        super().__init__(required=False, widget=forms.TextInput)
        self.question = question

    def to_python(self, value: Any) -> Answer | None:
        """Return a typed answer, or nothing."""
        return from_text(self.question, value or "")


class ChoicesField(AnswerField):
    """A question with several choices."""

    def __init__(self, question: Question) -> None:
        super().__init__(question)
        self.widget = forms.SelectMultiple()

    def to_python(self, value: Any) -> Answer | None:
        """Return the choices as a list, or the one special value that stands for them all."""
        chosen = [answer for text in value or () if (answer := from_text(self.question, text)) is not None]
        if len(chosen) == 1 and chosen[0] in self.question.special_values:
            return cast("Answer", chosen[0])
        return cast("Answer", chosen)


class PartsInput(forms.Widget):
    """Several small fields that make one answer; a box under the name of the question stands for them all."""

    def __init__(self, parts: Mapping[str, str]) -> None:
        super().__init__()
        self.parts = parts

    def value_from_datadict(self, data: Any, _files: Any, name: str) -> str | dict[str, str]:
        """Return the box that was ticked, or else what was typed, by part."""
        if box := data.get(name):
            return str(box)
        typed = {part: str(data.get(f"{name}:{field}") or "").strip() for part, field in self.parts.items()}
        return {part: text for part, text in typed.items() if text}


class PartsField(AnswerField):
    """A question answered in several small fields; the schema joins and judges them."""

    def __init__(self, question: Question) -> None:
        super().__init__(question)
        self.widget = PartsInput(parts_of_field(question))

    def to_python(self, value: Any) -> Any:
        """Return the parts as typed, the value that stands for them all, or nothing."""
        return from_text(self.question, value) if isinstance(value, str) else value or None


def parts_of_field(question: Question) -> dict[str, str]:
    """Return the parts of an answer and the end of the name of their fields."""
    if question.kind is Kind.DATE:
        return {part: part for part in PARTS}
    return {str(option.value): str(position) for position, option in enumerate(question.options, start=1)}


FIELDS: Mapping[Kind, type[AnswerField]] = {
    Kind.MULTIPLE: ChoicesField,
    Kind.DATE: PartsField,
    Kind.RANKING: PartsField,
}


class SectionForm(forms.Form):
    """The questions of one section, checked together with everything answered before."""

    _walked: tuple[Any, list[Question]] = (None, [])

    def __init__(
        self,
        *args: Any,
        schema: Questionnaire,
        section: Section,
        answers: Mapping[str, Any],
        attributes: Mapping[str, Any],
        language: str = "",
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.schema, self.section, self.attributes = schema, section, attributes
        self.language = language
        self.answers: Mapping[str, Any] = answers
        self.result: ValidationResult | None = None
        self.fields = {
            question.code: FIELDS.get(question.kind, AnswerField)(question)
            for question in section.questions
            if question.kind is not Kind.NOTE
        }

    def clean(self) -> dict[str, Any]:
        """Check the page and keep what is valid, with the earlier answers that are still on the path."""
        given = {code: answer for code, answer in self.cleaned_data.items() if not is_unanswered(answer)}
        earlier = {code: answer for code, answer in self.answers.items() if code not in self.fields}
        validator = compile_validator(self.schema)
        self.result = validator.validate_section(self.section.code, earlier | given, self.attributes)
        self.answers = self.result.answers
        for code, messages in self.messages(self.result.errors).items():
            self.add_error(code, [ValidationError(message) for message in messages])
        return self.cleaned_data

    def recheck(self) -> None:
        """Check the answers on the draft, so that the page says what stands in the way of sending them."""
        validator = compile_validator(self.schema)
        self.result = validator.validate_section(self.section.code, self.answers, self.attributes)

    def is_valid(self) -> bool:
        """Tell whether the page may pass: hard rules kept, and nothing open that was not reminded of."""
        return super().is_valid() and not self.reminders

    @property
    def reminders(self) -> list[AnswerError]:
        """What is worth a reminder and was not shown yet: open questions once, soft rules once each."""
        found = self.result.reminders if self.result else []
        return [reminder for reminder in found if not self.was_shown(reminder)]

    def was_shown(self, reminder: AnswerError) -> bool:
        """Whether this page was sent a second time after a reminder."""
        if self.data.get("reminded") != self.section.code:
            return False
        return reminder.code != RULE or reminder.params["rule"] in self.rules_shown

    @property
    def rules_shown(self) -> list[str]:
        """Codes of the soft rules that the respondent was reminded of."""
        return str(self.data.get("rules", "")).split()

    @property
    def rules_to_show(self) -> str:
        """Codes of the soft rules shown so far and on this page."""
        shown = [str(reminder.params["rule"]) for reminder in self.reminders if reminder.code == RULE]
        return " ".join(dict.fromkeys((*self.rules_shown, *shown)))

    @property
    def findings(self) -> dict[str, tuple[str, ...]]:
        """What the page says about its questions: broken hard rules, then reminders, in words."""
        problems, reminders = self.problems, self.messages(self.reminders)
        codes = dict.fromkeys((*problems, *reminders))
        return {code: (*problems.get(code, ()), *reminders.get(code, ())) for code in codes}

    @property
    def problems(self) -> dict[str, list[str]]:
        """What breaks a hard rule, in words, by question of this page."""
        return self.messages(self.result.errors) if self.result else {}

    def messages(self, found: Iterable[AnswerError]) -> dict[str, list[str]]:
        """Return findings in words, by question of this page."""
        numbers, worded = self.numbers, dict[str, list[str]]()
        for error in found:
            if error.question in self.fields:
                question = self.schema.question(error.question)
                message = message_for(error, question, numbers.get(error.question, 0), self.language)
                worded.setdefault(error.question, []).append(message)
        return worded

    @property
    def visible(self) -> list[Question]:
        """The questions of the section that are asked, given the answers so far; walked once for them."""
        answers, visible = self._walked
        if answers is not self.answers:
            on_path = set(path(self.schema, self.answers, self.attributes).questions)
            visible = [question for question in self.section.questions if question.code in on_path]
            self._walked = self.answers, visible
        return visible

    @property
    def numbers(self) -> dict[str, int]:
        """Numbers of the visible questions on the page."""
        asked = (question.code for question in self.visible if question.kind is not Kind.NOTE)
        return {code: number for number, code in enumerate(asked, start=1)}


class ReviewForm(forms.Form):
    """The last page: who helped, and whether somebody said what to answer; both may stay open."""

    helper = forms.CharField(required=False)
    pressure = forms.CharField(required=False)

    def __init__(self, *args: Any, answers: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.answers = answers

    @property
    def choices(self) -> dict[str, list[tuple[str, Any]]]:
        """Return what may be chosen."""
        return {"helpers": list(Helper.choices), "pressures": list(Pressure.choices)}

    @property
    def assistance(self) -> dict[str, str]:
        """Return what was chosen; a forged value is no choice, and no reason to hold a form back."""
        chosen = {"helper": Helper.values, "pressure": Pressure.values}
        given = {name: self.cleaned_data.get(name, "") for name in chosen}
        return {name: value if value in chosen[name] else "" for name, value in given.items()}


class CodeField(forms.CharField):
    """An access code, however it is typed."""

    def clean(self, value: Any) -> str:
        """Return sixteen digits, or say what to look at."""
        typed = super().clean(value)
        try:
            return normalize(typed)
        except MalformedCodeError as error:
            n_digits = sum(sign.isdecimal() for sign in typed)
            message = WRONG_CODE if n_digits == LENGTH else WRONG_LENGTH
            raise ValidationError(message, params={"n": n_digits}) from error


class CodeForm(forms.Form):
    """The code on the letter."""

    code = CodeField(
        max_length=80, error_messages={"required": _("Enter the 16 digits printed on your letter.")}
    )


class ConsentForm(forms.Form):
    """The statements of the consent; none is ticked beforehand."""

    def __init__(self, *args: Any, consent: Consent, language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields = {
            statement.code: forms.BooleanField(
                required=statement.is_required,
                label=told(statement.text, language),
                help_text=told(statement.help, language),
                error_messages={"required": _("Tick this box to take part, or choose not to take part.")},
            )
            for statement in consent.statements
        }

    def agreed(self) -> list[str]:
        """Return the codes of the statements agreed to."""
        return [code for code, is_ticked in self.cleaned_data.items() if is_ticked]
