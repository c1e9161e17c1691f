"""Open rounds: whoever stands at a counter may answer. No sample, no weight, never in an index."""

import datetime
import ipaddress
import uuid

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from questionnaires.models.responses import DraftedSheet, Mode, ResponseStatus

LONGEST_PLACE = 80
"""Signs of the short name of a counter, at most."""

type Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def networks_in(text: str) -> list[Network]:
    """Return the networks of a text with one on each line; raise ValueError for one that is none."""
    return [ipaddress.ip_network(line.strip(), strict=False) for line in text.splitlines() if line.strip()]


def check_networks(text: str) -> None:
    """Refuse a text in which something is no network."""
    try:
        networks_in(text)
    except ValueError as error:
        raise ValidationError(
            _("Expected one network on each line, such as 203.0.113.0/24; got: %(problem)s."),
            params={"problem": error},
        ) from error


class OpenRoundStatus(models.TextChoices):
    """States of an open round, in order."""

    PREPARING = "preparing", _("in preparation")
    OPEN = "open", _("open for answers")
    CLOSED = "closed", _("closed")


class OpenRoundQuerySet(models.QuerySet["OpenRound"]):
    """Named sets of open rounds."""

    def accepting_answers(self, moment: datetime.datetime | None = None) -> "OpenRoundQuerySet":
        """Return the rounds that take answers at `moment` (default: now)."""
        moment = moment or timezone.now()
        return self.filter(status=OpenRoundStatus.OPEN, opens_at__lte=moment, closes_at__gte=moment)


class OpenRound(models.Model):
    """A form that anybody with its link or QR code may answer; its figures have no sampling error."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name_vi = models.CharField(_("name in Vietnamese"), max_length=200)
    name_en = models.CharField(_("name in English"), max_length=200, blank=True)
    version = models.ForeignKey(
        "questionnaires.QuestionnaireVersion",
        on_delete=models.PROTECT,
        related_name="open_rounds",
        verbose_name=_("version"),
    )
    agency_vi = models.CharField(_("agency in Vietnamese"), max_length=200)
    agency_en = models.CharField(_("agency in English"), max_length=200, blank=True)
    decision = models.CharField(_("decision number"), max_length=100, blank=True)
    contact_phone = models.CharField(_("telephone for respondents"), max_length=40, blank=True)
    territory = models.ForeignKey(
        "sampling.AdministrativeUnit",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("territory"),
        help_text=_("The province that runs the round itself; empty for the Ministry."),
    )
    needs_token = models.BooleanField(
        _("only with a token"),
        default=False,
        help_text=_("Each form needs the one-time token printed on the receipt of a dossier."),
    )
    office_networks = models.TextField(
        _("networks of the office"),
        blank=True,
        validators=[check_networks],
        help_text=_(
            "One on each line, such as 203.0.113.0/24. Forms that come from there are marked, never dropped."
        ),
    )
    opens_at = models.DateTimeField(_("opens"))
    closes_at = models.DateTimeField(_("closes"))
    status = models.CharField(
        _("status"), max_length=16, choices=OpenRoundStatus, default=OpenRoundStatus.PREPARING
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("created by"),
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    is_demo = models.BooleanField(_("demonstration"), default=False)

    objects = OpenRoundQuerySet.as_manager()

    class Meta:
        verbose_name = _("open round")
        verbose_name_plural = _("open rounds")
        ordering = ["-created_at", "code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(closes_at__gt=F("opens_at")), name="open_round_closes_after_opening"
            )
        ]
        permissions = [("export_openround", _("Can export the answers of open rounds"))]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """Name in the active language, Vietnamese where there is no other."""
        return (self.name_en if (get_language() or "vi").startswith("en") else "") or self.name_vi

    @property
    def agency(self) -> str:
        """Agency in the active language, Vietnamese where there is no other."""
        return (self.agency_en if (get_language() or "vi").startswith("en") else "") or self.agency_vi

    def accepts_answers(self, moment: datetime.datetime | None = None) -> bool:
        """Tell whether the round takes answers at `moment` (default: now)."""
        moment = moment or timezone.now()
        return self.status == OpenRoundStatus.OPEN and self.opens_at <= moment <= self.closes_at


class OpenResponse(DraftedSheet):
    """One form of an open round: nobody knows whose."""

    class Flag(models.TextChoices):
        """Why a form deserves a second look; it is never dropped by itself."""

        DEVICE = "device", _("many forms from one device")
        NETWORK = "network", _("many forms from one network within an hour")
        OFFICE = "office", _("from the network of the office")
        PAPER = "paper", _("filled in on paper, keyed by staff")

    id = models.UUIDField(_("identifier"), primary_key=True, default=uuid.uuid4, editable=False)
    round = models.ForeignKey(
        OpenRound, on_delete=models.PROTECT, related_name="responses", verbose_name=_("open round")
    )
    place = models.CharField(
        _("place"),
        max_length=LONGEST_PLACE,
        blank=True,
        help_text=_("The counter or office whose code was followed."),
    )
    flags = models.JSONField(_("remarks on the arrival"), default=list, blank=True)
    had_token = models.BooleanField(_("came with a token"), default=False)
    receipt_hash = models.CharField(
        _("keyed hash of the receipt number"), max_length=64, unique=True, null=True, blank=True
    )
    started_on = models.DateField(_("started on"), auto_now_add=True)
    mode = Mode.WEB
    """Open forms are filled in by whoever answers; those keyed from paper carry a remark."""

    class Meta:
        verbose_name = _("open response")
        verbose_name_plural = _("open responses")
        constraints = [
            models.CheckConstraint(
                condition=Q(status=ResponseStatus.DRAFT)
                | Q(submitted_on__isnull=False, receipt_hash__isnull=False),
                name="sent_open_response_has_receipt",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class SpentToken(models.Model):
    """A token that was used once, kept apart from what was answered with it."""

    round = models.ForeignKey(
        OpenRound, on_delete=models.CASCADE, related_name="spent_tokens", verbose_name=_("open round")
    )
    token_hash = models.CharField(_("keyed hash of the token"), max_length=64)
    dossier_hash = models.CharField(_("keyed hash of the dossier number"), max_length=64)
    spent_on = models.DateField(_("used on"), auto_now_add=True)

    class Meta:
        verbose_name = _("used token")
        verbose_name_plural = _("used tokens")
        constraints = [
            models.UniqueConstraint(fields=["round", "token_hash"], name="open_token_once"),
            models.UniqueConstraint(fields=["round", "dossier_hash"], name="open_dossier_once"),
        ]

    def __str__(self) -> str:
        return f"{self.round_id}: {self.token_hash[:8]}…"
