"""Secrets under seal: whoever only reads the database, or a copy of it, learns nothing from them.

Between commitment and draw the secret of a draw is the one thing that nobody may know; until its adults are
listed, so is the number of a household, and with it the seed of the draw of households, from which all these
numbers follow. Each is stored as the exclusive or of its 32 bytes and 32 bytes that
only the key of the installation gives, once for each draw and household: a one-time pad.
"""

import hashlib
import hmac

from django.conf import settings

from sampling.design.commitments import digest_of_secret, seed_of_commitment
from sampling.design.within_household import digest_of_seal
from sampling.models import Case, Draw, Household, SamplingFrame

PURPOSE = b"draw-secret/1:"
"""Keeps these bytes apart from everything else that the key is used for."""


HOUSEHOLD_PURPOSE = b"household-number/1:"
SEED_PURPOSE = b"draw-seed/1:"
SEALED_STAGES = (SamplingFrame.Stage.HOUSEHOLD,)
"""Stages whose seed tells more than the drawn list."""


class SealError(ValueError):
    """Raised when a sealed secret is not the committed one: the key, or the database, was changed."""


def seal_secret(draw: Draw, secret: str) -> str:
    """Return a secret as it is stored with a draw; the draw must be saved already."""
    return _with_pad(draw, secret)


def secret_of(draw: Draw) -> str:
    """Return the secret of a draw; empty before the commitment."""
    if not draw.secret:
        return ""
    secret = _with_pad(draw, draw.secret)
    if digest_of_secret(secret) != draw.secret_digest:
        raise SealError(
            f"Draw {draw.pk}: expected a secret with the digest {draw.secret_digest}, got another. "
            "Set SURVEY_COORDINATION_KEY to the key with which the draw was committed."
        )
    return secret


def seal_seed(draw: Draw, seed: str) -> str:
    """Return a seed as it is stored with a draw: under seal where more follows from it than the list."""
    return _with_pad(draw, seed, SEED_PURPOSE) if draw.stage in SEALED_STAGES else seed


def seed_of(draw: Draw) -> str:
    """Return the seed of a draw; empty before it is carried out."""
    if not draw.seed or draw.stage not in SEALED_STAGES:
        return draw.seed
    seed = _with_pad(draw, draw.seed, SEED_PURPOSE)
    expected = seed_of_commitment(
        secret=secret_of(draw), commitment_digest=draw.commitment_digest, public_value=draw.public_value
    )
    if seed != expected:
        raise SealError(
            f"Draw {draw.pk}: expected the seed that follows from its commitment and public value, got "
            "another. The seed, the value or the commitment was changed in the database."
        )
    return seed


def seal_household_number(case: Case, number: str) -> str:
    """Return the number of a household as it is stored."""
    return _xor(number, _household_pad(case))


def number_of_household(household: Household) -> str:
    """Open the seal of a household."""
    number = _xor(household.seal, _household_pad(household.case))
    if digest_of_seal(number) != household.seal_digest:
        raise SealError(
            f"Household of case {household.case_id}: expected a number with the digest "
            f"{household.seal_digest}, got another. Set SURVEY_COORDINATION_KEY to the key of the draw."
        )
    return number


def _with_pad(draw: Draw, text: str, purpose: bytes = PURPOSE) -> str:
    """Return 32 bytes, in hexadecimal digits, combined with the pad of a draw; doing it twice undoes it."""
    if draw.pk is None:
        raise SealError("Expected a saved draw, got one without a number: its seal would not be its own.")
    return _xor(text, _pad(purpose + str(draw.pk).encode()))


def _household_pad(case: Case) -> bytes:
    """Return the pad of a household, of its case alone."""
    if case.pk is None:
        raise SealError("Expected a saved case, got one without a number: its seal would not be its own.")
    return _pad(HOUSEHOLD_PURPOSE + str(case.pk).encode())


def _pad(purpose: bytes) -> bytes:
    """Return 32 bytes that only the key of the installation gives."""
    return hmac.digest(settings.COORDINATION_KEY.encode(), purpose, hashlib.sha256)


def _xor(text: str, pad: bytes) -> str:
    """Return 32 bytes, in hexadecimal digits, combined with a pad."""
    return bytes(a ^ b for a, b in zip(bytes.fromhex(text), pad, strict=True)).hex()
