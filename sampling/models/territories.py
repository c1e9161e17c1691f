"""Territories: whose rounds a person of a province may see and change."""

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, Group
from django.db import models
from django.utils.translation import gettext, gettext_noop, override
from django.utils.translation import gettext_lazy as _

from sampling.models.rounds import SurveyRound

type Person = AbstractBaseUser | AnonymousUser | None

PROVINCIAL_ROLE = gettext_noop("Provincial statistician")
"""Name of the group whose people work for one province; the group carries it in the language of the site."""

NOWHERE = -1
"""Stands for the province of somebody in this group whom nobody has given one; it is no id of a province."""


class TerritoryMember(models.Model):
    """A person who works for one province.

    Without a row here a person works for the whole country, but one in the provincial role sees no round.
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

    def __str__(self) -> str:
        return f"{self.user} – {self.province}"


def province_of(user: Person) -> int | None:
    """Return the id of the province that a person works for; None for the whole country.

    It is `NOWHERE` for somebody in the provincial role without a province: what is forgotten stays closed.
    """
    if user is None or user.pk is None:
        return None
    province = TerritoryMember.objects.filter(user=user.pk).values_list("province", flat=True).first()
    return NOWHERE if province is None and _is_provincial(user) else province


def _is_provincial(user: AbstractBaseUser | AnonymousUser) -> bool:
    """Tell whether a person is in the group of the provincial role."""
    with override(settings.LANGUAGE_CODE):
        names = (PROVINCIAL_ROLE, gettext(PROVINCIAL_ROLE))
    return Group.objects.filter(user=user.pk, name__in=names).exists()


def sees_round(user: Person, survey_round: SurveyRound) -> bool:
    """Tell whether a person may look at a round."""
    province = province_of(user)
    return province is None or (province != NOWHERE and survey_round.territory_id in (None, province))


def runs_round(user: Person, survey_round: SurveyRound) -> bool:
    """Tell whether a round is one that a person may change, as far as their territory goes."""
    province = province_of(user)
    return province is None or survey_round.territory_id == province
