"""A drawn village that cannot be surveyed gives way to another one of its commune, openly and by rule."""

from collections.abc import Iterable, Iterator

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from sampling.design.fingerprints import digest_of_rows
from sampling.design.lists import case_number
from sampling.design.replacements import replacement_order
from sampling.design.selection import SimpleRandomSample
from sampling.design.stage_plans import StagePlan
from sampling.models import Case, Disposition, ListedUnit, ListSubmission, SampledUnit
from sampling.models.rounds import RoundStatus
from sampling.models.samples import RESPONDENT_DISPOSITIONS, CaseQuerySet
from sampling.selectors.territories import province_of
from sampling.services.audit import User, record
from sampling.services.cases import CaseError
from sampling.services.draws.household_seals import seal_households
from sampling.services.draws.register_files import keep_register
from sampling.services.household_contacts import Head, keep_heads_of_drawn
from sampling.services.household_lists import CheckedList, draw_list, read_list
from sampling.services.inclusion import recount_list
from sampling.services.registers import LastList
from sampling.services.replacement_records import (
    above_of,
    eligible_sizes,
    eligible_units,
    person_seed,
    record_of,
    seed_of_order,
)
from sampling.services.rounds import require_status
from sampling.services.territories import TerritoryError, require_territory

VILLAGE = SampledUnit.Stage.VILLAGE


class ReplacementError(CaseError):
    """Raised when a drawn unit cannot be replaced."""


@transaction.atomic
def replace_unit(
    *, unit: SampledUnit, reason: str, register: LastList, heads: Iterable[Head] = (), user: User = None
) -> SampledUnit:
    """Replace a village that cannot be surveyed by another one of its commune.

    Nobody chooses the replacement: see `next_of_list`. Its adults, or households, are drawn from its list
    with a seed that follows from the committed draw of that stage: see
    `sampling.services.replacement_records`. `heads` say how its households are found; those of the drawn ones
    are kept. The replaced village keeps its cases as nonrespondents, and the villages of the commune are
    weighted for what was released.
    """
    require_replacer(user, unit)
    require_status(unit.sample.round, RoundStatus.OPEN)
    _check(unit, reason)
    listed = next_of_list(unit)
    plan = StagePlan.from_document(unit.sample.template.document)
    checked = read_list({listed.frame_unit.code: register}, listed.frame_unit.code, plan.last)
    village = take_place(unit, listed, reason)
    n_cases = draw_cases(village, checked)
    keep_heads_of_drawn(village=village, heads=heads, user=user)
    give_up(Case.objects.filter(village=unit))
    recount_list(village)
    details = {
        "replaces": unit.frame_unit.code,
        "reason": village.replacement_reason,
        "cases": n_cases,
        "register_sha256": digest_of_rows([checked.canonical_row()]),
        **on_record(village),
    }
    record(village, "sampling.replace_unit", user=user, details=details)
    village.refresh_from_db()
    return village


def require_replacer(user: User, unit: SampledUnit) -> None:
    """Refuse everybody who works for one province: lists and registers of the province come from there."""
    require_territory(user, unit.sample.round)
    if province_of(user) is not None:
        raise TerritoryError(
            _(
                "Villages and communes are replaced by those who work for the whole country. "
                "Send them the lists."
            )
        )


def refuse_replaced(unit: SampledUnit, cases: CaseQuerySet, reason: str) -> None:
    """Refuse to replace a unit without a reason, a second time, or after somebody in it has answered."""
    if not reason.strip():
        raise ReplacementError(_("Expected a reason for the replacement, got none."))
    if unit.replacements.exists():
        raise ReplacementError(_("Unit %(unit)s was replaced already.") % {"unit": unit.frame_unit.name})
    if cases.filter(disposition__in=RESPONDENT_DISPOSITIONS).exists():
        raise ReplacementError(
            _("Somebody in unit %(unit)s has answered. Release reserves instead.")
            % {"unit": unit.frame_unit.name}
        )


