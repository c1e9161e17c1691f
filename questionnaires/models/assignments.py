"""Which enumerator works in which village."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from sampling.places import with_type


class Assignment(models.Model):
    """One drawn village given to one enumerator."""

    village = models.OneToOneField(
        "sampling.SampledUnit", on_delete=models.CASCADE, related_name="assignment", verbose_name=_("village")
    )
    enumerator = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="assignments",
        verbose_name=_("enumerator"),
    )
    assigned_at = models.DateTimeField(_("assigned"), auto_now_add=True)

    class Meta:
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        permissions = [("conduct_interviews", _("Can conduct interviews in assigned villages"))]

    def __str__(self) -> str:
        parent = self.village.parent
        commune = parent.frame_unit if parent else None
        unit = commune.administrative_unit if commune else None
        names = [self.village.frame_unit.name]
        if commune is not None:
            names.append(with_type(commune.name, unit.unit_type if unit else ""))
        person = self.enumerator.get_full_name() or self.enumerator.get_username()
        return f"{', '.join(names)} – {person}"
