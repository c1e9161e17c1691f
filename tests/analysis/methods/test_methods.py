"""The method files themselves: they load, carry their marks, and say no more than is known."""

import hashlib
import json
from fractions import Fraction
from typing import Any

import pytest
from django.utils.translation import override

from analysis.methods import (
    MethodsError,
    collect_methods,
    criteria_set,
    criteria_sets,
    document_digest,
    index_method,
    index_methods,
)
from analysis.par import parse_criteria_set

PLACEHOLDER = "Tiêu chí chưa công bố tên số {}"


def all_documents() -> list[Any]:
    return [method.document for method in (*index_methods().values(), *criteria_sets().values())]


def document_ids() -> list[str]:
    return [document["code"] for document in all_documents()]


def counts(code: str) -> dict[str, int]:
    return {content.code: len(content.criteria) for content in index_method(code).parsed.contents}


def test_all_methods_are_there():
    assert [code for code, _ in index_methods()] == ["M2012", "M2017", "M2022", "M2023"]
    assert {code for code, _ in criteria_sets()} == {
        "1294-2012",
        "4361-2016",
        "2948-2017",
        "1150-2019",
        "1149-2020",
        "876-2022",
        "892-2024",
        "DEMO-876-SHAPE",
    }


@pytest.mark.parametrize("document", all_documents(), ids=document_ids())
def test_every_method_is_marked_provisional_with_a_reason_in_both_languages(document: dict[str, Any]):
    assert document["is_provisional"] is True
    for language in ("vi", "en"):
        reason = document["provisional_reason"][language]
        assert reason.endswith(".")
        assert len(reason.split()) > 5


@pytest.mark.parametrize("document", all_documents(), ids=document_ids())
def test_every_method_carries_decision_period_source_and_confidence(document: dict[str, Any]):
    assert document["sources"]
    assert document["confidence"] in {"official", "news", "derived", "recollection", "assumed", "synthetic"}
    assert {"decision", "decision_date", "title"} <= set(document)
    assert {"result_years"} <= set(document) or {"valid_from_year", "valid_to_year"} <= set(document)


@pytest.mark.parametrize("document", all_documents(), ids=document_ids())
def test_no_method_holds_binary_floats(document: dict[str, Any]):
    def refuse(text: str) -> float:
        raise AssertionError(text)

    assert json.loads(json.dumps(document), parse_float=refuse) == document


def test_m2023_has_33_names_and_numbered_placeholders_up_to_51():
    criteria = index_method("M2023").parsed.criteria
    unnamed = [criterion for criterion in criteria if not criterion.is_name_published]

    assert counts("M2023") == {"P": 32, "S": 19}
    assert len(criteria) - len(unnamed) == 33
    assert [criterion.title["vi"] for criterion in unnamed] == [PLACEHOLDER.format(k) for k in range(1, 19)]
    assert all(criterion.question is None for criterion in unnamed)


def test_m2023_content_weights_are_explicit_and_provisional():
    contents = index_method("M2023").parsed.contents

    assert [content.weight for content in contents] == [Fraction(32, 51), Fraction(19, 51)]
    assert all(content.is_weight_provisional for content in contents)


def test_m2022_weighs_its_contents_equally():
    assert counts("M2022") == {"P": 14, "S": 19}
    assert [content.weight for content in index_method("M2022").parsed.contents] == [Fraction(1, 2)] * 2


def test_questions_keep_their_codes_from_2022_to_2023():
    assert index_method("M2022").parsed.questions == index_method("M2023").parsed.questions


def test_m2017_is_recollection_and_never_official():
    method = index_method("M2017")

    assert counts("M2017") == {"S": 22}
    assert method.parsed.confidence == "recollection"
    assert method.document["notes"]["never_official"] is True


def test_m2012_is_documentation_only_and_says_why():
    method = index_method("M2012").parsed

    assert not method.is_computable
    assert set(method.not_computable_reason) == {"vi", "en"}
    assert [len(element.criteria) for element in method.contents[0].elements] == [0, 0, 0, 0]


def test_periods_of_the_index_methods_do_not_overlap():
    periods = [
        (method.parsed.valid_from_year, method.parsed.valid_to_year) for method in index_methods().values()
    ]

    assert periods == [(2012, 2016), (2017, 2020), (2022, 2022), (2023, 2026)]


def test_only_the_synthetic_set_is_scorable():
    sets = [loaded.parsed for loaded in criteria_sets().values()]

    assert [(one.code, one.is_synthetic) for one in sets if one.is_scorable] == [("DEMO-876-SHAPE", True)]


def test_the_synthetic_set_is_named_as_not_official():
    title = criteria_set("DEMO-876-SHAPE").parsed.title

    assert "không chính thức" in title.vi
    assert "not official" in title.en


@pytest.mark.parametrize("code", ["876-2022", "892-2024", "DEMO-876-SHAPE"])
def test_sets_from_2022_on_show_both_candidate_inputs(code: str):
    item = criteria_set(code).parsed.sipas

    assert item.is_provisional
    assert {candidate.code for candidate in item.candidate_inputs} == {"headline", "service"}


def test_a_second_file_with_the_same_code_and_version_is_refused():
    document = criteria_set("876-2022").document

    said = r"b\.json: version 1 of 876-2022 is already defined in a\.json"
    with override("en"), pytest.raises(MethodsError, match=said):
        collect_methods(iter([("a.json", document), ("b.json", document)]), parse_criteria_set)


def test_without_a_version_the_newest_is_chosen():
    assert criteria_set("876-2022") == criteria_set("876-2022", 1)


@pytest.mark.parametrize(("code", "version"), [("M1999", None), ("876-2022", 2)])
def test_a_method_that_is_not_there_is_named_with_those_that_are(code: str, version: int | None):
    with pytest.raises(MethodsError, match="892-2024 v1"):
        criteria_set(code, version)


def test_the_digest_ignores_layout_and_sees_content():
    document = dict(index_method("M2023").document)
    shuffled = dict(reversed(document.items()))

    assert document_digest(shuffled) == index_method("M2023").digest
    assert document_digest(document | {"version": 2}) != index_method("M2023").digest


def test_the_digest_is_that_of_sorted_compact_utf_8_json():
    canonical = '{"a":"Đà Nẵng","b":1}'.encode()

    assert document_digest({"b": 1, "a": "Đà Nẵng"}) == hashlib.sha256(canonical).hexdigest()
