"""Requests by which persons use their rights over their personal data (law 91/2025/QH15, article 4)."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

CHOICE = "quyen"
"""Names a right in the address of the page of requests, so that a link leads to it."""


class Right(models.TextChoices):
    """The six rights of the law, in its order."""

    KNOW = "know", _("to know how personal data are processed")
    CONSENT = "consent", _("to consent, to refuse, and to withdraw consent")
    VIEW = "view", _("to see the data, and to correct them or have them corrected")
    ERASE = "erase", _("to be given the data, to have them erased, to restrict or object to processing")
    COMPLAIN = "complain", _("to complain, denounce, sue, and claim damages")
    PROTECT = "protect", _("to ask the authorities to protect the data")


class RightsRequest(models.Model):
    """One request and what was answered; how to reach the person is erased once it is answered."""

    class Channel(models.TextChoices):
        """How the request came in."""

        PAGE = "page", _("on the page")
        LETTER = "letter", _("letter")
        TELEPHONE = "telephone", _("telephone call")
        COUNTER = "counter", _("in person at a counter")

    class Status(models.TextChoices):
        """How far a request is."""

        RECEIVED = "received", _("received")
        ANSWERED = "answered", _("answered")
        EXTENDED = "extended", _("being carried out")

    number = models.CharField(_("number"), max_length=16, unique=True)
    right = models.CharField(_("right"), max_length=16, choices=Right)
    channel = models.CharField(_("channel"), max_length=16, choices=Channel)
    round = models.ForeignKey(
        "sampling.SurveyRound",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("round"),
    )
    text = models.TextField(_("request"), max_length=4000, blank=True)
    reply_to = models.CharField(
        _("how to answer"),
        max_length=400,
        blank=True,
        help_text=_("Address, telephone or e-mail; erased once the request is answered."),
    )
    received_at = models.DateTimeField(_("received"))
    due_at = models.DateTimeField(_("answer due"))
    status = models.CharField(_("status"), max_length=16, choices=Status, default=Status.RECEIVED)
    answer = models.TextField(_("answer"), max_length=4000, blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    handled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("handled by"),
    )

    class Meta:
        verbose_name = _("request about personal data")
        verbose_name_plural = _("requests about personal data")
        ordering = ["due_at"]

    def __str__(self) -> str:
        return self.number
