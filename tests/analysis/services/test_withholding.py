from typing import Any

import pytest

from analysis.index import POOLED_SHARE
from analysis.index.nodes import IndexNode
from analysis.services.withholding import families_of, reasons_to_withhold

FAMILIES = {"index": ["S"], "S": ["S-1", "S-2"], "S-1": ["S-1.1", "S-1.2", "S-1.3"], "S-2": ["S-2.1"]}
NODES = ("index", "S", "S-1", "S-1.1", "S-1.2", "S-1.3", "S-2", "S-2.1")


def row(domain: str, n: int, **changes: Any) -> dict[str, Any]:
    return {
        "domain": domain,
        "node": "S-1.1",
        "statistic": "mean_score",
        "value": 4.0,
        "df": 5,
        "n": n,
    } | changes


def reasons(*provinces: dict[str, Any], **nation: Any) -> list[str | None]:
    """Reasons of the provinces and, last, of the nation they add up to."""
    total = sum(province["n"] for province in provinces)
    return reasons_to_withhold([*provinces, row("nation", total, **nation)], {})


def test_nothing_is_withheld_where_every_count_is_large() -> None:
    assert reasons(row("01", 30), row("04", 40)) == [None, None, None]


def test_fewest_answers_protect_the_hidden_count() -> None:
    found = reasons(row("01", 30), row("04", 6), row("08", 25), row("10", 80))
    assert found == [None, "few_answers", "protects_another", None, None]


def test_two_hidden_counts_protect_each_other() -> None:
    assert reasons(row("01", 30), row("04", 6), row("08", 7)) == [None, "few_answers", "few_answers", None]


def test_two_hidden_counts_that_are_few_together_need_a_third() -> None:
    found = reasons(row("01", 30), row("04", 2), row("08", 3))
    assert found == ["protects_another", "few_answers", "few_answers", None]


def test_figure_hidden_for_another_reason_protects_too() -> None:
    found = reasons(row("01", 30), row("04", 6), row("08", 50, df=0))
    assert found == [None, "few_answers", "no_precision", None]


def test_small_count_without_an_error_is_protected_like_any_other() -> None:
    assert reasons(row("01", 30), row("04", 6, df=0)) == ["protects_another", "no_precision", None]


@pytest.mark.parametrize("gap", [row("04", 40, df=0), row("04", 0, value=float("nan"))])
def test_gap_that_reveals_nobody_costs_no_other_figure(gap: dict[str, Any]) -> None:
    assert reasons(row("01", 30), gap)[0] is None


def test_nation_with_the_answers_of_one_province_is_hidden_with_it() -> None:
    assert reasons(row("04", 6), row("01", 0, value=float("nan"))) == [
        "few_answers",
        "no_answers",
        "few_answers",
    ]


def test_nation_that_is_withheld_gives_nothing_away() -> None:
    assert reasons(row("01", 30), row("04", 6), df=0) == [None, "few_answers", "no_precision"]


def test_parts_and_statistics_are_protected_each_for_itself() -> None:
    other = {"node": "S-1.2"}
    rows = [row("01", 30), row("04", 6), row("01", 30, **other), row("04", 30, **other)]
    rows += [row("nation", 36), row("nation", 60, **other)]
    assert reasons_to_withhold(rows, {}) == ["protects_another", "few_answers", None, None, None, None]


def hidden(counts: dict[tuple[str, str], int], **changes: Any) -> dict[tuple[str, str], str]:
    """What is hidden in three provinces with 60 answers to every part, but for some."""
    rows = []
    for node in NODES:
        part = {"node": node} | changes
        found = [counts.get((domain, node), 60) for domain in ("01", "04", "08")]
        rows += [row(domain, n, **part) for domain, n in zip(("01", "04", "08"), found, strict=True)]
        rows.append(row("nation", sum(found), **part))
    given = zip(rows, reasons_to_withhold(rows, FAMILIES), strict=True)
    return {(row["domain"], row["node"]): reason for row, reason in given if reason is not None}


def test_families_follow_the_order_of_the_parts() -> None:
    levels = {"index": "index", "S": "content"}
    nodes = [
        IndexNode(code, levels.get(code, "criterion" if "." in code else "element"), {}) for code in NODES
    ]
    assert families_of(nodes) == FAMILIES


def test_criterion_cannot_be_worked_out_from_its_element() -> None:
    found = hidden({("04", "S-1.1"): 6, ("04", "S-1.3"): 20, ("08", "S-1.1"): 30})
    assert found == {
        ("04", "S-1.1"): "few_answers",
        ("08", "S-1.1"): "protects_another",
        ("04", "S-1.3"): "protects_another",
        ("08", "S-1.3"): "protects_another",
    }


def test_element_of_one_criterion_is_hidden_with_it_and_protected_one_level_up() -> None:
    found = hidden({("04", "S-2.1"): 6, ("08", "S-2.1"): 20})
    assert {("04", "S-2"), ("08", "S-2"), ("04", "S-1"), ("08", "S-1")} <= set(found)
    assert ("04", "S") not in found


@pytest.mark.parametrize("province", ["01", "04", "08"])
@pytest.mark.parametrize("node", NODES[2:])
def test_no_value_follows_from_those_that_are_published(province: str, node: str) -> None:
    found = hidden({(province, node): 5})
    for domain in ("01", "04", "08"):
        for parent, parts in FAMILIES.items():
            assert sum((domain, part) in found for part in (parent, *parts)) != 1
    for part in NODES:
        assert sum((domain, part) in found for domain in ("01", "04", "08", "nation")) != 1


def test_part_without_an_error_leaves_its_family_published() -> None:
    rows = [row("01", 60, node=node, df=0 if node == "S-1.1" else 5) for node in NODES]
    assert [reason for reason in reasons_to_withhold(rows, FAMILIES) if reason] == ["no_precision"]


def test_pooled_share_of_an_element_with_a_hidden_criterion_is_hidden_too() -> None:
    parts = [row("01", 60 if node != "S-1.1" else 6, node=node, statistic="top_two_share") for node in NODES]
    pooled = [row("01", 60, node=node, statistic=POOLED_SHARE) for node in ("S-1", "S-2")]
    assert reasons_to_withhold([*parts, *pooled], FAMILIES)[-2:] == ["protects_another", None]
    assert reasons_to_withhold(pooled, FAMILIES) == [None, None]


def test_only_province_with_answers_is_not_given_away_by_the_nation() -> None:
    rows = [row(domain, 60, node=node) for domain in ("01", "nation") for node in NODES]
    rows[3] = row("01", 6, node="S-1.1")
    rows[11] = row("nation", 6, node="S-1.1")
    reasons = reasons_to_withhold(rows, FAMILIES)
    assert reasons[:8] == reasons[8:]
    assert sum(reason is not None for reason in reasons) == 4
