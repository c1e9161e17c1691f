"""Method documents are refused unless they add up."""

import json
from fractions import Fraction
from pathlib import Path

import pytest

import analysis.index
from analysis.index import IndexEstimationError, IndexMethodError, estimate_index, parse_index_method
from tests.analysis.index.makers import make_answers, make_content, make_criterion, make_design, make_document

SHIPPED = sorted((Path(analysis.index.__file__).parents[1] / "methods" / "sipas").glob("*.json"))


def test_a_document_becomes_a_method():
    method = parse_index_method(make_document())
    assert method.contents[0].weight == Fraction(2, 3)
    assert method.questions == ("a1", "a2", "b1", "s1")
    assert len(method.criteria) == 5
    assert method.is_provisional


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_methods_are_valid(path: Path):
    method = parse_index_method(json.loads(path.read_text(encoding="utf-8")))
    assert method.code == path.stem
    assert sum(content.weight for content in method.contents) == 1


def test_leaves_that_do_not_add_up_are_refused_with_the_difference():
    with pytest.raises(IndexMethodError, match=r"7 criteria in method M.*got 5 \(difference -2\)"):
        parse_index_method(make_document(declared_n_criteria=7))


def test_a_content_that_does_not_add_up_is_refused_with_the_difference():
    document = make_document()
    document["contents"][1]["declared_n_criteria"] = 0
    with pytest.raises(IndexMethodError, match=r"0 criteria in content S.*got 1 \(difference \+1\)"):
        parse_index_method(document)


def test_weights_that_do_not_add_up_are_refused_with_the_difference():
    document = make_document()
    document["contents"][0]["weight"] = {"numerator": 1, "denominator": 3}
    with pytest.raises(IndexMethodError, match="difference -1/3"):
        parse_index_method(document)


def test_a_missing_key_is_named():
    document = make_document()
    del document["contents"][0]["elements"][0]["criteria"][0]["title"]
    with pytest.raises(IndexMethodError, match="'title' in criterion a1"):
        parse_index_method(document)


@pytest.mark.parametrize(
    "changes",
    [
        {"format": "index-method/2"},
        {"headline": "median"},
        {"shown_beside": ["median"]},
        {"content_rule": "guess"},
        {"scale": {"code": "x", "minimum": 1, "maximum": 5, "satisfied_from": 6}},
    ],
    ids=str,
)
def test_what_is_not_known_is_refused(changes: dict[str, object]):
    with pytest.raises(IndexMethodError):
        parse_index_method(make_document(**changes))


def test_a_code_used_twice_is_refused():
    content = make_content("S", (1, 3), {"S-1": [make_criterion("a1")]})
    contents = [make_document()["contents"][0], content]
    with pytest.raises(IndexMethodError, match="a1 more than once"):
        parse_index_method(make_document(contents=contents))


def test_a_content_without_questions_cannot_be_estimated():
    content = make_content("S", (1, 3), {"S-1": [make_criterion("s1", question=False)]})
    method = parse_index_method(make_document(contents=[make_document()["contents"][0], content]))
    design, _ = make_design()
    with pytest.raises(IndexEstimationError, match="content S"):
        estimate_index(design, make_answers(), method)


def test_a_method_kept_as_documentation_cannot_be_estimated():
    method = parse_index_method(
        make_document(is_computable=False, not_computable_reason={"en": "Not known."})
    )
    design, _ = make_design()
    with pytest.raises(IndexEstimationError, match=r"Not known\."):
        estimate_index(design, make_answers(), method)
