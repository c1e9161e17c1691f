"""Search boxes of listings that find Vietnamese text whatever tone marks were typed, on every database."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q, QuerySet

from sampling.vietnamese import search_key

NO_LIMIT = 100_000
"""Long texts are compared whole."""


class StoredKeySearchMixin:
    """Finds rows of long tables: what is typed is compared with a stored key, and with a code."""

    key_field = "search_key"
    code_field = "code"
    is_searching: bool
    search_query: str

    def search_queryset(self, queryset: QuerySet) -> QuerySet:
        """Return the rows whose name or code contains what was typed."""
        if not self.is_searching:
            return queryset
        found = Q(**{f"{self.code_field}__icontains": self.search_query.strip()})
        key = search_key(self.search_query)
        return queryset.filter(found | Q(**{f"{self.key_field}__contains": key}) if key else found)


class TextSearchMixin:
    """Finds rows of short tables, such as rounds: their texts are compared one by one."""

    searched_texts: Sequence[str] = ()
    is_searching: bool
    search_query: str

    def search_queryset(self, queryset: QuerySet) -> QuerySet:
        """Return the rows one of whose texts contains what was typed."""
        if not self.is_searching:
            return queryset
        key = _whole_key(self.search_query)
        rows: Any = queryset.order_by().values_list("pk", *self.searched_texts)
        found = [pk for pk, *texts in rows if any(key in _whole_key(text or "") for text in texts)]
        return queryset.filter(pk__in=found) if key else queryset.none()


def _whole_key(text: str) -> str:
    """Return the key of a text of any length."""
    return search_key(text, max_length=NO_LIMIT)
