"""Drawn samples: units at every stage, and the cases to be asked."""

from django.db import models
from django.db.models import Q
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _

from sampling.models.households import Household


class Sample(models.Model):
    """One draw: a function of frame, design and seed, with the fingerprint of its list."""

    round = models.OneToOneField(
        "sampling.SurveyRound", on_delete=models.CASCADE, related_name="sample", verbose_name=_("round")
    )
    template = models.ForeignKey(
        "sampling.SamplingTemplate",
        on_delete=models.PROTECT,
        related_name="samples",
        verbose_name=_("sampling template"),
    )
    seed = models.CharField(_("seed"), max_length=128)
    frame_digest = models.CharField(_("SHA-256 of the frames"), max_length=64)
    design_digest = models.CharField(_("SHA-256 of the design"), max_length=64)
    order_digest = models.CharField(
        _("SHA-256 of the order of the lists"), max_length=64, blank=True, default=""
    )
    fingerprint = models.CharField(_("SHA-256 of the drawn list"), max_length=64)
    n_communes = models.PositiveIntegerField(_("communes"))
    n_villages = models.PositiveIntegerField(_("villages"))
    n_persons = models.PositiveIntegerField(_("respondents"))
    n_reserves = models.PositiveIntegerField(_("reserves"))
    drawn_at = models.DateTimeField(_("drawn"), auto_now_add=True)

    class Meta:
        verbose_name = _("sample")
        verbose_name_plural = _("samples")
        permissions = [("draw_sample", _("Can draw a sample"))]

    def __str__(self) -> str:
        return f"{self.round.code}: {number_format(self.n_persons, force_grouping=True)}"


