"""Persons who must not be contacted, known by a keyed hash only."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Objection(models.Model):
    """A wish not to be contacted; the hash is made with a key that never leaves the server."""

    class Kind(models.TextChoices):
        """What was hashed."""

        PERSON = "person", _("personal identification number")
        PHONE = "phone", _("telephone number")
        EMAIL = "email", _("e-mail address")

    class Channel(models.TextChoices):
        """How the wish came in."""

        LETTER = "letter", _("letter")
        TELEPHONE = "telephone", _("telephone call")
        EMAIL = "email", _("e-mail message")
        COUNTER = "counter", _("in person at a counter")
        VISIT = "visit", _("told an enumerator")
        UNKNOWN = "unknown", _("not recorded")

    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    key = models.CharField(_("keyed hash"), max_length=64)
    channel = models.CharField(_("channel"), max_length=16, choices=Channel)
    note = models.CharField(
        _("how the wish was received"),
        max_length=200,
        help_text=_("Day and reference of the letter or call, so that it can be found; never whose it was."),
    )
    recorded_at = models.DateTimeField(_("recorded at"), auto_now_add=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        editable=False,
        verbose_name=_("recorded by"),
    )

    class Meta:
        verbose_name = _("do-not-contact entry")
        verbose_name_plural = _("do-not-contact list")
        constraints = [
            models.UniqueConstraint(fields=["kind", "key"], name="objection_once"),
            models.CheckConstraint(condition=~Q(note=""), name="objection_has_a_note"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.key[:8]}…"
