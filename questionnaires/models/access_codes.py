"""Codes that let a drawn person answer."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class AccessCode(models.Model):
    """The keyed hash of a sixteen-digit code; the code itself is printed on the letter and kept nowhere."""

    case = models.OneToOneField(
        "sampling.Case", on_delete=models.CASCADE, related_name="access_code", verbose_name=_("case")
    )
    code_hash = models.CharField(_("keyed hash of the code"), max_length=64, unique=True)
    issued_at = models.DateTimeField(_("issued"), auto_now_add=True)

    class Meta:
        verbose_name = _("access code")
        verbose_name_plural = _("access codes")

    def __str__(self) -> str:
        return str(_("Access code of case %(case)s") % {"case": self.case_id})
