from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from questionnaires.schema import Combination, Comparison, Kind, Questionnaire, Subject, keep_on_path, path
from tests.questionnaires.schema.makers import equals, question, questionnaire, section
from tests.questionnaires.schema.strategies import codes, questionnaires, raw_answers

USED_SERVICES = questionnaire(
    section(question("Q8", Kind.YES_NO), code="A"),
    section(
        question("S-1"),
        question("S-2", visible_when=equals("S-1", 1)),
        code="S",
        visible_when=equals("Q8", 1),
    ),
    section(question("Z", visible_when=equals("S-2", 5)), code="Z"),
)


def test_everything_unconditional_is_asked_in_order():
    form = questionnaire(section(question("A1"), question("A2")), section(question("B1"), code="B"))
    assert (path(form, {}).sections, path(form, {}).questions) == (("A", "B"), ("A1", "A2", "B1"))


def test_closed_section_is_skipped():
    assert path(USED_SERVICES, {"Q8": 0}).sections == ("A",)


def test_answers_open_sections_and_questions():
    answers = {"Q8": 1, "S-1": 1, "S-2": 5}
    assert path(USED_SERVICES, answers).questions == ("Q8", "S-1", "S-2", "Z")


def test_answers_off_the_path_open_nothing():
    answers = {"Q8": 0, "S-1": 1, "S-2": 5, "Z": 3}
    assert path(USED_SERVICES, answers).questions == ("Q8",)
    assert keep_on_path(USED_SERVICES, answers) == {"Q8": 0}


def test_section_without_visible_question_is_not_on_the_path():
    assert "Z" not in path(USED_SERVICES, {"Q8": 1}).sections


def test_attributes_of_the_sample_open_sections():
    island = Comparison(Subject.ATTRIBUTE, "terrain", "equals", "island")
    form = questionnaire(section(question("Q1"), visible_when=Combination("not", (island,))))
    assert path(form, {}, {"terrain": "island"}).sections == ()
    assert path(form, {}, {"terrain": "plain"}).sections == ("A",)


def test_unknown_answers_are_not_kept():
    assert keep_on_path(USED_SERVICES, {"X": 1}) == {}


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(questionnaires(), st.data())
def test_keeping_twice_changes_nothing(form: Questionnaire, data: st.DataObject):
    known = [found.code for found in form.questions] or ["Q"]
    answers = data.draw(st.dictionaries(st.sampled_from(known) | codes, raw_answers, max_size=6))
    kept = keep_on_path(form, answers)
    assert path(form, kept) == path(form, answers)
    assert repr(keep_on_path(form, kept)) == repr(kept)
