"""Files in which contacts wait for the draw: Parquet, encrypted with a key of their own.

The key of each file is made from the key of the installation and the name of the file, which holds a random
part; so no two files share a key.
"""

import hashlib
import hmac
from collections.abc import Collection, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyarrow.parquet import encryption

CONTACT_SCHEMA = pa.schema([(name, pa.string()) for name in ("id", "full_name", "phone", "email", "address")])
BATCH_ROWS = 100_000
PURPOSE = "survey-contacts/1:"


class ContactFileError(RuntimeError):
    """A file of contacts cannot be opened: another key, or damage."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"Expected contacts encrypted with the key of this installation, got a file that it does not "
            f"open: {path.name}. Restore the key or import the list again."
        )


def contact_writer(path: Path, key: bytes) -> pq.ParquetWriter:
    """Open a new file of contacts; it takes batches with the columns of `CONTACT_SCHEMA`."""
    properties = encryption.create_encryption_properties(_key_of(key, path))
    return pq.ParquetWriter(path, CONTACT_SCHEMA, compression="zstd", encryption_properties=properties)


def read_contacts(path: Path, key: bytes, ids: Collection[str]) -> Iterator[dict[str, str]]:
    """Yield the contacts of some dossiers.

    Parameters
    ----------
    path : pathlib.Path
        A file that the import of a list wrote, under the name it was written with.
    key : bytes
        The key of the installation.
    ids : collection of str
        Whose contacts; others are never decoded into Python.

    Yields
    ------
    dict
        ``id``, ``full_name``, ``phone``, ``email`` and ``address``; in the order of the file.

    Raises
    ------
    ContactFileError
        If the file is damaged or was encrypted with another key.
    """
    wanted = pa.array(sorted(ids), pa.string())
    properties = encryption.create_decryption_properties(_key_of(key, path))
    try:
        with pq.ParquetFile(path, decryption_properties=properties) as file:
            for batch in file.iter_batches(BATCH_ROWS, columns=CONTACT_SCHEMA.names):
                yield from batch.filter(pc.is_in(batch["id"], wanted)).to_pylist()
    except (pa.ArrowException, OSError) as error:
        raise ContactFileError(path) from error


def _key_of(key: bytes, path: Path) -> bytes:
    """Return the key of one file."""
    return hmac.digest(key, (PURPOSE + path.name).encode(), hashlib.sha256)
