"""Rules between answers, compiled: when a rule speaks, and where it is reported."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from questionnaires.schema.conditions import (
    COUNT_OPERATORS,
    DATE_OPERATORS,
    NUMBER_OPERATORS,
    TEXT_OPERATORS,
    Comparison,
    Reference,
    Subject,
    Test,
    Values,
    comparisons,
    compile_condition,
    is_unanswered,
    subjects,
)
from questionnaires.schema.model import SPECIAL_VALUES, Questionnaire, Rule, RuleSeverity
from questionnaires.schema.texts import LocalizedText

RULE = "rule"
"""Code of the finding about a broken rule."""

_MEASURING_OPERATORS = NUMBER_OPERATORS | DATE_OPERATORS | COUNT_OPERATORS | TEXT_OPERATORS


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """One rule, ready to check.

    Parameters
    ----------
    code : str
        Identity of the rule.
    message : LocalizedText
        What a person reads.
    severity : RuleSeverity
        Hard or soft.
    questions : tuple of str
        Questions it looks at, the one asked last first: there a broken rule is reported.
    compared, measured : tuple of Reference
        What must be answered before the rule speaks, and what must be answered with more than
        "does not apply".
    holds : callable
        The condition.
    """

    code: str
    message: LocalizedText
    severity: RuleSeverity
    questions: tuple[str, ...]
    compared: tuple[Reference, ...]
    measured: tuple[Reference, ...]
    holds: Test

    def is_broken(self, answers: Values, attributes: Values, *, is_due: bool) -> bool:
        """Return whether the rule speaks and does not hold.

        Parameters
        ----------
        answers, attributes : mapping
            Valid answers on the path, attributes of the sample.
        is_due : bool
            Whether the page of its last question was sent: then a rule about being answered speaks, too.

        Returns
        -------
        bool
            False as long as anything the rule compares is missing.
        """
        sources = {Subject.QUESTION: answers, Subject.ATTRIBUTE: attributes}
        known = [sources[item.subject].get(item.code) for item in self.compared]
        exact = [sources[item.subject].get(item.code) for item in self.measured]
        if any(map(is_unanswered, known)) or any(_is_special(value) for value in exact):
            return False
        return (bool(known) or is_due) and not self.holds(answers, attributes)


def compile_rules(questionnaire: Questionnaire) -> Mapping[str, tuple[CompiledRule, ...]]:
    """Return the rules to check behind each section.

    Parameters
    ----------
    questionnaire : Questionnaire
        A version.

    Returns
    -------
    mapping of str to tuple of CompiledRule
        By section: its own rules, then those of the questionnaire whose last question is asked there. A rule
        of the questionnaire that looks at no question belongs nowhere; linting reports it.
    """
    homes = {q.code: section.code for section in questionnaire.sections for q in section.questions}
    order = {code: position for position, code in enumerate(homes)}
    by_section: defaultdict[str, list[CompiledRule]] = defaultdict(list)
    for section in questionnaire.sections:
        by_section[section.code] += [_compile(rule, order) for rule in section.rules]
    for rule in questionnaire.rules:
        compiled = _compile(rule, order)
        if compiled.questions:
            by_section[homes[compiled.questions[0]]].append(compiled)
    return {section: tuple(rules) for section, rules in by_section.items()}


def _compile(rule: Rule, order: Mapping[str, int]) -> CompiledRule:
    """Compile one rule."""
    looked_at = {item.code for item in subjects(rule.must) if item.subject is Subject.QUESTION}
    leaves = comparisons(rule.must)
    return CompiledRule(
        code=rule.code,
        message=rule.message,
        severity=rule.severity,
        questions=tuple(sorted(looked_at & order.keys(), key=order.__getitem__, reverse=True)),
        compared=tuple(found for leaf in leaves if leaf.operator != "answered" for found in subjects(leaf)),
        measured=tuple(found for leaf in leaves if _measures(leaf) for found in subjects(leaf)),
        holds=compile_condition(rule.must),
    )


def _measures(leaf: Comparison) -> bool:
    """Whether a comparison needs more than the fact of an answer."""
    return leaf.operator in _MEASURING_OPERATORS or isinstance(leaf.value, Reference)


def _is_special(value: object) -> bool:
    """Whether an answer says that there is none."""
    return isinstance(value, str) and value in SPECIAL_VALUES
