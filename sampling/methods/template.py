"""A sampling template as immutable data: strata, stages, sizes, order and reporting domains."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from sampling.design.allocation import AllocationError
from sampling.design.area_selection import (
    AREA_METHODS,
    BALANCING_VARIABLES,
    CUBE,
    SERPENTINE_KEYS,
    AreaSelection,
)
from sampling.design.area_strata import STRATUM_ATTRIBUTES, AreaAllocation
from sampling.design.households import (
    ADULT_RULES,
    HOUSEHOLD_STAGE,
    SERPENTINE_ORDER,
    SIMPLE_RANDOM,
    SORTED_ORDER,
    WITHIN_HOUSEHOLD,
    HouseholdStage,
)
from sampling.design.refusals import marked as _
from sampling.design.refusals import said
from sampling.design.schemes.registry import METHODS
from sampling.design.selection import SelectionError
from sampling.methods.fields import Fields, TemplateError, Text

FORMAT = "sampling-template/1"
LIST_FORMAT = "list-template/1"
"""Of rounds that draw from a list: strata and sizes come with the design of each draw."""

CONFIDENCE = ("official", "news", "derived", "recollection", "assumed", "synthetic")

SELECTIONS = (*AREA_METHODS, WITHIN_HOUSEHOLD)
ORDER_KEYS = ("random", SORTED_ORDER, SERPENTINE_ORDER, *SERPENTINE_KEYS)
PERSON_STAGE = "person"
PERSON_SELECTIONS = (SIMPLE_RANDOM, WITHIN_HOUSEHOLD)
BELOW_AREAS = (HOUSEHOLD_STAGE, PERSON_STAGE)
ADULTS_OF_HOUSEHOLDS = said(_("households, then one adult of each"))
LEVELS = ("province", "nation")

_TEMPLATE_FIELDS = (
    "format", "code", "version", "decision", "decision_date", "valid_from_year", "valid_to_year", "title",
    "sources", "confidence", "is_provisional", "provisional_reason", "population", "strata", "domains",
    "stages", "expected", "notes", "territory",
)  # fmt: skip
_LIST_FIELDS = (
    "format", "code", "version", "decision", "decision_date", "valid_from_year", "valid_to_year", "title",
    "sources", "confidence", "is_provisional", "provisional_reason", "population", "notes", "territory",
)  # fmt: skip
_STAGE_FIELDS = (
    "code", "title", "selection", "measure_of_size", "n_units", "exceptions", "order",
    "excludes_units_without_residents", "n_reserve", "rule", "balance", "allocation",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Strata:
    """What the strata are: the units of one level as they stood on one day, or what `by` names.

    ``by`` are the attributes of `sampling.design.area_strata` whose values, crossed, make the strata.
    """

    level: str
    valid_on: date
    n_strata: int
    title: Text
    by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReportingDomain:
    """What results are reported for: the units of one level as they stand on one day."""

    code: str
    level: str
    valid_on: date
    n_domains: int
    title: Text


@dataclass(frozen=True, slots=True)
class StageException:
    """A stratum that takes another number of units; its code is read on the day of the strata."""

    stratum: str
    n_units: int
    title: Text


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of the draw: how many units per unit of the stage before, and how they are selected.

    ``measure_of_size`` is None for equal probabilities. ``order`` lists the sort keys of the list:
    ``"random"`` is a fresh random order, which the draw stores, ``"serpentine"`` a road that winds
    through the keys that follow. ``balance`` names the balancing variables of the cube. ``n_reserve`` units
    are kept for replacement per unit of the stage before.
    """

    code: str
    title: Text
    selection: str
    measure_of_size: str | None
    n_units: int
    exceptions: tuple[StageException, ...]
    order: tuple[str, ...]
    excludes_units_without_residents: bool
    n_reserve: int
    rule: str | None = None
    """By which rule one adult of a household is chosen; None at every other stage."""
    balance: tuple[str, ...] = ()
    allocation: AreaAllocation | None = None
    """How ``n_units``, then the total of all strata, is divided among them; first stage only."""

    def n_units_in(self, stratum: str) -> int:
        """Return how many units are taken in a stratum (first stage) or per unit of the stage before."""
        return next((other.n_units for other in self.exceptions if other.stratum == stratum), self.n_units)


