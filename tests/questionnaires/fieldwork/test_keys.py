import pytest

from questionnaires.fieldwork.keys import UnknownKeyError, answer_from_keys, key_legend, keys_for, width_of
from questionnaires.schema import Kind, LocalizedText, Option, Question
from questionnaires.schema.model import YES_NO_OPTIONS

WORDS = LocalizedText.of({"vi": "chữ"})


def question(kind: Kind = Kind.SINGLE, n_options: int = 5, *, is_open: bool = True) -> Question:
    options = tuple(Option(10 * position, WORDS) for position in range(1, n_options + 1))
    return Question(
        "Q", kind, WORDS, options=options, allows_not_applicable=is_open, allows_no_answer=is_open
    )


def test_options_are_keyed_by_their_place_and_special_answers_by_0_and_9() -> None:
    keys = keys_for(question())
    assert keys == {"1": 10, "2": 20, "3": 30, "4": 40, "5": 50, "0": "na", "9": "no_answer"}
    assert width_of(question()) == 1


def test_long_lists_get_two_digits_for_special_answers() -> None:
    keys = keys_for(question(n_options=10))
    assert keys["10"] == 100
    assert (keys["00"], keys["99"]) == ("na", "no_answer")
    assert width_of(question(n_options=10)) == 2


def test_no_is_not_taken_for_does_not_apply() -> None:
    yes_no = Question("Q", Kind.YES_NO, WORDS, options=YES_NO_OPTIONS, allows_not_applicable=True)
    assert keys_for(yes_no) == {"1": 1, "2": 0, "0": "na"}
    assert [key for key, _label in key_legend(yes_no, "vi")] == ["1", "2", "0"]


@pytest.mark.parametrize("typed", ["13", "1 3", "1,3"])
def test_several_choices_may_be_separated_or_not(typed: str) -> None:
    assert answer_from_keys(question(Kind.MULTIPLE), typed) == [10, 30]
    assert answer_from_keys(question(Kind.MULTIPLE), "9") == "no_answer"
    assert answer_from_keys(question(Kind.MULTIPLE), "2") == [20]


def test_unknown_key_names_those_there_are() -> None:
    with pytest.raises(UnknownKeyError) as refused:
        answer_from_keys(question(is_open=False), "7")
    assert refused.value.known == ("1", "2", "3", "4", "5")


def test_numbers_and_texts_are_typed_as_they_are() -> None:
    assert answer_from_keys(Question("Q", Kind.NUMBER, WORDS), " 41 ") == 41
    assert answer_from_keys(Question("Q", Kind.TEXT, WORDS), "Tốt") == "Tốt"
    assert answer_from_keys(Question("Q", Kind.TEXT, WORDS), "") is None
