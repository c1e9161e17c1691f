"""Secrets of draws under seal: whoever only reads the database, or a copy of it, cannot compute a seed.

Between commitment and draw the secret is the one thing that nobody may know. It is stored as the exclusive or
of its 32 bytes and 32 bytes that only the key of the installation gives, once for each draw: a one-time pad.
"""

import hashlib
import hmac

from django.conf import settings

from sampling.design.commitments import digest_of_secret
from sampling.models import Draw

PURPOSE = b"draw-secret/1:"
"""Keeps these bytes apart from everything else that the key is used for."""


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


def _with_pad(draw: Draw, text: str) -> str:
    """Return 32 bytes, in hexadecimal digits, combined with the pad of a draw; doing it twice undoes it."""
    if draw.pk is None:
        raise SealError("Expected a saved draw, got one without a number: its seal would not be its own.")
    key = settings.COORDINATION_KEY.encode()
    pad = hmac.digest(key, PURPOSE + str(draw.pk).encode(), hashlib.sha256)
    return bytes(a ^ b for a, b in zip(bytes.fromhex(text), pad, strict=True)).hex()
