"""The admin: drafts of questionnaires, their versions, the rounds that ask them, villages and enumerators."""

from collections.abc import Sequence
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Model, QuerySet
from django.forms import ModelChoiceField
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel, ObjectList, TabbedInterface
from wagtail.admin.ui.tables import BooleanColumn, Column
from wagtail.admin.views.generic import CreateView, EditView, IndexView
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.admin.widgets.button import HeaderButton
from wagtail.snippets.views.snippets import IndexView as SnippetIndexView
from wagtail.snippets.views.snippets import SnippetViewSet

from questionnaires.models import Assignment, Questionnaire, QuestionnaireVersion, RoundQuestionnaire
from questionnaires.permissions import (
    ADD_DRAFT,
    ADD_OPEN_ROUND,
    CONDUCT_INTERVIEWS,
)
from questionnaires.selectors import PLACE_RELATIONS, place_of
from questionnaires.services import (
    QuestionnaireInUseError,
    UnpublishableError,
    assign_version_to_round,
    assign_village,
    check_assignment,
)
from questionnaires.viewsets.draft_approvals import DraftEditView, DraftWorkflowActionView
from questionnaires.viewsets.previews import QuestionnairePreviewOnCreate, QuestionnairePreviewOnEdit
from questionnaires.viewsets.publishing import open_round_address
from sampling.models import SampledUnit
from sampling.selectors.territories import rounds_run_by, within_province, within_territory
from sampling.services.territories import TerritoryError, require_territory
from sampling.viewsets.search import TextSearchMixin
from sampling.viewsets.territories import TerritoryViewSetMixin


def _pair(name: str) -> FieldRowPanel:
    """Return the Vietnamese and the English text of a field side by side."""
    return FieldRowPanel([FieldPanel(f"{name}_vi"), FieldPanel(f"{name}_en")])


class QuestionnaireIndexView(TextSearchMixin, SnippetIndexView):
    """Finds drafts whatever tone marks were typed."""

    searched_texts = ("code", "title_vi", "title_en")

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        """Offer to begin with a form that can be published, or with one from a file."""
        buttons: list[HeaderButton] = [*super().header_buttons]
        if self.request.user.has_perm(ADD_DRAFT):
            buttons += [
                HeaderButton(_("Start an empty form"), url=reverse("questionnaires_start"), icon_name="plus"),
                HeaderButton(_("Import a form"), url=reverse("questionnaires_import"), icon_name="upload"),
            ]
        return buttons


class DraftForm(WagtailAdminModelForm):
    """A draft; no input of the page is called `method`.

    Such an input would hide the method of the form element, by which the editor saves while somebody types.
    """

    def add_prefix(self, field_name: str) -> str:
        """Return the name of an input."""
        name: str = super().add_prefix("measured_method" if field_name == "method" else field_name)
        return name


class QuestionnaireViewSet(SnippetViewSet):
    """Drafts: sections and questions, consent, scales, where the wording comes from."""

    model = Questionnaire
    index_view_class = QuestionnaireIndexView
    edit_view_class = DraftEditView
    workflow_action_view_class = DraftWorkflowActionView
    preview_on_add_view_class = QuestionnairePreviewOnCreate
    preview_on_edit_view_class = QuestionnairePreviewOnEdit
    icon = "form"
    menu_label = gettext_lazy("Drafts")
    list_display = [
        "__str__",
        "code",
        BooleanColumn("is_provisional", label=gettext_lazy("provisional wording")),
    ]
    copy_view_enabled = False
    edit_handler = TabbedInterface(
        [
            ObjectList(
                [
                    FieldRowPanel([FieldPanel("code"), FieldPanel("method"), FieldPanel("is_bilingual")]),
                    _pair("title"),
                    FieldPanel("sections"),
                    FieldPanel("rules"),
                ],
                heading=gettext_lazy("Questions"),
            ),
            ObjectList([FieldPanel("scales"), FieldPanel("attributes")], heading=gettext_lazy("Scales")),
            ObjectList(
                [
                    FieldRowPanel([FieldPanel("consent_version"), FieldPanel("consent_is_placeholder")]),
                    _pair("consent_title"),
                    FieldPanel("consent"),
                ],
                heading=gettext_lazy("Consent"),
            ),
            ObjectList(
                [
                    MultiFieldPanel(
                        [FieldPanel("is_provisional"), _pair("provisional_reason")],
                        heading=gettext_lazy("Provisional wording"),
                    ),
                    _pair("source"),
                    FieldPanel("remarks"),
                ],
                heading=gettext_lazy("Source"),
            ),
        ],
        base_form_class=DraftForm,
    )


class PrintColumn(Column):
    """Links to the printable form and to the version as a file."""

    def get_value(self, instance: QuestionnaireVersion) -> SafeString:
        """Return the links."""
        addresses = (
            (reverse("questionnaires:paper_form", args=[instance.pk]), _("Print")),
            (reverse("questionnaires_export_version", args=[instance.pk, "xlsform"]), _("XLSForm")),
            (reverse("questionnaires_export_version", args=[instance.pk, "json"]), _("JSON")),
        )
        return format_html_join(" ", '<a href="{}">{}</a>', addresses)

    def get_cell_context_data(self, instance: QuestionnaireVersion, parent_context: Any) -> dict[str, Any]:
        """Add the way to an open round for those who may make one."""
        context: dict[str, Any] = super().get_cell_context_data(instance, parent_context)
        if parent_context["request"].user.has_perm(ADD_OPEN_ROUND):
            link = format_html('<a href="{}">{}</a>', open_round_address(instance), _("Create an open round"))
            context["value"] = format_html("{} {}", context["value"], link)
        return context


