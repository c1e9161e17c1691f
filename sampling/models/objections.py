"""Persons who must not be contacted, known by a keyed hash only."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Objection(models.Model):
    """A wish not to be contacted; the hash is made with a key that never leaves the server."""

    class Kind(models.TextChoices):
        """What was hashed."""

        PERSON = "person", _("personal identification number")
        PHONE = "phone", _("telephone number")
        EMAIL = "email", _("e-mail address")

    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    key = models.CharField(_("keyed hash"), max_length=64)
    recorded_at = models.DateTimeField(_("recorded at"), auto_now_add=True)
    note = models.CharField(_("how the wish was received"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("do-not-contact entry")
        verbose_name_plural = _("do-not-contact list")
        constraints = [models.UniqueConstraint(fields=["kind", "key"], name="objection_once")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.key[:8]}…"
