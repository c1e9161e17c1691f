import re

import pytest
from hypothesis import HealthCheck, given, settings

from questionnaires.schema import (
    Kind,
    Questionnaire,
    codebook,
    variable_name,
    variable_names,
)
from tests.questionnaires.schema.makers import form, options, question
from tests.questionnaires.schema.strategies import questionnaires


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("P-A1", "P_A1"),
        ("S-1.1", "S_1_1"),
        ("1x", "V1x"),
        ("in", "in_"),
        ("Double", "Double_"),
        ("a" * 40, "a" * 32),
    ],
)
def test_variable_name_is_safe(code: str, expected: object):
    assert variable_name(code) == expected


def test_variable_names_are_unique_without_regard_to_case():
    names = variable_names(form(question("P-A1"), question("p.a1"), question("N", Kind.NOTE)))
    assert dict(names) == {"P-A1": "P_A1", "p.a1": "p_a1_2"}


def test_row_has_label_and_value_labels():
    row = codebook(form(question("S-1.1", options=options(1, 2), allows_not_applicable=True)), "en")[0]
    assert (row.code, row.variable, row.label, row.section) == ("S-1.1", "S_1_1", "Content", "A")
    assert row.value_labels == ((1, "Level 1"), (2, "Level 2"), ("na", "Does not apply to me"))


def test_labels_fall_back_to_vietnamese():
    assert codebook(form(question()), "km")[0].label == "Nội dung"


def test_several_choices_make_one_variable_each():
    rows = codebook(form(question("Q2", Kind.MULTIPLE, options=options(1, 2)), question("Q2.1")), "en")
    assert [(row.variable, row.option) for row in rows] == [("Q2_1_2", 1), ("Q2_2", 2), ("Q2_1", None)]
    assert rows[0].label == "Content: Level 1"
    assert rows[0].value_labels == ((1, "Chosen"), (0, "Not chosen"))


def test_notes_have_no_variable():
    assert codebook(form(question(kind=Kind.NOTE)), "vi") == ()


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(questionnaires())
def test_variables_of_any_questionnaire_are_safe_and_unique(asked: Questionnaire):
    variables = [row.variable for row in codebook(asked, "vi")]
    codes = [row.code for row in codebook(asked, "vi")]
    assert all(re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,31}", variable) for variable in variables)
    if len(set(codes)) == len(asked.questions):
        assert len({variable.lower() for variable in variables}) == len(variables)