class VersionIndexView(IndexView):
    """Lists versions without reading their documents."""

    def get_base_queryset(self) -> QuerySet:
        """Fetch the questionnaire along."""
        versions: QuerySet = super().get_base_queryset()
        return versions.select_related("questionnaire").defer("document", "questionnaire__sections")


class QuestionnaireVersionViewSet(ModelViewSet):
    """Published versions; nobody changes them."""

    model = QuestionnaireVersion
    icon = "lock"
    menu_label = gettext_lazy("Versions")
    index_view_class = VersionIndexView
    copy_view_enabled = False
    exclude_form_fields: Sequence[str] = []
    list_display = [
        "__str__",
        "number",
        "published_at",
        Column("short_digest", label=gettext_lazy("SHA-256, first digits")),
        PrintColumn("print", label=""),
    ]


class RoundQuestionnaireForm(WagtailAdminModelForm):
    """Which version a round asks, refused with the service's own words."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["round"].disabled = self.instance.pk is not None
        self.fields["round"].queryset = rounds_run_by(self.for_user)

    def clean(self) -> dict[str, Any]:
        """Ask the service before anything is saved."""
        values: dict[str, Any] = super().clean()
        if values.get("round") and values.get("version"):
            try:
                require_territory(self.for_user, values["round"])
                check_assignment(round=values["round"], version=values["version"])
            except TerritoryError as error:
                self.add_error(None, str(error))
            except (QuestionnaireInUseError, UnpublishableError) as error:
                self.add_error("version", str(error))
        return values

    def hand_over(self, user: AbstractBaseUser) -> RoundQuestionnaire:
        """Assign through the service."""
        values = self.cleaned_data
        return assign_version_to_round(round=values["round"], version=values["version"], user=user)


class ServiceSaveMixin:
    """Saves through a service instead of through the form."""

    form: Any
    request: HttpRequest

    def save_instance(self) -> Model:
        """Hand the checked values to the service."""
        saved: Model = self.form.hand_over(self.request.user)
        return saved


class ServiceCreateView(ServiceSaveMixin, CreateView):
    """Creates through the service of the form."""


class ServiceEditView(ServiceSaveMixin, EditView):
    """Changes through the service of the form."""


class RoundQuestionnaireViewSet(TerritoryViewSetMixin, ModelViewSet):
    """The version each round asks."""

    territory_path = "round__"

    model = RoundQuestionnaire
    icon = "calendar-check"
    menu_label = gettext_lazy("Rounds")
    add_view_class = ServiceCreateView
    edit_view_class = ServiceEditView
    edit_handler = ObjectList(
        [FieldPanel("round"), FieldPanel("version")], base_form_class=RoundQuestionnaireForm
    )
    list_display = ["round", "version"]
    copy_view_enabled = False


class VillageField(ModelChoiceField):
    """Villages by name, commune and province."""

    def label_from_instance(self, obj: Any) -> str:
        """Return the full name of a village."""
        place = place_of(obj)
        return f"{place['province']} – {place['commune']} – {place['village']}"


class AssignmentForm(WagtailAdminModelForm):
    """A village and an enumerator who may interview; a village once given stays, or its access would, too."""

    village = VillageField(
        label=gettext_lazy("village"),
        queryset=SampledUnit.objects.filter(stage=SampledUnit.Stage.VILLAGE)
        .select_related(*PLACE_RELATIONS)
        .order_by(
            "province__sort_key",
            "parent__frame_unit__administrative_unit__sort_key",
            "parent__frame_unit__name",
            "frame_unit__code",
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        users = get_user_model().objects.with_perm(CONDUCT_INTERVIEWS, include_superusers=False)
        self.fields["enumerator"].queryset = users.order_by("last_name", "first_name", "username")
        village = self.fields["village"]
        seen = within_territory(village.queryset, self.for_user, "sample__round__")
        village.queryset = within_province(seen, self.for_user, "province")
        village.disabled = self.instance.pk is not None

    def hand_over(self, user: AbstractBaseUser) -> Assignment:
        """Assign through the service."""
        values = self.cleaned_data
        return assign_village(village=values["village"], enumerator=values["enumerator"], user=user)


class AssignmentIndexView(IndexView):
    """Lists assignments with few queries."""

    def get_base_queryset(self) -> QuerySet:
        """Fetch place and person along."""
        rows: QuerySet = super().get_base_queryset()
        return rows.select_related("enumerator", *(f"village__{relation}" for relation in PLACE_RELATIONS))


class AssignmentViewSet(TerritoryViewSetMixin, ModelViewSet):
    """Who works where."""

    territory_path = "village__sample__round__"
    place_path = "village__province"

    model = Assignment
    icon = "user"
    menu_label = gettext_lazy("Assignments")
    index_view_class = AssignmentIndexView
    add_view_class = ServiceCreateView
    edit_view_class = ServiceEditView
    edit_handler = ObjectList(
        [FieldPanel("village"), FieldPanel("enumerator")], base_form_class=AssignmentForm
    )
    list_display = [
        Column("village.frame_unit.name", label=gettext_lazy("village")),
        Column("village.province.name", label=gettext_lazy("province")),
        "enumerator",
        "assigned_at",
    ]
    copy_view_enabled = False
