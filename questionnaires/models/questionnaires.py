"""Drafts of questionnaires and the frozen versions published from them."""

from typing import Any, cast

from django.contrib.contenttypes.fields import GenericRelation
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.module_loading import import_string
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from wagtail.fields import StreamField
from wagtail.models import DraftStateMixin, LockableMixin, PreviewableMixin, RevisionMixin, WorkflowMixin
from wagtail.search import index

from questionnaires.blocks import (
    AttributeBlock,
    ConsentPointBlock,
    ConsentStatementBlock,
    RemarkBlock,
    RuleBlock,
    ScaleBlock,
    SectionBlock,
)

DIGEST_PREFIX = 8
CONSENT_PAGE, REVIEW_PAGE = "_consent", "_review"
"""Pages of a preview that are no sections; codes of sections begin with a letter."""
DRAW_PREVIEW = "questionnaires.viewsets.previews.draw_preview"
"""What draws a preview: named, as models know nothing of pages."""
PREVIEW_SIZES = (
    ("phone", "mobile-alt", 360, _("Phone, 360 pixels wide")),
    ("tablet", "tablet-alt", 768, _("Tablet")),
    ("desktop", "desktop", 1280, _("Computer")),
)


class Questionnaire(
    PreviewableMixin,
    WorkflowMixin,
    DraftStateMixin,
    LockableMixin,
    RevisionMixin,
    index.Indexed,
    models.Model,
):
    """An editable draft; respondents only ever see a version frozen from it."""

    code = models.SlugField(_("code"), max_length=60, unique=True)
    title_vi = models.CharField(_("title in Vietnamese"), max_length=255)
    title_en = models.CharField(_("title in English"), max_length=255, blank=True)
    is_bilingual = models.BooleanField(_("every text also in English"), default=True)
    method = models.CharField(_("method measured"), max_length=40, blank=True)
    consent_version = models.CharField(_("version of the consent text"), max_length=20, blank=True)
    consent_title_vi = models.CharField(_("title of the consent in Vietnamese"), max_length=255, blank=True)
    consent_title_en = models.CharField(_("title of the consent in English"), max_length=255, blank=True)
    consent_is_placeholder = models.BooleanField(_("consent text not yet approved"), default=True)
    consent = StreamField(
        [("point", ConsentPointBlock()), ("statement", ConsentStatementBlock())],
        verbose_name=_("consent"),
        blank=True,
    )
    is_provisional = models.BooleanField(_("provisional wording"), default=True)
    provisional_reason_vi = models.TextField(_("why provisional, in Vietnamese"), blank=True)
    provisional_reason_en = models.TextField(_("why provisional, in English"), blank=True)
    source_vi = models.TextField(_("source, in Vietnamese"), blank=True)
    source_en = models.TextField(_("source, in English"), blank=True)
    scales = StreamField([("scale", ScaleBlock())], verbose_name=_("scales"), blank=True)
    attributes = StreamField(
        [("attribute", AttributeBlock())], verbose_name=_("sample attributes"), blank=True
    )
    sections = StreamField([("section", SectionBlock())], verbose_name=_("sections"), blank=True)
    rules = StreamField([("rule", RuleBlock())], verbose_name=_("rules between sections"), blank=True)
    remarks = StreamField([("remark", RemarkBlock())], verbose_name=_("remarks"), blank=True)
    follows = models.ForeignKey(
        "questionnaires.QuestionnaireVersion",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="followed_by",
        verbose_name=_("version that it was copied from"),
    )

    revisions = GenericRelation(
        "wagtailcore.Revision",
        content_type_field="base_content_type",
        object_id_field="object_id",
        related_query_name="questionnaire",
        for_concrete_model=False,
    )
    workflow_states = GenericRelation(
        "wagtailcore.WorkflowState",
        content_type_field="base_content_type",
        object_id_field="object_id",
        related_query_name="questionnaire",
        for_concrete_model=False,
    )

    search_fields = [index.SearchField("title_vi"), index.SearchField("title_en"), index.FilterField("code")]

    class Meta:
        verbose_name = _("questionnaire")
        verbose_name_plural = _("questionnaires")
        permissions = [("freeze_questionnaire", _("Can publish a version for answering"))]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        """Title in the active language, Vietnamese where there is no other."""
        return (self.title_en if (get_language() or "vi").startswith("en") else "") or self.title_vi

    @property
    def approved_revision(self) -> Any:
        """The revision that was approved last, None where none was."""
        return self.live_revision if self.live else None

    @property
    def status_string(self) -> Promise:
        """How far the draft is; Wagtail's own words would say that it can be answered."""
        if self.workflow_in_progress:
            return _("submitted for approval")
        if not self.live or self.live_revision_id is None:
            return _("draft")
        is_latest = self.live_revision_id == self.latest_revision_id
        return _("approved") if is_latest else _("approved, changed since")

    @property
    def preview_modes(self) -> list[tuple[str, Any]]:
        """The pages to look at: consent, each section, the review."""
        sections = [
            (child.value["code"], f"{number}. {child.value['title_vi'] or child.value['code']}")
            for number, child in enumerate(self.sections, start=1)
        ]
        return [*sections, (CONSENT_PAGE, _("Consent")), (REVIEW_PAGE, _("Review before sending"))]

    @property
    def preview_sizes(self) -> list[dict[str, Any]]:
        """A phone first."""
        names = ("name", "icon", "device_width", "label")
        return [dict(zip(names, size, strict=True)) for size in PREVIEW_SIZES]

    def serve_preview(self, request: HttpRequest, mode_name: str) -> HttpResponse:
        """Return a page of the questionnaire as citizens would see it."""
        return cast("HttpResponse", import_string(DRAW_PREVIEW)(self, request, mode_name))


