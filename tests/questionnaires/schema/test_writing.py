import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from questionnaires.schema import Questionnaire, canonical_bytes, digest, parse, to_document
from tests.questionnaires.schema.makers import document, with_question
from tests.questionnaires.schema.strategies import questionnaires

thorough = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


@thorough
@given(questionnaires())
def test_written_and_read_again_is_the_same_questionnaire(form: Questionnaire):
    assert to_document(parse(to_document(form))) == to_document(form)


@thorough
@given(questionnaires())
def test_document_survives_json_and_keeps_its_digest(form: Questionnaire):
    again = json.loads(json.dumps(to_document(form)))
    assert digest(parse(again)) == digest(form) == digest(again)


@given(st.permutations(sorted(document())))
def test_order_of_keys_does_not_change_the_digest(keys: list[str]):
    whole = document()
    assert digest({key: whole[key] for key in keys}) == digest(whole)


def test_one_changed_letter_changes_the_digest():
    assert digest(with_question(text={"vi": "Câu hỏi?"})) != digest(document())


def test_typing_decomposed_gives_the_same_version():
    composed, decomposed = (parse(document(title={"vi": title})) for title in ("Xã", "Xa\u0303"))
    assert digest(composed) == digest(decomposed)


def test_canonical_bytes_are_compact_utf8():
    assert canonical_bytes({"b": [1, "ở"], "a": None}) == '{"a":null,"b":[1,"ở"]}'.encode()


def test_numbers_that_json_does_not_know_are_refused():
    with pytest.raises(ValueError, match="Out of range"):
        canonical_bytes({"a": float("nan")})


def test_defaults_are_not_written():
    question = to_document(parse(document()))["sections"][0]["questions"][0]
    assert set(question) == {"code", "kind", "text", "options"}
