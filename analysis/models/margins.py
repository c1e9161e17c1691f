"""Known population counts to which weights are raked."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class PopulationMargin(models.Model):
    """The adult population of one category of one variable in a province, with its source and date."""

    class Variable(models.TextChoices):
        """Variables whose population is known."""

        SEX = "sex", _("sex")
        AGE_GROUP = "age_group", _("age group")
        URBAN = "urban", _("urban or rural")

    round = models.ForeignKey(
        "sampling.SurveyRound",
        on_delete=models.CASCADE,
        related_name="population_margins",
        verbose_name=_("round"),
    )
    province_code = models.CharField(_("code of the province"), max_length=8)
    variable = models.CharField(_("variable"), max_length=16, choices=Variable)
    category = models.CharField(_("category"), max_length=16)
    population = models.PositiveBigIntegerField(_("adult population"))
    source = models.CharField(_("source"), max_length=255)
    reference_date = models.DateField(_("reference date"))

    class Meta:
        verbose_name = _("population margin")
        verbose_name_plural = _("population margins")
        constraints = [
            models.UniqueConstraint(
                fields=["round", "province_code", "variable", "category"], name="margin_once"
            ),
            models.CheckConstraint(condition=~Q(source=""), name="margin_names_its_source"),
        ]

    def __str__(self) -> str:
        return f"{self.province_code} {self.variable}={self.category}: {self.population}"
