"""“Is this survey genuine?”: who asks now, by whose decision, and what is never asked for."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.views.generic import TemplateView

from questionnaires.models import OpenRound
from sampling.models import SurveyRound

MOST_OPEN_ROUNDS = 20
"""A country has thousands of counters: each form leads here with its own round."""


@dataclass(frozen=True, slots=True)
class RoundOnAir:
    """What a round that takes answers says of itself; what nobody entered is left out."""

    round: SurveyRound

    @property
    def decision(self) -> str:
        """The decision behind the round, else the one behind its sampling template."""
        return self.round.decision or str(self.round.template.document.get("decision") or "")

    @property
    def phone_link(self) -> str:
        """The telephone number as a link dials it."""
        signs = (sign for sign in self.round.contact_phone if sign.isdecimal() or sign == "+")
        return f"tel:{''.join(signs)}"


class GenuineView(TemplateView):
    """A page for whoever doubts a letter, a link or a visitor; it needs no code and keeps nothing."""

    template_name = "questionnaires/genuine.html"

    def open_rounds(self) -> list[OpenRound]:
        """Return the open round that somebody comes from, else the first of those that take answers."""
        rounds = OpenRound.objects.accepting_answers().order_by("name_vi", "pk")
        code = self.request.GET.get("mo", "")
        return list(rounds.filter(code=code) or rounds[:MOST_OPEN_ROUNDS])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the rounds that take answers now, and the address of the site."""
        rounds = SurveyRound.objects.accepting_answers().select_related("template")
        open_rounds = self.open_rounds()
        return super().get_context_data(**kwargs) | {
            "rounds_on_air": [RoundOnAir(found) for found in rounds],
            "open_rounds_on_air": open_rounds,
            "has_phone": any(found.contact_phone for found in rounds)
            or any(found.contact_phone for found in open_rounds),
            "site_address": settings.WAGTAILADMIN_BASE_URL.rstrip("/"),
        }
