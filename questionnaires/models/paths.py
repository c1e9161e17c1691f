"""Recorded test paths: answers that must lead through the same sections whenever a version is published."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from questionnaires.models.questionnaires import Questionnaire


class RecordedPath(models.Model):
    """One walk through a draft: what was known, what was answered, which sections came."""

    questionnaire = models.ForeignKey(
        Questionnaire,
        on_delete=models.CASCADE,
        related_name="recorded_paths",
        verbose_name=_("questionnaire"),
    )
    name = models.CharField(_("name"), max_length=120)
    attributes = models.JSONField(_("sample attributes"), default=dict, blank=True)
    answers = models.JSONField(_("answers"), default=dict, blank=True)
    expected_sections = models.JSONField(_("sections that come"), default=list, blank=True)
    expected_errors = models.JSONField(
        _("errors that come"),
        default=list,
        blank=True,
        help_text=_("Codes of questions that must be refused."),
    )
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("recorded by"),
    )
    recorded_at = models.DateTimeField(_("recorded"), auto_now=True)

    class Meta:
        verbose_name = _("recorded test path")
        verbose_name_plural = _("recorded test paths")
        constraints = [
            models.UniqueConstraint(fields=["questionnaire", "name"], name="recorded_path_name_once")
        ]

    def __str__(self) -> str:
        return self.name
