"""Answers cut from the case of whoever gave them."""

import uuid

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from questionnaires.models.responses import AnswerSheet, Mode
from sampling.models.samples import Disposition


class SeparatedResponse(AnswerSheet):
    """A sent form under a fresh random identifier, with a copy of what the estimate needs and no case.

    Two ways lead back. `sealed_case` is the case, encrypted under a key that is made from the receipt number,
    which nobody but the respondent has; freezing the round erases it. `case_link`, on forms that staff have
    taken down, is the case hashed with a key of the installation; approval erases it and gives a new
    identifier.
    """

    id = models.UUIDField(_("identifier"), primary_key=True, default=uuid.uuid4, editable=False)
    sample = models.ForeignKey(
        "sampling.Sample",
        on_delete=models.PROTECT,
        related_name="separated_responses",
        verbose_name=_("sample"),
    )
    village = models.ForeignKey(
        "sampling.SampledUnit",
        on_delete=models.PROTECT,
        related_name="separated_responses",
        verbose_name=_("village"),
    )
    mode = models.CharField(_("mode"), max_length=16, choices=Mode)
    disposition = models.CharField(_("disposition"), max_length=8, choices=Disposition)
    stratum = models.CharField(_("stratum of a transaction list"), max_length=120, blank=True, default="")
    multiplicity = models.PositiveIntegerField(_("dossiers of the person in the list"), default=1)
    household_adults = models.PositiveIntegerField(
        _("adults of the household"), default=1, validators=[MinValueValidator(1)]
    )
    inclusion_probability = models.FloatField(_("inclusion probability at this stage"))
    design_weight = models.FloatField(_("design weight"))
    is_reserve = models.BooleanField(_("reserve"), default=False)
    sex = models.CharField(_("sex in the register"), max_length=8, blank=True)
    age_group = models.CharField(_("age group in the register"), max_length=16, blank=True)
    receipt_hash = models.CharField(
        _("keyed hash of the receipt number"), max_length=64, unique=True, null=True, blank=True
    )
    sealed_case = models.CharField(
        _("case, sealed with the receipt number"), max_length=255, blank=True, default=""
    )
    case_link = models.CharField(
        _("case, hashed with a key of the installation until approval"),
        max_length=64,
        unique=True,
        null=True,
        blank=True,
    )

    class Meta:
        verbose_name = _("response separated from its case")
        verbose_name_plural = _("responses separated from their cases")
        constraints = [
            models.CheckConstraint(
                condition=Q(inclusion_probability__gt=0) & Q(inclusion_probability__lte=1),
                name="separated_probability_in_range",
            ),
            models.CheckConstraint(
                condition=Q(submitted_on__isnull=False), name="separated_response_was_sent"
            ),
        ]
        permissions = [("approve_response", _("Can approve interviews and cut them from their cases"))]

    def __str__(self) -> str:
        return str(self.pk)
