"""Issuing access codes and finding the case behind one."""

from collections.abc import Iterable, Iterator

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from questionnaires.access_codes import keyed_hash, normalize, random_codes, repeatable_codes
from questionnaires.models import AccessCode
from questionnaires.selectors.cases import CASES_BY_CODE
from sampling.models import Case, SurveyRound

BATCH = 2_000


class SeededCodesError(ValueError):
    """Raised when codes that can be computed again are asked for outside a demonstration."""


@transaction.atomic
def issue_codes(
    *,
    cases: Iterable[Case],
    seed: str | None = None,
    user: AbstractBaseUser | None = None,
    carrier: AccessCode.Carrier = AccessCode.Carrier.LETTER,
) -> dict[int, str]:
    """Give each case a new code, replacing any earlier one that was sent with the same carrier.

    Nothing but this answer ever shows the codes. All codes of a case lead to the same one answer, but a draft
    goes on only with the code it was begun with. The audit log names each case whose code was replaced.
    """
    listed = list(cases)
    rounds = list(SurveyRound.objects.filter(sample__in={case.sample_id for case in listed}))
    if seed is not None and not all(survey_round.is_demo for survey_round in rounds):
        raise SeededCodesError(_("Codes from a seed are for demonstrations only; leave the seed out."))
    earlier = AccessCode.objects.filter(case__in=listed, carrier=carrier)
    replaced = _numbers_by_round(earlier)
    earlier.delete()
    codes = _new_codes(random_codes() if seed is None else repeatable_codes(seed), len(listed))
    rows = [
        AccessCode(case=case, carrier=carrier, code_hash=_hash(code))
        for case, code in zip(listed, codes, strict=True)
    ]
    AccessCode.objects.bulk_create(rows, batch_size=BATCH)
    for survey_round in rounds:
        log(
            instance=survey_round,
            action="questionnaires.issue_codes",
            user=user,
            data={"n_codes": len(listed), "replaced": replaced.get(survey_round.pk, [])},
        )
    return {case.pk: code for case, code in zip(listed, codes, strict=True)}


def find_case(code: str) -> Case | None:
    """Return the case of a code, however it was typed; raise MalformedCodeError where it cannot be one."""
    try:
        return CASES_BY_CODE.get(digest_of_code(code))
    except Case.DoesNotExist:
        return None


def digest_of_code(code: str) -> str:
    """Return what is stored of a code, however it was typed; a draft remembers by it which code began it."""
    return _hash(normalize(code))


def _numbers_by_round(codes: QuerySet[AccessCode]) -> dict[int, list[str]]:
    """Return the numbers of the cases of codes, by the key of their round."""
    numbers: dict[int, list[str]] = {}
    rows = codes.order_by("case__number").values_list("case__sample__round", "case__number")
    for survey_round, number in rows:
        numbers.setdefault(survey_round, []).append(number)
    return numbers


def _hash(code: str) -> str:
    """Return the keyed hash of a code under the installation's secret."""
    return keyed_hash(code, settings.ACCESS_CODE_KEY)


def _new_codes(source: Iterator[str], n_codes: int) -> list[str]:
    """Take codes that differ from one another and from all issued before."""
    codes: dict[str, None] = {}
    while len(codes) < n_codes:
        candidates = {code: _hash(code) for code in _take(source, min(BATCH, n_codes - len(codes)))}
        taken = set(
            AccessCode.objects.filter(code_hash__in=candidates.values()).values_list("code_hash", flat=True)
        )
        codes.update(dict.fromkeys(code for code, code_hash in candidates.items() if code_hash not in taken))
    return list(codes)


def _take(source: Iterator[str], count: int) -> list[str]:
    """Return the next codes of an endless source."""
    return [next(source) for _position in range(count)]
