"""The frame that comes of checked rows: one sorted Parquet file without contacts, and its agencies."""

from collections.abc import Mapping
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from sampling.engine.ingest.checks import quoted

ROW_GROUP = 122_880
COUNTED = ("province", "field", "channel", "party", "level")
COUNTED_MOST = 200
"""Different values of one column that a report counts; the rest are counted together."""

MULTIPLICITY_TEXT = """
CREATE TABLE persons AS
SELECT person, count(*) AS n FROM staged WHERE person IS NOT NULL GROUP BY person HAVING count(*) > 1
"""

JOINED_TEXT = """
COPY (
  SELECT id, agency, today AS province, predecessor_province, region, is_urban,
    CASE WHEN level <> '' THEN level WHEN commune_code <> '' THEN 'commune' ELSE 'province' END AS level,
    field, ltrim(channel, '?') AS channel, settled_on, party, placed.person,
    CAST(coalesce(persons.n, 1) AS INTEGER) AS multiplicity, size
  FROM placed LEFT JOIN persons ON persons.person = placed.person
) TO {target} (FORMAT parquet, COMPRESSION lz4, ROW_GROUP_SIZE {rows})
"""

SORTED_TEXT = """
COPY (
  SELECT id, agency, province, predecessor_province, region, is_urban, level, field, channel,
    settled_on, party, coalesce(lower(hex(person)), '') AS person_key, multiplicity, size
  FROM (SELECT * FROM read_parquet({joined}) ORDER BY id)
) TO {target} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {rows})
"""
"""The key is written out after the sort, which is cheaper by half of its length."""

AGENCIES_TEXT = """
COPY (
  SELECT agency AS code, coalesce(max(known_name), max(nullif(agency_name, '')), agency) AS name,
    max(today) AS province, max(commune_code) AS commune, count(*) AS n_dossiers
  FROM placed GROUP BY agency ORDER BY agency
) TO {target} (FORMAT parquet)
"""

COUNTED_TEXT = """
SELECT {column}, count(*) FROM read_parquet({frame}) GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {most}
"""

DIFFERENCE_TEXT = """
WITH old AS (SELECT id, province FROM read_parquet({old})),
new AS (SELECT id, province FROM read_parquet({new}))
SELECT coalesce(new.province, old.province) AS province,
  count(*) FILTER (old.id IS NULL) AS n_added, count(*) FILTER (new.id IS NULL) AS n_gone,
  count(*) FILTER (old.id = new.id) AS n_kept
FROM new FULL JOIN old ON new.id = old.id GROUP BY 1 ORDER BY 1
"""


def count_persons(connection: duckdb.DuckDBPyConnection) -> tuple[int, int]:
    """Count the persons with a number, and the dossiers of the one who has most."""
    connection.execute(MULTIPLICITY_TEXT)
    repeated = connection.execute("SELECT count(*), coalesce(sum(n), 0), coalesce(max(n), 1) FROM persons")
    n_repeated, n_dossiers, most = repeated.fetchone() or (0, 0, 1)
    numbered = connection.execute("SELECT count(person) FROM staged").fetchone() or (0,)
    return int(numbered[0] - n_dossiers + n_repeated), int(most)


def write_frame(connection: duckdb.DuckDBPyConnection, target: Path, agencies: Path) -> None:
    """Write the frame, sorted by id, and the table of its agencies.

    Joining and sorting at once would need the memory of both: the joined rows wait in a file beside it.
    """
    joined = target.with_name("joined.parquet")
    connection.execute(JOINED_TEXT.format(target=quoted(str(joined)), rows=ROW_GROUP))
    connection.execute(AGENCIES_TEXT.format(target=quoted(str(agencies))))
    connection.execute("DROP TABLE persons")
    connection.execute("SET preserve_insertion_order = true")
    connection.execute(
        SORTED_TEXT.format(joined=quoted(str(joined)), target=quoted(str(target)), rows=ROW_GROUP)
    )
    joined.unlink()


def count_frame(connection: duckdb.DuckDBPyConnection, frame: Path) -> dict[str, dict[str, int]]:
    """Count the dossiers by province, field, channel, party and level."""
    counts = {}
    for column in COUNTED:
        text = COUNTED_TEXT.format(column=column, frame=quoted(str(frame)), most=COUNTED_MOST)
        counts[column] = {str(value): int(count) for value, count in connection.execute(text).fetchall()}
    return counts


def compare_frames(
    connection: duckdb.DuckDBPyConnection, old: Path, new: Path
) -> Mapping[str, Mapping[str, int]]:
    """Count by province which dossiers are new, which are gone and which stay."""
    text = DIFFERENCE_TEXT.format(old=quoted(str(old)), new=quoted(str(new)))
    return {
        province: {"added": added, "gone": gone, "kept": kept}
        for province, added, gone, kept in connection.execute(text).fetchall()
    }


def read_agencies(path: Path) -> pa.Table:
    """Return the agencies of a frame: code, name, province, commune (or nothing) and number of dossiers."""
    return pq.read_table(path)
