"""Personal data of sampled persons and of those who live with them, and nothing else."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Contact(models.Model):
    """How to reach the person behind a case; deleted when fieldwork control is over."""

    case = models.OneToOneField(
        "sampling.Case", on_delete=models.CASCADE, related_name="contact", verbose_name=_("case")
    )
    full_name = models.CharField(_("full name"), max_length=120)
    address = models.CharField(_("address"), max_length=200, blank=True)
    phone = models.CharField(_("telephone"), max_length=20, blank=True)
    email = models.EmailField(_("e-mail"), max_length=254, blank=True)
    sort_key = models.CharField(_("sorting key"), max_length=400, editable=False, db_index=True)

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        permissions = [("export_contact", _("Can export contacts"))]

    def __str__(self) -> str:
        return str(_("Contact of case %(case)s") % {"case": self.case_id})


class HouseholdAdult(models.Model):
    """An adult as listed at the door, from oldest to youngest; deleted together with the contacts."""

    household = models.ForeignKey(
        "sampling.Household", on_delete=models.CASCADE, related_name="adults", verbose_name=_("household")
    )
    line = models.PositiveSmallIntegerField(_("line"))
    name = models.CharField(_("name or initials"), max_length=120, blank=True)
    sex = models.CharField(_("sex"), max_length=8, blank=True)
    age = models.PositiveSmallIntegerField(_("age in years"), null=True, blank=True)
    birth_month = models.PositiveSmallIntegerField(_("month of birth"), null=True, blank=True)
    birth_day = models.PositiveSmallIntegerField(_("day of birth"), null=True, blank=True)

    class Meta:
        verbose_name = _("adult of a household")
        verbose_name_plural = _("adults of households")
        constraints = [models.UniqueConstraint(fields=["household", "line"], name="one_adult_per_line")]

    def __str__(self) -> str:
        return str(self.line)
