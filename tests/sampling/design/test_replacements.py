from fractions import Fraction

import pytest

from sampling.design.fingerprints import digest_of_frame, digest_of_rows
from sampling.design.replacements import (
    ReplacementRecord,
    replacement_order,
    replacement_seed,
)
from sampling.design.seeds import uniform_number
from sampling.proof import verify_replacements as script

SIZES = {f"{number:05d}": 100 + 37 * number % 90 for number in range(12)}


def test_order_is_that_of_the_numbers_for_their_size():
    def rank(code: str) -> Fraction:
        return Fraction(uniform_number("seed", "replace", "01", code), SIZES[code])

    order = replacement_order(SIZES, "seed", "01")
    assert order == sorted(SIZES, key=rank)
    assert order != replacement_order(SIZES, "seed", "02")


def test_leaving_a_unit_out_does_not_change_the_order_of_the_others():
    order = replacement_order(SIZES, "seed", "01")
    fewer = {code: size for code, size in SIZES.items() if code != order[0]}
    assert replacement_order(fewer, "seed", "01") == order[1:]


def test_script_for_auditors_finds_the_same_first_unit():
    rows = [[code, size] for code, size in SIZES.items()]
    assert script.first_in_order(rows, "seed", "01") == replacement_order(SIZES, "seed", "01")[0]


def record(**changes: object) -> ReplacementRecord:
    values = {
        "round": "r",
        "stage": "village",
        "above": "00004",
        "replaced": "00004-1",
        "reason": "lũ quét",
        "replacement": "00004-2",
        "eligible": (("00004-2", 5), ("00004-3", 7)),
        "draw_sha256": "a" * 64,
        "below_sha256": {"person": "b" * 64},
    }
    return ReplacementRecord(**(values | changes))  # type: ignore[arg-type]  # values of a test


@pytest.mark.parametrize(
    "change",
    [
        {"reason": "khác"},
        {"replacement": "00004-3"},
        {"eligible": (("00004-2", 5), ("00004-3", 8))},
        {"below_sha256": {"person": "c" * 64}},
    ],
)
def test_every_part_of_the_record_is_in_its_hash(change: dict[str, object]):
    assert record(**change).digest() != record().digest()


def test_units_that_could_be_taken_are_hashed_in_the_order_of_their_codes():
    turned = record(eligible=(("00004-3", 7), ("00004-2", 5)))
    assert turned.digest() == record().digest()
    rows = [["00004-2", 5], ["00004-3", 7]]
    assert record().document()["frame_sha256"] == digest_of_rows(rows) == script.digest_of_rows(rows)


def seed_below(**changes: str) -> str:
    values = {"secret": "0" * 64, "seed": "1" * 64, "stage": "person", "unit": "v", "list_digest": "a" * 64}
    return replacement_seed(**(values | changes))


@pytest.mark.parametrize(
    "change",
    [
        {"secret": "2" * 64},
        {"seed": "2" * 64},
        {"stage": "village"},
        {"unit": "w"},
        {"stage": "personv", "unit": ""},
        {"list_digest": "b" * 64},
    ],
)
def test_seed_of_a_list_depends_on_the_draw_of_its_stage_the_unit_and_the_list(change: dict[str, str]):
    assert seed_below(**change) != seed_below()


def test_script_for_auditors_finds_the_same_seed_below():
    frame = [["v", "1"], ["v", "2"]]
    below = {"stage": "person", "unit": "v", "frame": frame}
    found = script.seed_below(below, {"secret": "0" * 64, "seed": "1" * 64})
    assert found == seed_below(list_digest=digest_of_frame(frame))
