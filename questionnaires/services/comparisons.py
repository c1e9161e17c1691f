"""Versions compared at publishing, and answers of one version read as answers of a later one."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from questionnaires.findings import mapping_words
from questionnaires.models import Questionnaire, QuestionnaireVersion
from questionnaires.schema import (
    Change,
    Correspondence,
    MappingError,
    Question,
    carry_over,
    compare,
    digest,
    parse,
    read_mapping,
)
from questionnaires.schema import Questionnaire as SchemaQuestionnaire
from questionnaires.selectors import (
    correspondences_of,
    last_version,
    renamings_of,
    schema_by_digest,
    version_before,
)

REWORDINGS = frozenset({Change.SAME, Change.WORDING})
"""Changes that leave every code and every option as they were."""


class UnfitMappingError(ValueError):
    """Raised for a mapping that names what neither version knows."""


class UnrelatedVersionError(ValueError):
    """Raised when answers are to be carried to a version that does not follow theirs."""


def comparison_with(
    last: QuestionnaireVersion | None, document: Mapping[str, Any], mapping: Mapping[str, Any] | None = None
) -> list[dict[str, Any]]:
    """Return what became of each question since the last version, as it is stored; none for a first one."""
    if last is None:
        if mapping:
            raise UnfitMappingError(_("There is no version before; leave the mapping out."))
        return []
    older, newer = schema_by_digest(last.digest), parse(document)
    try:
        renamings = read_mapping(mapping or {}, older, newer)
    except MappingError as error:
        raise UnfitMappingError("\n".join(map(mapping_words, error.problems))) from error
    return [_stored(found) for found in compare(older, newer, renamings)]


def _stored(found: Correspondence) -> dict[str, Any]:
    """Return a correspondence as JSON; what it leaves open is left out."""
    said = {"source": found.source, "options": list(found.options)}
    stated = {key: value for key, value in said.items() if value}
    return {"code": found.code, "change": found.change.value} | stated


def is_rewording(older: QuestionnaireVersion, newer: QuestionnaireVersion) -> bool:
    """Tell whether two versions differ in words only, so that one round may ask both."""
    if (older.questionnaire_id, older.digest) == (newer.questionnaire_id, newer.digest):
        return True
    if older.questionnaire_id != newer.questionnaire_id:
        return False
    before, after = schema_by_digest(older.digest), schema_by_digest(newer.digest)
    languages = [each for each in before.languages if each in after.languages]
    is_same_way = _meaning(before, languages) == _meaning(after, languages)
    return is_same_way and all(found.change in REWORDINGS for found in compare(before, after))


def _meaning(schema: SchemaQuestionnaire, languages: Sequence[str]) -> dict[str, Any]:
    """Return what answers under way depend on: what is asked when, what is taken, what was agreed to."""
    consent = schema.consent
    asked = {
        question.code: (section.visible_when, *_limits(question), *_offered(question, languages))
        for section in schema.sections
        for question in section.questions
    }
    rules = [rule for section in schema.sections for rule in section.rules]
    return {
        "asked": asked,
        "rules": [(rule.code, rule.must, rule.severity) for rule in (*rules, *schema.rules)],
        "consent": consent
        and (consent.version, [(each.code, each.is_required) for each in consent.statements]),
    }


def _limits(question: Question) -> tuple[Any, ...]:
    """Return when a question is asked and what it takes."""
    numbers = (question.minimum, question.maximum, question.is_integer, question.max_length, question.n_ranks)
    days = (question.earliest, question.latest)
    return question.visible_when, numbers, days, question.is_required, question.special_values


def _offered(question: Question, languages: Sequence[str]) -> tuple[Any, ...]:
    """Return what can be chosen, in every language that both versions have, and what is heard and seen."""
    options = [
        (option.value, option.is_exclusive, [option.label.in_language(each) for each in languages])
        for option in question.options
    ]
    heard = (question.audio, question.help_audio, *(option.audio for option in question.options))
    media = (*heard, question.picture, *(option.picture for option in question.options))
    return options, [text.in_language(each) for text in media for each in languages]


def answers_as_of(
    answers: Mapping[str, Any], *, given_in: QuestionnaireVersion, wanted: QuestionnaireVersion
) -> dict[str, Any]:
    """Return answers to one version as answers to a later one, step by step through those between."""
    steps: list[QuestionnaireVersion] = []
    version: QuestionnaireVersion | None = wanted
    while version is not None and version.pk != given_in.pk:
        steps.append(version)
        version = version_before(version)
    if version is None:
        raise UnrelatedVersionError(
            _("%(wanted)s does not follow %(given)s; answers are carried forward only.")
            % {"wanted": wanted, "given": given_in}
        )
    carried = dict(answers)
    for step in reversed(steps):
        carried = carry_over(carried, correspondences_of(step), renamings_of(step))
    return carried


def preview_comparison(questionnaire: Questionnaire, document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what would become of each question if a readable draft were published now."""
    last = last_version(questionnaire)
    return [] if last is None or last.digest == digest(document) else comparison_with(last, document)
