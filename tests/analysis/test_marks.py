import pytest
from django.utils.translation import override

from analysis.marks import confidence, index_marks, points_marks, sentences, withheld_sentences
from analysis.models import Release
from tests.survey_site.makers import make_release

pytestmark = pytest.mark.django_db


def stored(*, is_provisional: bool = True) -> Release:
    """A release as the database has it, whose documents are its own."""
    related = ("method", "criteria_set", "snapshot__round__template")
    return Release.objects.select_related(*related).get(pk=make_release(is_provisional=is_provisional).pk)


def test_points_inherit_the_marks_of_the_index() -> None:
    release = stored()
    own = [mark for mark in points_marks(release) if mark not in index_marks(release)]
    assert [mark.title for mark in own] == [release.criteria_set.title]
    assert len(index_marks(release)) == 2


def test_weights_without_margins_are_a_reason_of_their_own() -> None:
    release = stored(is_provisional=False)
    assert index_marks(release) == ()
    release.weighting = [{"step": "nonresponse", "note": "no_margins"}]
    with override("en"):
        [mark] = index_marks(release)
    assert mark.reason.startswith("There were no population margins")


def test_rules_without_a_text_inside_confirmed_documents_are_reasons_too() -> None:
    release = stored(is_provisional=False)
    release.method.document["contents"][0]["weight_is_provisional"] = True
    release.criteria_set.document["sipas"] |= {
        "is_provisional": True,
        "provisional_reason": {"vi": "Chưa rõ"},
    }
    assert [mark.title for mark in index_marks(release)] == [release.method.title]
    assert points_marks(release)[0].reason == "Chưa rõ"


def test_sentences_say_what_a_file_is() -> None:
    release = stored()
    with override("en"):
        assert sentences(release) == ("Demonstration data – not real results", "Provisional method")
    release.is_demo = release.is_provisional = False
    assert sentences(release) == ()
    release.is_rehearsed = True
    with override("en"):
        assert sentences(release) == ("Sample drawn without a public commitment",)


def test_withheld_figures_are_counted_by_reason() -> None:
    release = stored()
    assert withheld_sentences(release) == ()
    release.rates["withheld"] = [{"reason": "protects_another"}, {"reason": "few_answers"}] * 2
    with override("en"):
        assert withheld_sentences(release) == (
            "2 figures are withheld (fewer than 10 answers: persons could be recognised).",
            "2 figures are withheld (another figure with few answers could be computed from this one).",
        )


def test_confidence_is_told_in_words() -> None:
    with override("en"):
        assert str(confidence({"confidence": "derived"})) == "derived from published results"
    assert confidence({"confidence": "new grade"}) == "new grade"
    assert confidence({}) == ""
