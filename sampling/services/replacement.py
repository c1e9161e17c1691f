"""A drawn village that cannot be surveyed gives way to another one of its commune, openly and by rule."""

import hashlib
import hmac
from fractions import Fraction

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from sampling.design.fingerprints import digest_of_rows
from sampling.design.lists import case_number
from sampling.design.seeds import uniform_number
from sampling.design.selection import SimpleRandomSample
from sampling.design.stages import StagePlan, draw_persons
from sampling.models import Case, Disposition, ListedUnit, SampledUnit
from sampling.models.rounds import RoundStatus
from sampling.models.samples import RESPONDENT_DISPOSITIONS
from sampling.selectors.territories import province_of
from sampling.services.audit import User, record
from sampling.services.cases import CaseError
from sampling.services.draws.computing import seeds_of
from sampling.services.inclusion import recount_village, unit_probability
from sampling.services.registers import CheckedRegister, Register, read_register
from sampling.services.rounds import require_status
from sampling.services.territories import TerritoryError, require_territory

VILLAGE = SampledUnit.Stage.VILLAGE
LABEL = "replace"
"""Label of the random numbers of replacements, in the order of villages and in the seed of their adults."""


class ReplacementError(CaseError):
    """Raised when a drawn unit cannot be replaced."""


@transaction.atomic
def replace_unit(*, unit: SampledUnit, reason: str, register: Register, user: User = None) -> SampledUnit:
    """Replace a village that cannot be surveyed by another one of its commune.

    Nobody chooses the replacement: see `next_of_list`. Its adults are drawn from its register with a seed
    that nobody outside the server can compute: see `replacement_seed`. The replaced village keeps its cases
    as nonrespondents, and all villages of the commune are weighted as if one more had been drawn.
    """
    _require_country(user, unit)
    require_status(unit.sample.round, RoundStatus.OPEN)
    _check(unit, reason)
    listed = next_of_list(unit)
    code = listed.frame_unit.code
    checked = read_register({code: register}, code)
    village = SampledUnit.objects.create(
        sample=unit.sample,
        stage=unit.stage,
        frame_unit=listed.frame_unit,
        parent=unit.parent,
        province=unit.province,
        stratum=unit.stratum,
        frame_order=listed.position,
        draw_order=unit.parent.children.count() + 1 if unit.parent else 1,
        inclusion_probability=1,
        replaces=unit,
        replacement_reason=reason.strip(),
    )
    seed = replacement_seed(village, checked)
    n_cases = _draw_cases(village, checked, seed)
    pending = Case.objects.filter(village=unit, disposition=Disposition.PENDING).active()
    pending.update(disposition=Disposition.OTHER)
    _recount_commune(village)
    details = {
        "replaces": unit.frame_unit.code,
        "reason": village.replacement_reason,
        "cases": n_cases,
        "register_sha256": digest_of_rows([checked.canonical_row()]),
        "seed_sha256": hashlib.sha256(seed.encode()).hexdigest(),
    }
    record(village, "sampling.replace_unit", user=user, details=details)
    village.refresh_from_db()
    return village


def _require_country(user: User, unit: SampledUnit) -> None:
    """Refuse everybody who works for one province: the registers of the province come from there."""
    require_territory(user, unit.sample.round)
    if province_of(user) is not None:
        raise TerritoryError(
            _("Villages are replaced by those who work for the whole country. Send them the register.")
        )


def _check(unit: SampledUnit, reason: str) -> None:
    """Refuse what is no case for a replacement."""
    if unit.stage != VILLAGE:
        raise ReplacementError(
            _("Expected a village, got a unit of stage “%(stage)s”. Replace its villages one by one.")
            % {"stage": unit.get_stage_display()}
        )
    if not reason.strip():
        raise ReplacementError(_("Expected a reason for replacing a village, got none."))
    if unit.replacements.exists():
        raise ReplacementError(
            _("Village %(village)s was replaced already.") % {"village": unit.frame_unit.name}
        )
    if unit.cases.filter(disposition__in=RESPONDENT_DISPOSITIONS).exists():
        raise ReplacementError(
            _("Somebody in village %(village)s has answered. Release reserves instead.")
            % {"village": unit.frame_unit.name}
        )


