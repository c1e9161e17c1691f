"""From a method document (``index-method/1``) to a method, refusing one that does not add up."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from fractions import Fraction
from typing import Any

from analysis.index.errors import IndexMethodError
from analysis.index.method import (
    ELEMENT_RULES,
    POOLED_RATIO,
    Content,
    Criterion,
    Element,
    IndexMethod,
    Scale,
)

FORMAT = "index-method/1"
STATISTICS = ("top_two_share", "mean_score")
RULES: dict[str, tuple[str, ...]] = {
    "headline": STATISTICS,
    "element_rule": ELEMENT_RULES,
    "content_rule": ("mean_of_criteria", "mean_of_elements"),
    "index_rule": ("weighted_contents",),
}

UNITS_OF_ANALYSIS = ("drawn_unit", "person")
FRAME_COUNTS = "frame_counts"
LIST_TOTALS = (FRAME_COUNTS,)
"""What an index counts; a method that does not say leaves it to the release."""

type Document = Mapping[str, Any]


def parse_index_method(document: Document) -> IndexMethod:
    """Read and check a method document.

    Parameters
    ----------
    document : mapping
        As read from JSON, in the format ``index-method/1``.

    Returns
    -------
    IndexMethod

    Raises
    ------
    IndexMethodError
        If a key is missing, a rule is unknown, a code is used twice, criteria do not add up to a declared
        number or content weights do not add up to 1; the message holds the difference.
    """
    if _require(document, "format", "the method") != FORMAT:
        raise IndexMethodError(
            expected=f"format {FORMAT}", got=repr(document["format"]), hint="Convert the document."
        )
    for key, allowed in RULES.items():
        _check_choice(key, _require(document, key, "the method"), allowed)
    for name in document.get("shown_beside", ()):
        _check_choice("shown_beside", name, STATISTICS)
    if document.get("unit_of_analysis"):
        _check_choice("unit_of_analysis", document["unit_of_analysis"], UNITS_OF_ANALYSIS)
    if document.get("list_totals"):
        _check_choice("list_totals", document["list_totals"], LIST_TOTALS)
    method = _build_method(document)
    _check_rules(method)
    _check_codes(method)
    _check_counts(method)
    _check_weights(method)
    return method


def _check_rules(method: IndexMethod) -> None:
    if method.element_rule == POOLED_RATIO and method.content_rule != "mean_of_elements":
        raise IndexMethodError(
            expected="content_rule 'mean_of_elements' where elements are pooled ratios",
            got=repr(method.content_rule),
            hint="A mean of criteria would pass the elements by.",
        )


def _build_method(document: Document) -> IndexMethod:
    where = f"method {document.get('code', '?')}"
    scale = _require(document, "scale", where)
    return IndexMethod(
        code=_require(document, "code", where),
        version=_require(document, "version", where),
        decision=document.get("decision"),
        decision_date=document.get("decision_date"),
        valid_from_year=_require(document, "valid_from_year", where),
        valid_to_year=document.get("valid_to_year"),
        title=_require(document, "title", where),
        sources=tuple(_require(document, "sources", where)),
        confidence=_require(document, "confidence", where),
        is_provisional=_require(document, "is_provisional", where),
        provisional_reason=document.get("provisional_reason") or {},
        scale=_build_scale(scale, where),
        headline=document["headline"],
        shown_beside=tuple(document.get("shown_beside", ())),
        element_rule=document["element_rule"],
        content_rule=document["content_rule"],
        index_rule=document["index_rule"],
        declared_n_criteria=document.get("declared_n_criteria"),
        contents=tuple(_build_content(content) for content in _require(document, "contents", where)),
        is_computable=document.get("is_computable", True),
        not_computable_reason=document.get("not_computable_reason") or {},
        unit_of_analysis=document.get("unit_of_analysis") or "",
        list_totals=document.get("list_totals") or "",
    )


def _build_scale(scale: Document, where: str) -> Scale:
    built = Scale(*(_require(scale, key, f"the scale of {where}") for key in Scale.__dataclass_fields__))
    if not built.minimum < built.satisfied_from <= built.maximum:
        raise IndexMethodError(
            expected=f"satisfied_from above {built.minimum} and at most {built.maximum}",
            got=str(built.satisfied_from),
            hint=f"Correct the scale of {where}.",
        )
    return built


def _build_content(content: Document) -> Content:
    where = f"content {content.get('code', '?')}"
    weight = _require(content, "weight", where)
    return Content(
        code=_require(content, "code", where),
        title=_require(content, "title", where),
        weight=Fraction(_require(weight, "numerator", where), _require(weight, "denominator", where)),
        is_weight_provisional=_require(content, "weight_is_provisional", where),
        declared_n_criteria=content.get("declared_n_criteria"),
        elements=tuple(_build_element(element) for element in _require(content, "elements", where)),
    )


def _build_element(element: Document) -> Element:
    where = f"element {element.get('code', '?')}"
    return Element(
        code=_require(element, "code", where),
        title=_require(element, "title", where),
        criteria=tuple(_build_criterion(criterion) for criterion in _require(element, "criteria", where)),
    )


def _build_criterion(criterion: Document) -> Criterion:
    where = f"criterion {criterion.get('code', '?')}"
    return Criterion(
        code=_require(criterion, "code", where),
        title=_require(criterion, "title", where),
        question=criterion.get("question"),
        is_name_published=_require(criterion, "is_name_published", where),
    )


def _require(document: Document, key: str, where: str) -> Any:
    if key not in document:
        raise IndexMethodError(
            expected=f"{key!r} in {where}",
            got=f"only {', '.join(map(repr, document))}",
            hint="Add it to the method document.",
        )
    return document[key]


def _check_choice(key: str, value: str, allowed: Collection[str]) -> None:
    if value not in allowed:
        raise IndexMethodError(
            expected=f"{key} to be one of {', '.join(allowed)}",
            got=repr(value),
            hint="Correct the method document.",
        )


def _check_codes(method: IndexMethod) -> None:
    codes = [content.code for content in method.contents]
    codes += [element.code for content in method.contents for element in content.elements]
    _refuse_twice("code", [*codes, *(criterion.code for criterion in method.criteria)])
    _refuse_twice("question", method.questions)


def _refuse_twice(what: str, values: Iterable[str]) -> None:
    twice = sorted(value for value, count in Counter(values).items() if count > 1)
    if twice:
        raise IndexMethodError(
            expected=f"every {what} once", got=f"{', '.join(twice)} more than once", hint="Give each its own."
        )


def _check_counts(method: IndexMethod) -> None:
    declared = [(f"method {method.code}", method.declared_n_criteria, len(method.criteria))]
    declared += [
        (f"content {content.code}", content.declared_n_criteria, len(content.criteria))
        for content in method.contents
    ]
    for where, expected, counted in declared:
        if expected is not None and expected != counted:
            raise IndexMethodError(
                expected=f"{expected} criteria in {where}, as declared",
                got=f"{counted} (difference {counted - expected:+d})",
                hint="Add numbered placeholders for unpublished criteria, or correct the number.",
            )


def _check_weights(method: IndexMethod) -> None:
    total = sum((content.weight for content in method.contents), start=Fraction(0))
    if total != 1 or any(content.weight <= 0 for content in method.contents):
        raise IndexMethodError(
            expected="content weights above 0 that add up to 1",
            got=f"{', '.join(f'{content.code} {content.weight}' for content in method.contents)}: "
            f"{total} (difference {'+' if total > 1 else ''}{total - 1})",
            hint="Write the weights as fractions, for example 32/51 and 19/51.",
        )
