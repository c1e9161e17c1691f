"""Invitations and reminders: their texts, and the ledger of what was sent to which case."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Channel(models.TextChoices):
    """Ways to reach a person beside the letter."""

    EMAIL = "email", _("e-mail")
    SMS = "sms", _("text message")
    ZALO = "zalo", _("Zalo official account")


class MessageTemplate(models.Model):
    """The text of an invitation or a reminder on one channel in one language."""

    class Purpose(models.TextChoices):
        """What a message is for."""

        INVITATION = "invitation", _("invitation")
        REMINDER = "reminder", _("reminder")
        THANKS = "thanks", _("thanks")

    round = models.ForeignKey(
        "sampling.SurveyRound",
        on_delete=models.CASCADE,
        related_name="message_templates",
        verbose_name=_("round"),
    )
    purpose = models.CharField(_("purpose"), max_length=16, choices=Purpose)
    channel = models.CharField(_("channel"), max_length=16, choices=Channel)
    language = models.CharField(_("language"), max_length=20, default="vi")
    subject = models.CharField(_("subject"), max_length=200, blank=True)
    body = models.TextField(_("text"))
    is_unaccented = models.BooleanField(
        _("without tone marks"),
        default=False,
        help_text=_("For telephones and networks that show or bill accented text messages badly."),
    )
    zalo_template = models.CharField(_("number of the Zalo template"), max_length=40, blank=True)

    class Meta:
        verbose_name = _("message template")
        verbose_name_plural = _("message templates")
        constraints = [
            models.UniqueConstraint(
                fields=["round", "purpose", "channel", "language"], name="message_template_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.round.code}: {self.get_purpose_display()}, {self.get_channel_display()}"


class MessageStatus(models.TextChoices):
    """What became of a message."""

    QUEUED = "queued", _("waiting")
    SENDING = "sending", _("being sent")
    SENT = "sent", _("sent")
    DELIVERED = "delivered", _("delivered")
    UNKNOWN = "unknown", _("unclear whether sent")
    FAILED = "failed", _("failed")
    WITHHELD = "withheld", _("withheld")


class Message(models.Model):
    """One line of the ledger: which case, which template, and what became of it; no address, no text."""

    template = models.ForeignKey(
        MessageTemplate, on_delete=models.PROTECT, related_name="messages", verbose_name=_("template")
    )
    case = models.ForeignKey(
        "sampling.Case", on_delete=models.CASCADE, related_name="messages", verbose_name=_("case")
    )
    wave = models.PositiveSmallIntegerField(_("wave"), default=1)
    status = models.CharField(
        _("status"), max_length=16, choices=MessageStatus, default=MessageStatus.QUEUED, db_index=True
    )
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    n_segments = models.PositiveSmallIntegerField(_("segments"), default=0)
    n_attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    provider_number = models.CharField(_("number at the provider"), max_length=80, blank=True)
    queued_at = models.DateTimeField(_("queued"), auto_now_add=True)
    queued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("queued by"),
    )
    begun_at = models.DateTimeField(_("last attempt begun"), null=True, blank=True, db_index=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        permissions = [("send_message", _("Can send invitations and reminders"))]
        constraints = [
            models.UniqueConstraint(fields=["template", "case", "wave"], name="message_once_per_wave")
        ]

    def __str__(self) -> str:
        return f"{self.template_id} → {self.case_id}: {self.get_status_display()}"
