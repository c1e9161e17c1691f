"""Drawn households, in each of which one adult is asked."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class AdultRule(models.TextChoices):
    """How the adult of a household is chosen, as in `sampling.design.households.ADULT_RULES`."""

    LISTED_ADULTS = "listed_adults", _("listed adults and the sealed number")
    LAST_BIRTHDAY = "last_birthday", _("last birthday")


class Household(models.Model):
    """The household of a case: its sealed number, and once its adults are listed, whom the case stands for.

    Until then the number of adults is unknown, and the case has the weight of the household. The names of the
    adults are contacts, kept apart from this.
    """

    case = models.OneToOneField(
        "sampling.Case", on_delete=models.CASCADE, related_name="household", verbose_name=_("case")
    )
    rule = models.CharField(_("rule for the adult"), max_length=16, choices=AdultRule)
    seal = models.CharField(_("sealed number"), max_length=64, editable=False)
    seal_digest = models.CharField(_("SHA-256 of the sealed number"), max_length=64)
    n_adults = models.PositiveSmallIntegerField(_("number of adults"), null=True, blank=True)
    chosen = models.PositiveSmallIntegerField(_("line of the adult to ask"), null=True, blank=True)
    is_quasi_random = models.BooleanField(_("chosen without drawn randomness"), default=False)
    listed_at = models.DateTimeField(_("adults listed"), null=True, blank=True)
    listed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("listed by"),
    )

    class Meta:
        verbose_name = _("household")
        verbose_name_plural = _("households")
        constraints = [
            models.CheckConstraint(
                condition=Q(n_adults__isnull=True, listed_at__isnull=True)
                | Q(n_adults__isnull=False, listed_at__isnull=False),
                name="adults_are_known_once_listed",
            ),
            models.CheckConstraint(
                condition=Q(chosen__isnull=True) | Q(chosen__gte=1, chosen__lte=F("n_adults")),
                name="chosen_adult_is_listed",
            ),
        ]

    def __str__(self) -> str:
        return str(_("Household of case %(case)s") % {"case": self.case_id})

    @property
    def is_listed(self) -> bool:
        """Tell whether the adults are known."""
        return self.n_adults is not None
