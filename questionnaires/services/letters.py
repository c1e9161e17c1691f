"""Letters: the one moment in which codes can be read is the one in which they are printed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

import segno
from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import override
from wagtail.log_actions import log

from questionnaires.access_codes import in_groups
from questionnaires.models import AccessCode
from questionnaires.permissions import ISSUE_CODES
from questionnaires.services.access_codes import issue_codes
from sampling.models import Case, Disposition, SurveyRound
from sampling.models.samples import LEFT_IN_PEACE
from sampling.printing import ZIP, pdf_from_html, zip_of
from sampling.services.issuing import (
    IssuedFile,
    PlacedVillage,
    Reachable,
    Scope,
    checked_scope,
    contacts_by_case,
)
from sampling.services.issuing.objections import withhold_objectors
from sampling.services.issuing.scopes import safe_name

TEMPLATE = "questionnaires/print/letters.html"
LANGUAGES = ("vi", "en")
"""Front and back of a letter."""
NOT_WRITTEN_TO = (
    Disposition.COMPLETE,
    Disposition.PARTIAL,
    Disposition.NOT_ELIGIBLE,
    *LEFT_IN_PEACE,
)
"""Outcomes after which nobody gets a letter."""
QR_LEVEL, QR_BORDER, QR_SCALE = "m", 2, 4

type Step = Callable[[int, int], None]


class NoLettersError(ValueError):
    """Raised when nobody in a scope is to get a letter."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What is printed for one person."""

    case: Case
    place: PlacedVillage
    contact: Reachable
    code: str
    address: str

    @property
    def code_in_groups(self) -> str:
        """The code as it is printed."""
        return in_groups(self.code)

    @property
    def square(self) -> SafeString:
        """QR code of the link as SVG inside the page."""
        drawing = segno.make(self.address, error=QR_LEVEL, micro=False)
        svg: str = drawing.svg_inline(border=QR_BORDER, scale=QR_SCALE, svgclass=None, lineclass=None)
        return mark_safe(svg)  # noqa: S308 - drawn by segno from an address of ours


@transaction.atomic
def issue_letters(
    *,
    scope: Scope,
    user: AbstractUser,
    only_missing: bool = True,
    number: str = "",
    progress: Step | None = None,
) -> IssuedFile:
    """Issue codes for a scope and return the letters that carry them: one PDF for each village, in a ZIP.

    With `only_missing`, cases that have a code keep it and get no letter: it serves reserves that were
    released later. Without it every case gets a new code, and the old one stops working; what was begun with
    it begins anew, so that whoever prints letters reads no answers. `number` picks out a single case. Nobody
    is written to who answered, refused or objected; nothing is issued if the pages cannot be made.
    """
    if not user.has_perm(ISSUE_CODES):
        raise PermissionDenied
    scope = checked_scope(scope, user)
    withhold_objectors(scope.sample, user)
    cases = _cases(scope, number, only_missing=only_missing)
    if not cases:
        raise NoLettersError(
            _(
                "Nobody here is to get a letter: all have a code, have answered, or must not be contacted. "
                "To replace codes that were lost, ask for new ones."
            )
        )
    letters = _letters(scope, cases, issue_codes(cases=cases, user=user))
    by_village = [(place, list(members)) for place, members in groupby(letters, key=attrgetter("place"))]
    files = []
    for done, (place, members) in enumerate(by_village, start=1):
        files.append((f"{place.file_name}.pdf", pdf_from_html(letters_page(scope.sample.round, members))))
        if progress is not None:
            progress(done, len(by_village))
    details = {
        "letters": len(letters),
        "villages": len(by_village),
        "scope": number or scope.code,
        "only_missing": only_missing,
    }
    log(instance=scope.sample.round, action="questionnaires.issue_letters", user=user, data=details)
    name = safe_name(f"{scope.sample.round.code}-{number or scope.code}-letters.zip")
    return IssuedFile(name, zip_of(files), ZIP, len(letters))


def _cases(scope: Scope, number: str, *, only_missing: bool) -> list[Case]:
    """Return the cases that are written to."""
    cases = scope.cases().exclude(disposition__in=NOT_WRITTEN_TO)
    if number:
        cases = cases.filter(number=number)
    if only_missing:
        cases = cases.exclude(access_codes__carrier=AccessCode.Carrier.LETTER)
    return list(cases.order_by("number"))


def _letters(scope: Scope, cases: list[Case], codes: Mapping[int, str]) -> list[Letter]:
    """Join cases, places, contacts and codes, village by village."""
    contacts = contacts_by_case(scope.sample, scope.cases())
    by_village: dict[int, list[Case]] = {}
    for case in cases:
        by_village.setdefault(case.village_id, []).append(case)
    return [
        Letter(case, place, contacts.get(case.pk, Reachable()), codes[case.pk], link_of(codes[case.pk]))
        for place in scope.villages()
        for case in by_village.get(place.unit.pk, ())
    ]


def link_of(code: str) -> str:
    """Return the address that a code leads to, in Vietnamese, on the public address of the site."""
    with override(LANGUAGES[0]):
        path = reverse("questionnaires:enter_with_code", args=[code])
    return f"{settings.WAGTAILADMIN_BASE_URL.rstrip('/')}{path}"


def letters_page(survey_round: SurveyRound, letters: list[Letter]) -> str:
    """Return the page with all letters of a village: Vietnamese in front, English on the back."""
    with override(LANGUAGES[0]):
        entry = reverse("questionnaires:enter_code")
    site_address = settings.WAGTAILADMIN_BASE_URL.rstrip("/")
    context = {
        "round": survey_round,
        "letters": letters,
        "languages": LANGUAGES,
        "is_demo": survey_round.is_demo,
        "site_address": site_address,
        "entry_address": f"{site_address}{entry}",
    }
    return render_to_string(TEMPLATE, context)
