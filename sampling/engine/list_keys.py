"""Keys of persons in a transaction list, read for drawn dossiers only."""

from collections.abc import Collection
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

BATCH_ROWS = 100_000


def person_keys(path: Path, ids: Collection[str]) -> dict[str, str]:
    """Return the key of the person behind each dossier that has one.

    Parameters
    ----------
    path : pathlib.Path
        Frame of a transaction list.
    ids : collection of str
        Dossiers; of others nothing is decoded.

    Returns
    -------
    dict of str to str
        Keyed hash by dossier; dossiers without a key are left out.
    """
    wanted = pa.array(sorted(ids), pa.string())
    found: dict[str, str] = {}
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(BATCH_ROWS, columns=["id", "person_key"]):
            rows = batch.filter(pc.is_in(batch["id"].cast(pa.string()), wanted)).to_pylist()
            found |= {row["id"]: row["person_key"] for row in rows if row["person_key"]}
    return found