class SampledUnit(models.Model):
    """A commune or village drawn at its stage."""

    class Stage(models.TextChoices):
        """Stages whose units are areas."""

        DISTRICT = "district", _("district")
        COMMUNE = "commune", _("commune")
        VILLAGE = "village", _("village")
        AGENCY = "agency", _("agency")

    sample = models.ForeignKey(
        Sample, on_delete=models.CASCADE, related_name="units", verbose_name=_("sample")
    )
    stage = models.CharField(_("stage"), max_length=16, choices=Stage)
    frame_unit = models.ForeignKey(
        "sampling.FrameUnit",
        on_delete=models.RESTRICT,
        related_name="selections",
        verbose_name=_("frame unit"),
    )
    parent = models.ForeignKey(
        "self",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("unit above"),
    )
    province = models.ForeignKey(
        "sampling.AdministrativeUnit", on_delete=models.PROTECT, related_name="+", verbose_name=_("province")
    )
    stratum = models.CharField(_("stratum"), max_length=24)
    frame_order = models.PositiveIntegerField(_("place in the sorted frame"))
    draw_order = models.PositiveIntegerField(_("order of the draw"))
    is_certainty = models.BooleanField(_("chosen with certainty"), default=False)
    inclusion_probability = models.FloatField(_("inclusion probability at this stage"))
    is_approximate = models.BooleanField(
        _("probability is approximate"),
        default=False,
        help_text=_("The method of selection meets the stated probability only nearly."),
    )
    replaces = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="replacements",
        verbose_name=_("replaces"),
    )
    replacement_reason = models.CharField(_("why the unit was replaced"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("sampled unit")
        verbose_name_plural = _("sampled units")
        constraints = [
            models.UniqueConstraint(fields=["sample", "frame_unit"], name="unit_drawn_once"),
            models.CheckConstraint(
                condition=Q(inclusion_probability__gt=0) & Q(inclusion_probability__lte=1),
                name="unit_probability_in_range",
            ),
        ]

    def __str__(self) -> str:
        return str(self.frame_unit)


class Disposition(models.TextChoices):
    """Outcome of a case, with the final disposition codes of AAPOR's Standard Definitions."""

    PENDING = "0.0", _("not yet tried")
    COMPLETE = "1.1", _("complete")
    PARTIAL = "1.2", _("partial")
    REFUSAL = "2.11", _("refusal")
    WITHHELD = "2.112", _("on the do-not-contact list")
    BREAKOFF = "2.12", _("broken off")
    NON_CONTACT = "2.2", _("not met")
    OTHER = "2.3", _("other nonresponse")
    UNKNOWN = "3.0", _("eligibility unknown")
    NOT_ELIGIBLE = "4.0", _("not eligible")


RESPONDENT_DISPOSITIONS = (Disposition.COMPLETE, Disposition.PARTIAL)
"""Outcomes that bring an answer into the estimates."""


LEFT_IN_PEACE = (Disposition.REFUSAL, Disposition.WITHHELD)
"""Outcomes after which nobody is visited or written to, and after which nobody sees who it was."""


class CaseQuerySet(models.QuerySet["Case"]):
    """Named sets of cases."""

    def active(self) -> "CaseQuerySet":
        """Return the cases to be asked: the main sample and the reserves released so far."""
        return self.filter(Q(is_reserve=False) | Q(released_at__isnull=False))

    def with_known_person(self) -> "CaseQuerySet":
        """Leave out households in which nobody is chosen (yet): adults not listed, or none there."""
        return self.exclude(pk__in=Household.objects.filter(chosen__isnull=True).values("case"))

    def sealed_reserves(self) -> "CaseQuerySet":
        """Return the reserves that nobody may ask yet."""
        return self.filter(is_reserve=True, released_at__isnull=True)


class Case(models.Model):
    """One drawn adult, or household in which one is asked: number, place and outcome, no personal data."""

    sample = models.ForeignKey(
        Sample, on_delete=models.CASCADE, related_name="cases", verbose_name=_("sample")
    )
    number = models.CharField(_("case number"), max_length=24)
    village = models.ForeignKey(
        SampledUnit, on_delete=models.CASCADE, related_name="cases", verbose_name=_("village")
    )
    register_number = models.CharField(_("number in the register"), max_length=32)
    stratum = models.CharField(
        _("stratum of a transaction list"),
        max_length=120,
        blank=True,
        default="",
        help_text=_("Empty for a case of an area sample, whose stratum is that of its commune."),
    )
    multiplicity = models.PositiveIntegerField(_("dossiers of the person in the list"), default=1)
    draw_order = models.PositiveIntegerField(_("order of the draw"))
    is_reserve = models.BooleanField(_("reserve"), default=False)
    inclusion_probability = models.FloatField(_("inclusion probability at this stage"))
    design_weight = models.FloatField(_("design weight"))
    sex = models.CharField(_("sex in the register"), max_length=8, blank=True)
    age_group = models.CharField(_("age group in the register"), max_length=16, blank=True)
    disposition = models.CharField(
        _("disposition"), max_length=8, choices=Disposition, default=Disposition.PENDING, db_index=True
    )
    released_at = models.DateTimeField(_("reserve released"), null=True, blank=True)
    release_reason = models.CharField(_("why the reserve was released"), max_length=200, blank=True)

    objects = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        constraints = [
            models.UniqueConstraint(fields=["sample", "number"], name="case_number_once"),
            models.UniqueConstraint(fields=["village", "register_number"], name="person_drawn_once"),
            models.CheckConstraint(
                condition=Q(inclusion_probability__gt=0) & Q(inclusion_probability__lte=1),
                name="case_probability_in_range",
            ),
            models.CheckConstraint(condition=Q(design_weight__gte=1), name="case_weight_at_least_one"),
            models.CheckConstraint(
                condition=Q(released_at__isnull=True) | (Q(is_reserve=True) & ~Q(release_reason="")),
                name="only_reserves_are_released_with_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def has_answered(self) -> bool:
        """Tell whether answers of the case were taken: nothing else says so once they are cut from it."""
        return self.disposition in RESPONDENT_DISPOSITIONS

    @property
    def has_known_person(self) -> bool:
        """Tell whether it is known who is asked, as `CaseQuerySet.with_known_person` does for many."""
        household: Household | None = getattr(self, "household", None)
        return household is None or household.chosen is not None

    @property
    def awaits_adults(self) -> bool:
        """Tell whether it is a household whose adults are not listed yet."""
        household: Household | None = getattr(self, "household", None)
        return household is not None and not household.is_listed
