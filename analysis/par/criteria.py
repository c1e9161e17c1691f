"""A criteria set of the reform index as immutable data: what counts, for how many points, by which method."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from analysis.par.documents import Bilingual, Fields
from analysis.par.errors import CriteriaSetError

FORMAT = "criteria-set/1"
COMPLETENESS = ("complete", "domains_only", "partial", "names_only")
CONFIDENCE = ("official", "news", "derived", "recollection", "assumed", "synthetic")
LEVELS = ("domain", "criterion", "component")
METHODS = ("self", "survey", "sipas", "statistic")

#: Weights of a candidate input that stand for the satisfaction index itself.
INDEX_INPUT = "index"

_SET_FIELDS = (
    "format", "code", "version", "decision", "decision_date", "result_years", "title", "sources",
    "confidence", "is_provisional", "provisional_reason", "is_synthetic", "declared_total", "completeness",
    "counts", "tree", "method_points", "groups", "sipas", "notes",
)  # fmt: skip
_NODE_FIELDS = ("code", "level", "title", "maximum", "method", "children")
_SIPAS_FIELDS = (
    "code", "maximum", "maximum_is_assumed", "headline_input", "candidate_inputs", "is_provisional",
    "provisional_reason",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Criterion:
    """A node of the tree: a domain, a criterion or a component; ``maximum`` is None where it is not known."""

    code: str
    level: str
    title: Bilingual
    maximum: Decimal | None
    method: str | None
    children: tuple["Criterion", ...]

    def walk(self) -> "Iterator[Criterion]":
        """Yield this node and all below it, parents first."""
        yield self
        for child in self.children:
            yield from child.walk()

    @property
    def leaves(self) -> "tuple[Criterion, ...]":
        """Nodes below this one (or itself) that carry points and have no parts."""
        return tuple(node for node in self.walk() if not node.children)


@dataclass(frozen=True, slots=True)
class CandidateInput:
    """A reading of "the SIPAS value": the index itself, or a mix of its contents.

    ``weights`` is empty for the index; otherwise it maps content codes to exact weights that add up to one.
    """

    code: str
    title: Bilingual
    weights: Mapping[str, Fraction]

    @property
    def is_index(self) -> bool:
        """Whether the input is the published index itself."""
        return not self.weights


@dataclass(frozen=True, slots=True)
class SipasItem:
    """The criterion that turns the satisfaction index into points."""

    code: str
    maximum: Decimal
    is_maximum_assumed: bool
    headline_input: str
    candidate_inputs: tuple[CandidateInput, ...]
    is_provisional: bool
    provisional_reason: Bilingual | None


@dataclass(frozen=True, slots=True)
class Group:
    """A class of provinces by index, such as A from 90 on."""

    code: str
    at_least: Decimal
    is_assumed: bool


@dataclass(frozen=True, slots=True)
class CriteriaSet:
    """One version of the provincial criteria, as far as it is known."""

    code: str
    version: int
    decision: str | None
    decision_date: date | None
    result_years: tuple[int, ...]
    title: Bilingual
    sources: tuple[str, ...]
    confidence: str
    is_provisional: bool
    provisional_reason: Bilingual | None
    is_synthetic: bool
    declared_total: Decimal
    completeness: str
    domains: tuple[Criterion, ...]
    method_points: Mapping[str, Decimal]
    groups: tuple[Group, ...]
    sipas: SipasItem | None

    @property
    def is_scorable(self) -> bool:
        """Whether a total can be computed: every leaf is known with its maximum."""
        return self.completeness == "complete"

    @property
    def leaves(self) -> tuple[Criterion, ...]:
        """All nodes that carry points and have no parts, in document order."""
        return tuple(leaf for domain in self.domains for leaf in domain.leaves)

    def walk(self) -> Iterator[Criterion]:
        """Yield every node, parents first, in document order."""
        for domain in self.domains:
            yield from domain.walk()


def parse_criteria_set(document: Mapping[str, object]) -> CriteriaSet:
    """Read and check a criteria-set document.

    Parameters
    ----------
    document
        A parsed JSON object in the format ``criteria-set/1``. Points are decimals written as text ("14.5") or
        whole numbers, never floats; null stands for "not known".

    Returns
    -------
    CriteriaSet
        The set as immutable values.

    Raises
    ------
    CriteriaSetError
        If a field is missing or wrong, a code occurs twice, or a sum is off. A set that calls itself complete
        must have leaves that add up to ``declared_total``; ``wrong_total`` names the difference.

    Examples
    --------
    >>> title = {"vi": "Ví dụ", "en": "Example"}
    >>> leaf = {
    ...     "code": "1",
    ...     "level": "domain",
    ...     "title": title,
    ...     "maximum": "100",
    ...     "method": "self",
    ...     "children": [],
    ... }
    >>> example = parse_criteria_set(
    ...     {
    ...         "format": "criteria-set/1",
    ...         "code": "EXAMPLE",
    ...         "version": 1,
    ...         "decision": None,
    ...         "decision_date": None,
    ...         "result_years": [],
    ...         "title": title,
    ...         "sources": [],
    ...         "confidence": "synthetic",
    ...         "is_provisional": False,
    ...         "provisional_reason": None,
    ...         "is_synthetic": True,
    ...         "declared_total": "100",
    ...         "completeness": "complete",
    ...         "counts": {},
    ...         "tree": [leaf],
    ...         "method_points": {"self": "100"},
    ...         "groups": [{"code": "A", "at_least": "0", "is_assumed": False}],
    ...         "sipas": None,
    ...         "notes": {},
    ...     }
    ... )
    >>> example.is_scorable, example.leaves[0].maximum
    (True, Decimal('100'))
    """
    code = document.get("code")
    fields = Fields(document, code if isinstance(code, str) else "criteria set")
    fields.choice("format", (FORMAT,))
    fields.require_only(_SET_FIELDS)
    criteria_set = _read_set(fields)
    for check in _CHECKS:
        check(criteria_set)
    return criteria_set


def _read_set(fields: Fields) -> CriteriaSet:
    points = fields.nested("method_points")
    points.require_only(METHODS)
    return CriteriaSet(
        code=fields.text("code"),
        version=fields.whole("version"),
        decision=fields.optional_text("decision"),
        decision_date=_read_date(fields),
        result_years=fields.wholes("result_years"),
        title=fields.bilingual("title"),
        sources=fields.texts("sources"),
        confidence=fields.choice("confidence", CONFIDENCE),
        is_provisional=fields.flag("is_provisional"),
        provisional_reason=_read_reason(fields),
        is_synthetic=fields.flag("is_synthetic"),
        declared_total=fields.decimal("declared_total"),
        completeness=fields.choice("completeness", COMPLETENESS),
        domains=tuple(_read_node(node) for node in fields.objects("tree")),
        method_points={method: points.decimal(method) for method in points.document},
        groups=tuple(_read_group(group) for group in fields.objects("groups")),
        sipas=None if fields.document.get("sipas") is None else _read_sipas(fields.nested("sipas")),
    )


def _read_date(fields: Fields) -> date | None:
    written = fields.optional_text("decision_date")
    if written is None:
        return None
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise fields.problem("decision_date", "a date such as 2022-11-10") from None


def _read_reason(fields: Fields) -> Bilingual | None:
    """Read why a method is provisional; the mark and the reason go together."""
    if not fields.flag("is_provisional"):
        return None
    return fields.bilingual("provisional_reason")


def _read_node(fields: Fields) -> Criterion:
    fields.require_only(_NODE_FIELDS)
    children = tuple(_read_node(child) for child in fields.objects("children"))
    has_method = fields.document.get("method") is not None
    return Criterion(
        code=fields.text("code"),
        level=fields.choice("level", LEVELS),
        title=fields.bilingual("title"),
        maximum=fields.optional_decimal("maximum"),
        method=fields.choice("method", METHODS) if has_method else None,
        children=children,
    )


def _read_group(fields: Fields) -> Group:
    fields.require_only(("code", "at_least", "is_assumed"))
    return Group(fields.text("code"), fields.decimal("at_least"), fields.flag("is_assumed"))


def _read_sipas(fields: Fields) -> SipasItem:
    fields.require_only(_SIPAS_FIELDS)
    candidates = tuple(_read_candidate(candidate) for candidate in fields.objects("candidate_inputs"))
    return SipasItem(
        code=fields.text("code"),
        maximum=fields.decimal("maximum"),
        is_maximum_assumed=fields.flag("maximum_is_assumed"),
        headline_input=fields.choice("headline_input", (candidate.code for candidate in candidates)),
        candidate_inputs=candidates,
        is_provisional=fields.flag("is_provisional"),
        provisional_reason=_read_reason(fields),
    )


def _read_candidate(fields: Fields) -> CandidateInput:
    fields.require_only(("code", "title", "weights"))
    is_index = fields.document.get("weights") == INDEX_INPUT
    return CandidateInput(
        code=fields.text("code"),
        title=fields.bilingual("title"),
        weights={} if is_index else _read_weights(fields.nested("weights")),
    )


def _read_weights(fields: Fields) -> dict[str, Fraction]:
    weights = {content: _read_weight(fields, content) for content in fields.document}
    total = sum(weights.values(), Fraction(0))
    if total != 1:
        raise CriteriaSetError(
            "wrong_weights",
            expected=f"weights at {fields.path} that add up to 1",
            got=str(total),
            hint="Correct the weights.",
        )
    return weights


def _read_weight(fields: Fields, content: str) -> Fraction:
    if not isinstance(fields.document[content], Mapping):
        return Fraction(fields.decimal(content))
    parts = fields.nested(content)
    parts.require_only(("numerator", "denominator"))
    if not parts.whole("denominator"):
        raise parts.problem("denominator", "a whole number other than 0")
    return Fraction(parts.whole("numerator"), parts.whole("denominator"))


def _check_codes(criteria_set: CriteriaSet) -> None:
    seen: set[str] = set()
    for node in criteria_set.walk():
        if node.code in seen:
            raise CriteriaSetError(
                "duplicate_code",
                expected=f"every code of {criteria_set.code} once",
                got=f"{node.code} twice",
                hint="Give every node its own code.",
            )
        seen.add(node.code)


def _check_total(criteria_set: CriteriaSet) -> None:
    """Refuse a sum that contradicts the declared total, with the difference."""
    counted = {"complete": criteria_set.leaves, "domains_only": criteria_set.domains}
    if criteria_set.completeness not in counted:
        return
    nodes = counted[criteria_set.completeness]
    unknown = [node.code for node in nodes if node.maximum is None]
    if unknown:
        raise CriteriaSetError(
            "unknown_maximum",
            expected=f"every maximum of {criteria_set.code}, which calls itself {criteria_set.completeness}",
            got=f"none for {', '.join(unknown)}",
            hint="Fill them in, or call the set partial.",
        )
    _require_sum(
        f"maxima of {criteria_set.code}", _known_sum(nodes), criteria_set.declared_total, "wrong_total"
    )


def _check_parents(criteria_set: CriteriaSet) -> None:
    """Refuse a parent whose points are not those of its parts, or fewer than those known so far."""
    for node in criteria_set.walk():
        if node.maximum is None or not node.children:
            continue
        known = _known_sum(node.children)
        is_partly_known = criteria_set.completeness != "complete" and known < node.maximum
        if not is_partly_known:
            _require_sum(f"parts of {node.code} in {criteria_set.code}", known, node.maximum, "wrong_parts")


def _check_method_points(criteria_set: CriteriaSet) -> None:
    """Points by method add up to the declared total and, in a complete set, to the leaves of each method."""
    points = criteria_set.method_points
    if not points:
        return
    total = sum(points.values(), Decimal(0))
    _require_sum(
        f"points by method of {criteria_set.code}", total, criteria_set.declared_total, "wrong_method_points"
    )
    if criteria_set.is_scorable:
        for method in METHODS:
            found = _known_sum(tuple(leaf for leaf in criteria_set.leaves if leaf.method == method))
            expected = points.get(method, Decimal(0))
            _require_sum(
                f"leaves of {criteria_set.code} scored by {method}", found, expected, "wrong_method_points"
            )


def _check_methods(criteria_set: CriteriaSet) -> None:
    if not criteria_set.is_scorable:
        return
    for leaf in criteria_set.leaves:
        if leaf.method is None:
            raise CriteriaSetError(
                "unknown_method",
                expected=f"one of {', '.join(METHODS)} as method of leaf {leaf.code} of {criteria_set.code}",
                got="none",
                hint="Fill it in, or call the set partial.",
            )


def _check_sipas(criteria_set: CriteriaSet) -> None:
    sipas = criteria_set.sipas
    if sipas is None:
        return
    nodes = {node.code: node for node in criteria_set.walk() if node.method == "sipas"}
    if list(nodes) != [sipas.code] or nodes[sipas.code].maximum != sipas.maximum:
        raise CriteriaSetError(
            "wrong_sipas_item",
            expected=f"{sipas.code} with {sipas.maximum} as the only sipas node of {criteria_set.code}",
            got=", ".join(f"{code} with {node.maximum}" for code, node in nodes.items()) or "none",
            hint="Make the tree and the sipas object agree.",
        )


def _check_groups(criteria_set: CriteriaSet) -> None:
    """Refuse groups that do not run from the best down to one that takes everybody else."""
    floors = [group.at_least for group in criteria_set.groups]
    if not floors or floors != sorted(set(floors), reverse=True) or floors[-1] != 0:
        raise CriteriaSetError(
            "wrong_groups",
            expected=f"groups of {criteria_set.code} in falling order of at_least, ending at 0",
            got=", ".join(str(floor) for floor in floors) or "none",
            hint="Reorder the groups.",
        )


def _known_sum(nodes: tuple[Criterion, ...]) -> Decimal:
    return sum((node.maximum for node in nodes if node.maximum is not None), Decimal(0))


def _require_sum(what: str, found: Decimal, expected: Decimal, code: str) -> None:
    if found != expected:
        raise CriteriaSetError(
            code,
            expected=f"{what} that add up to {expected}",
            got=f"{found} (difference {found - expected:+})",
            hint="Correct the maxima or the declared total.",
        )


_CHECKS = (
    _check_codes,
    _check_total,
    _check_parents,
    _check_method_points,
    _check_methods,
    _check_sipas,
    _check_groups,
)
