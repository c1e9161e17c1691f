"""Who may: methods, snapshots and releases are looked at, never edited; publishing has its own permission."""

from wagtail.permissions import register_permission_policy

from analysis.models import (
    CriteriaSet,
    IndexMethod,
    PopulationMargin,
    PublishedEstimate,
    Release,
    Scorecard,
    Snapshot,
)
from sampling.permissions import ReadOnlyPermissionPolicy

EXPORT_MICRODATA = "analysis.export_microdata"
ESTIMATE_SNAPSHOT = "analysis.estimate_snapshot"
PUBLISH_RELEASE = "analysis.publish_release"

READ_ONLY_MODELS = (
    CriteriaSet,
    IndexMethod,
    PopulationMargin,
    PublishedEstimate,
    Release,
    Scorecard,
    Snapshot,
)


def register_policies() -> None:
    """Register one policy per model; called once, when the hooks are read."""
    for model in READ_ONLY_MODELS:
        register_permission_policy(model, ReadOnlyPermissionPolicy(model))
