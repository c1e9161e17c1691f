"""Recordings of questions and options, one per text and language."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from questionnaires.models.questionnaires import Questionnaire


class Recording(models.Model):
    """A recorded text of a draft; the file goes by the hash of what is in it and never changes."""

    class Source(models.TextChoices):
        """Where a recording comes from."""

        STUDIO = "studio", _("recorded in the studio")
        UPLOAD = "upload", _("uploaded")
        SYNTHETIC = "synthetic", _("synthetic voice")

    questionnaire = models.ForeignKey(
        Questionnaire, on_delete=models.CASCADE, related_name="recordings", verbose_name=_("questionnaire")
    )
    key = models.CharField(
        _("text"), max_length=200, help_text=_("The stable key of the text, as in translations.")
    )
    language = models.CharField(_("language"), max_length=20)
    digest = models.CharField(_("SHA-256 of the file"), max_length=64, db_index=True)
    extension = models.CharField(_("kind of file"), max_length=8)
    n_bytes = models.PositiveIntegerField(_("bytes"))
    seconds = models.FloatField(_("seconds"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=16, choices=Source)
    spoken_text = models.TextField(
        _("text that was spoken"),
        blank=True,
        help_text=_("The text at the time of recording: where it has changed, the recording is out of date."),
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
        verbose_name = _("recording")
        verbose_name_plural = _("recordings")
        constraints = [
            models.UniqueConstraint(
                fields=["questionnaire", "key", "language"], name="recording_language_once"
            )
        ]
        permissions = [("use_studio", _("Can record texts of questionnaires"))]

    def __str__(self) -> str:
        return f"{self.questionnaire.code} {self.key} {self.language}"