def _check(unit: SampledUnit, reason: str) -> None:
    """Refuse what is no case for a replacement by another village."""
    if unit.stage != VILLAGE:
        raise ReplacementError(
            _("Expected a village, got a unit of stage “%(stage)s”. Use its own page.")
            % {"stage": unit.get_stage_display()}
        )
    if unit.parent and unit.parent.replacements.exists():
        raise ReplacementError(
            _("The commune of village %(village)s was replaced as a whole.")
            % {"village": unit.frame_unit.name}
        )
    refuse_replaced(unit, Case.objects.filter(village=unit), reason)


def next_of_list(unit: SampledUnit) -> ListedUnit:
    """Return the place of the list from which a replacement would come.

    Of the units of the list that are not in the sample it is the first one of
    `sampling.design.replacements.replacement_order` with the seed of the draw: fixed when that seed came into
    being, before anybody knew which unit falls out.
    """
    units = {each.frame_unit.code: each for each in eligible_units(unit)}
    if units:
        sizes = eligible_sizes(list(units.values()))
        return units[replacement_order(sizes, seed_of_order(unit), above_of(unit))[0]]
    raise ReplacementError(
        _("No unit is left in the list of %(unit)s. Its cases stay nonrespondents.")
        % {"unit": unit.frame_unit.name}
    )


def take_place(unit: SampledUnit, listed: ListedUnit, reason: str) -> SampledUnit:
    """Write the unit that takes the place of another one."""
    beside = SampledUnit.objects.filter(
        sample=unit.sample, stage=unit.stage, stratum=unit.stratum, parent=unit.parent_id
    )
    last = beside.aggregate(last=Max("draw_order"))["last"] or 0
    return SampledUnit.objects.create(
        sample=unit.sample,
        stage=unit.stage,
        frame_unit=listed.frame_unit,
        parent=unit.parent,
        province=unit.province,
        stratum=unit.stratum,
        frame_order=listed.position,
        draw_order=last + 1,
        inclusion_probability=1,
        replaces=unit,
        replacement_reason=reason.strip(),
    )


def give_up(cases: CaseQuerySet) -> None:
    """Let the cases that nobody tried be nonrespondents."""
    cases.filter(disposition=Disposition.PENDING).active().update(disposition=Disposition.OTHER)


def on_record(unit: SampledUnit) -> dict[str, object]:
    """Return what the audit log keeps: the record of the replacement and its hash."""
    kept = record_of(unit)
    return {"record": kept.document(), "record_sha256": kept.digest(), "eligible": len(kept.eligible)}


def draw_cases(village: SampledUnit, register: CheckedList) -> int:
    """Draw the adults or households of a village that was not drawn at first, and keep their list."""
    plan = StagePlan.from_document(village.sample.template.document)
    seed = person_seed(village, register)
    drawn = draw_list(plan, register, seed)
    Case.objects.bulk_create(_cases(village, register, drawn))
    seal_households(village.sample, cases=Case.objects.filter(village=village), seed=seed)
    keep_register(village.sample.round, register)
    ListSubmission.objects.update_or_create(
        round=village.sample.round,
        stage=plan.last,
        unit_code=register.village,
        defaults={"n_units": len(register.ids), "digest": digest_of_rows([register.canonical_row()])},
    )
    return len(drawn.main)


def _cases(village: SampledUnit, register: CheckedList, drawn: SimpleRandomSample) -> Iterator[Case]:
    """Turn drawn adults into rows; they are counted with the whole list afterwards."""
    commune = _commune_number(village)
    for place, person in enumerate(drawn.main + drawn.reserve, start=1):
        yield Case(
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


def _commune_number(village: SampledUnit) -> int:
    """Return the number of the commune in the numbers of its cases; a new one follows the last one."""
    numbers = Case.objects.filter(sample=village.sample).order_by("-number").values_list("number", flat=True)
    of_commune = numbers.filter(village__parent=village.parent_id).first()
    if of_commune:
        return int(of_commune.split("-")[1])
    of_province = numbers.filter(village__province=village.province_id).first()
    return int(of_province.split("-")[1]) + 1 if of_province else 1
