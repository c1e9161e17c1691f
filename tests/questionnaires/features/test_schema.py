import json

import pytest

from analysis.selectors.rounds import variables_of
from questionnaires.fieldwork.keys import answer_from_keys, keys_for
from questionnaires.models import Questionnaire
from questionnaires.schema import (
    Kind,
    Severity,
    codebook,
    digest,
    is_unanswered,
    lint,
    parse,
    path,
    to_document,
    validate,
)
from questionnaires.services.drafts import draft_to_document, fill_draft_from_document
from tests.questionnaires.features.catalogue import FEATURES, Feature, examples, load


def asked_kinds() -> set[Kind]:
    return {question.kind for name in FEATURES for question in load(name).schema.questions}


def test_every_kind_of_question_has_a_questionnaire_of_its_own() -> None:
    assert asked_kinds() == set(Kind)
    assert len(FEATURES) >= 60


@pytest.mark.parametrize("name", FEATURES)
def test_document_is_read_and_written_without_loss(name: str) -> None:
    document = load(name).questionnaire
    written = to_document(parse(document))
    assert json.loads(json.dumps(written)) == document
    assert digest(written) == digest(document)


@pytest.mark.parametrize("name", FEATURES)
def test_questionnaire_may_be_published(name: str) -> None:
    found = lint(load(name).questionnaire)
    assert [problem.message for problem in found if problem.severity is Severity.ERROR] == []


@pytest.mark.parametrize(("name", "number"), examples("good"))
def test_good_answers_lead_along_their_path_and_are_kept(name: str, number: int) -> None:
    feature = load(name)
    schema, example = feature.schema, feature.good[number]
    answers = example["answers"]
    result = validate(schema, answers, feature.attributes, complete=True)
    way = path(schema, answers, feature.attributes).questions
    assert result.errors == []
    assert list(way) == example.get("path", list(way))
    assert result.answers == {code: answer for code, answer in answers.items() if code in way}
    assert validate(schema, result.answers, feature.attributes).answers == result.answers


@pytest.mark.parametrize(("name", "number"), examples("bad"))
def test_bad_answers_are_refused_with_their_code(name: str, number: int) -> None:
    feature, example = load(name), load(name).bad[number]
    result = validate(feature.schema, example["answers"], feature.attributes, complete=True)
    assert (example["question"], example["code"]) in {(error.question, error.code) for error in result.errors}


@pytest.mark.parametrize(("name", "number"), examples("reminders"))
def test_soft_rules_remind_and_forbid_nothing(name: str, number: int) -> None:
    feature, example = load(name), load(name).reminders[number]
    result = validate(feature.schema, example["answers"], feature.attributes, complete=True)
    found = {(reminder.question, reminder.code) for reminder in result.reminders}
    assert result.is_valid
    assert (example["question"], example["code"]) in found


def cells(feature: Feature, answers: dict) -> dict:
    columns = variables_of(feature.schema)
    names = [variable.name for variable in columns.variables]
    return dict(zip(names, columns.read(answers), strict=True))


@pytest.mark.parametrize(("name", "number"), examples("good"))
def test_answers_reach_the_columns_of_the_data_files(name: str, number: int) -> None:
    feature, example = load(name), load(name).good[number]
    columns = cells(feature, example["answers"])
    expected = example.get("cells", {})
    assert {column: columns[column] for column in expected} == expected
    labelled = {row.variable for row in codebook(feature.schema, "vi") if row.label}
    coded = {row.variable for row in codebook(feature.schema, "vi") if row.kind is not Kind.TEXT}
    assert labelled >= coded
    assert coded <= columns.keys()


def keyed(feature: Feature, code: str, answer: object) -> str:
    """Return what a clerk keys for an answer."""
    question = feature.schema.question(code)
    keys = {value: key for key, value in keys_for(question).items()}
    if isinstance(answer, list):
        return " ".join(keys[value] for value in answer)
    if question.kind is Kind.DATE and answer not in question.special_values:
        return "/".join(reversed(str(answer).split("-")))
    return keys.get(answer, str(answer))


@pytest.mark.parametrize(("name", "number"), examples("good"))
def test_answers_can_be_keyed_from_paper(name: str, number: int) -> None:
    feature = load(name)
    for code, answer in feature.good[number]["answers"].items():
        question = feature.schema.question(code)
        assert answer_from_keys(question, keyed(feature, code, answer)) == answer
        assert is_unanswered(answer_from_keys(question, ""))


def is_kept_in_the_draft(name: str) -> bool:
    """Tell whether a form has no further language: those are kept beside the draft, as translations."""
    return set(load(name).questionnaire["languages"]) <= {"vi", "en"}


def test_nearly_every_feature_is_kept_in_the_draft() -> None:
    assert len([name for name in FEATURES if not is_kept_in_the_draft(name)]) == 1


@pytest.mark.django_db
@pytest.mark.parametrize("name", [name for name in FEATURES if is_kept_in_the_draft(name)])
def test_draft_of_an_author_keeps_the_whole_document(name: str) -> None:
    document = load(name).questionnaire
    draft = Questionnaire()
    fill_draft_from_document(draft, document)
    assert draft_to_document(draft) == document