class FrozenVersionError(TypeError):
    """Raised when somebody tries to change what respondents have been asked."""


class QuestionnaireVersionQuerySet(models.QuerySet["QuestionnaireVersion"]):
    """Versions are added and read, never changed."""

    def update(self, **_kwargs: Any) -> int:
        """Refuse: an answer points at the exact wording asked."""
        raise FrozenVersionError(_("A version never changes. Edit the draft and publish a new version."))

    def bulk_update(self, *_args: Any, **_kwargs: Any) -> int:
        """Refuse, as `update` does."""
        return self.update()


class QuestionnaireVersion(models.Model):
    """A questionnaire as it was put to respondents: an immutable document with its hash."""

    questionnaire = models.ForeignKey(
        Questionnaire, on_delete=models.PROTECT, related_name="versions", verbose_name=_("questionnaire")
    )
    number = models.PositiveIntegerField(_("number"))
    document = models.JSONField(_("document"))
    digest = models.CharField(_("SHA-256 of the document"), max_length=64)
    mapping = models.JSONField(_("mapping from the version before"), default=dict, blank=True)
    comparison = models.JSONField(_("questions compared with the version before"), default=list, blank=True)
    published_at = models.DateTimeField(_("published"), auto_now_add=True)

    objects = QuestionnaireVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("questionnaire version")
        verbose_name_plural = _("questionnaire versions")
        constraints = [
            models.UniqueConstraint(fields=["questionnaire", "number"], name="version_number_once")
        ]

    def __str__(self) -> str:
        return f"{self.questionnaire.code} v{self.number}"

    @property
    def short_digest(self) -> str:
        """The first digits of the hash, as printed on paper forms."""
        return self.digest[:DIGEST_PREFIX]


class RoundQuestionnaire(models.Model):
    """The version that a round asks."""

    round = models.OneToOneField(
        "sampling.SurveyRound",
        on_delete=models.CASCADE,
        related_name="questionnaire_link",
        verbose_name=_("round"),
    )
    version = models.ForeignKey(
        QuestionnaireVersion, on_delete=models.PROTECT, related_name="round_links", verbose_name=_("version")
    )

    class Meta:
        verbose_name = _("questionnaire of a round")
        verbose_name_plural = _("questionnaires of rounds")

    def __str__(self) -> str:
        return f"{self.round_id}: {self.version_id}"
