"""Pages of the admin that show one record, with the marks of the methods behind it."""

import datetime
import json
from collections.abc import Iterable
from operator import attrgetter
from typing import Any

from django.db.models import Field
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from wagtail.admin.views.generic import InspectView

from sampling.models import MethodDocument
from sampling.models.areas import UNKNOWN_START
from sampling.viewsets.planner_words import domain_name

NOTHING = "—"


class MarkedInspectView(InspectView):
    """Shows a record below the provisional marks of its methods; moments in the time zone of the site."""

    template_name = "sampling/marked_inspect.html"
    method_paths: tuple[str, ...] = ()
    """Where the methods are, seen from the record; empty for a record without figures."""

    def get_field_display_value(self, field_name: str, field: Field) -> Any:
        """Convert moments, tell in words what has none of its own, leave everything else as it is."""
        value = super().get_field_display_value(field_name, field)
        if value == UNKNOWN_START:
            return _("unknown")
        if field_name == "region":
            return domain_name(value) or NOTHING
        return shown_value(value)

    def get_marks(self) -> Iterable[Any]:
        """Return what has a title and a reason why it is provisional."""
        methods = (attrgetter(path)(self.object) for path in self.method_paths)
        return [mark_of(method) for method in methods if method.is_provisional]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the marks."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"marks": self.get_marks()}


class MarkedMethodView(MarkedInspectView):
    """Shows a method with its own mark."""

    def get_is_provisional_display_value(self) -> str:
        """Say it in words."""
        return _("yes") if self.object.is_provisional else _("no")

    def get_marks(self) -> Iterable[Any]:
        """Return the mark of the method itself."""
        return [mark_of(self.object)] if self.object.is_provisional else []


def shown_value(value: Any) -> Any:
    """Return a stored value as readers write it: a dash for none, yes or no, local time, JSON."""
    if value is None or value == "":
        return NOTHING
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime.datetime):
        return timezone.localtime(value)
    if isinstance(value, dict | list):
        return format_html("<pre>{}</pre>", json.dumps(value, ensure_ascii=False, indent=2))
    return value


def mark_of(method: MethodDocument) -> dict[str, str]:
    """Return title and reason of a provisional method."""
    return {"title": method.title, "reason": method.provisional_reason}
