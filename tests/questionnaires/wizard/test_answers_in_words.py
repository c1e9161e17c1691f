"""What the review says of an answer."""

from typing import Any

import pytest

from questionnaires.schema import NO_ANSWER
from questionnaires.wizard.cards import Telling, in_words
from tests.questionnaires.features.catalogue import FEATURES, load


@pytest.fixture
def fee() -> tuple[Any, Telling]:
    """A number with a unit that may be kept to oneself."""
    schemas = (load(name).schema for name in FEATURES)
    schema, question = next(
        (schema, question)
        for schema in schemas
        for question in schema.questions
        if NO_ANSWER in question.special_values and question.unit.in_language("vi")
    )
    return question, Telling(schema, {}, {}, "vi")


def test_number_is_said_with_its_unit(fee: tuple[Any, Telling]) -> None:
    question, told = fee
    assert in_words(question, 20, told) == f"20 {question.unit.in_language('vi')}"


def test_a_refusal_to_tell_has_no_unit(fee: tuple[Any, Telling]) -> None:
    question, told = fee
    words = in_words(question, NO_ANSWER, told)
    assert words
    assert question.unit.in_language("vi") not in words
