from typing import Any

import pytest

from questionnaires.schema import (
    Change,
    Correspondence,
    Kind,
    LocalizedText,
    MappingError,
    Option,
    Question,
    Renaming,
    carry_over,
    codebook,
    compare,
    read_mapping,
)
from tests.questionnaires.schema.makers import form, options, question, text


def changes(older: Question, newer: Question) -> dict[str, Change]:
    return {found.code: found.change for found in compare(form(older), form(newer))}


def single(code: str = "Q1", *values: int, **changes: object) -> Question:
    return question(code, Kind.SINGLE, options=options(*(values or (1, 2, 3))), **changes)


def test_same_question_in_another_order_of_options_is_the_same():
    assert changes(single("Q1", 1, 2), single("Q1", 2, 1)) == {"Q1": Change.SAME}


def test_order_of_languages_changes_nothing():
    turned = LocalizedText.of({"en": "Content", "vi": "Nội dung"})
    assert changes(single(), single(text=turned)) == {"Q1": Change.SAME}


def test_other_words_are_noted_and_stay_comparable():
    reworded = single(text=text("Hỏi khác", "Asked otherwise"))
    [found] = compare(form(single()), form(reworded))
    assert (found.change, found.is_comparable) == (Change.WORDING, True)


def test_better_translation_of_an_option_changes_no_answer():
    translated = tuple(Option(o.value, text(o.label["vi"], "better")) for o in options(1, 2, 3))
    assert changes(single(), question("Q1", Kind.SINGLE, options=translated)) == {"Q1": Change.WORDING}


@pytest.mark.parametrize(
    ("newer", "expected"),
    [
        (single("Q1", 1, 2, 3, 4), (4,)),
        (single("Q1", 1, 2), (3,)),
        (single(allows_not_applicable=True), ("na",)),
        (question("Q1", Kind.SINGLE, options=(Option(1, text("Khác")), *options(2, 3))), (1,)),
    ],
)
def test_other_options_break_the_series_and_are_named(newer: Question, expected: tuple[object, ...]):
    [found] = compare(form(single()), form(newer))
    assert (found.change, found.options, found.is_comparable) == (Change.OPTIONS, expected, False)


def test_other_kind_or_unit_breaks_the_series():
    minutes, hours = (question("Q1", Kind.NUMBER, unit=text(unit, unit)) for unit in ("phút", "giờ"))
    assert changes(minutes, hours) == {"Q1": Change.KIND}
    assert changes(minutes, question("Q1", Kind.TEXT)) == {"Q1": Change.KIND}


def test_new_and_dropped_questions():
    assert changes(single("OLD"), single("NEW")) == {"NEW": Change.NEW, "OLD": Change.DROPPED}


def test_mapping_follows_renamed_and_recoded_questions():
    older, newer = form(single("OLD")), form(single("NEW", 1, 2))
    document = {"questions": {"NEW": {"from": "OLD", "values": {"1": 1, "2": 1, "3": 2}}}}
    renamings = read_mapping(document, older, newer)
    [found] = compare(older, newer, renamings)
    assert (found.code, found.source, found.change, found.is_comparable) == (
        "NEW",
        "OLD",
        Change.RECODED,
        True,
    )
    assert carry_over({"OLD": 2}, (found,), renamings) == {"NEW": 1}
    assert carry_over({"OLD": "na"}, (found,), renamings) == {"NEW": "na"}
    assert carry_over({}, (found,), renamings) == {}


def test_code_with_another_meaning_counts_as_new_and_its_answers_as_dropped():
    older, newer = form(single()), form(single())
    found = compare(older, newer, read_mapping({"questions": {"Q1": {"from": None}}}, older, newer))
    assert [(item.code, item.change) for item in found] == [("Q1", Change.NEW), ("Q1", Change.DROPPED)]
    assert carry_over({"Q1": 1}, found) == {}


def test_lists_are_carried_over_value_by_value():
    found = (Correspondence("Q1", Change.RECODED, "Q1"),)
    renamings = {"Q1": Renaming("Q1", {"1": 5, "2": 5, "3": None})}
    assert carry_over({"Q1": [1, 2, 3]}, found, renamings) == {"Q1": [5]}
    assert carry_over({"Q1": [3]}, found, renamings) == {}


def test_answers_without_a_counterpart_are_left_out_not_guessed():
    found = compare(form(single("Q1", 1, 2)), form(single("Q1", 1, 2, 3)))
    assert carry_over({"Q1": 1}, found) == {}


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ([], "not_an_object"),
        ({"question": {}}, "unknown_key"),
        ({"questions": []}, "not_an_object"),
        ({"questions": {"Q1": "OLD"}}, "not_an_object"),
        ({"questions": {"Q1": {"of": "OLD"}}}, "unknown_key"),
        ({"questions": {"Q9": {"from": "Q1"}}}, "unknown_question"),
        ({"questions": {"Q1": {"from": "Q8"}}}, "unknown_source"),
        ({"questions": {"Q1": {"values": {"9": 1}}}}, "unknown_value"),
        ({"questions": {"Q1": {"values": {"1": 9}}}}, "unknown_value"),
        ({"questions": {"Q1": {"values": {"1": [1]}}}}, "unknown_value"),
    ],
)
def test_mapping_that_fits_neither_version_is_refused(document: Any, code: str):
    with pytest.raises(MappingError) as refused:
        read_mapping(document, form(single()), form(single()))
    assert code in {found.code for found in refused.value.problems}


def test_codebook_says_what_became_of_each_question():
    older, newer = form(single("OLD")), form(single("OLD", text=text("Khác")), question("X", Kind.NUMBER))
    rows = codebook(newer, "vi", compare(older, newer))
    assert [(row.variable, row.change, row.source) for row in rows] == [
        ("OLD", Change.WORDING, "OLD"),
        ("X", Change.NEW, ""),
    ]
