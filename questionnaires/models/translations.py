"""Texts of a questionnaire in further languages, beside the draft that holds Vietnamese and English."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from questionnaires.languages import FURTHER_LANGUAGES
from questionnaires.models.questionnaires import Questionnaire


class QuestionnaireTranslation(models.Model):
    """All texts of one questionnaire in one language, by stable keys."""

    questionnaire = models.ForeignKey(
        Questionnaire, on_delete=models.CASCADE, related_name="translations", verbose_name=_("questionnaire")
    )
    language = models.CharField(_("language"), max_length=20)
    texts = models.JSONField(
        _("texts"),
        default=dict,
        blank=True,
        help_text=_("By key: the text, and the Vietnamese text it was translated from."),
    )
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = _("translation of a questionnaire")
        verbose_name_plural = _("translations of questionnaires")
        constraints = [
            models.UniqueConstraint(fields=["questionnaire", "language"], name="translation_language_once")
        ]

    def __str__(self) -> str:
        return f"{self.questionnaire.code} {self.language}"

    @property
    def name(self) -> str:
        """The Vietnamese name of the language."""
        known = FURTHER_LANGUAGES.get(self.language)
        return known.vietnamese if known else self.language
