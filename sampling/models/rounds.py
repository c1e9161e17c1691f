"""Survey rounds."""

import datetime

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class RoundStatus(models.TextChoices):
    """States of a round, in order."""

    PREPARING = "preparing", _("in preparation")
    OPEN = "open", _("open for answers")
    CLOSED = "closed", _("closed")
    FROZEN = "frozen", _("frozen")


ESTIMABLE_STATUSES = (RoundStatus.CLOSED, RoundStatus.FROZEN)
"""States in which no further answer can arrive, so figures may be computed."""


class SurveyRoundQuerySet(models.QuerySet["SurveyRound"]):
    """Named sets of rounds."""

    def accepting_answers(self, moment: datetime.datetime | None = None) -> "SurveyRoundQuerySet":
        """Return the rounds that take answers at `moment` (default: now)."""
        moment = moment or timezone.now()
        return self.filter(status=RoundStatus.OPEN, opens_at__lte=moment, closes_at__gte=moment)


class SurveyRound(models.Model):
    """One national measurement: who is asked, with which design, between which dates."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name_vi = models.CharField(_("name in Vietnamese"), max_length=200)
    name_en = models.CharField(_("name in English"), max_length=200)
    year = models.PositiveIntegerField(_("year of the results"))
    agency_vi = models.CharField(_("agency in Vietnamese"), max_length=200, blank=True)
    agency_en = models.CharField(_("agency in English"), max_length=200, blank=True)
    decision = models.CharField(_("decision number"), max_length=100, blank=True)
    contact_phone = models.CharField(_("telephone for respondents"), max_length=40, blank=True)
    reference_period_start = models.DateField(_("reference period starts"))
    reference_period_end = models.DateField(_("reference period ends"))
    opens_at = models.DateTimeField(_("opens"))
    closes_at = models.DateTimeField(_("closes"))
    status = models.CharField(_("status"), max_length=16, choices=RoundStatus, default=RoundStatus.PREPARING)
    template = models.ForeignKey(
        "sampling.SamplingTemplate",
        on_delete=models.PROTECT,
        related_name="rounds",
        verbose_name=_("sampling template"),
    )
    territory = models.ForeignKey(
        "sampling.AdministrativeUnit",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("territory"),
        help_text=_("The province that runs the round itself; empty for a national round."),
    )
    is_demo = models.BooleanField(_("demonstration"), default=False)

    objects = SurveyRoundQuerySet.as_manager()

    class Meta:
        verbose_name = _("survey round")
        verbose_name_plural = _("survey rounds")
        ordering = ["-year", "code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(closes_at__gt=F("opens_at")), name="round_closes_after_opening"
            ),
            models.CheckConstraint(
                condition=Q(reference_period_end__gte=F("reference_period_start")),
                name="round_period_in_order",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """Name in the active language."""
        return self.name_en if (get_language() or "vi").startswith("en") else self.name_vi

    @property
    def agency(self) -> str:
        """Agency in the active language."""
        return self.agency_en if (get_language() or "vi").startswith("en") else self.agency_vi

    def clean(self) -> None:
        """Refuse the template of a province for a round that another one, or the country, runs."""
        super().clean()
        owner = self.template.document.get("territory") if self.template_id else None
        runner = self.territory.code if self.territory else None
        if owner is not None and owner != runner:
            message = _("The template belongs to the province %(code)s; only its own rounds can use it.")
            raise ValidationError({"template": ValidationError(message, params={"code": owner})})

    def accepts_answers(self, moment: datetime.datetime | None = None) -> bool:
        """Tell whether the round takes answers at `moment` (default: now)."""
        moment = moment or timezone.now()
        return self.status == RoundStatus.OPEN and self.opens_at <= moment <= self.closes_at
