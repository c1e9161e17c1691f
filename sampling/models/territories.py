"""Territories: whose rounds a person of a province may see and change."""

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, Permission
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sampling.models.rounds import SurveyRound

type Person = AbstractBaseUser | AnonymousUser | None

BOUND_TO_PROVINCE = "bound_to_province"
"""A right that limits: who has it works for one province, or for none as long as nobody has given one."""

NOWHERE = -1
"""Stands for the province of somebody who is bound to one and has none yet; it is no id of a province."""


_FOUND = "_province_worked_for"


class TerritoryMember(models.Model):
    """A person who works for one province.

    Without a row here a person works for the whole country, but one who is bound to a province sees no round.
    """

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
        permissions = [(BOUND_TO_PROVINCE, _("Is bound to one province"))]

    def __str__(self) -> str:
        return f"{self.user} – {self.province}"


def province_of(user: Person) -> int | None:
    """Return the id of the province that a person works for; None for the whole country.

    It is `NOWHERE` for somebody bound to a province who has none: what is forgotten stays closed. Found once
    for each object of a user, so once a request, as Django does with rights.
    """
    if user is None or user.pk is None:
        return None
    if not hasattr(user, _FOUND):
        province = TerritoryMember.objects.filter(user=user.pk).values_list("province", flat=True).first()
        setattr(user, _FOUND, NOWHERE if province is None and _is_bound(user) else province)
    found: int | None = getattr(user, _FOUND)
    return found


def _is_bound(user: AbstractBaseUser | AnonymousUser) -> bool:
    """Tell whether a person was given the limiting right; superusers, who have every right, were not."""
    given = Permission.objects.filter(content_type__app_label="sampling", codename=BOUND_TO_PROVINCE)
    return given.filter(Q(user=user.pk) | Q(group__user=user.pk)).exists()


def sees_round(user: Person, survey_round: SurveyRound) -> bool:
    """Tell whether a person may look at a round."""
    province = province_of(user)
    return province is None or (province != NOWHERE and survey_round.territory_id in (None, province))


def runs_round(user: Person, survey_round: SurveyRound) -> bool:
    """Tell whether a round is one that a person may change, as far as their territory goes."""
    province = province_of(user)
    return province is None or survey_round.territory_id == province