@dataclass(frozen=True, slots=True)
class SamplingTemplate:
    """One version of a sampling design, as prescribed or as assumed to be prescribed."""

    code: str
    version: int
    decision: str | None
    decision_date: date | None
    valid_from_year: int
    valid_to_year: int | None
    title: Text
    sources: tuple[str, ...]
    confidence: str
    is_provisional: bool
    provisional_reason: Text | None
    population: Text
    minimum_age: int
    strata: Strata
    domains: tuple[ReportingDomain, ...]
    stages: tuple[Stage, ...]
    expected: Mapping[str, int]
    territory: str | None = None
    """Code of the province whose template it is; None for one of the whole country."""

    def stage(self, code: str) -> Stage:
        """Return a stage by its code."""
        for stage in self.stages:
            if stage.code == code:
                return stage
        raise TemplateError(
            "unknown_stage",
            "Template {template} has no stage {code}; there are: {known}.",
            template=self.code,
            code=code,
            known=", ".join(stage.code for stage in self.stages),
        )


@dataclass(frozen=True, slots=True)
class ListTemplate:
    """What a round is that draws from a list of settled dossiers: whom it asks, and by whose decision."""

    code: str
    version: int
    decision: str | None
    title: Text
    sources: tuple[str, ...]
    confidence: str
    is_provisional: bool
    provisional_reason: Text | None
    population: Text
    territory: str | None = None


def parse_list_template(document: Mapping[str, object]) -> ListTemplate:
    """Read and check a document in the format ``list-template/1``; raises ``TemplateError`` as below."""
    code = document.get("code")
    fields = Fields(document, code if isinstance(code, str) else "list template")
    fields.choice("format", (LIST_FORMAT,))
    fields.require_only(_LIST_FIELDS)
    return ListTemplate(
        code=fields.text("code"),
        version=fields.whole("version"),
        decision=fields.optional_text("decision"),
        title=fields.both("title"),
        sources=fields.texts("sources"),
        confidence=fields.choice("confidence", CONFIDENCE),
        is_provisional=fields.flag("is_provisional"),
        provisional_reason=fields.both("provisional_reason") if fields.flag("is_provisional") else None,
        population=fields.nested("population").both("title"),
        territory=fields.optional_text("territory"),
    )


def parse_sampling_template(document: Mapping[str, object]) -> SamplingTemplate:
    """Read and check a sampling-template document in the format ``sampling-template/1``.

    Raises ``TemplateError`` if a field is missing or wrong, or if the sizes of the stages do not give the
    counts under ``expected``; the message names the difference.
    """
    code = document.get("code")
    fields = Fields(document, code if isinstance(code, str) else "sampling template")
    fields.choice("format", (FORMAT,))
    fields.require_only(_TEMPLATE_FIELDS)
    template = _read_template(fields)
    _check_stages(template)
    _check_counts(template)
    return template


def expected_counts(template: SamplingTemplate) -> dict[str, int]:
    """Return the number of units each stage takes in all, from the sizes of the stages."""
    first, *later = template.stages
    extra = sum(other.n_units - first.n_units for other in first.exceptions)
    counts = {first.code: template.strata.n_strata * first.n_units + extra}
    if first.allocation is not None:
        counts[first.code] = first.n_units
    for before, stage in pairwise((first, *later)):
        counts[stage.code] = counts[before.code] * stage.n_units
    return counts


def _check_stages(template: SamplingTemplate) -> None:
    if not template.stages:
        raise TemplateError("no_stages", "{code}: expected at least one stage, got none.", code=template.code)
    for position, stage in enumerate(template.stages):
        _check_stage(template, stage, is_first=position == 0)
        if stage.code not in BELOW_AREAS:
            _check_area(template, stage, is_first=position == 0)
    _check_households(template)


