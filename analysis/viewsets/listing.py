"""What all listings of results share."""

from collections.abc import Sequence

from django.db.models import Q, QuerySet
from wagtail.admin.viewsets.model import ModelViewSet

from sampling.vietnamese import search_key


class RepeatedTextSearchMixin:
    """Finds rows of long tables by texts that repeat, such as provinces, whatever tone marks were typed."""

    searched_texts: Sequence[str] = ()
    is_searching: bool
    search_query: str

    def search_queryset(self, queryset: QuerySet) -> QuerySet:
        """Return the rows one of whose texts contains what was typed."""
        if not self.is_searching:
            return queryset
        key = search_key(self.search_query)
        found = Q(pk__in=())
        for name in self.searched_texts:
            texts = queryset.order_by().values_list(name, flat=True).distinct()
            found |= Q(**{f"{name}__in": [text for text in texts if key and key in search_key(text)]})
        return queryset.filter(found)


class ReadOnlyViewSet(ModelViewSet):
    """A listing whose rows can be looked at."""

    inspect_view_enabled = True
    copy_view_enabled = False
    exclude_form_fields: list[str] = []
    list_per_page = 50