def next_of_list(unit: SampledUnit) -> ListedUnit:
    """Return the place of the list from which a replacement would come.

    Of the villages of the commune that are not in the sample it is the one with the smallest u / size, where
    u is the uniform number of the seed of the villages' stage, ``replace``, the commune and the village: the
    order of sequential Poisson sampling (Ohlsson 1998), in which large villages tend to come first. The
    numbers are compared as fractions.
    """
    here = ListedUnit.objects.filter(list__sample=unit.sample, frame_unit=unit.frame_unit_id).first()
    drawn = SampledUnit.objects.filter(sample=unit.sample).values("frame_unit")
    free = ListedUnit.objects.none()
    if here is not None:
        free = ListedUnit.objects.filter(list=here.list_id).exclude(frame_unit__in=drawn)
    villages = list(free.select_related("list", "frame_unit").order_by("position"))
    if villages:
        seed = seeds_of(unit.sample.round, common=unit.sample.seed).at(VILLAGE.value)
        return min(villages, key=lambda village: _rank(village, seed))
    raise ReplacementError(
        _("The commune of village %(village)s has no other village. Its cases stay nonrespondents.")
        % {"village": unit.frame_unit.name}
    )


def _rank(village: ListedUnit, seed: str) -> Fraction:
    """Return u / size, by which replacements are put in order."""
    number = uniform_number(seed, LABEL, village.list.stratum, village.frame_unit.code)
    return Fraction(number, village.measure_of_size)


def replacement_seed(village: SampledUnit, register: CheckedRegister) -> str:
    """Return the seed of the adults of a replacement: HMAC-SHA-256 of round, village and register.

    The key is `COORDINATION_KEY`. The seeds of the draw are known while a replacement is made, so whoever
    writes the register could choose numbers that win; this one cannot be computed outside the server. Who
    holds the key can: it is weaker than a public commitment.
    """
    digest = digest_of_rows([register.canonical_row()])
    message = digest_of_rows([[LABEL, village.sample.round.code, village.frame_unit.code, digest]])
    return hmac.new(settings.COORDINATION_KEY.encode(), message.encode(), hashlib.sha256).hexdigest()


def _draw_cases(village: SampledUnit, register: CheckedRegister, seed: str) -> int:
    """Draw the adults of a replacement and write their cases."""
    plan = StagePlan.from_document(village.sample.template.document)
    drawn = draw_persons(register.village, register.ids, plan, seed)
    Case.objects.bulk_create(_cases(village, register, drawn))
    return len(drawn.main)


def _cases(village: SampledUnit, register: CheckedRegister, drawn: SimpleRandomSample) -> list[Case]:
    """Turn drawn adults into rows; they are counted with the commune afterwards."""
    first = Case.objects.filter(village=village.replaces_id).order_by("number").first()
    commune = int(first.number.split("-")[1]) if first else 0
    return [
        Case(
            sample=village.sample,
            number=case_number(village.province.code, commune, village.draw_order, place),
            village=village,
            register_number=person,
            draw_order=place,
            is_reserve=place > len(drawn.main),
            inclusion_probability=float(drawn.probability),
            design_weight=float(1 / drawn.probability),
            sex=register.sex.get(person, ""),
            age_group=register.age_group.get(person, ""),
        )
        for place, person in enumerate(drawn.main + drawn.reserve, start=1)
    ]


def _recount_commune(village: SampledUnit) -> None:
    """Count one more village in the commune: probabilities of its villages, weights of their cases."""
    for each in SampledUnit.objects.filter(parent=village.parent_id).select_related("parent__parent"):
        each.inclusion_probability = float(unit_probability(each))
        each.save(update_fields=["inclusion_probability"])
        recount_village(each)
