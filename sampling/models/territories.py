"""Territories: whose rounds a person of a province may see and change."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class TerritoryMember(models.Model):
    """A person who works for one province; without a row here, a person works for the whole country."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="territory",
        verbose_name=_("user"),
    )
    province = models.ForeignKey(
        "sampling.AdministrativeUnit",
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("province"),
    )

    class Meta:
        verbose_name = _("person of a province")
        verbose_name_plural = _("persons of provinces")

    def __str__(self) -> str:
        return f"{self.user} – {self.province}"
