import datetime
import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampling.design.commitments import (
    Commitment,
    CommitmentError,
    StageSeeds,
    digest_of_secret,
    new_secret,
    normal_public_value,
    seed_of_commitment,
)

SECRET = "0f" * 32
DAY = datetime.date(2026, 3, 1)


def commitment(**changes: object) -> Commitment:
    values = {
        "round": "sipas-2026",
        "stage": "commune",
        "frame_sha256": "a" * 64,
        "design_sha256": "b" * 64,
        "secret_sha256": digest_of_secret(SECRET),
        "public_source": "Xổ số miền Bắc",
        "public_source_url": "https://example.org/",
        "public_value_due": DAY,
    }
    return Commitment(**(values | changes))


def test_commitment_and_seed_are_pinned_byte_for_byte():
    digest = commitment().digest()
    assert digest == "08a726a92664cd1eaa37774dc5aa672859ae45192d6196beccec53bea07ae9a8"
    seed = seed_of_commitment(secret=SECRET, commitment_digest=digest, public_value="45021")
    assert seed == "c304e4fb2215f9327447464b427b991fa30fcde82d06e658aaac3070787605d9"


def test_seed_is_the_hmac_of_parts_with_their_lengths():
    parts = [b"survey-draw/1", b"ab", "số 7".encode()]
    message = b"".join(len(part).to_bytes(8, "big") + part for part in parts)
    expected = hmac.new(bytes.fromhex(SECRET), message, hashlib.sha256).hexdigest()
    assert seed_of_commitment(secret=SECRET, commitment_digest="ab", public_value="số 7") == expected


@pytest.mark.parametrize(
    "change",
    [
        {"round": "other"},
        {"stage": "village"},
        {"frame_sha256": "c" * 64},
        {"design_sha256": "c" * 64},
        {"secret_sha256": "c" * 64},
        {"public_source": "other"},
        {"public_source_url": ""},
        {"public_value_due": DAY + datetime.timedelta(days=1)},
        {"previous": ("d" * 64,)},
        {"committed_at": datetime.datetime(2026, 2, 27, 9, tzinfo=datetime.UTC)},
        {"is_demo": True},
    ],
)
def test_every_part_of_a_commitment_counts(change: dict[str, object]):
    assert commitment(**change).digest() != commitment().digest()


@given(st.text(), st.text())
def test_only_the_same_value_gives_the_same_seed(one: str, other: str):
    values = []
    for text in (one, other):
        try:
            values.append(normal_public_value(text))
        except CommitmentError:
            assert not text.split()
            return
    seeds = [
        seed_of_commitment(secret=SECRET, commitment_digest="ab", public_value=text) for text in (one, other)
    ]
    assert (seeds[0] == seeds[1]) == (values[0] == values[1])


def test_value_is_the_same_however_it_was_typed():
    assert (
        normal_public_value(" Gia\u0309i  \u0111a\u0306\u0323c bie\u0323\u0302t:\t45021\n")
        == "Giải đặc biệt: 45021"
    )


def test_secrets_are_new_and_of_one_form():
    secrets = {new_secret() for _number in range(20)}
    assert len(secrets) == 20
    assert {len(bytes.fromhex(secret)) for secret in secrets} == {32}


@pytest.mark.parametrize("secret", ["", "0" * 63, "g" * 64, "AB" * 32, "0" * 65])
def test_secret_of_another_form_is_refused(secret: str):
    with pytest.raises(CommitmentError, match="hexadecimal"):
        digest_of_secret(secret)


def test_stage_without_a_seed_takes_the_common_one_or_says_so():
    seeds = StageSeeds({"commune": "a"}, common="b")
    assert (seeds.at("commune"), seeds.at("village")) == ("a", "b")
    with pytest.raises(CommitmentError, match="village"):
        StageSeeds({"commune": "a"}).at("village")
