from fractions import Fraction

import pytest

from sampling.design.fingerprints import digest_of_rows
from sampling.design.replacements import (
    ReplacementRecord,
    replacement_order,
    replacement_secret,
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
        "secret_sha256": {"person": "b" * 64},
    }
    return ReplacementRecord(**(values | changes))  # type: ignore[arg-type]  # values of a test


@pytest.mark.parametrize(
    "change",
    [
        {"reason": "khác"},
        {"replacement": "00004-3"},
        {"eligible": (("00004-2", 5), ("00004-3", 8))},
        {"secret_sha256": {"person": "c" * 64}},
    ],
)
def test_every_part_of_the_record_is_in_its_hash(change: dict[str, object]):
    assert record(**change).digest() != record().digest()


def test_units_that_could_be_taken_are_hashed_in_the_order_of_their_codes():
    turned = record(eligible=(("00004-3", 7), ("00004-2", 5)))
    assert turned.digest() == record().digest()
    rows = [["00004-2", 5], ["00004-3", 7]]
    assert record().document()["frame_sha256"] == digest_of_rows(rows) == script.digest_of_rows(rows)


def test_secrets_of_stages_and_units_differ():
    labels = [("r", "village", "v"), ("r", "village", "w"), ("r", "vil", "lagev")]
    found = {replacement_secret("key", *each, stage) for each in labels for stage in ("village", "person")}
    assert len(found) == 6
    assert replacement_secret("other", *labels[0], "person") not in found


def test_another_list_has_another_seed():
    def seed(list_digest: str) -> str:
        return replacement_seed(
            secret="0" * 64, record_digest="ab", stage="person", unit="v", list_digest=list_digest
        )

    assert seed("a" * 64) != seed("b" * 64)
