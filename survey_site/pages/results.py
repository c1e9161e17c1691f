"""What the results page shows: the figures of one release, turned into plain values for the templates."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import get_language

from analysis.marks import Mark, index_marks, points_marks, sentences, withheld_sentences
from analysis.models import PublishedEstimate, Release, Scorecard
from analysis.selectors.replaced_units import ReplacementRow, replacement_rows
from sampling.models import SurveyRound
from sampling.vietnamese import sort_key
from survey_site.core.charts import elements, ranking, tiles
from survey_site.core.charts.headline import HeadlineChart, headline_chart
from survey_site.core.charts.marks import Figure, Group, Unit

Level = PublishedEstimate.DomainLevel
Node = PublishedEstimate.Node
Statistic = PublishedEstimate.Statistic
SENTENCE_HEIGHT = 18

RESPONSE_RATES = {"response_rate_2": "RR2", "response_rate_1": "RR1"}
"""AAPOR's symbols of the rates in a release; the first that it has is shown."""


def in_language(texts: Mapping[str, str]) -> str:
    """Return the text of a method's document in the active language."""
    language = (get_language() or "vi")[:2]
    return texts.get(language) or texts.get("vi", "")


def as_figure(estimate: PublishedEstimate) -> Figure:
    """Return value and interval of an estimate."""
    return Figure(estimate.value, estimate.lower, estimate.upper)


@dataclass(frozen=True)
class ContentFigure:
    """A content of the index with its national figure."""

    title: str
    estimate: PublishedEstimate


@dataclass(frozen=True)
class ResponseRate:
    """A response rate with the symbol of its definition."""

    symbol: str
    share: float


@dataclass(frozen=True)
class ProvinceRow:
    """One line of the table behind the ranking."""

    name: str
    headline: PublishedEstimate
    mean_score: PublishedEstimate | None


@dataclass(frozen=True)
class CandidateInput:
    """One way to turn the index into PAR points."""

    code: str
    title: str
    maximum: Any


@dataclass(frozen=True)
class PointsRow:
    """PAR points of a province for every candidate input, in the order of the inputs."""

    name: str
    scorecards: tuple[Scorecard | None, ...]


