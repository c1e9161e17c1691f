"""Receipt numbers, and the two keys that follow from one: what it is found by, and what it opens.

A receipt number is kept nowhere. What is stored is a hash to find the form by, and the case of the form
under seal; both come from the number through one slow derivation with a secret of the installation. So
neither says whose the form is, and whoever has the secret as well must try every number, slowly. The database
as a whole tells more: until its rows are written anew (every night), their order and transaction numbers show
which were written together, and a backup made before that keeps the order of the day.
"""

import hashlib
import hmac
import secrets
import unicodedata
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from django.conf import settings

SIGNS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Signs that are not confused with each other."""
PREFIX = "BN"
GROUP = 5
LENGTH = 10
"""50 bits: to try all of them at 4 milliseconds each takes one processor 140,000 years."""

BLOCK_SIZE, LANES = 8, 1
MOST_MEMORY = 2**28
KEY_BYTES = 32
CASE_BYTES = 8
TAG_BYTES = 16
SALT_BYTES = 16
COUNT_BYTES = 4
LINKING = b"case of a form until it is approved"
"""What the key of links is derived for."""
FEW = 8
"""Up to so many numbers are derived one after the other."""


class ReceiptSealError(ValueError):
    """Raised when a seal is not the one that belongs to a receipt number."""


@dataclass(frozen=True, slots=True)
class ReceiptKeys:
    """What follows from a receipt number: the hash it is found by, and the key of the sealed case."""

    lookup: str
    sealing: bytes

    def seal(self, case_id: int) -> str:
        """Return a case under seal; each number seals one case only, so the pad is used once."""
        return _hidden(self.sealing, case_id.to_bytes(CASE_BYTES)).hex()

    def open(self, sealed: str) -> int:
        """Return the case under a seal."""
        return int.from_bytes(_shown(self.sealing, bytes.fromhex(sealed)))


def new_number() -> str:
    """Return a random receipt number in groups, from signs that are not confused."""
    return _grouped("".join(SIGNS[byte % len(SIGNS)] for byte in secrets.token_bytes(LENGTH)))


def receipt_number(typed: str) -> str:
    """Return a receipt number as it is printed, however it was spaced and written.

    Examples
    --------
    >>> receipt_number(" bn23456-789ab ")
    'BN 23456 789AB'
    """
    composed = unicodedata.normalize("NFKC", typed)
    signs = "".join(sign for sign in composed.upper() if sign.isalnum())
    return _grouped(signs.removeprefix(PREFIX) if len(signs) > LENGTH else signs)


def receipt_keys(number: str, *, is_demo: bool = False) -> ReceiptKeys:
    """Derive the keys of a receipt number; demonstrations, which hand out thousands at once, do it fast."""
    cost = settings.RECEIPT_COST_DEMO if is_demo else settings.RECEIPT_COST
    derived = hashlib.scrypt(
        number.encode(),
        salt=settings.RECEIPT_KEY.encode(),
        n=2**cost,
        r=BLOCK_SIZE,
        p=LANES,
        maxmem=MOST_MEMORY,
        dklen=2 * KEY_BYTES,
    )
    return ReceiptKeys(derived[:KEY_BYTES].hex(), derived[KEY_BYTES:])


def keys_of_many(numbers: Sequence[str], *, is_demo: bool = False) -> list[ReceiptKeys]:
    """Derive the keys of many receipt numbers, on all processors: the derivation waits for nobody."""

    def derive(number: str) -> ReceiptKeys:
        return receipt_keys(number, is_demo=is_demo)

    if len(numbers) <= FEW or is_demo:
        return [derive(number) for number in numbers]
    with ThreadPoolExecutor() as pool:
        return list(pool.map(derive, numbers))


def keys_to_try(typed: str) -> list[ReceiptKeys]:
    """Return the keys under which a form may be found by a typed number, in a real round or a played one."""
    number = receipt_number(typed)
    return [receipt_keys(number), receipt_keys(number, is_demo=True)]


def case_link(case_id: int) -> str:
    """Return what stands on a form for its case until it is approved; whoever has the key can make it."""
    key = hmac.digest(settings.RECEIPT_KEY.encode(), LINKING, "sha256")
    return hmac.digest(key, case_id.to_bytes(CASE_BYTES), "sha256").hex()


def seal_text(secret: str, text: str) -> str:
    """Return a text under seal, which only a holder of the long random secret opens; no pad serves twice."""
    salt = secrets.token_bytes(SALT_BYTES)
    return (salt + _hidden(_part(secret.encode(), salt, KEY_BYTES), text.encode())).hex()


def open_text(secret: str, sealed: str) -> str:
    """Return the text under a seal."""
    content = bytes.fromhex(sealed)
    salt, hidden = content[:SALT_BYTES], content[SALT_BYTES:]
    return _shown(_part(secret.encode(), salt, KEY_BYTES), hidden).decode()


def _hidden(key: bytes, content: bytes) -> bytes:
    """Return a content under a pad, with the tag that tells whether it was changed."""
    hidden = _xor(content, _part(key, b"pad", len(content)))
    return hidden + _part(key, b"tag" + hidden, TAG_BYTES)


def _shown(key: bytes, content: bytes) -> bytes:
    """Return what is under a pad; raise where the key is not the one it was made with."""
    hidden, tag = content[:-TAG_BYTES], content[-TAG_BYTES:]
    if not hmac.compare_digest(tag, _part(key, b"tag" + hidden, TAG_BYTES)):
        raise ReceiptSealError("Expected the seal that was made with this number or key, got another.")
    return _xor(hidden, _part(key, b"pad", len(hidden)))


def _part(key: bytes, purpose: bytes, length: int) -> bytes:
    """Return bytes that only the holder of a key can make."""
    first = hmac.digest(key, purpose, "sha256")
    further = (
        hmac.digest(key, purpose + position.to_bytes(COUNT_BYTES), "sha256")
        for position in range(1, -(-length // len(first)))
    )
    return b"".join((first, *further))[:length]


def _grouped(signs: str) -> str:
    return f"{PREFIX} {signs[:GROUP]} {signs[GROUP:]}"


def _xor(left: bytes, right: bytes) -> bytes:
    return (int.from_bytes(left) ^ int.from_bytes(right)).to_bytes(len(left))
