"""The order of the lists from which a sample was drawn."""

from typing import Any

from django.contrib.admin.utils import quote
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from wagtail.admin.ui.tables import BooleanColumn, Column
from wagtail.admin.views.generic import IndexView
from wagtail.admin.widgets.button import HeaderButton

from sampling.models import ListedUnit, Sample
from sampling.permissions import ReadOnlyPermissionPolicy
from sampling.selectors import listed_units, sees_round
from sampling.viewsets.columns import number_column
from sampling.viewsets.search import StoredKeySearchMixin


class ListOrderView(StoredKeySearchMixin, IndexView):
    """Every commune and village in its place of the sorted list, with what is needed to replay the draw."""

    model = ListedUnit
    permission_policy = ReadOnlyPermissionPolicy(Sample)
    any_permission_required = ("view",)
    page_title = gettext_lazy("Order of the lists")
    header_icon = "list-ol"
    paginate_by = 100
    key_field = "frame_unit__search_key"
    code_field = "frame_unit__code"
    search_fields = ("frame_unit__search_key", "frame_unit__code")
    list_filter = ("list__stage", "list__stratum")
    columns = (
        number_column("position", gettext_lazy("Place")),
        Column("frame_unit.name", label=gettext_lazy("Name")),
        Column("frame_unit.code", label=gettext_lazy("Code"), sort_key="frame_unit__code"),
        Column("frame_unit.administrative_unit.unit_type", label=gettext_lazy("Type of the commune")),
        Column("list", label=gettext_lazy("List")),
        number_column("measure_of_size", gettext_lazy("Adults")),
        number_column("cumulated_size", gettext_lazy("Cumulated size of the units before")),
        BooleanColumn("is_drawn", label=pgettext_lazy("draw", "drawn")),
    )
    list_export = (
        "list.stage",
        "list.stratum",
        "list.n_wanted",
        "list.total_size",
        "list.random_start",
        "list.digest",
        "position",
        "frame_unit.code",
        "frame_unit.name",
        "measure_of_size",
        "cumulated_size",
        "is_drawn",
    )
    sample: Sample

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Fetch the sample."""
        super().setup(request, *args, **kwargs)
        self.sample = get_object_or_404(Sample.objects.select_related("round"), pk=kwargs["pk"])
        if not sees_round(request.user, self.sample.round):
            raise PermissionDenied

    def get_base_queryset(self) -> QuerySet[ListedUnit]:
        """Return the units of the lists of the sample."""
        return listed_units(self.sample)

    def get_page_subtitle(self) -> str:
        """Name the sample."""
        return str(self.sample)

    def get_index_url(self) -> str:
        """Return the address of the listing."""
        return reverse("sample:order", args=[self.sample.pk])

    def get_index_results_url(self) -> str:
        """Return the address of its results, which the search box asks for."""
        return reverse("sample:order_results", args=[self.sample.pk])

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """Lead back to the sample and the list of samples."""
        return [
            *self.breadcrumbs_items,
            {"url": reverse("sample:index"), "label": _("Samples")},
            {"url": reverse("sample:inspect", args=[quote(self.sample.pk)]), "label": str(self.sample)},
            {"url": "", "label": self.get_page_title()},
        ]


def order_button(sample: Sample) -> HeaderButton:
    """Return the button that leads from a sample to the order of its lists."""
    url = reverse("sample:order", args=[sample.pk])
    return HeaderButton(label=_("Order of the lists"), url=url, icon_name="list-ol")
