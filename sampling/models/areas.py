"""Administrative units with the dates between which they are valid."""

import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

UNKNOWN_START = datetime.date(1900, 1, 1)
"""Sentinel for a unit whose first day is not in the tables."""

EARLIEST_KNOWN_DATE = datetime.date(2025, 1, 1)
"""Before this day the tables say nothing about which units existed."""


class UnknownPeriodError(ValueError):
    """Raised when units are asked for on a day that the tables do not cover."""


class Level(models.TextChoices):
    """Levels of administration."""

    PROVINCE = "province", _("province")
    DISTRICT = "district", _("district")
    COMMUNE = "commune", _("commune")


class AdministrativeUnitQuerySet(models.QuerySet["AdministrativeUnit"]):
    """Named sets of administrative units."""

    def valid_on(self, date: datetime.date) -> "AdministrativeUnitQuerySet":
        """Return the units that exist on `date`; days before 2025 are refused as unknown."""
        if date < EARLIEST_KNOWN_DATE:
            raise UnknownPeriodError(
                _("Units are known from %(first)s on; asked for %(date)s.")
                % {"first": f"{EARLIEST_KNOWN_DATE:%d/%m/%Y}", "date": f"{date:%d/%m/%Y}"}
            )
        return self.filter(valid_from__lte=date).filter(Q(valid_to__isnull=True) | Q(valid_to__gte=date))

    def provinces(self) -> "AdministrativeUnitQuerySet":
        """Return provinces and centrally-run cities."""
        return self.filter(level=Level.PROVINCE)

    def communes(self) -> "AdministrativeUnitQuerySet":
        """Return communes, wards and special zones."""
        return self.filter(level=Level.COMMUNE)

    def in_vietnamese_order(self) -> "AdministrativeUnitQuerySet":
        """Order by name as a Vietnamese dictionary does, the same on every database."""
        return self.order_by("sort_key", "code")


class AdministrativeUnit(models.Model):
    """A province, district or commune during one period of its existence."""

    URBAN_TYPES = frozenset({"phường", "thị trấn"})

    level = models.CharField(_("level"), max_length=16, choices=Level)
    code = models.CharField(_("code"), max_length=8)
    valid_from = models.DateField(_("valid from"), default=UNKNOWN_START)
    valid_to = models.DateField(_("valid to"), null=True, blank=True)
    name = models.CharField(_("name"), max_length=100)
    unit_type = models.CharField(_("type"), max_length=60)
    parent = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("parent"),
    )
    predecessor_province = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="successor_communes",
        verbose_name=_("predecessor province"),
        help_text=_("The province before 1 July 2025 in which most of a commune lies."),
    )
    region = models.CharField(_("region"), max_length=16, blank=True)
    latitude = models.FloatField(_("latitude"), null=True, blank=True)
    longitude = models.FloatField(_("longitude"), null=True, blank=True)
    area_km2 = models.FloatField(_("area, km²"), null=True, blank=True)
    sort_key = models.CharField(_("sorting key"), max_length=400, editable=False, db_index=True)
    search_key = models.CharField(_("search key"), max_length=120, editable=False, db_index=True)

    objects = AdministrativeUnitQuerySet.as_manager()

    class Meta:
        verbose_name = _("administrative unit")
        verbose_name_plural = _("administrative units")
        constraints = [
            models.UniqueConstraint(fields=["level", "code", "valid_from"], name="unit_key"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="unit_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.code})"

    @property
    def is_urban(self) -> bool:
        """Tell whether the type stands for a town: phường or thị trấn (a proxy: no official flag exists)."""
        return self.unit_type in self.URBAN_TYPES

    def successors(self) -> AdministrativeUnitQuerySet:
        """Return the units that took over this one's territory, wholly or in part."""
        return AdministrativeUnit.objects.filter(predecessor_links__predecessor=self).distinct()

    def predecessors(self) -> AdministrativeUnitQuerySet:
        """Return the units whose territory this one took over, wholly or in part."""
        return AdministrativeUnit.objects.filter(successor_links__successor=self).distinct()


class UnitSuccession(models.Model):
    """One old unit passing wholly or partly into one new unit."""

    class Kind(models.TextChoices):
        """How much of the old unit passed over."""

        WHOLE = "whole", _("whole")
        PART = "part", _("part")

    predecessor = models.ForeignKey(
        AdministrativeUnit,
        on_delete=models.CASCADE,
        related_name="successor_links",
        verbose_name=_("predecessor"),
    )
    successor = models.ForeignKey(
        AdministrativeUnit,
        on_delete=models.CASCADE,
        related_name="predecessor_links",
        verbose_name=_("successor"),
    )
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    is_default = models.BooleanField(_("default successor"), default=False)

    class Meta:
        verbose_name = _("succession of units")
        verbose_name_plural = _("successions of units")
        constraints = [models.UniqueConstraint(fields=["predecessor", "successor"], name="succession_once")]

    def __str__(self) -> str:
        return f"{self.predecessor_id} → {self.successor_id} ({self.kind})"
