"""Imports of long lists: what was asked for, how far it is, what was found."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from sampling.models.frames import SamplingFrame


class ImportStatus(models.TextChoices):
    """States of an import, in order."""

    QUEUED = "queued", _("queued")
    RUNNING = "running", _("being checked")
    CHECKED = "checked", _("checked, to be confirmed")
    CONFIRMED = "confirmed", _("confirmed")
    REFUSED = "refused", _("refused")
    CANCELLED = "cancelled", _("cancelled")


class FrameImport(models.Model):
    """One import of a transaction list; files wait in the private folder of frames until it is confirmed."""

    round = models.ForeignKey(
        "sampling.SurveyRound", on_delete=models.CASCADE, related_name="imports", verbose_name=_("round")
    )
    status = models.CharField(_("status"), max_length=16, choices=ImportStatus, default=ImportStatus.QUEUED)
    source = models.CharField(_("source"), max_length=255)
    reference_date = models.DateField(_("reference date"))
    options = models.JSONField(_("options"), default=dict, blank=True)
    folder = models.CharField(_("folder"), max_length=255, editable=False)
    n_bytes = models.PositiveBigIntegerField(_("bytes"), default=0)
    n_bytes_done = models.PositiveBigIntegerField(_("bytes read"), default=0)
    n_rows = models.PositiveBigIntegerField(_("rows read"), default=0)
    report = models.JSONField(_("report"), default=dict, blank=True)
    frame = models.OneToOneField(
        SamplingFrame,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="imported_by",
        verbose_name=_("sampling frame"),
    )
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("started by"),
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)

    class Meta:
        verbose_name = _("import of a list")
        verbose_name_plural = _("imports of lists")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.round.code}: {self.source}"
