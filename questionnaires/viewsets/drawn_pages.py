"""Pages of a draft drawn as citizens would see them, for looking and walking; nothing reaches an answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.safestring import mark_safe

from questionnaires.languages import own_name
from questionnaires.models.questionnaires import CONSENT_PAGE, REVIEW_PAGE
from questionnaires.schema import DEFAULT_LANGUAGE, UNANSWERED, Question, Questionnaire, Section
from questionnaires.wizard import wordings
from questionnaires.wizard.cards import Telling, card_of, heading_of, progress_of, raw_of, review_rows
from questionnaires.wizard.drawing import from_template, shows_pictures
from questionnaires.wizard.forms import ConsentForm, ReviewForm, SectionForm
from questionnaires.wizard.messages import summary_title
from questionnaires.wizard.players import consent_booth
from questionnaires.wizard.wordings import WordingChoice

SITE_LANGUAGES = frozenset({"vi", "en"})


@dataclass(frozen=True, slots=True)
class Copy:
    """A draft in the hands of one person who tries it: what was answered, what is known, which language."""

    schema: Questionnaire
    answers: Mapping[str, Any] = field(default_factory=dict)
    attributes: Mapping[str, Any] = field(default_factory=dict)
    language: str = DEFAULT_LANGUAGE

    @property
    def site_language(self) -> str:
        """The language of buttons and messages: Vietnamese around questions in a further language."""
        return self.language if self.language in SITE_LANGUAGES else DEFAULT_LANGUAGE

    @property
    def languages(self) -> list[WordingChoice]:
        """The languages to read it in."""
        codes = wordings.offered(self.schema)
        return [WordingChoice(code, own_name(code), code == self.language) for code in codes]

    def section_form(self, code: str, data: Any = None) -> SectionForm:
        """Return the form of a section."""
        values: dict[str, Any] = {
            "schema": self.schema,
            "answers": self.answers,
            "attributes": self.attributes,
            "language": self.language,
        }
        return SectionForm(data, section=self.schema.section(code), **values)


def without_conditions(schema: Questionnaire) -> Questionnaire:
    """Return a questionnaire that asks everything, so that each page can be looked at."""
    sections = tuple(_open(section) for section in schema.sections)
    return replace(schema, sections=sections)


def _open(section: Section) -> Section:
    questions = tuple(replace(question, visible_when=None) for question in section.questions)
    return replace(section, visible_when=None, questions=questions)


def pages_of(schema: Questionnaire, sections: Sequence[str] | None = None) -> list[str]:
    """Return the names of the pages in the order in which they come."""
    codes = [section.code for section in schema.sections] if sections is None else list(sections)
    return [*([CONSENT_PAGE] if schema.consent else []), *codes, REVIEW_PAGE]


def draw(
    request: HttpRequest, copy: Copy, page: str, form: Any = None, *, around: Mapping[str, Any]
) -> HttpResponse:
    """Return one page; `around` is what stands beside it."""
    with translation.override(copy.site_language):
        context = {"request": None, "round": None, "page_name": page, "languages": copy.languages, **around}
        template, values = _PAGES.get(page, _section_page)(copy, page, form)
        return render(request, f"questionnaires/preview/{template}.html", context | values)


def _section_page(copy: Copy, page: str, form: SectionForm | None) -> tuple[str, dict[str, Any]]:
    """Return what a section page draws."""
    form = form or copy.section_form(page)
    numbers, findings = form.numbers, form.findings
    told = Telling(copy.schema, form.answers, copy.attributes, copy.language)
    cards = [
        card_of(
            question, numbers.get(question.code, 0), raw_of(form, question), told, _found(findings, question)
        )
        for question in form.visible
    ]
    faulty = [card for card in cards if card.errors]
    is_unanswered = all(reminder.code == UNANSWERED for reminder in form.reminders)
    n_errors = len(form.problems)
    title = summary_title(n_errors, len(faulty), is_unanswered=is_unanswered) if faulty else ""
    drawn = "\n".join(from_template(card, len(numbers)) for card in cards)
    return "section", {
        **heading_of(form.section, told),
        "has_pictures": shows_pictures(form.visible),
        "cards": mark_safe(drawn),  # noqa: S308 - what the template made
        "faulty": faulty,
        "is_soft": not n_errors,
        "is_doubtful": not is_unanswered,
        "rules_to_show": form.rules_to_show,
        "summary_title": title,
        "progress": progress_of(copy.schema, form.section.code, form.answers, copy.attributes),
    }


def _found(findings: Mapping[str, tuple[str, ...]], question: Question) -> tuple[str, ...]:
    """Return what was found about a question."""
    return findings.get(question.code, ())


def _consent_page(copy: Copy, _page: str, _form: Any) -> tuple[str, dict[str, Any]]:
    """Return what the consent page draws."""
    consent, language = copy.schema.consent, copy.language
    if consent is None:
        return "no_consent", {}
    points = [
        (wordings.told(point.heading, language), wordings.told(point.text, language))
        for point in consent.points
    ]
    return "consent", {
        "form": ConsentForm(consent=consent, language=language),
        "consent": consent,
        "title": wordings.told(consent.title, language),
        "booth": consent_booth(consent, language),
        "points": points,
        "is_provisional": copy.schema.is_provisional,
        "provisional_reason": wordings.told(copy.schema.provisional_reason, language),
    }


def _review_page(copy: Copy, _page: str, _form: Any) -> tuple[str, dict[str, Any]]:
    """Return what the review draws."""
    rows = review_rows(copy.schema, copy.answers, copy.attributes, copy.language)
    return "review", {"rows": rows, "form": ReviewForm(answers=copy.answers)}


_PAGES = {CONSENT_PAGE: _consent_page, REVIEW_PAGE: _review_page}
