"""Checking staged rows by query: one pass counts, small ones fetch the first places of what was found."""

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from sampling.engine.ingest.columns import REQUIRED
from sampling.engine.ingest.findings import N_EXAMPLES, Finding, Place, SourceFile
from sampling.engine.ingest.rules import CONTACT_RULES, RULES, Rule

SIGNATURE_ROWS = 30
"""Rows at the end of a file among which a signature may stand."""

MANY_DOSSIERS = 100
"""A person with more dossiers than this in one list is rather somebody who files for others."""

_N_FILLED = " + ".join(f"CAST({name} <> '' AS TINYINT)" for name in REQUIRED if name != "settled_on")

STAGED_TEXT = "CREATE VIEW staged AS SELECT * FROM read_parquet({pattern})"

ROWS_TEXT = """
CREATE VIEW rows AS SELECT staged.*, CASE
    WHEN commune <> '' THEN commune
    WHEN level IN ('', 'commune') AND regexp_full_match(agency, '[0-9]{{5}}') THEN agency
    ELSE ''
  END AS commune_code
FROM staged JOIN files USING (file)
WHERE {n_filled} > 1 OR (row < n_rows - {n_last} AND {n_filled} > 0)
"""

SKIPPED_TEXT = """
SELECT file, row FROM staged JOIN files USING (file)
WHERE {n_filled} = 1 AND row >= n_rows - {n_last}
ORDER BY file, row
"""

COUNT_TEXT = "SELECT {counts} FROM placed"

PLACES_TEXT = """
SELECT file, row, {got}, {value} FROM placed WHERE {broken} ORDER BY file, row LIMIT {n_examples}
"""

REPEATED_TEXT = "CREATE TABLE repeated AS SELECT id FROM rows WHERE id <> '' GROUP BY id HAVING count(*) > 1"

AGAIN_TEXT = """
CREATE TABLE again AS SELECT * FROM (
  SELECT file, row, id, min(struct_pack(file := file, row := row)) OVER (PARTITION BY id) AS first
  FROM rows SEMI JOIN repeated USING (id)
) WHERE file <> first.file OR row <> first.row
"""

AGAIN_COUNT_TEXT = "SELECT count(*) FROM again WHERE {condition}"

AGAIN_PLACES_TEXT = """
SELECT file, row, id, first.file, first.row FROM again WHERE {condition}
ORDER BY file, row LIMIT {n_examples}
"""

PLACED_TEXT = """
CREATE VIEW placed AS SELECT rows.*, period.*,
  provinces.code AS province_unit,
  ever_provinces.code AS province_ever, ever_provinces.today AS province_today,
  communes.code AS commune_unit, ever_communes.code AS commune_ever, communes.province AS commune_province,
  coalesce(communes.today, provinces.today, ever_provinces.today, '') AS today,
  coalesce(communes.predecessor, provinces.predecessor, '') AS predecessor_province,
  coalesce(provinces.region, ever_provinces.region, '') AS region,
  communes.is_urban AS is_urban,
  n_agencies > 0 AND known.code IS NULL AS agency_is_unknown,
  known.name AS known_name
FROM rows CROSS JOIN period
LEFT JOIN provinces ON provinces.code = rows.province
  AND settled_on BETWEEN provinces.valid_from AND provinces.valid_to
LEFT JOIN ever_provinces ON ever_provinces.code = rows.province
LEFT JOIN communes ON communes.code = rows.commune_code
  AND settled_on BETWEEN communes.valid_from AND communes.valid_to
LEFT JOIN ever_communes ON ever_communes.code = rows.commune_code
LEFT JOIN known ON known.code = rows.agency
"""

SPREAD_TEXT = """
SELECT min(struct_pack(file := file, row := row)) AS first, agency,
  array_to_string(list_sort(list(DISTINCT today)), ', ') AS provinces
FROM placed WHERE agency <> '' AND today <> ''
GROUP BY agency HAVING count(DISTINCT today) > 1 ORDER BY first
"""

PERIOD_TEXT = """
CREATE TABLE period AS SELECT ?::DATE AS first_day, ?::DATE AS last_day, ?::DATE AS known_from,
  ?::VARCHAR AS territory, (SELECT count(*) FROM known) AS n_agencies
"""

UNIT_TEXTS = (
    "CREATE TABLE provinces AS SELECT * FROM units WHERE level = 'province'",
    "CREATE TABLE communes AS SELECT * FROM units WHERE level = 'commune'",
    """CREATE TABLE ever_provinces AS
       SELECT code, max_by(today, valid_from) AS today, max_by(region, valid_from) AS region
       FROM provinces GROUP BY code""",
    "CREATE TABLE ever_communes AS SELECT DISTINCT code FROM communes",
)

UNIT_SCHEMA = pa.schema(
    [
        ("level", pa.string()),
        ("code", pa.string()),
        ("valid_from", pa.date32()),
        ("valid_to", pa.date32()),
        ("province", pa.string()),
        ("today", pa.string()),
        ("predecessor", pa.string()),
        ("region", pa.string()),
        ("is_urban", pa.bool_()),
    ]
)
"""Provinces and communes of every period: the province then, today and before; open ends are late."""

AGENCY_SCHEMA = pa.schema([("code", pa.string()), ("name", pa.string())])


