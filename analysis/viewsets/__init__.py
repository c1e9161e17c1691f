"""The admin of what the answers say."""

from django.utils.translation import gettext_lazy
from wagtail.admin.viewsets.model import ModelViewSetGroup

from analysis.viewsets.bridge import BridgeViewSet
from analysis.viewsets.desk import DeskViewSet
from analysis.viewsets.figures import EstimateViewSet, ScorecardViewSet
from analysis.viewsets.margins import PopulationMarginViewSet
from analysis.viewsets.methods import CriteriaSetViewSet, IndexMethodViewSet
from analysis.viewsets.releases import ReleaseViewSet, SnapshotViewSet, described_merge

__all__ = ["AnalysisViewSetGroup", "described_merge"]


class AnalysisViewSetGroup(ModelViewSetGroup):
    """The menu of what the answers say."""

    menu_label = gettext_lazy("Results")
    menu_icon = "list-ol"
    menu_order = 400
    items = (
        ReleaseViewSet,
        EstimateViewSet,
        ScorecardViewSet,
        DeskViewSet,
        BridgeViewSet,
        SnapshotViewSet,
        PopulationMarginViewSet,
        IndexMethodViewSet,
        CriteriaSetViewSet,
    )
