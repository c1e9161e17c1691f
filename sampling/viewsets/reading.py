"""Listings whose rows can be looked at, and changed by services only."""

from wagtail.admin.viewsets.model import ModelViewSet

from sampling.viewsets.marks import MarkedInspectView


class ReadOnlyViewSet(ModelViewSet):
    """A listing whose rows can be looked at."""

    inspect_view_enabled = True
    inspect_view_class = MarkedInspectView
    inspect_view_fields_exclude = ["id", "search_key", "sort_key"]
    copy_view_enabled = False
    exclude_form_fields: list[str] = []
    list_per_page = 50