@dataclass(frozen=True, slots=True)
class Expected:
    """What rows are held against.

    Parameters
    ----------
    units : pyarrow.Table
        Administrative units, with the columns of `UNIT_SCHEMA`.
    first_day, last_day : datetime.date
        The reference period.
    known_from : datetime.date
        First day on which the units are known.
    agencies : pyarrow.Table, optional
        Agencies that may occur, with the columns of `AGENCY_SCHEMA`; any may if there is no such list.
    territory : str, optional
        Code of the only province whose dossiers may be listed.
    """

    units: pa.Table
    first_day: datetime.date
    last_day: datetime.date
    known_from: datetime.date
    agencies: pa.Table | None = None
    territory: str = ""


def prepare_checks(
    connection: duckdb.DuckDBPyConnection, pattern: str, files: Sequence[SourceFile], expected: Expected
) -> None:
    """Make the tables and views that the checks and the frame read."""
    agencies = AGENCY_SCHEMA.empty_table() if expected.agencies is None else expected.agencies
    numbered = {"file": range(len(files)), "n_rows": [file.n_rows for file in files]}
    for name, table in {"units": expected.units, "known_agencies": agencies, "numbered": numbered}.items():
        connection.register(name, pa.table(table) if isinstance(table, dict) else table)
    for text in UNIT_TEXTS:
        connection.execute(text)
    connection.execute("CREATE TABLE known AS SELECT DISTINCT ON (code) code, name FROM known_agencies")
    connection.execute(
        "CREATE TABLE files AS SELECT file::SMALLINT AS file, n_rows::BIGINT AS n_rows FROM numbered"
    )
    days = [expected.first_day, expected.last_day, expected.known_from]
    connection.execute(PERIOD_TEXT, [*days, expected.territory])
    connection.execute(STAGED_TEXT.format(pattern=quoted(pattern)))
    connection.execute(ROWS_TEXT.format(n_filled=_N_FILLED, n_last=SIGNATURE_ROWS))
    connection.execute(PLACED_TEXT)


def find_problems(
    connection: duckdb.DuckDBPyConnection, files: Sequence[SourceFile], *, has_contacts: bool
) -> list[Finding]:
    """Return what is wrong with the rows; places are numbered by row, counted from 0, not yet by line."""
    rules = (*RULES, *(CONTACT_RULES if has_contacts else ()))
    conditions = ", ".join(f"count(*) FILTER ({rule.broken})" for rule in rules)
    counts = _one(connection, COUNT_TEXT.format(counts=conditions))
    found = [
        Finding(rule.code, rule.severity, count, tuple(_places(connection, files, rule)))
        for rule, count in zip(rules, counts, strict=True)
        if count
    ]
    return [
        *_skipped(connection, files),
        *found,
        *_duplicates(connection, files),
        *_spread(connection, files),
    ]


def _places(
    connection: duckdb.DuckDBPyConnection, files: Sequence[SourceFile], rule: Rule
) -> Iterator[Place]:
    """Return the first rows where a rule is broken."""
    text = PLACES_TEXT.format(got=rule.got, value=rule.value, broken=rule.broken, n_examples=N_EXAMPLES)
    for file, row, got, value in connection.execute(text).fetchall():
        yield Place(files[file].name, row, rule.column, got or "", value or "")


def _skipped(connection: duckdb.DuckDBPyConnection, files: Sequence[SourceFile]) -> Iterator[Finding]:
    """Tell of rows at the end of a file that are no dossiers."""
    rows = connection.execute(SKIPPED_TEXT.format(n_filled=_N_FILLED, n_last=SIGNATURE_ROWS)).fetchall()
    if rows:
        places = tuple(Place(files[file].name, row, "") for file, row in rows[:N_EXAMPLES])
        yield Finding("not_a_row", "warning", len(rows), places)


def _duplicates(connection: duckdb.DuckDBPyConnection, files: Sequence[SourceFile]) -> Iterator[Finding]:
    """Tell of dossiers that are listed more than once, in one file and across files."""
    connection.execute(REPEATED_TEXT)
    connection.execute(AGAIN_TEXT)
    for code, condition in {
        "duplicate_id": "file = first.file",
        "duplicate_id_across_files": "file <> first.file",
    }.items():
        (count,) = _one(connection, AGAIN_COUNT_TEXT.format(condition=condition))
        if count:
            text = AGAIN_PLACES_TEXT.format(condition=condition, n_examples=N_EXAMPLES)
            rows = connection.execute(text).fetchall()
            places = (
                Place(files[file].name, row, "id", got, "", files[first].name, first_row)
                for file, row, got, first, first_row in rows
            )
            yield Finding(code, "error", count, tuple(places))
    connection.execute("DROP TABLE again; DROP TABLE repeated")


def _spread(connection: duckdb.DuckDBPyConnection, files: Sequence[SourceFile]) -> Iterator[Finding]:
    """Tell of agencies that stand under several provinces of today."""
    rows = connection.execute(SPREAD_TEXT).fetchall()
    if rows:
        places = (
            Place(files[first["file"]].name, first["row"], "agency", agency, provinces)
            for first, agency, provinces in rows[:N_EXAMPLES]
        )
        yield Finding("agency_in_two_provinces", "error", len(rows), tuple(places))


def _one(connection: duckdb.DuckDBPyConnection, text: str) -> tuple[int, ...]:
    """Return the only row of an answer."""
    row = connection.execute(text).fetchone()
    return tuple(row) if row else ()


def quoted(text: str) -> str:
    """Return a text as a literal of the query."""
    return "'" + text.replace("'", "''") + "'"