def _check_households(template: SamplingTemplate) -> None:
    """Refuse households without a rule for the adult to ask, and such a rule without households."""
    households = [stage for stage in template.stages if stage.code == HOUSEHOLD_STAGE]
    ruled = [stage for stage in template.stages if stage.rule or stage.selection == WITHIN_HOUSEHOLD]
    if not households and not ruled:
        return
    if len(template.stages) < len(BELOW_AREAS):
        raise TemplateError(
            "wrong_stage",
            "{code}, stage {stage}: expected {expected}. Correct the stage.",
            code=template.code,
            stage=template.stages[0].code,
            expected=ADULTS_OF_HOUSEHOLDS,
        )
    *_above, household, person = template.stages
    problem = None if [household] == households and [person] == ruled else ADULTS_OF_HOUSEHOLDS
    try:
        HouseholdStage.from_documents(_as_document(household), _as_document(person))
    except SelectionError as error:
        problem = problem or error.said
    if problem:
        raise TemplateError(
            "wrong_stage",
            "{code}, stage {stage}: expected {expected}. Correct the stage.",
            code=template.code,
            stage=HOUSEHOLD_STAGE,
            expected=problem,
        )


def _as_document(stage: Stage) -> dict[str, object]:
    """Return what `HouseholdStage` and `AreaSelection` read of a stage."""
    return {
        "code": stage.code,
        "selection": stage.selection,
        "order": stage.order,
        "n_units": stage.n_units,
        "n_reserve": stage.n_reserve,
        "rule": stage.rule,
        "measure_of_size": stage.measure_of_size,
        "balance": stage.balance,
    }


def _check_stage(template: SamplingTemplate, stage: Stage, *, is_first: bool) -> None:
    """Refuse sizes below one, a size measure that does not fit, and exceptions after stage one."""
    needs_size = METHODS[stage.selection].needs_size if stage.selection in METHODS else False
    size_is_free = stage.selection == CUBE
    size = _("a measure_of_size with the selection %(method)s")
    no_size = _("a measure_of_size of null with the selection %(method)s")
    problems = (
        (
            said(_("n_units of at least 1")),
            min([stage.n_units, *(other.n_units for other in stage.exceptions)]) < 1,
        ),
        (said(_("n_reserve of at least 0")), stage.n_reserve < 0),
        (
            said(size if needs_size else no_size, method=stage.selection),
            not (size_is_free or needs_size == bool(stage.measure_of_size)),
        ),
        (
            said(_("a selection out of %(known)s"), known=list(PERSON_SELECTIONS)),
            stage.code == PERSON_STAGE and stage.selection not in PERSON_SELECTIONS,
        ),
        (
            said(_("exceptions by stratum at the first stage only")),
            bool(stage.exceptions) and not is_first,
        ),
        (
            said(_("an allocation at the first stage only, without exceptions")),
            stage.allocation is not None and (bool(stage.exceptions) or not is_first),
        ),
        (
            said(_("every stratum among the exceptions once")),
            len({other.stratum for other in stage.exceptions}) < len(stage.exceptions),
        ),
    )
    for expected, is_broken in problems:
        if is_broken:
            raise TemplateError(
                "wrong_stage",
                "{code}, stage {stage}: expected {expected}. Correct the stage.",
                code=template.code,
                stage=stage.code,
                expected=expected,
            )


def _check_area(template: SamplingTemplate, stage: Stage, *, is_first: bool) -> None:
    """Refuse an area stage whose method, order or balance cannot be, or cannot be at its place."""
    try:
        AreaSelection.from_document(_as_document(stage), is_first=is_first)
    except SelectionError as error:
        raise TemplateError(
            "wrong_selection",
            "{code}, stage {stage}: {problem}",
            code=template.code,
            stage=stage.code,
            problem=error.said,
        ) from error


