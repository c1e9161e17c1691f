"""Which part of a sample a list or a package of letters is for."""

from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from sampling.models import Case, Sample, SampledUnit
from sampling.models.areas import AdministrativeUnit
from sampling.models.samples import CaseQuerySet
from sampling.places import with_type
from sampling.vietnamese import sort_key

PLACE_RELATIONS = ("province", "frame_unit", "parent__frame_unit__administrative_unit")
LOWEST = (SampledUnit.Stage.VILLAGE, SampledUnit.Stage.AGENCY)
"""Stages on whose units cases hang."""


@dataclass(frozen=True, slots=True)
class Scope:
    """A sample, one province of it, or one drawn unit of any stage."""

    sample: Sample
    province: AdministrativeUnit | None = None
    unit: SampledUnit | None = None

    @property
    def name(self) -> str:
        """Name for people."""
        if self.unit is not None:
            return self.unit.frame_unit.name
        return self.province.name if self.province else _("the whole sample")

    @property
    def code(self) -> str:
        """Code for names of files and for the audit log."""
        if self.unit is not None:
            return self.unit.frame_unit.code
        return self.province.code if self.province else "all"

    @property
    def province_id(self) -> int | None:
        """Province in which all of it lies; None if it is more than one."""
        if self.unit is not None:
            return self.unit.province_id
        return self.province.pk if self.province else None

    def within(self, province: AdministrativeUnit) -> "Scope":
        """Return what of it lies in a province."""
        return self if self.province_id else replace(self, province=province)

    def villages(self) -> list["PlacedVillage"]:
        """Return its villages, or its agencies, in Vietnamese order of province, commune and village."""
        units = SampledUnit.objects.filter(self._of_units(), sample=self.sample, stage__in=LOWEST)
        placed = [PlacedVillage.of(unit) for unit in units.select_related(*PLACE_RELATIONS)]
        return sorted(placed, key=lambda village: village.order)

    def cases(self) -> CaseQuerySet:
        """Return its cases; sealed reserves are never among them."""
        units = SampledUnit.objects.filter(self._of_units(), sample=self.sample, stage__in=LOWEST)
        return Case.objects.filter(village__in=units).active()

    def _of_units(self) -> Q:
        """Return what its lowest units have in common."""
        if self.unit is not None:
            return Q(pk=self.unit.pk) | Q(parent=self.unit.pk) | Q(parent__parent=self.unit.pk)
        return Q(province=self.province.pk) if self.province else Q()


@dataclass(frozen=True, slots=True)
class PlacedVillage:
    """A drawn village or an agency with the names that stand above its list."""

    unit: SampledUnit
    province: str
    commune: str
    village: str
    codes: tuple[str, str, str]
    order: tuple[Any, ...]

    @classmethod
    def of(cls, unit: SampledUnit) -> "PlacedVillage":
        """Read the names of a unit."""
        commune = unit.parent.frame_unit if unit.parent else None
        area = commune.administrative_unit if commune else None
        name = with_type(commune.name, area.unit_type if area else "") if commune else ""
        return cls(
            unit=unit,
            province=with_type(unit.province.name, unit.province.unit_type),
            commune=name,
            village=unit.frame_unit.name,
            codes=(unit.province.code, commune.code if commune else "", unit.frame_unit.code),
            order=(
                unit.province.sort_key,
                sort_key(commune.name) if commune else "",
                sort_key(unit.frame_unit.name),
                unit.frame_unit.code,
            ),
        )

    @property
    def file_name(self) -> str:
        """Name of a file for it, with plain signs only."""
        return safe_name("-".join(part for part in self.codes if part))


def safe_name(text: str) -> str:
    """Return a text that every file system takes as a name.

    Examples
    --------
    >>> safe_name("01-00004/Thôn 2")
    '01-00004_Th_n_2'
    """
    return "".join(sign if sign.isascii() and (sign.isalnum() or sign in "-._") else "_" for sign in text)


def scope_of(sample: Sample, province_id: int | None = None, unit_id: int | None = None) -> Scope:
    """Return the scope with these keys, as a task or a form hands them over."""
    units = SampledUnit.objects.filter(sample=sample).select_related(*PLACE_RELATIONS)
    return Scope(
        sample,
        province=AdministrativeUnit.objects.get(pk=province_id) if province_id else None,
        unit=units.get(pk=unit_id) if unit_id else None,
    )
