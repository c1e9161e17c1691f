"""The lists from which a sample was drawn, in the order in which they stood."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from sampling.models.frames import SamplingFrame


class SelectionList(models.Model):
    """One sorted list: the communes of a stratum, the villages of a commune or the adults of a village.

    The units of communes and villages are kept one by one. Of a register only the size and the digest of its
    random order are kept, because the register stays in the village.
    """

    sample = models.ForeignKey(
        "sampling.Sample", on_delete=models.CASCADE, related_name="lists", verbose_name=_("sample")
    )
    stage = models.CharField(_("stage"), max_length=16, choices=SamplingFrame.Stage)
    stratum = models.CharField(_("stratum or unit above"), max_length=24)
    n_units = models.PositiveIntegerField(_("number of units"))
    n_wanted = models.PositiveIntegerField(_("units wanted"))
    total_size = models.PositiveBigIntegerField(_("total size without certain units"), null=True, blank=True)
    random_start = models.PositiveBigIntegerField(_("random start"), null=True, blank=True)
    digest = models.CharField(_("SHA-256 of the sorted list"), max_length=64)

    class Meta:
        verbose_name = _("sorted list")
        verbose_name_plural = _("sorted lists")
        constraints = [models.UniqueConstraint(fields=["sample", "stage", "stratum"], name="list_once")]

    def __str__(self) -> str:
        return f"{self.get_stage_display()}, {self.stratum}"


class ListedUnit(models.Model):
    """A commune or village in its place of the list from which was drawn."""

    list = models.ForeignKey(
        SelectionList, on_delete=models.CASCADE, related_name="units", verbose_name=_("sorted list")
    )
    position = models.PositiveIntegerField(_("place in the sorted frame"))
    frame_unit = models.ForeignKey(
        "sampling.FrameUnit",
        on_delete=models.RESTRICT,
        related_name="listings",
        verbose_name=_("frame unit"),
    )
    measure_of_size = models.PositiveIntegerField(_("measure of size (adults)"))
    cumulated_size = models.PositiveBigIntegerField(
        _("cumulated size of the units before"),
        null=True,
        blank=True,
        help_text=_("Empty for a unit that is chosen with certainty, and where selection is not systematic."),
    )

    class Meta:
        verbose_name = _("listed unit")
        verbose_name_plural = _("listed units")
        constraints = [models.UniqueConstraint(fields=["list", "position"], name="one_unit_per_place")]

    def __str__(self) -> str:
        return f"{self.position}: {self.frame_unit_id}"
