"""Index methods as immutable values: what is averaged, how, and which of it is provisional."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

type Title = Mapping[str, str]

MEAN_OF_CRITERIA, POOLED_RATIO = "mean_of_criteria", "pooled_ratio"
ELEMENT_RULES = (MEAN_OF_CRITERIA, POOLED_RATIO)


@dataclass(frozen=True)
class Criterion:
    """One criterion; without a question it is known to exist but cannot be estimated."""

    code: str
    title: Title
    question: str | None
    is_name_published: bool


@dataclass(frozen=True)
class Element:
    """A group of criteria whose mean is published as a component index."""

    code: str
    title: Title
    criteria: tuple[Criterion, ...]


@dataclass(frozen=True)
class Content:
    """A part of the index with an explicit weight."""

    code: str
    title: Title
    weight: Fraction
    is_weight_provisional: bool
    declared_n_criteria: int | None
    elements: tuple[Element, ...]

    @property
    def criteria(self) -> tuple[Criterion, ...]:
        """All criteria of the content, in order."""
        return tuple(criterion for element in self.elements for criterion in element.criteria)


@dataclass(frozen=True)
class Scale:
    """The answer scale of all criteria, and from which answer on a person counts as satisfied."""

    code: str
    minimum: int
    maximum: int
    satisfied_from: int


@dataclass(frozen=True, repr=False)
class IndexMethod:
    """A version of the way an index is computed, with the decision it rests on.

    ``element_rule`` is ``mean_of_criteria`` or ``pooled_ratio`` (one ratio over all answers to its criteria);
    ``content_rule`` is ``mean_of_criteria`` or ``mean_of_elements``; ``index_rule`` is ``weighted_contents``.
    ``unit_of_analysis`` is ``drawn_unit`` or ``person``, whom a sample of dossiers then stands for; empty
    where the method does not say. ``list_totals`` is ``frame_counts`` where weights of a sample from a
    transaction list are brought to the number of units of each stratum in it; empty where the method does not
    say.
    """

    code: str
    version: int
    decision: str | None
    decision_date: str | None
    valid_from_year: int
    valid_to_year: int | None
    title: Title
    sources: tuple[str, ...]
    confidence: str
    is_provisional: bool
    provisional_reason: Title
    scale: Scale
    headline: str
    shown_beside: tuple[str, ...]
    element_rule: str
    content_rule: str
    index_rule: str
    declared_n_criteria: int | None
    contents: tuple[Content, ...]
    is_computable: bool = True
    not_computable_reason: Title = field(default_factory=dict)
    unit_of_analysis: str = ""
    list_totals: str = ""

    def __repr__(self) -> str:
        size = f"{len(self.contents)} contents, {len(self.criteria)} criteria"
        return f"<IndexMethod {self.code}, version {self.version}: {size}>"

    @property
    def criteria(self) -> tuple[Criterion, ...]:
        """All criteria, in order."""
        return tuple(criterion for content in self.contents for criterion in content.criteria)

    @property
    def questions(self) -> tuple[str, ...]:
        """Codes of the questions whose answers the method needs."""
        return tuple(criterion.question for criterion in self.criteria if criterion.question is not None)
