"""The published figures: what the rules reproduce, and the one open contradiction."""

import copy
from typing import Any

import pytest

from analysis.methods import criteria_set, published_checks_document
from analysis.par import FAILS, KNOWN_MISMATCH, PASSES, ParError, published_checks


def statuses(document: dict[str, Any]) -> dict[str, str]:
    report = published_checks(document, criteria_set("876-2022").parsed)
    return {result.check: result.status for result in report}


def make_changed_document(check: str, **changes: Any) -> dict[str, Any]:
    document = copy.deepcopy(dict(published_checks_document()))
    document["checks"] = [one | changes if one["id"] == check else one for one in document["checks"]]
    return document


def test_published_figures_are_reproduced_and_the_known_mismatch_is_reported():
    expected = {f"T{number}": PASSES for number in range(1, 8)} | {"T8": KNOWN_MISMATCH}

    assert statuses(published_checks_document()) == expected


def test_every_check_names_its_source():
    report = published_checks(published_checks_document(), criteria_set("876-2022").parsed)

    assert all(result.sources and result.what for result in report)


@pytest.mark.parametrize(
    ("check", "wrong"),
    [
        ("T1", "9.13"),
        ("T2", ["88.13", "82.06"]),
        ("T3", ["87.80", "85.78"]),
        ("T4", "86.90"),
        ("T5", ["A", "B", "B", "B", "C"]),
        ("T6", ["Hải Phòng", "Quảng Ninh", "Hà Nội"]),
        ("T7", "99"),
    ],
)
def test_a_figure_the_rules_do_not_give_fails(check: str, wrong: object):
    assert statuses(make_changed_document(check, out=wrong))[check] == FAILS


def test_a_mismatch_that_has_gone_away_fails_so_that_the_record_is_closed():
    assert statuses(make_changed_document("T8", out_published="8.183"))["T8"] == FAILS


def test_the_maxima_of_2948_are_those_of_its_criteria_set():
    [check] = [one for one in published_checks_document()["checks"] if one["id"] == "T7"]
    maxima = [str(domain.maximum) for domain in criteria_set("2948-2017").parsed.domains]

    assert check["in"] == maxima


def test_an_unknown_kind_of_check_is_refused():
    with pytest.raises(ParError) as caught:
        statuses(make_changed_document("T1", kind="guess"))

    assert caught.value.code == "unknown_check"


def test_another_document_is_refused():
    with pytest.raises(ParError) as caught:
        statuses({"format": "criteria-set/1"})

    assert caught.value.code == "wrong_format"
