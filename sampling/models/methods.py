"""Methods kept as immutable, versioned documents."""

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class MethodDocument(models.Model):
    """A method with its decision, period and source; the document itself never changes once loaded."""

    code = models.CharField(_("code"), max_length=64)
    version = models.PositiveIntegerField(_("version"), default=1)
    title_vi = models.CharField(_("title in Vietnamese"), max_length=255)
    title_en = models.CharField(_("title in English"), max_length=255)
    decision = models.CharField(_("decision"), max_length=255, blank=True)
    is_provisional = models.BooleanField(_("provisional method"), default=True)
    provisional_reason_vi = models.TextField(_("why provisional, in Vietnamese"), blank=True)
    provisional_reason_en = models.TextField(_("why provisional, in English"), blank=True)
    document = models.JSONField(_("document"))
    digest = models.CharField(_("SHA-256 of the document"), max_length=64)
    loaded_at = models.DateTimeField(_("loaded"), auto_now_add=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.code} v{self.version}"

    @property
    def title(self) -> str:
        """Title in the active language."""
        return self.title_en if (get_language() or "vi").startswith("en") else self.title_vi

    @property
    def provisional_reason(self) -> str:
        """Why the method is provisional, in the active language."""
        is_english = (get_language() or "vi").startswith("en")
        return self.provisional_reason_en if is_english else self.provisional_reason_vi


class SamplingTemplate(MethodDocument):
    """A sampling design as the Ministry prescribes or is assumed to prescribe it."""

    class Meta:
        verbose_name = _("sampling template")
        verbose_name_plural = _("sampling templates")
        constraints = [models.UniqueConstraint(fields=["code", "version"], name="template_version_once")]
