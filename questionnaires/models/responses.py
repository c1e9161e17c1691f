"""Answers, one validated document per interview."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Mode(models.TextChoices):
    """How the answers came in."""

    WEB = "web", _("by the respondent on the web")
    INTERVIEW = "interview", _("by an enumerator")
    PAPER = "paper", _("on paper")


class ResponseStatus(models.TextChoices):
    """A response is a draft until it is sent."""

    DRAFT = "draft", _("draft")
    SUBMITTED = "submitted", _("submitted")


class Helper(models.TextChoices):
    """Who helped the respondent to read or to fill in the form."""

    NOBODY = "nobody", _("nobody")
    FAMILY = "family", _("a member of the family")
    NEIGHBOUR = "neighbour", _("a neighbour or friend")
    VILLAGE = "village", _("the head of the village or residential group")
    OFFICIAL = "official", _("an official of the agency")
    ENUMERATOR = "enumerator", _("an enumerator of the survey")
    OTHER = "other", _("somebody else")


class Pressure(models.TextChoices):
    """Whether somebody told the respondent what to answer."""

    NONE = "none", _("no")
    FELT = "felt", _("yes")
    NOT_TOLD = "not_told", _("prefer not to say")


class AnswerSheet(models.Model):
    """What every form holds, whoever fills it in: the version asked, the answers, the consent."""

    version = models.ForeignKey(
        "questionnaires.QuestionnaireVersion",
        on_delete=models.PROTECT,
        related_name="%(class)ss",
        verbose_name=_("version"),
    )
    language = models.CharField(_("language"), max_length=8, default="vi")
    answers = models.JSONField(_("answers"), default=dict, blank=True)
    consent_version = models.CharField(_("consent given to version"), max_length=20, blank=True)
    consent_statements = models.JSONField(_("statements agreed to"), default=list, blank=True)
    helper = models.CharField(_("who helped"), max_length=16, choices=Helper, blank=True)
    pressure = models.CharField(
        _("told what to answer"),
        max_length=16,
        choices=Pressure,
        blank=True,
        help_text=_("Whether the respondent was told or pressed what to answer."),
    )
    submitted_on = models.DateField(_("submitted on"), null=True, blank=True)

    class Meta:
        abstract = True


class DraftedSheet(AnswerSheet):
    """A form that is saved section by section before it is sent."""

    status = models.CharField(
        _("status"), max_length=16, choices=ResponseStatus, default=ResponseStatus.DRAFT, db_index=True
    )
    n_saves = models.PositiveIntegerField(_("times the draft was saved"), default=0)
    passed_sections = models.JSONField(_("sections gone through"), default=list, blank=True)

    class Meta:
        abstract = True

    @classmethod
    def drafts_of(cls, form: Any) -> models.QuerySet[Any]:
        """Return the row of a form as long as it was not sent."""
        return cls._default_manager.filter(pk=form.pk, status=ResponseStatus.DRAFT)


class ResponseQuerySet(models.QuerySet["Response"]):
    """Named sets of responses."""

    def drafts(self) -> "ResponseQuerySet":
        """Return responses under way."""
        return self.filter(status=ResponseStatus.DRAFT)

    def submitted(self) -> "ResponseQuerySet":
        """Return responses that were sent."""
        return self.filter(status=ResponseStatus.SUBMITTED)


class Response(DraftedSheet):
    """The draft of one case, pointing at the exact version that was asked.

    Answers leave this table as they are sent and go on as a `SeparatedResponse`. Of what staff have taken
    down a row without answers stays, which says that it waits for approval and who recorded it.
    """

    id = models.UUIDField(_("identifier"), primary_key=True, default=uuid.uuid4, editable=False)
    case = models.OneToOneField(
        "sampling.Case", on_delete=models.PROTECT, related_name="response", verbose_name=_("case")
    )
    mode = models.CharField(_("mode"), max_length=16, choices=Mode)
    begun_with = models.CharField(
        _("keyed hash of the code that the draft was begun with"), max_length=64, blank=True, default=""
    )
    started_at = models.DateTimeField(_("started"), default=timezone.now)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("recorded by"),
    )

    objects = ResponseQuerySet.as_manager()

    class Meta:
        verbose_name = _("response")
        verbose_name_plural = _("responses")
        constraints = [
            models.CheckConstraint(
                condition=Q(status=ResponseStatus.DRAFT)
                | Q(submitted_on__isnull=False, answers={}, helper="", pressure="", consent_version=""),
                name="sent_response_keeps_no_answers",
            ),
        ]
        permissions = [("key_paper_form", _("Can key in paper forms"))]

    def __str__(self) -> str:
        return str(self.pk)

    def is_sealed_for(self, mode: str, code_digest: str) -> bool:
        """Tell whether somebody else may have begun the draft: another mode, or another code of the case."""
        return self.mode != mode or self.begun_with != code_digest
