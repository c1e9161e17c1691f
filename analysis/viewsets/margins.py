"""The listing of population margins."""

from django.utils.translation import gettext_lazy
from wagtail.admin.ui.tables import Column

from analysis.models import PopulationMargin
from analysis.viewsets.listing import ReadOnlyViewSet
from analysis.viewsets.releases import CATEGORIES
from sampling.viewsets.columns import number_column
from sampling.viewsets.marks import MarkedInspectView
from sampling.viewsets.territories import TerritoryViewSetMixin


def category_in_words(margin: PopulationMargin) -> str:
    """Return the category of a margin in words."""
    return str(CATEGORIES.get(margin.category, margin.category))


class MarginInspectView(MarkedInspectView):
    """Shows one margin."""

    def get_category_display_value(self) -> str:
        """Return the category in words."""
        return category_in_words(self.object)


class PopulationMarginViewSet(TerritoryViewSetMixin, ReadOnlyViewSet):
    """Population margins with their source and date."""

    territory_path = "round__"

    model = PopulationMargin
    icon = "group"
    inspect_view_class = MarginInspectView
    menu_label = gettext_lazy("Population margins")
    list_display = [
        "round",
        "province_code",
        Column("get_variable_display", label=gettext_lazy("variable"), sort_key="variable"),
        Column("category", label=gettext_lazy("category"), accessor=category_in_words, sort_key="category"),
        number_column("population", gettext_lazy("adult population")),
        "source",
        "reference_date",
    ]
    list_filter = ["round", "variable", "province_code"]
    ordering = ("round", "province_code", "variable", "category")
    add_to_reference_index = False
