"""Commit first, draw later: what is published before a seed can exist, and how the seed follows from it.

A commitment names the frame, the design and a secret by their hashes, and a public source that will publish
a value on a later day. Whoever holds the secret cannot know the seed before that day, and cannot change the
frame, the design or the secret after the commitment; whoever knows the public value cannot compute the seed
before the secret is revealed.
"""

import datetime
import hashlib
import hmac
import re
import secrets
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

from sampling.design.fingerprints import digest_of_document
from sampling.design.seeds import LENGTH_BYTES

COMMITMENT_FORMAT = "draw-commitment/1"
RULE = "survey-draw/1"
"""The rule that turns a commitment and a public value into a seed; another rule gets another name."""

SECRET_BYTES = 32
_SECRET = re.compile(rf"[0-9a-f]{{{2 * SECRET_BYTES}}}")

type Document = dict[str, str | bool | list[str]]


class CommitmentError(ValueError):
    """Raised when a secret or a public value cannot take part in a draw."""


@dataclass(frozen=True, slots=True)
class Commitment:
    """What is fixed before the seed exists; `previous` are the digests of the earlier stages of the round.

    `committed_at` is the moment of the commitment with its time zone. A commitment of a demonstration says so
    in its document, so that no copy of it can pass for another.
    """

    round: str
    stage: str
    frame_sha256: str
    design_sha256: str
    secret_sha256: str
    public_source: str
    public_source_url: str
    public_value_due: datetime.date
    previous: tuple[str, ...] = ()
    committed_at: datetime.datetime | None = None
    is_demo: bool = False

    def document(self) -> Document:
        """Return the document that is published.

        Returns
        -------
        dict
            Texts, the list `previous`, and `"demonstration": true` in that of a demonstration only; day and
            moment are written as ISO 8601, the moment to the second.
        """
        document: Document = {
            "format": COMMITMENT_FORMAT,
            "rule": RULE,
            "round": self.round,
            "stage": self.stage,
            "frame_sha256": self.frame_sha256,
            "design_sha256": self.design_sha256,
            "secret_sha256": self.secret_sha256,
            "public_source": self.public_source,
            "public_source_url": self.public_source_url,
            "public_value_due": self.public_value_due.isoformat(),
            "previous": list(self.previous),
        }
        if self.committed_at is not None:
            document["committed_at"] = self.committed_at.isoformat(timespec="seconds")
        if self.is_demo:
            document["demonstration"] = True
        return document

    def digest(self) -> str:
        """Return the SHA-256 of the document: `digest_of_document`, keys sorted, no spaces.

        Examples
        --------
        >>> day = datetime.date(2026, 3, 1)
        >>> commitment = Commitment("r", "commune", "a", "b", "c", "lottery", "", day)
        >>> commitment.digest() == digest_of_document(commitment.document())
        True
        """
        return digest_of_document(self.document())


def new_secret() -> str:
    """Return 32 random bytes of the operating system as 64 hexadecimal digits.

    Examples
    --------
    >>> len(new_secret())
    64
    """
    return secrets.token_hex(SECRET_BYTES)


def digest_of_secret(secret: str) -> str:
    """Return the SHA-256 of the bytes of a secret.

    Parameters
    ----------
    secret : str
        64 lower-case hexadecimal digits; they are turned into 32 bytes before they are hashed.

    Returns
    -------
    str
        64 hexadecimal digits.

    Raises
    ------
    CommitmentError
        If the secret is written in another way.

    Examples
    --------
    >>> digest_of_secret("00" * 32)[:8]
    '66687aad'
    """
    return hashlib.sha256(_secret_bytes(secret)).hexdigest()


def normal_public_value(value: str) -> str:
    r"""Return a public value as it enters the seed: NFC, single spaces, none around it.

    Parameters
    ----------
    value : str
        What the public source published.

    Returns
    -------
    str
        The text, never empty.

    Raises
    ------
    CommitmentError
        If nothing is left.

    Examples
    --------
    >>> normal_public_value("  45 021 \n")
    '45 021'
    """
    normal = " ".join(unicodedata.normalize("NFC", value).split())
    if not normal:
        raise CommitmentError("Expected the value that the public source published, got nothing.")
    return normal


def seed_of_commitment(*, secret: str, commitment_digest: str, public_value: str) -> str:
    """Return the seed of a draw.

    Parameters
    ----------
    secret : str
        64 hexadecimal digits.
    commitment_digest : str
        `Commitment.digest` of the published document.
    public_value : str
        The value of the public source; `normal_public_value` is applied.

    Returns
    -------
    str
        64 hexadecimal digits: HMAC-SHA-256 with the 32 bytes of the secret as key, over three parts with
        their length before each: the name of the rule, the digest of the commitment, the public value.
        Lengths are 8 bytes, most significant first; parts are UTF-8.

    Raises
    ------
    CommitmentError
        If the secret or the public value is not usable.

    References
    ----------
    .. [1] Krawczyk, Bellare, Canetti (1997). HMAC: Keyed-hashing for message authentication. RFC 2104.

    Examples
    --------
    >>> seed_of_commitment(secret="00" * 32, commitment_digest="ab", public_value="45021")[:16]
    'c578c0fbaf8cd1d2'
    """
    message = b"".join(
        len(part).to_bytes(LENGTH_BYTES, "big") + part
        for part in (
            RULE.encode(),
            commitment_digest.encode(),
            normal_public_value(public_value).encode(),
        )
    )
    return hmac.new(_secret_bytes(secret), message, hashlib.sha256).hexdigest()


def _secret_bytes(secret: str) -> bytes:
    """Return the bytes of a secret, or refuse it."""
    if not _SECRET.fullmatch(secret):
        raise CommitmentError(
            f"Expected a secret of {2 * SECRET_BYTES} lower-case hexadecimal digits, "
            f"got {len(secret)} characters."
        )
    return bytes.fromhex(secret)


@dataclass(frozen=True, slots=True)
class StageSeeds:
    """The seed of each stage; a stage without one of its own takes `common`.

    Examples
    --------
    >>> StageSeeds(common="2026").at("village")
    '2026'
    >>> StageSeeds({"commune": "a"}).at("commune")
    'a'
    """

    by_stage: Mapping[str, str] = field(default_factory=dict)
    common: str = ""

    def at(self, stage: str) -> str:
        """Return the seed of a stage.

        Raises
        ------
        CommitmentError
            If the stage has none yet.
        """
        seed = self.by_stage.get(stage) or self.common
        if not seed:
            raise CommitmentError(f"Expected a seed for the stage {stage!r}, which has none yet.")
        return seed
