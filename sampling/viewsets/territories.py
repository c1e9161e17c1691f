"""Views that keep people of a province to the rounds they may look at, and the listing of these people."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.forms import ModelChoiceField
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.views import View
from wagtail.admin.forms.models import WagtailAdminModelForm
from wagtail.admin.views.generic import IndexView
from wagtail.admin.viewsets.model import ModelViewSet

from sampling.models import AdministrativeUnit, TerritoryMember
from sampling.selectors.territories import within_province, within_territory


class TerritoryMixin:
    """What the views of a listing share: which of its rows a person may see."""

    territory_path = ""
    """How the round is reached from a row, such as ``round__``; empty for rounds themselves."""
    place_path = ""
    """How the province is reached from a row that stands for a place; empty for rows that do not."""
    request: HttpRequest

    def narrowed(self, rows: QuerySet) -> QuerySet:
        """Leave out rounds of other provinces, and places in them."""
        seen = within_territory(rows, self.request.user, self.territory_path)
        return within_province(seen, self.request.user, self.place_path) if self.place_path else seen


class TerritoryIndexMixin(TerritoryMixin):
    """Narrows a listing, and the choices of its filters, to the rounds of a province and to national ones."""

    @cached_property
    def filters(self) -> Any:
        """Offer no round of another province in a filter on the way from a row to its round."""
        filters: Any = super().filters  # type: ignore[misc]
        for name, field in (filters.form.fields if filters else {}).items():
            rows = field.queryset if isinstance(field, ModelChoiceField) else None
            if rows is not None and self.territory_path.startswith(f"{name}__"):
                below = self.territory_path.removeprefix(f"{name}__")
                seen = within_territory(rows.all(), self.request.user, below)
                field.queryset = filters.filters[name].field.queryset = seen
        return filters

    def get_base_queryset(self) -> QuerySet:
        """Leave out what belongs to rounds of other provinces."""
        rows: QuerySet = super().get_base_queryset()  # type: ignore[misc]
        return self.narrowed(rows)


class TerritoryObjectMixin(TerritoryMixin):
    """Refuses a record that belongs to a round of another province."""

    def get_object(self, *args: Any, **kwargs: Any) -> Any:
        """Return the record, or refuse it."""
        record: Any = super().get_object(*args, **kwargs)  # type: ignore[misc]
        if not self.narrowed(type(record).objects.all()).filter(pk=record.pk).exists():
            raise PermissionDenied
        return record


class TerritoryViewSetMixin:
    """Keeps every view of a viewset to what a person may see: the listing, and whatever opens a record.

    Those are all views of Wagtail: inspection, editing, deletion, history and usage.
    """

    territory_path = ""
    place_path = ""

    def construct_view(self, view_class: type[View], **kwargs: Any) -> Any:
        """Guard a view before it is made."""
        return super().construct_view(self.guarded(view_class), **kwargs)  # type: ignore[misc]

    def guarded(self, view_class: type[View]) -> type[View]:
        """Return a view that narrows its rows, or refuses its record."""
        mixin: type = TerritoryIndexMixin if issubclass(view_class, IndexView) else TerritoryObjectMixin
        if issubclass(view_class, mixin):
            return view_class
        if mixin is TerritoryObjectMixin and not hasattr(view_class, "get_object"):
            return view_class
        paths = {"territory_path": self.territory_path, "place_path": self.place_path}
        return type(view_class.__name__, (mixin, view_class), {"__module__": __name__, **paths})


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
