"""Draws: one commitment, one seed, one list for each stage of a round.

What the digests cover is defined in `sampling.design.stage_frames` (areas, persons) and
`sampling.design.list_design` (transaction lists).
"""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from sampling.models.frames import SamplingFrame


class DrawStatus(models.TextChoices):
    """States of a draw, in order; an abandoned draw stays public with its reason."""

    DRAFTED = "drafted", pgettext_lazy("draw", "drafted")
    CHECKED = "checked", pgettext_lazy("draw", "checked")
    COMMITTED = "committed", pgettext_lazy("draw", "committed")
    DRAWN = "drawn", pgettext_lazy("draw", "drawn")
    ISSUED = "issued", pgettext_lazy("draw", "issued")
    CLOSED = "closed", pgettext_lazy("draw", "closed")
    ABANDONED = "abandoned", pgettext_lazy("draw", "abandoned")


class Draw(models.Model):
    """The draw of one stage: what was fixed before the seed existed, the seed, and the list that follows.

    `frame_digest` covers the rows of `sampling.design.stage_frames`, `design` is its `stage_design`,
    `fingerprint` covers the rows of the list in order. The secret is made at the commitment and stored under
    the seal of `sampling.sealing`; it is opened for the draw, and by the services of verification once the
    draw is closed.
    """

    round = models.ForeignKey(
        "sampling.SurveyRound", on_delete=models.CASCADE, related_name="draws", verbose_name=_("round")
    )
    stage = models.CharField(_("stage"), max_length=16, choices=SamplingFrame.Stage)
    status = models.CharField(_("status"), max_length=16, choices=DrawStatus, default=DrawStatus.DRAFTED)
    frame = models.ForeignKey(
        SamplingFrame,
        on_delete=models.RESTRICT,
        null=True,
        blank=True,
        related_name="draws",
        verbose_name=_("sampling frame"),
    )
    design = models.JSONField(_("design"))
    created_at = models.DateTimeField(_("drafted at"), auto_now_add=True)

    frame_digest = models.CharField(_("SHA-256 of the frame"), max_length=64, blank=True)
    design_digest = models.CharField(_("SHA-256 of the design"), max_length=64, blank=True)
    secret = models.CharField(_("secret"), max_length=64, blank=True, editable=False)
    secret_digest = models.CharField(_("SHA-256 of the secret"), max_length=64, blank=True)
    public_source = models.CharField(
        _("public source"),
        max_length=200,
        blank=True,
        help_text=_("Who publishes the value, and which value: it must not exist yet."),
    )
    public_source_url = models.URLField(_("address of the public source"), blank=True)
    public_value_due = models.DateField(_("day on which the value is published"), null=True, blank=True)
    commitment = models.JSONField(_("commitment"), default=dict, blank=True)
    commitment_digest = models.CharField(_("SHA-256 of the commitment"), max_length=64, blank=True)
    committed_at = models.DateTimeField(_("committed at"), null=True, blank=True)

    public_value = models.CharField(_("public value"), max_length=256, blank=True)
    seed = models.CharField(_("seed"), max_length=128, blank=True)
    fingerprint = models.CharField(_("SHA-256 of the drawn list"), max_length=64, blank=True)
    n_drawn = models.PositiveIntegerField(_("units drawn"), default=0)
    drawn_at = models.DateTimeField(_("drawn at"), null=True, blank=True)
    issued_at = models.DateTimeField(_("issued at"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    abandoned_at = models.DateTimeField(_("abandoned at"), null=True, blank=True)
    abandoned_reason = models.CharField(_("why the draw was abandoned"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("draw")
        verbose_name_plural = _("draws")
        ordering = ["pk"]
        permissions = [
            ("commit_draw", _("Can commit, draw and abandon")),
            ("issue_draw", _("Can issue drawn lists")),
            ("audit_draw", _("Can verify lists of persons")),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["round", "stage"],
                condition=~Q(status="abandoned"),
                name="one_living_draw_per_stage",
            ),
            models.CheckConstraint(
                condition=Q(seed="") | ~Q(commitment_digest=""), name="no_seed_without_commitment"
            ),
            models.CheckConstraint(
                condition=~Q(status="abandoned") | ~Q(abandoned_reason=""),
                name="abandoned_draw_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round.code}: {self.get_stage_display()}"


class ListSubmission(models.Model):
    """The list of one drawn unit as it arrived: the villages of a commune, or the register of a village."""

    round = models.ForeignKey(
        "sampling.SurveyRound",
        on_delete=models.CASCADE,
        related_name="submissions",
        verbose_name=_("round"),
    )
    stage = models.CharField(_("stage"), max_length=16, choices=SamplingFrame.Stage)
    unit_code = models.CharField(_("code of the unit above"), max_length=24)
    n_units = models.PositiveIntegerField(_("number of units"))
    digest = models.CharField(_("SHA-256 of the canonical list"), max_length=64)
    received_at = models.DateTimeField(_("received at"), auto_now=True)

    class Meta:
        verbose_name = _("list received")
        verbose_name_plural = _("lists received")
        constraints = [
            models.UniqueConstraint(fields=["round", "stage", "unit_code"], name="list_received_once")
        ]

    def __str__(self) -> str:
        return f"{self.unit_code} ({self.n_units})"