@dataclass(frozen=True)
class Results:
    """Everything that the results page shows of one release."""

    release: Release
    estimates: tuple[PublishedEstimate, ...]
    scorecards: tuple[Scorecard, ...]
    requested: str = ""

    @property
    def round(self) -> SurveyRound:
        """The round whose answers were counted."""
        return self.release.snapshot.round

    @property
    def statistic(self) -> str:
        """The statistic that the method makes its headline."""
        return str(self.release.method.document.get("headline", Statistic.TOP_TWO_SHARE))

    @cached_property
    def national(self) -> dict[tuple[str, str, str], PublishedEstimate]:
        """National figures by node, code and statistic."""
        return {
            (estimate.node, estimate.node_code, estimate.statistic): estimate
            for estimate in self.estimates
            if estimate.domain_level == Level.NATION
        }

    def national_index(self, statistic: str) -> PublishedEstimate | None:
        """Return the national index by one statistic."""
        found = (
            estimate
            for (node, _code, kind), estimate in self.national.items()
            if node == Node.INDEX and kind == statistic
        )
        return next(found, None)

    @cached_property
    def headline(self) -> PublishedEstimate | None:
        """The national headline figure."""
        return self.national_index(self.statistic)

    @property
    def mean_score(self) -> PublishedEstimate | None:
        """The national mean score."""
        return self.national_index(Statistic.MEAN_SCORE)

    @property
    def plain_mean(self) -> PublishedEstimate | None:
        """The plain mean of the provinces, shown beside the headline."""
        return self.national_index(Statistic.PLAIN_MEAN_OF_PROVINCES)

    @property
    def response_rate(self) -> ResponseRate | None:
        """The share of eligible persons who answered."""
        rates = self.release.rates
        found = (
            ResponseRate(symbol, rates[name]) for name, symbol in RESPONSE_RATES.items() if name in rates
        )
        return next(found, None)

    @property
    def withheld(self) -> tuple[str, ...]:
        """How many parts of the index have no figure, by reason, in words."""
        return withheld_sentences(self.release)

    @property
    def is_approximate(self) -> bool:
        """Whether weights rest on approximate inclusion probabilities."""
        return bool(self.release.is_approximate)

    @cached_property
    def replacement_rows(self) -> list[ReplacementRow]:
        """The index with and without places that replaced others; empty where none did."""
        return replacement_rows(self.release)

    @cached_property
    def provinces(self) -> dict[str, PublishedEstimate]:
        """Headline figures of the provinces by code."""
        return self.province_indices(self.statistic)

    def province_indices(self, statistic: str) -> dict[str, PublishedEstimate]:
        """Return the index of every province by one statistic."""
        return {
            estimate.domain_code: estimate
            for estimate in self.estimates
            if (estimate.domain_level, estimate.node, estimate.statistic)
            == (Level.PROVINCE, Node.INDEX, statistic)
        }

    @property
    def selected(self) -> PublishedEstimate | None:
        """The province that the reader compares with, if it is one of ours."""
        return self.provinces.get(self.requested)

    @property
    def choices(self) -> list[PublishedEstimate]:
        """Provinces to choose from, in Vietnamese order."""
        return sorted(self.provinces.values(), key=lambda estimate: sort_key(estimate.domain_name))

    @cached_property
    def similar(self) -> frozenset[str]:
        """Codes of the provinces that cannot be told apart from the selected one."""
        return self.compared_as(Group.NOT_DISTINGUISHABLE)

    @cached_property
    def incomparable(self) -> frozenset[str]:
        """Codes of the provinces whose difference from the selected one has no test."""
        return self.compared_as(Group.NOT_COMPARABLE)

    def compared_as(self, group: Group) -> frozenset[str]:
        """Return the codes that stand like this to the selected province."""
        pairs = self.release.comparisons.get(group, {})
        return frozenset(pairs.get(self.requested, ())) if self.selected else frozenset()

    @property
    def has_incomparable(self) -> bool:
        """Whether anything shown is not comparable, so that the page explains the word."""
        return bool(self.incomparable) or any(unit.group == Group.NOT_COMPARABLE for unit in self.units)

    @cached_property
    def units(self) -> list[Unit]:
        """Provinces as the charts want them."""
        groups = self.release.comparisons.get("groups", {})
        return [
            Unit(
                code=code,
                name=tiles.short_name(code, estimate.domain_name),
                figure=as_figure(estimate),
                group=Group(groups.get(code) or estimate.comparison or Group.NOT_DISTINGUISHABLE),
                rank_low=estimate.rank_low or 1,
                rank_high=estimate.rank_high or len(self.provinces),
            )
            for code, estimate in self.provinces.items()
        ]

    @property
    def group_counts(self) -> list[tuple[Group, int]]:
        """How many provinces stand in each group; those not comparable are named only if there are any."""
        counts = [(group, sum(unit.group == group for unit in self.units)) for group in Group]
        return [(group, count) for group, count in counts if count or group != Group.NOT_COMPARABLE]

    @property
    def contents(self) -> list[ContentFigure]:
        """Contents of the index with their national figures."""
        found = (
            (content, self.national.get((Node.CONTENT, content["code"], self.statistic)))
            for content in self.release.method.document.get("contents", ())
        )
        return [
            ContentFigure(in_language(content["title"]), estimate) for content, estimate in found if estimate
        ]

    @property
    def headline_chart(self) -> HeadlineChart | None:
        """The national figure on its axis."""
        return headline_chart(as_figure(self.headline)) if self.headline else None

    @cached_property
    def ranking_chart(self) -> ranking.Ranking | None:
        """The provinces in groups."""
        if self.headline is None or not self.units:
            return None
        selected = self.requested if self.selected else ""
        reference = ranking.Reference(selected, self.similar, self.incomparable)
        return ranking.ranking_chart(self.units, as_figure(self.headline), reference)

    @property
    def tile_map(self) -> tiles.TileMap:
        """The provinces on the map, with both archipelagos."""
        return tiles.tile_map(self.units)

    @cached_property
    def elements_chart(self) -> elements.ElementsChart | None:
        """Elements in official order; without figures there is no chart."""
        contents = [self.content_of(content) for content in self.release.method.document.get("contents", ())]
        filled = [content for content in contents if content.elements]
        return elements.elements_chart(filled) if filled else None

    def content_of(self, content: dict[str, Any]) -> elements.Content:
        """Return a content with those of its elements that have a figure."""
        local = {
            estimate.node_code: as_figure(estimate)
            for estimate in self.estimates
            if (estimate.domain_level, estimate.node, estimate.statistic)
            == (Level.PROVINCE, Node.ELEMENT, self.statistic)
        }
        found = (
            (element, self.national.get((Node.ELEMENT, element["code"], self.statistic)))
            for element in content["elements"]
        )
        return elements.Content(
            code=content["code"],
            title=in_language(content["title"]),
            elements=[
                elements.Element(
                    element["code"],
                    in_language(element["title"]),
                    as_figure(estimate),
                    local.get(element["code"]),
                )
                for element, estimate in found
                if estimate
            ],
        )

    @property
    def province_rows(self) -> list[ProvinceRow]:
        """The table behind the ranking and the map, highest estimate first."""
        scores = self.province_indices(Statistic.MEAN_SCORE)
        ordered = sorted(self.provinces.items(), key=lambda item: (-item[1].value, item[0]))
        return [ProvinceRow(estimate.domain_name, estimate, scores.get(code)) for code, estimate in ordered]

    @cached_property
    def candidate_inputs(self) -> list[CandidateInput]:
        """The inputs for which points were computed, headline first."""
        item = self.release.criteria_set.document.get("sipas") or {}
        titles = {entry["code"]: in_language(entry["title"]) for entry in item.get("candidate_inputs", ())}
        maxima = {card.candidate_input: card.maximum for card in self.scorecards}
        ordered = sorted(maxima, key=lambda code: (code != item.get("headline_input"), code))
        return [CandidateInput(code, titles.get(code, code), maxima[code]) for code in ordered]

    @property
    def points_rows(self) -> list[PointsRow]:
        """PAR points of every province, most points by the first input at the top."""
        names = {card.province_code: card.province_name for card in self.scorecards}
        cards = {(card.province_code, card.candidate_input): card for card in self.scorecards}
        rows = [
            PointsRow(name, tuple(cards.get((code, entry.code)) for entry in self.candidate_inputs))
            for code, name in names.items()
        ]
        return sorted(rows, key=lambda row: (first_rank(row.scorecards), row.name))

    @cached_property
    def marks(self) -> tuple[Mark, ...]:
        """Everything behind the figures and points that has no official text."""
        return points_marks(self.release)

    @cached_property
    def provisional_reason(self) -> str:
        """The reason that the mark beside a figure of the index gives; empty for a confirmed method."""
        return reason_of(index_marks(self.release))

    @cached_property
    def points_reason(self) -> str:
        """The reason that the mark beside the points gives."""
        return reason_of(self.marks)

    @cached_property
    def sentences(self) -> tuple[str, ...]:
        """The marks as they stand at the foot of every chart, which readers may take out of the page."""
        return sentences(self.release)

    @property
    def sentences_height(self) -> int:
        """Room for them, in units of a chart."""
        return len(self.sentences) * SENTENCE_HEIGHT + SENTENCE_HEIGHT // 2 if self.sentences else 0


