"""Which unit takes the place of one that fell out, and what is put on record of it.

All of it is fixed by committed draws before anybody gives a reason: the order in which units replace others
by the seed of their stage, and the seeds of the lists below by secret and seed of the draw of that stage. The
reason is recorded, and nothing depends on it.
"""

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from sampling.design.fingerprints import digest_of_document, digest_of_rows
from sampling.design.seeds import LENGTH_BYTES, uniform_number

FORMAT = "replacement-record/2"
RULE = "survey-replacement/2"
"""The rule that orders replacements and makes seeds of their lists; another rule gets another name."""

LABEL = "replace"
"""Label of the random numbers of replacements."""


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
    seed orders them, `below_sha256` those from which the stages below are drawn, by the code of the stage. In
    a rehearsal they are empty. Nothing that is drawn depends on the `reason`.
    """

    round: str
    stage: str
    above: str
    replaced: str
    reason: str
    replacement: str
    eligible: tuple[tuple[str, int], ...]
    draw_sha256: str
    below_sha256: Mapping[str, str] = field(default_factory=dict)

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
            "below_sha256": dict(sorted(self.below_sha256.items())),
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


def replacement_seed(*, secret: str, seed: str, stage: str, unit: str, list_digest: str) -> str:
    """Return the seed of a list below a replacement.

    Parameters
    ----------
    secret : str
        64 hexadecimal digits: the committed secret of the draw of the stage; empty in a rehearsal.
    seed : str
        The seed of that draw, in which the public value is.
    stage, unit : str
        Stage that is drawn, and the unit whose list it is.
    list_digest : str
        SHA-256 of the list; another list has another seed.

    Returns
    -------
    str
        HMAC-SHA-256 with the bytes of the secret as key, over five parts with their lengths before them: the
        name of the rule, the seed of the draw, stage, unit, digest of the list.

    Examples
    --------
    >>> replacement_seed(secret="00" * 32, seed="ab", stage="person", unit="v", list_digest="cd")[:8]
    'a35b6570'
    """
    message = _with_lengths((RULE, seed, stage, unit, list_digest))
    return hmac.new(bytes.fromhex(secret), message, hashlib.sha256).hexdigest()


def _with_lengths(parts: Iterable[str]) -> bytes:
    """Return parts as UTF-8, each with its length in 8 bytes before it."""
    encoded = [part.encode() for part in parts]
    return b"".join(len(part).to_bytes(LENGTH_BYTES, "big") + part for part in encoded)
