"""Personal data of sampled persons, and nothing else."""

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
    sort_key = models.CharField(_("sorting key"), max_length=400, editable=False, db_index=True)

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        permissions = [("export_contact", _("Can export contacts"))]

    def __str__(self) -> str:
        return str(_("Contact of case %(case)s") % {"case": self.case_id})
