"""Canonical bytes of frames, designs and lists, and their SHA-256."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from json.encoder import encode_basestring
from typing import Any

type Cell = str | int | bool | None

ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def canonical_lines(rows: Iterable[Iterable[Cell]]) -> bytes:
    r"""Return rows as bytes that are the same on every machine.

    Parameters
    ----------
    rows : iterable of rows
        Cells are text, integers, truth values or None; a floating-point number has no place in a proof.

    Returns
    -------
    bytes
        One JSON array a line, UTF-8, no spaces, lines ended by a line feed, in the order given.

    Examples
    --------
    >>> canonical_lines([["00004", "Ba Đình", 12]]).decode()
    '["00004","Ba Đình",12]\n'
    """
    return "".join([_line(row) for row in rows]).encode()


def _line(row: Iterable[Cell]) -> str:
    """Return one row as `ENCODER` writes it; text, of which registers have millions, takes the short way."""
    cells = [encode_basestring(cell) if type(cell) is str else ENCODER.encode(cell) for cell in row]
    return f"[{','.join(cells)}]\n"


def digest_of_rows(rows: Iterable[Iterable[Cell]]) -> str:
    """Return the hexadecimal SHA-256 of rows in the order given.

    Parameters
    ----------
    rows : iterable of rows
        As for `canonical_lines`.

    Returns
    -------
    str
        64 hexadecimal digits.

    Examples
    --------
    >>> digest_of_rows([["00004", 12]])[:8]
    'b340e1fb'
    """
    return hashlib.sha256(canonical_lines(rows)).hexdigest()


def digest_of_frame(rows: Iterable[Iterable[Cell]]) -> str:
    """Return the digest of a list whose order does not matter: rows are sorted by their canonical bytes.

    Parameters
    ----------
    rows : iterable of rows
        As for `canonical_lines`, in any order.

    Returns
    -------
    str
        64 hexadecimal digits.

    Examples
    --------
    >>> digest_of_frame([["a", 1], ["b", 2]]) == digest_of_frame([["b", 2], ["a", 1]])
    True
    """
    return hashlib.sha256(b"".join(sorted([_line(row).encode() for row in rows]))).hexdigest()


def digest_of_document(document: Mapping[str, Any]) -> str:
    """Return the digest of a JSON document, keys sorted.

    Parameters
    ----------
    document : mapping
        Anything JSON can hold.

    Returns
    -------
    str
        64 hexadecimal digits.

    Examples
    --------
    >>> digest_of_document({"b": 1, "a": 2}) == digest_of_document({"a": 2, "b": 1})
    True
    """
    canonical = json.dumps(
        document, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    )
    return hashlib.sha256(canonical.encode()).hexdigest()
