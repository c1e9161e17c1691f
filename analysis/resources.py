"""What django-import-export takes out of a release: estimates and scorecards."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import pandas as pd
from django.core.exceptions import PermissionDenied
from django.db.models import Field as ModelField
from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import override
from import_export import fields, resources, widgets

from analysis.exports import Column, ExportTable, Kind, codebook_table
from analysis.index import INDEX_CODE
from analysis.marks import sentences, withheld_sentences
from analysis.models import PublishedEstimate, Release, Scorecard
from analysis.services.microdata import HAS_APPROXIMATE, mark_columns, marks_of

MARKS = ("release", "is_provisional", "is_demo", "is_rehearsed", HAS_APPROXIMATE)


CHOICES: Mapping[str, list[tuple[str, Any]]] = {"flags": PublishedEstimate.Flag.choices}
"""Labels of the words in a column of several words, for the codebook."""


class ReleaseResource(resources.ModelResource):
    """A resource whose every row says which release it comes from and how far it can be trusted."""

    release = fields.Field(attribute="release__code", column_name="release", readonly=True)
    is_provisional = fields.Field(
        attribute="release__is_provisional",
        column_name="is_provisional",
        widget=widgets.BooleanWidget(),
        readonly=True,
    )
    is_demo = fields.Field(
        attribute="release__is_demo", column_name="is_demo", widget=widgets.BooleanWidget(), readonly=True
    )
    is_rehearsed = fields.Field(
        attribute="release__is_rehearsed",
        column_name="is_rehearsed",
        widget=widgets.BooleanWidget(),
        readonly=True,
    )
    has_approximate = fields.Field(
        attribute="release__is_approximate",
        column_name=HAS_APPROXIMATE,
        widget=widgets.BooleanWidget(),
        readonly=True,
    )

    def filter_export(self, queryset: QuerySet, **_kwargs: Any) -> QuerySet:
        """Read the releases along with the rows."""
        return queryset.select_related("release__method").order_by("pk")

    def import_data(self, *_args: Any, **_kwargs: Any) -> None:
        """Refuse: published figures come from publication alone."""
        raise PermissionDenied(_("A release never changes. Publish a new one instead of importing figures."))


class EstimateResource(ReleaseResource):
    """Published estimates, each with its uncertainty."""

    domain_name = fields.Field(column_name="domain_name", readonly=True)
    node_title = fields.Field(column_name="node_title", readonly=True)
    flags = fields.Field(column_name="flags", readonly=True)

    class Meta:
        model = PublishedEstimate
        fields = (
            *MARKS, "domain_level", "domain_code", "domain_name", "node", "node_code", "node_title",
            "statistic", "value", "standard_error", "lower", "upper", "degrees_of_freedom", "deff",
            "effective_n", "n", "item_nonresponse", "flags", "comparison", "rank_low", "rank_high",
        )  # fmt: skip
        export_order = fields

    def __init__(self, language: str = "vi") -> None:
        super().__init__()
        self.language = language
        self._titles: dict[int, dict[str, str]] = {}
        with override(language):
            self._nation = _("Whole country")

    def dehydrate_domain_name(self, estimate: PublishedEstimate) -> str:
        """Return the name of the province, or of the nation in the language of the file."""
        is_nation = estimate.domain_level == PublishedEstimate.DomainLevel.NATION
        return self._nation if is_nation else estimate.domain_name

    def dehydrate_node_title(self, estimate: PublishedEstimate) -> str:
        """Return the title of the part of the index, as the method words it in the language of the file."""
        method = estimate.release.method
        if method.pk not in self._titles:
            with override(self.language):
                index = {INDEX_CODE: method.title}
            self._titles[method.pk] = index | dict(node_titles(method.document, self.language))
        titles = self._titles[method.pk]
        return titles.get(estimate.node_code, titles[INDEX_CODE])

    def dehydrate_flags(self, estimate: PublishedEstimate) -> str:
        """Return the flags as words."""
        return " ".join(estimate.flags)


class ScorecardResource(ReleaseResource):
    """Points of the reform index, by candidate input."""

    class Meta:
        model = Scorecard
        fields = (
            *MARKS, "province_code", "province_name", "candidate_input", "maximum", "points",
            "standard_error", "lower", "upper", "rank", "rank_low", "rank_high", "is_tied",
        )  # fmt: skip
        export_order = fields

    def __init__(self, language: str = "vi") -> None:
        super().__init__()
        self.language = language


def node_titles(document: Mapping[str, Any], language: str) -> Iterable[tuple[str, str]]:
    """Yield code and title of every content, element and criterion of a method document."""
    for content in document["contents"]:
        yield content["code"], content["title"][language]
        for element in content["elements"]:
            yield element["code"], element["title"][language]
            for criterion in element["criteria"]:
                yield criterion["code"], criterion["title"][language]


def estimates_table(release: Release, language: str = "vi") -> ExportTable:
    """Return the estimates of a release, ready for any format."""
    with override(language):
        table = resource_table(
            EstimateResource(language),
            release.estimates.all(),
            f"{release.code}-estimates",
            str(release.snapshot.round),
        )
        return replace(table, marks=(*table.marks, *withheld_sentences(release)))


def scorecards_table(release: Release, language: str = "vi") -> ExportTable:
    """Return the scorecards of a release, ready for any format."""
    with override(language):
        return resource_table(
            ScorecardResource(language),
            release.scorecards.all(),
            f"{release.code}-scorecards",
            str(release.snapshot.round),
        )


def resource_table(
    resource: EstimateResource | ScorecardResource, rows: QuerySet, name: str, title: str
) -> ExportTable:
    """Run a resource and give its columns kinds and labels."""
    exported = resource.export(rows, force_native_type=True)
    frame = pd.DataFrame(list(exported), columns=exported.headers)
    releases = Release.objects.filter(pk__in=rows.order_by().values("release"))
    with override(resource.language):
        columns = [
            *mark_columns(),
            *(_column(rows.model, header) for header in exported.headers[len(MARKS) :]),
        ]
        return ExportTable.build(name, title, columns, frame, sentences(*releases))


def describe_table(release: Release, table: ExportTable, language: str = "vi") -> ExportTable:
    """Return the codebook of a table, in the same language."""
    with override(language):
        headings = (_("variable"), _("kind"), _("label"), _("value"), _("label of the value"))
        marks = marks_of(release)
        return codebook_table(table, headings, [(column, marks[column.name]) for column in mark_columns()])


def _column(model: type[Model], name: str) -> Column:
    """Describe a column by the model's field of that name."""
    if name == "node_title":
        return Column(name, _("title of the part"))
    field: ModelField = getattr(model, name).field
    return Column(
        name=name,
        label=str(field.verbose_name),
        kind=_kind(field),
        value_labels={value: str(label) for value, label in CHOICES.get(name, field.flatchoices)},
    )


def _kind(field: ModelField) -> Kind:
    kinds = {"CharField": Kind.CODE, "JSONField": Kind.CODE, "BooleanField": Kind.FLAG}
    return kinds.get(field.get_internal_type(), Kind.NUMBER)
