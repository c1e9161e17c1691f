"""Recipes: settings with which `python -m analysis estimate` finds a release's figures in its microdata."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from analysis.index import Content, Element, parse_index_method
from analysis.marks import index_marks
from analysis.models import Release
from analysis.selectors import answer_variables
from analysis.services.list_variances import FRACTION, STRATUM, is_without_replacement
from analysis.services.microdata import MARGIN_PREFIX, UNCALIBRATED
from analysis.services.weighted_samples import margin_names
from analysis.services.weighting import DEGREES

DESIGN_FILE, INDEX_FILE = "design.toml", "index.toml"


def export_recipe(*, release: Release, language: str = "vi") -> dict[str, str]:
    """Return the texts of design.toml and index.toml of a release, by the name of the file."""
    with override(language):
        return {
            DESIGN_FILE: "\n".join([_heading(release), *_design_lines(release), ""]),
            INDEX_FILE: "\n".join([_heading(release), *_index_lines(release, language), ""]),
        }


def _heading(release: Release) -> str:
    return "# " + _("Release %(code)s: to be used with its microdata.") % {"code": release.code}


def _design_lines(release: Release) -> Iterator[str]:
    of_list = {"fpc": [FRACTION], "pps": "brewer"} if is_without_replacement(release.weighting[0]) else {}
    yield from _assignments(
        {
            "weight": "final_weight",
            "strata": STRATUM,
            "clusters": ["variance_psu"],
            **of_list,
            "single_psu": release.weighting[0]["single_psu"],
            "degrees": release.weighting[0].get(DEGREES),
            "is_approximate": True if release.is_approximate else None,
        }
    )
    margins = [f"{MARGIN_PREFIX}{number}" for number, _name in enumerate(margin_names(release), start=1)]
    if margins:
        yield "\n[calibration]"
        yield from _assignments({"base_weight": UNCALIBRATED, "margins": margins})


def _index_lines(release: Release, language: str) -> Iterator[str]:
    method = parse_index_method(release.method.document)
    marks = index_marks(release)
    yield from _assignments(
        {
            "code": method.code,
            "title": method.title[language],
            "decision": method.decision,
            "is_provisional": bool(marks),
            "reason": " ".join(f"{mark.title}: {mark.reason}" for mark in marks),
            "minimum": method.scale.minimum,
            "maximum": method.scale.maximum,
            "satisfied_from": method.scale.satisfied_from,
            "headline": method.headline,
            "content_rule": method.content_rule,
        }
    )
    columns = _columns_of(release)
    for content in method.contents:
        yield from _content_lines(content, columns, language)


def _columns_of(release: Release) -> dict[str, str]:
    """Return the column of every question in the microdata."""
    variables = answer_variables(release.snapshot.round).variables
    return {variable.question: variable.name for variable in variables if not variable.explains}


def _content_lines(content: Content, columns: Mapping[str, str], language: str) -> Iterator[str]:
    yield "\n[[content]]"
    yield from _assignments(
        {
            "code": content.code,
            "title": content.title[language],
            "weight": str(content.weight),
            "weight_is_provisional": content.is_weight_provisional,
        }
    )
    for element in content.elements:
        items = [columns[question] for question in _questions(element)]
        if items:
            yield "\n[[content.element]]"
            yield from _assignments({"code": element.code, "title": element.title[language], "items": items})


def _questions(element: Element) -> list[str]:
    return [criterion.question for criterion in element.criteria if criterion.question is not None]


def _assignments(values: Mapping[str, Any]) -> Iterator[str]:
    """Write keys of TOML; texts, lists, numbers and truth values are written there as in JSON."""
    for key, value in values.items():
        if value is not None:
            yield f"{key} = {json.dumps(value, ensure_ascii=False)}"
