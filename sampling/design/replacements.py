"""Which unit takes the place of one that fell out, and what is put on record before it is drawn from.

The order in which units replace others is fixed by the seed of the draw, long before anybody knows which unit
falls out. The lists below a replacement come later: their seed follows from a secret whose hash is recorded
together with the replacement, before the list is seen.
"""

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from sampling.design.fingerprints import digest_of_document, digest_of_rows
from sampling.design.seeds import LENGTH_BYTES, uniform_number

FORMAT = "replacement-commitment/1"
RULE = "survey-replacement/1"
"""The rule that orders replacements and makes seeds of their lists; another rule gets another name."""

LABEL = "replace"
"""Label of the random numbers of replacements."""

KEY_LABEL = "replacement-secret/1"


def replacement_order(sizes: Mapping[str, int], seed: str, above: str) -> list[str]:
    """Return units in the order in which they would take the place of one that fell out.

    Parameters
    ----------
    sizes : mapping of str to int
        Measure of size of every unit that may still be taken, by code; positive.
    seed : str
        The seed of the draw of their stage.
    above : str
        The stratum or unit above, whose list was drawn from.

    Returns
    -------
    list of str
        By u / size, smallest first, where u is the uniform number of the seed, ``replace``, the unit above
        and the code; compared as fractions, ties by code. Large units tend to come first.

    References
    ----------
    .. [1] Ohlsson, E. (1998). Sequential Poisson sampling. Journal of Official Statistics 14.

    Examples
    --------
    >>> replacement_order({"00004": 700, "00008": 500}, "2026", "01")
    ['00004', '00008']
    """

    def rank(code: str) -> tuple[Fraction, str]:
        return Fraction(uniform_number(seed, LABEL, above, code), sizes[code]), code

    return sorted(sizes, key=rank)


@dataclass(frozen=True, slots=True)
class ReplacementRecord:
    """What is put on record of a replacement before its lists are seen.

    `eligible` are (code, size) of the units that could have been taken; `draw_sha256` is the commitment whose
    seed orders them, empty in a rehearsal; `secret_sha256` has a hash for each stage below, by its code.
    """

    round: str
    stage: str
    above: str
    replaced: str
    reason: str
    replacement: str
    eligible: tuple[tuple[str, int], ...]
    draw_sha256: str
    secret_sha256: Mapping[str, str] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """Return the document that goes into the audit log and into the bundle.

        Returns
        -------
        dict
            `frame_sha256` is the SHA-256 of the eligible units as [code, size], by code.
        """
        return {
            "format": FORMAT,
            "rule": RULE,
            "round": self.round,
            "stage": self.stage,
            "above": self.above,
            "replaced": self.replaced,
            "reason": self.reason,
            "replacement": self.replacement,
            "frame_sha256": digest_of_rows([code, size] for code, size in sorted(self.eligible)),
            "draw_sha256": self.draw_sha256,
            "secret_sha256": dict(sorted(self.secret_sha256.items())),
        }

    def digest(self) -> str:
        """Return the SHA-256 of the document: keys sorted, no spaces.

        Examples
        --------
        >>> kept = ReplacementRecord("r", "village", "v", "v-1", "flood", "v-2", (("v-2", 5),), "")
        >>> kept.digest() == digest_of_document(kept.document())
        True
        """
        return digest_of_document(self.document())


def replacement_secret(key: str, *labels: str) -> str:
    """Return the secret of a replacement: 64 hexadecimal digits that follow from a key of the server.

    Parameters
    ----------
    key : str
        The key; it is never revealed, and does not follow from the secret.
    *labels : str
        Round, stage and code of the replacement, and the stage below.

    Returns
    -------
    str
        HMAC-SHA-256 over the labels, each with its length before it.

    Examples
    --------
    >>> len(replacement_secret("key", "r", "village", "v-2", "person"))
    64
    """
    return hmac.new(key.encode(), _with_lengths((KEY_LABEL, *labels)), hashlib.sha256).hexdigest()


def replacement_seed(*, secret: str, record_digest: str, stage: str, unit: str, list_digest: str) -> str:
    """Return the seed of a list below a replacement.

    Parameters
    ----------
    secret : str
        64 hexadecimal digits, whose hash is in the record.
    record_digest : str
        `ReplacementRecord.digest`.
    stage, unit : str
        Stage that is drawn, and the unit whose list it is.
    list_digest : str
        SHA-256 of the list; another list has another seed.

    Returns
    -------
    str
        HMAC-SHA-256 with the bytes of the secret as key, over five parts with their lengths before them: the
        name of the rule, the digest of the record, stage, unit, digest of the list.

    Examples
    --------
    >>> replacement_seed(secret="00" * 32, record_digest="ab", stage="person", unit="v", list_digest="cd")[:8]
    '9b31c883'
    """
    message = _with_lengths((RULE, record_digest, stage, unit, list_digest))
    return hmac.new(bytes.fromhex(secret), message, hashlib.sha256).hexdigest()


def _with_lengths(parts: Iterable[str]) -> bytes:
    """Return parts as UTF-8, each with its length in 8 bytes before it."""
    encoded = [part.encode() for part in parts]
    return b"".join(len(part).to_bytes(LENGTH_BYTES, "big") + part for part in encoded)
