"""Sampling frames: the lists from which units are drawn."""

from django.db import models
from django.db.models import Q
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _


class SamplingFrame(models.Model):
    """A frozen list of units with its hash; one frame per stage and round."""

    class Stage(models.TextChoices):
        """The stage whose units the frame lists."""

        DISTRICT = "district", _("districts")
        COMMUNE = "commune", _("communes")
        VILLAGE = "village", _("villages")
        HOUSEHOLD = "household", _("households")
        PERSON = "person", _("adults")
        DOSSIER = "dossier", _("settled dossiers")

    round = models.ForeignKey(
        "sampling.SurveyRound", on_delete=models.CASCADE, related_name="frames", verbose_name=_("round")
    )
    stage = models.CharField(_("stage"), max_length=16, choices=Stage)
    source = models.CharField(_("source"), max_length=255)
    reference_date = models.DateField(_("reference date"))
    n_units = models.PositiveIntegerField(_("number of units"))
    digest = models.CharField(_("SHA-256 of the canonical list"), max_length=64)
    created_at = models.DateTimeField(_("loaded"), auto_now_add=True)
    file = models.CharField(
        _("file"),
        max_length=255,
        blank=True,
        help_text=_("Parquet file under the private folder of frames, for lists too long for a table."),
    )
    contacts_file = models.CharField(_("file of contacts"), max_length=255, blank=True, editable=False)
    frozen_at = models.DateTimeField(_("frozen at"), null=True, blank=True)

    class Meta:
        verbose_name = _("sampling frame")
        verbose_name_plural = _("sampling frames")
        constraints = [models.UniqueConstraint(fields=["round", "stage"], name="frame_once_per_stage")]

    def __str__(self) -> str:
        size = number_format(self.n_units, force_grouping=True)
        return f"{self.round.code}: {self.get_stage_display()} ({size})"


class FrameUnit(models.Model):
    """A commune or village in a frame; adults stay in the register file of their village."""

    frame = models.ForeignKey(
        SamplingFrame, on_delete=models.CASCADE, related_name="units", verbose_name=_("frame")
    )
    code = models.CharField(_("code"), max_length=24)
    name = models.CharField(_("name"), max_length=120)
    parent_code = models.CharField(_("code of the unit above"), max_length=24, blank=True)
    administrative_unit = models.ForeignKey(
        "sampling.AdministrativeUnit",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="frame_units",
        verbose_name=_("administrative unit"),
    )
    measure_of_size = models.PositiveIntegerField(_("measure of size (adults)"))
    exclusion_reason = models.CharField(_("reason for exclusion"), max_length=200, blank=True)
    search_key = models.CharField(_("search key"), max_length=120, editable=False, default="")

    class Meta:
        verbose_name = _("frame unit")
        verbose_name_plural = _("frame units")
        constraints = [
            models.UniqueConstraint(fields=["frame", "code"], name="frame_unit_once"),
            models.CheckConstraint(
                condition=Q(measure_of_size__gt=0) | ~Q(exclusion_reason=""),
                name="unit_without_size_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.code})"