def reason_of(marks: Iterable[Mark]) -> str:
    """Return in one text why something is provisional; the titles where no reason is given."""
    return " ".join(mark.reason or mark.title for mark in marks)


def first_rank(scorecards: Iterable[Scorecard | None]) -> int:
    """Return the rank by the first input that has one; units without any come last."""
    return next((card.rank for card in scorecards if card), len(tiles.CELLS) + 1)


def shown_estimates(release_id: int, selected: str) -> QuerySet[PublishedEstimate]:
    """Return the estimates that the page shows: the nation, the provinces' index, one province's elements."""
    nation = Q(domain_level=Level.NATION) & ~Q(node=Node.CRITERION)
    provinces = Q(domain_level=Level.PROVINCE, node=Node.INDEX)
    chosen = Q(domain_level=Level.PROVINCE, node=Node.ELEMENT, domain_code=selected)
    return PublishedEstimate.objects.filter(release_id=release_id).filter(nation | provinces | chosen)


def build_results(release_id: int, *, selected: str = "") -> Results:
    """Read one release in three queries."""
    related = ("method", "criteria_set", "snapshot__round__template")
    return Results(
        release=Release.objects.select_related(*related).get(pk=release_id),
        estimates=tuple(shown_estimates(release_id, selected)),
        scorecards=tuple(Scorecard.objects.filter(release_id=release_id)),
        requested=selected,
    )