def _check_counts(template: SamplingTemplate) -> None:
    computed = expected_counts(template)
    if dict(template.expected) != computed:
        raise TemplateError(
            "wrong_counts",
            "{code}: the stages give {computed}, but expected says {declared}: differences {differences}. "
            "Correct the sizes or the expected counts.",
            code=template.code,
            computed=computed,
            declared=dict(template.expected),
            differences={code: count - template.expected.get(code, 0) for code, count in computed.items()},
        )


def _read_template(fields: Fields) -> SamplingTemplate:
    population, expected = fields.nested("population"), fields.nested("expected")
    has_date = fields.document.get("decision_date") is not None
    has_end = fields.document.get("valid_to_year") is not None
    return SamplingTemplate(
        code=fields.text("code"),
        version=fields.whole("version"),
        decision=fields.optional_text("decision"),
        decision_date=fields.date("decision_date") if has_date else None,
        valid_from_year=fields.whole("valid_from_year"),
        valid_to_year=fields.whole("valid_to_year") if has_end else None,
        title=fields.both("title"),
        sources=fields.texts("sources"),
        confidence=fields.choice("confidence", CONFIDENCE),
        is_provisional=fields.flag("is_provisional"),
        provisional_reason=fields.both("provisional_reason") if fields.flag("is_provisional") else None,
        population=population.both("title"),
        minimum_age=population.whole("minimum_age"),
        strata=_read_strata(fields.nested("strata")),
        domains=tuple(_read_domain(domain) for domain in fields.objects("domains")),
        stages=tuple(_read_stage(stage) for stage in fields.objects("stages")),
        expected={code: expected.whole(code) for code in expected.document},
        territory=fields.optional_text("territory"),
    )


def _read_strata(fields: Fields) -> Strata:
    fields.require_only(("level", "valid_on", "n_strata", "title", "by"))
    by = fields.choices("by", STRATUM_ATTRIBUTES) if "by" in fields.document else None
    if by is not None and (not by or len(set(by)) < len(by)):
        raise fields.problem("by", "attributes of strata, each once")
    return Strata(
        level=fields.choice("level", LEVELS),
        valid_on=fields.date("valid_on"),
        n_strata=fields.whole("n_strata"),
        title=fields.both("title"),
        by=by or (),
    )


def _read_domain(fields: Fields) -> ReportingDomain:
    fields.require_only(("code", "level", "valid_on", "n_domains", "title"))
    return ReportingDomain(
        code=fields.text("code"),
        level=fields.choice("level", LEVELS),
        valid_on=fields.date("valid_on"),
        n_domains=fields.whole("n_domains"),
        title=fields.both("title"),
    )


def _read_stage(fields: Fields) -> Stage:
    fields.require_only(_STAGE_FIELDS)
    return Stage(
        code=fields.text("code"),
        title=fields.both("title"),
        selection=fields.choice("selection", SELECTIONS),
        measure_of_size=fields.optional_text("measure_of_size"),
        n_units=fields.whole("n_units"),
        exceptions=tuple(_read_exception(other) for other in fields.objects("exceptions")),
        order=fields.choices("order", ORDER_KEYS),
        excludes_units_without_residents=fields.flag("excludes_units_without_residents"),
        n_reserve=fields.whole("n_reserve"),
        rule=fields.choice("rule", ADULT_RULES) if "rule" in fields.document else None,
        balance=fields.choices("balance", BALANCING_VARIABLES) if "balance" in fields.document else (),
        allocation=_read_allocation(fields) if "allocation" in fields.document else None,
    )


def _read_allocation(fields: Fields) -> AreaAllocation:
    document = fields.nested("allocation")
    try:
        return AreaAllocation.from_document(document.document, fields.whole("n_units"))
    except AllocationError as error:
        raise TemplateError(
            "wrong_allocation", "{path}: {problem}", path=document.path, problem=error.said
        ) from error


def _read_exception(fields: Fields) -> StageException:
    fields.require_only(("stratum", "n_units", "title"))
    return StageException(fields.text("stratum"), fields.whole("n_units"), fields.both("title"))
