"""Views that keep people of a province to the rounds they may look at, and the listing of these people."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.models import WagtailAdminModelForm
from wagtail.admin.viewsets.model import ModelViewSet

from sampling.models import AdministrativeUnit, TerritoryMember
from sampling.selectors.territories import within_territory


class TerritoryIndexMixin:
    """Narrows a listing to the rounds of the person's province and to national ones."""

    territory_path = ""
    """How the round is reached from a row, such as ``round__``; empty for rounds themselves."""
    request: HttpRequest

    def get_base_queryset(self) -> QuerySet:
        """Leave out what belongs to rounds of other provinces."""
        rows: QuerySet = super().get_base_queryset()  # type: ignore[misc]
        return within_territory(rows, self.request.user, self.territory_path)


class TerritoryObjectMixin:
    """Refuses a record that belongs to a round of another province."""

    territory_path = ""
    request: HttpRequest

    def get_object(self, *args: Any, **kwargs: Any) -> Any:
        """Return the record, or refuse it."""
        record: Any = super().get_object(*args, **kwargs)  # type: ignore[misc]
        rows = within_territory(type(record).objects.all(), self.request.user, self.territory_path)
        if not rows.filter(pk=record.pk).exists():
            raise PermissionDenied
        return record


class TerritoryMemberForm(WagtailAdminModelForm):
    """Who works for which province of today."""

    class Meta:
        model = TerritoryMember
        fields = ("user", "province")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the provinces that exist today."""
        super().__init__(*args, **kwargs)
        provinces = AdministrativeUnit.objects.valid_on(timezone.localdate()).provinces()
        self.fields["province"].queryset = provinces.in_vietnamese_order()


class TerritoryMemberViewSet(ModelViewSet):
    """People who work for one province."""

    model = TerritoryMember
    icon = "user"
    menu_label = _("Persons of provinces")
    form_fields = ("user", "province")
    list_display = ("user", "province")
    copy_view_enabled = False

    def get_form_class(self, *, for_update: bool = False) -> type[TerritoryMemberForm]:  # noqa: ARG002 - Wagtail passes it
        """Return the form that offers provinces only."""
        return TerritoryMemberForm
