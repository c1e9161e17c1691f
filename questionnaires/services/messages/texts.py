"""Templates of messages: kept once they are in order, and filled in for one case."""

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.template.defaultfilters import linebreaksbr
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import override

from questionnaires.access_codes import in_groups
from questionnaires.languages import SITE_LANGUAGES
from questionnaires.messages.linting import Draft, Problem, lint
from questionnaires.messages.placeholders import FROM_THE_CODE, fill, placeholders_in
from questionnaires.messages.segments import Segments, count_segments, unaccent
from questionnaires.messages.words import problem_words
from questionnaires.models import Channel, MessageTemplate, Right
from questionnaires.models.rights import CHOICE
from questionnaires.permissions import CHANGE_MESSAGE_TEMPLATE
from sampling.models import SurveyRound
from sampling.models.territories import runs_round
from sampling.services.audit import record

SAMPLE_CODE = f"{1:016}"
"""Stands in previews; nobody has it, since its last digit does not check."""
EMAIL_PAGE = "questionnaires/messages/email.html"


class TextRefusedError(ValueError):
    """Raised when a template has errors; they say what to do."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(" ".join(map(problem_words, problems)))
        self.problems = tuple(problems)


class RoundUnnamedError(ValueError):
    """Raised when a round does not say who asks; no message can be genuine without it."""


@dataclass(frozen=True, slots=True)
class Text:
    """A message as its reader gets it."""

    subject: str
    text: str
    html: str
    values: Mapping[str, str]

    @property
    def segments(self) -> Segments:
        """What it costs as a text message."""
        return count_segments(self.text)


def page_language(language: str) -> str:
    """Return the language of the pages that a text leads to: that of the text, or Vietnamese."""
    return language if language in SITE_LANGUAGES else SITE_LANGUAGES[0]


def values_of(survey_round: SurveyRound, language: str, code: str) -> dict[str, str]:
    """Return what the placeholders stand for in a round, in a language, for one access code."""
    site = settings.WAGTAILADMIN_BASE_URL.rstrip("/")
    with override(page_language(language)):
        return {
            "link": f"{site}{reverse('questionnaires:enter_with_code', args=[code])}",
            "code": in_groups(code),
            "agency": survey_round.agency or survey_round.agency_vi,
            "decision": survey_round.decision or str(survey_round.template.document.get("decision") or ""),
            "telephone": survey_round.contact_phone,
            "closes": date_format(timezone.localtime(survey_round.closes_at), "SHORT_DATE_FORMAT"),
            "genuine": f"{site}{reverse('questionnaires:genuine')}",
        }


def refuse_unnamed(survey_round: SurveyRound) -> None:
    """Refuse a round without agency, decision or telephone."""
    values = values_of(survey_round, SITE_LANGUAGES[0], SAMPLE_CODE)
    words = {"agency": _("agency"), "decision": _("decision number"), "telephone": _("telephone")}
    missing = [str(word) for name, word in words.items() if not values[name].strip()]
    if missing:
        raise RoundUnnamedError(
            _(
                "Round %(round)s lacks: %(missing)s. Every message names them; enter them on the page of the "
                "round."
            )
            % {"round": survey_round.code, "missing": ", ".join(missing)}
        )


def draft_of(template: MessageTemplate) -> Draft:
    """Return what linting looks at."""
    return Draft(**{field.name: getattr(template, field.name) for field in fields(Draft)})


def problems_of(template: MessageTemplate) -> list[Problem]:
    """Return what is wrong with a template, in the round that it is for."""
    return lint(draft_of(template), values_of(template.round, template.language, SAMPLE_CODE))


def needs_code(template: MessageTemplate) -> bool:
    """Tell whether a template holds the access code."""
    used = placeholders_in(f"{template.subject} {template.body}")
    return not set(used).isdisjoint(FROM_THE_CODE)


def fill_in(template: MessageTemplate, code: str = SAMPLE_CODE) -> Text:
    """Return the message of a case, by its code; without one, a preview of the same length."""
    values = values_of(template.round, template.language, code)
    subject, text = (" ".join(fill(template.subject, values).split()), fill(template.body, values))
    if template.channel == Channel.EMAIL:
        with override(page_language(template.language)):
            page = _page_of_objections()
            farewell = _(
                "If you do not wish to be contacted, say so at %(page)s, call %(telephone)s or answer this "
                "message. You need not give a reason."
            ) % {"page": page, "telephone": values["telephone"]}
            html = _page(template, subject, text, farewell, (values["link"], values["genuine"], page))
        return Text(subject, f"{text}\n\n--\n{farewell}\n", html, values)
    if template.channel == Channel.SMS and template.is_unaccented:
        text = unaccent(text)
    return Text("", unicodedata.normalize("NFC", text), "", values)


def _page_of_objections() -> str:
    """Return the address at which a person asks not to be contacted, with that wish chosen."""
    site = settings.WAGTAILADMIN_BASE_URL.rstrip("/")
    return f"{site}{reverse('questionnaires:rights')}?{CHOICE}={Right.ERASE}"


def _page(
    template: MessageTemplate, subject: str, text: str, farewell: str, links: Collection[str]
) -> SafeString:
    """Return the e-mail as a page with the links that can be followed, all of them ours."""
    paragraphs = [_linked(part, links) for part in re.split(r"\n\s*\n", text.replace("\r\n", "\n"))]
    context = {
        "language": template.language,
        "subject": subject,
        "agency": template.round.agency or template.round.agency_vi,
        "paragraphs": paragraphs,
        "farewell": _linked(farewell, links),
        "is_demo": template.round.is_demo,
    }
    return render_to_string(EMAIL_PAGE, context)


def _linked(text: str, links: Collection[str]) -> SafeString:
    """Return a paragraph with our own links as links, everything else as plain text."""
    parts = re.split(f"({'|'.join(map(re.escape, links))})", text)
    return format_html_join("", "{}", ((_part(part, is_link=part in links),) for part in parts))


def _part(text: str, *, is_link: bool) -> SafeString:
    """Return a piece of a paragraph, escaped."""
    if is_link:
        return format_html('<a href="{}">{}</a>', text, text)
    return linebreaksbr(text)


@transaction.atomic
def save_template(*, template: MessageTemplate, user: AbstractUser) -> MessageTemplate:
    """Keep a template, new or changed, unless something is wrong with it."""
    if not user.has_perm(CHANGE_MESSAGE_TEMPLATE) or not runs_round(user, template.round):
        raise PermissionDenied
    template.subject = unicodedata.normalize("NFC", template.subject).strip()
    template.body = unicodedata.normalize("NFC", template.body).replace("\r\n", "\n").strip()
    errors = [problem for problem in problems_of(template) if problem.is_error]
    if errors:
        raise TextRefusedError(errors)
    template.full_clean()
    template.save()
    details = {"purpose": template.purpose, "channel": template.channel, "language": template.language}
    record(template, "questionnaires.save_template", user=user, details=details)
    return template
