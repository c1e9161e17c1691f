"""Codes that let a drawn person answer."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class AccessCode(models.Model):
    """The keyed hash of a sixteen-digit code; the code itself is printed on the letter and kept nowhere."""

    class Carrier(models.TextChoices):
        """What a code was sent with; a new letter replaces the code of the last letter, and no other."""

        LETTER = "letter", _("letter")
        MESSAGE = "message", _("message")

    case = models.ForeignKey(
        "sampling.Case", on_delete=models.CASCADE, related_name="access_codes", verbose_name=_("case")
    )
    carrier = models.CharField(_("sent with"), max_length=16, choices=Carrier, default=Carrier.LETTER)
    code_hash = models.CharField(_("keyed hash of the code"), max_length=64, unique=True)
    issued_at = models.DateTimeField(_("issued"), auto_now_add=True)

    class Meta:
        verbose_name = _("access code")
        verbose_name_plural = _("access codes")
        constraints = [models.UniqueConstraint(fields=["case", "carrier"], name="one_code_per_carrier")]

    def __str__(self) -> str:
        return str(_("Access code of case %(case)s") % {"case": self.case_id})
