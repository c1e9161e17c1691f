"""Drawing a list as query text, for frames of any size; portable like :mod:`sampling.design.queries`.

Every text names the tables it needs and continues common table expressions that :func:`with_units` begins.
"""

from collections.abc import Iterable, Mapping
from math import isqrt

from sampling.design.list_design import ListDesign, Selection
from sampling.design.list_draws import LIST_STAGE
from sampling.design.list_order import order_text
from sampling.design.queries import UNITS, order_seed
from sampling.design.seeds import uniform_below

FRAME, DRAWN, STRATA = "frame", "drawn", "strata"
LEFT_OUT = "left_out"
"""Table ``(value)`` of the strata of size 0."""

NO_BOUND = "g"
"""Text above every hexadecimal number."""

BOUND_DIGITS = 16
SLACK_DEVIATIONS, SLACK_UNITS = 6, 10

CELL_TEXTS = {
    "is_urban": "CASE WHEN frame.is_urban THEN 'true' WHEN NOT frame.is_urban THEN 'false' ELSE '' END",
    "settled_on": "coalesce(CAST(frame.settled_on AS STRING), '')",
}
"""Columns that are no text, as :func:`sampling.design.list_design.cell_text` writes them."""

SIZE_TEXT, EQUAL_SIZE_TEXT = "CAST(frame.size AS BIGINT)", "CAST(1 AS BIGINT)"

PERSON_TEXT = (
    "CASE WHEN coalesce(frame.person_key, '') = '' THEN 'd' || frame.id ELSE 'p' || frame.person_key END"
)
DATED_ID_TEXT = f"{CELL_TEXTS['settled_on']} || ' ' || frame.id"

PLACED_TEXT = """placed AS (
  SELECT kept.*, row_number() OVER (PARTITION BY person ORDER BY dated_id) AS place FROM kept
)"""
"""Rows with their place among the dossiers of a person."""

EARLIER_PLACED_TEXT = """earlier_placed AS (
  SELECT earlier_kept.*, row_number() OVER (PARTITION BY person ORDER BY dated_id) AS place FROM earlier_kept
)"""
EARLIER_PERSONS_TEXT = "earlier_units AS (SELECT * FROM earlier_placed WHERE place = 1)"
"""The same of the rows of an earlier list."""

DOSSIERS_TEXT = "units AS (SELECT * FROM kept)"
PERSONS_TEXT = "units AS (SELECT * FROM placed WHERE place = 1)"

STRATA_TEXT = """
SELECT stratum, count(*) AS n_units, count(*) - count(id) AS n_nameless,
  CAST(sum(size) AS BIGINT) AS total_size, max(size) AS largest, min(coalesce(size, 0)) AS smallest
FROM units GROUP BY stratum ORDER BY stratum
"""
"""Units and their sizes by stratum; table ``units(stratum, id, size)``."""

COUNTS_TEXT = """
SELECT stratum, count(*) AS n_dossiers,
  CAST(sum(CASE WHEN place = 1 THEN 1 ELSE 0 END) AS BIGINT) AS n_persons,
  CAST(sum(size) AS BIGINT) AS total_size
FROM placed GROUP BY stratum ORDER BY stratum
"""
"""Dossiers, persons in the stratum of their first dossier, and total size; table ``placed``."""

REPEATED_TEXT = """
SELECT id FROM frame GROUP BY id HAVING count(*) > 1 ORDER BY id LIMIT 10
"""
"""Ids that stand more than once in the table ``frame``."""

HASHED_TEXT = """
hashed AS (
  SELECT units.*, strata.n_all, strata.bound, sha256(strata.order_prefix || units.id) AS random_key
  FROM units JOIN strata ON units.stratum = strata.stratum
),
candidates AS (SELECT * FROM hashed WHERE random_key < bound)"""

FIRST_DOSSIERS_TEXT = """
firsts AS (
  SELECT again.person, min(again.dated_id) AS dated_id
  FROM again JOIN (SELECT DISTINCT person FROM candidates) AS found ON again.person = found.person
  GROUP BY again.person
),
chosen AS (
  SELECT candidates.* FROM candidates
  JOIN firsts ON candidates.person = firsts.person AND candidates.dated_id = firsts.dated_id
)"""
"""Candidates that are the first dossier of their person: only persons of candidates are looked at.

The table ``again`` is ``kept`` under another name, lest an engine stores the whole of it to read it twice.
"""

ALL_CANDIDATES_TEXT = "\nchosen AS (SELECT * FROM candidates)"

ORDERED_TEXT = """
ordered AS (
  SELECT stratum, id, n_all, row_number() OVER (PARTITION BY stratum ORDER BY random_key, id) AS draw_order
  FROM chosen
)
SELECT stratum, id, draw_order FROM ordered WHERE draw_order <= n_all ORDER BY stratum, draw_order
"""
"""The first units of every stratum in the order of their hashes.

Tables: ``units(stratum, id, …)`` and ``strata(stratum, n_all, order_prefix, bound)``. Hashes from the bound
on are left out before anything is sorted. While at least `n_all` units stay in, the bound cannot change which
are the first.
"""

PLACED_BY_TEXT = """
listed AS (SELECT units.*{ranks} FROM units),
numbered AS (
  SELECT listed.*, row_number() OVER (PARTITION BY stratum ORDER BY {order}) AS list_place FROM listed
),"""
"""Units with their place in the list; filled in by :func:`systematic_text`."""

SYSTEMATIC_TEXT = """
cumulated AS (
  SELECT listed.stratum, listed.id, listed.{place} AS list_place, listed.size,
    strata.n, strata.total, strata.start,
    CASE WHEN listed.size > strata.largest_other THEN 1 ELSE 0 END AS is_certainty,
    CAST(sum(CASE WHEN listed.size > strata.largest_other THEN 0 ELSE listed.size END) OVER (
      PARTITION BY listed.stratum ORDER BY listed.{place} ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS BIGINT) AS total_to_here
  FROM {units} AS listed JOIN strata ON listed.stratum = strata.stratum
),
reached AS (
  SELECT stratum, id, list_place, n, total, is_certainty, n * total_to_here + total - start - 1 AS reach,
    n * (CASE WHEN is_certainty = 1 THEN 0 ELSE size END) AS width
  FROM cumulated
)
SELECT stratum, id, row_number() OVER (PARTITION BY stratum ORDER BY list_place) AS draw_order,
  CASE WHEN is_certainty = 1 THEN 1 ELSE width END AS numerator,
  CASE WHEN is_certainty = 1 THEN 1 ELSE total END AS denominator
FROM reached
WHERE is_certainty = 1
  OR (n > 0 AND reach - reach % total > (reach - width) - (reach - width) % total)
ORDER BY stratum, draw_order
"""
"""As :data:`sampling.design.queries.SYSTEMATIC_TEXT`, in the order of the design.

Tables: ``units(stratum, id, size)`` and ``strata(stratum, n, largest_other, total, start)``, `n` without the
certainty units. Filled in by :func:`systematic_text`.
"""

ATTRIBUTES_TEXT = """
SELECT frame.id, frame.agency, frame.province, CAST(frame.multiplicity AS BIGINT) AS multiplicity,
  coalesce(frame.person_key, '') AS person_key
FROM frame JOIN drawn ON frame.id = drawn.id
"""
"""What a list says of its units; tables ``frame`` and ``drawn(id)``."""

DOSSIERS_OF_DRAWN_TEXT = """
SELECT kept.person, count(*) AS n_dossiers
FROM kept JOIN drawn ON kept.person = drawn.person GROUP BY kept.person
"""
"""Rows that take part, by person; tables ``kept`` and ``drawn(person)``, persons once."""


REPEATED_TEST = "frame.multiplicity > 1"
REPEATED_PERSONS_TEXT = """
SELECT count(*) AS n FROM (SELECT person FROM kept GROUP BY person HAVING count(*) > 1) AS several
"""
"""Persons with several of the rows that take part; table ``kept``."""


def kept_table(column: str, prefix: str = "") -> str:
    """Return the name of the table ``(value)`` of the values that a filter keeps of a column."""
    return f"{prefix}kept_{column}"


def rows_text(
    design: ListDesign,
    name: str = "kept",
    *,
    repeated_only: bool = False,
    frame: str = FRAME,
    prefix: str = "",
) -> str:
    """Return the rows of a frame that take part in a design, as a common table expression.

    Parameters
    ----------
    design : ListDesign
        Its strata, its filter, its strata of size 0, its order and its measure of size are used.
    name : str, optional
        Name of the expression.
    repeated_only : bool, optional
        Only rows of persons with several dossiers in the frame.
    frame : str, optional
        Name of the table of the frame.
    prefix : str, optional
        Before the names of the tables of :func:`row_tables`.

    Returns
    -------
    str
        Over the frame and the tables of :func:`row_tables`.
    """
    tests = [
        " ".join((_cell_text(column), "IN (SELECT value FROM", kept_table(column, prefix) + ")"))
        for column in design.filter
    ]
    tests += [REPEATED_TEST] if repeated_only else []
    if design.left_out:
        key = _key_text(design.strata)
        tests.append(" ".join((f"({key})", "NOT IN (SELECT value FROM", f"{prefix}{LEFT_OUT})")))
    return kept_text(
        design.strata,
        (),
        name,
        tests,
        columns=(_size_text(design), *_order_columns(design)),
        source=frame if frame == FRAME else f"{frame} AS {FRAME}",
    )


def _size_text(design: ListDesign) -> str:
    """Return the size that counts; a simple random sample by the seed looks at none, and is handed it."""
    by_seed = design.selection is Selection.SIMPLE_RANDOM and not design.uses_numbers
    return f"{SIZE_TEXT if design.selection.method.needs_size or by_seed else EQUAL_SIZE_TEXT} AS size"


def _order_columns(design: ListDesign) -> list[str]:
    """Return the columns of the order under the names of :func:`order_names`."""
    return [
        f"{_cell_text(column)} AS {name}"
        for column, name in zip(design.order.by, order_names(design), strict=True)
    ]


def order_names(design: ListDesign) -> list[str]:
    """Return the names of the columns by which units are put in the order of a design.

    Parameters
    ----------
    design : ListDesign
        Its order is used.

    Returns
    -------
    list of str
        One for each column of the order.

    Examples
    --------
    >>> from sampling.design.list_design import ListOrder, Unit
    >>> order_names(ListDesign(Unit.DOSSIER, (), (((), 5),), order=ListOrder(("agency", "field"))))
    ['by_1', 'by_2']
    """
    return [f"by_{place}" for place in range(1, len(design.order.by) + 1)]


def row_tables(design: ListDesign, prefix: str = "") -> dict[str, list[str]]:
    """Return the tables ``(value)`` that :func:`rows_text` needs besides the frame.

    Parameters
    ----------
    design : ListDesign
        As for :func:`rows_text`.
    prefix : str, optional
        Before the names of the tables.

    Returns
    -------
    dict of str to list of str
        Values by name of the table.

    Examples
    --------
    >>> from sampling.design.list_design import Unit
    >>> design = ListDesign(Unit.DOSSIER, ("province",), ((("01",), 5), (("48",), 0)))
    >>> row_tables(design)
    {'left_out': ['48']}
    """
    kept = {kept_table(column, prefix): list(values) for column, values in design.filter.items()}
    return kept | ({f"{prefix}{LEFT_OUT}": sorted(design.left_out)} if design.left_out else {})


def kept_text(
    strata: Iterable[str],
    filtered: Iterable[str],
    name: str = "kept",
    further: Iterable[str] = (),
    *,
    columns: Iterable[str] = (f"{SIZE_TEXT} AS size",),
    source: str = FRAME,
) -> str:
    """Return the rows that take part, with stratum, person and date, as a common table expression.

    Parameters
    ----------
    strata : iterable of str
        Columns that make the strata.
    filtered : iterable of str
        Columns with a filter; their values come as tables named by :func:`kept_table`.
    name : str, optional
        Name of the expression.
    further : iterable of str, optional
        More conditions on a row.
    columns : iterable of str, optional
        More columns; the size by default.
    source : str, optional
        Table of the rows, if it is not called ``frame``.

    Returns
    -------
    str
        Over the table of the rows.

    Examples
    --------
    >>> print(kept_text(["province"], ["party"]).splitlines()[-2].strip())
    WHERE coalesce(frame.party, '') IN (SELECT value FROM kept_party)
    """
    tests = [
        " ".join((_cell_text(column), "IN (SELECT value FROM", kept_table(column) + ")"))
        for column in filtered
    ]
    tests += further
    lines = [
        f"{name} AS (",
        f"SELECT {_key_text(strata)} AS stratum, frame.id, {', '.join(columns)},",
        f"  {PERSON_TEXT} AS person,",
        f"  {DATED_ID_TEXT} AS dated_id",
        f"FROM {source}",
        *([f"WHERE {' AND '.join(tests)}"] if tests else []),
        ")",
    ]
    return "\n".join(lines)


def systematic_text(design: ListDesign) -> str:
    """Return the systematic selection in the order of a design.

    Parameters
    ----------
    design : ListDesign
        Its order is used.

    Returns
    -------
    str
        :data:`SYSTEMATIC_TEXT`, filled in; a list in the order of its ids is not numbered before.
    """
    if not design.order.by:
        return SYSTEMATIC_TEXT.format(place="id", units=UNITS)
    ranks, order = order_text(design.order, order_names(design))
    placed = PLACED_BY_TEXT.format(ranks=ranks, order=order)
    return placed + SYSTEMATIC_TEXT.format(place="list_place", units="numbered")


def _key_text(strata: Iterable[str]) -> str:
    """Return the expression for the name of a stratum."""
    return " || '|' || ".join(_cell_text(column) for column in strata) or "''"


def _cell_text(column: str) -> str:
    return CELL_TEXTS.get(column, f"coalesce(frame.{column}, '')")


def with_parts(*parts: str) -> str:
    r"""Join common table expressions, the last of which is followed by the query.

    Parameters
    ----------
    *parts : str
        Expressions such as ``units AS (…)``; the last part is a query, or expressions and a query.

    Returns
    -------
    str
        A query.

    Examples
    --------
    >>> with_parts("one AS (SELECT 1 AS a)", "SELECT a FROM one")
    'WITH one AS (SELECT 1 AS a)\nSELECT a FROM one'
    """
    *expressions, query = (part.strip() for part in parts)
    is_query = query.startswith("SELECT")
    joined = ",\n".join(expressions)
    return f"WITH {joined}{'' if is_query else ','}\n{query}"


def hash_bound(n_all: int, n_units: int) -> str:
    """Return the text below which the hashes of at least `n_all` out of `n_units` units lie, nearly surely.

    Parameters
    ----------
    n_all : int
        Units wanted, with the reserve.
    n_units : int
        Units of the stratum.

    Returns
    -------
    str
        The first 16 hexadecimal digits of a bound that leaves in six standard deviations and ten units
        more than wanted on average; too few stay in about once in a thousand million strata, and are then
        looked for without a bound.

    Examples
    --------
    >>> hash_bound(100, 100_000), hash_bound(100, 120)
    ('007357e670e2c12a', 'g')
    """
    expected = n_all + SLACK_DEVIATIONS * (isqrt(n_all) + 1) + SLACK_UNITS
    return f"{(expected << 4 * BOUND_DIGITS) // n_units:0{BOUND_DIGITS}x}" if expected < n_units else NO_BOUND


def random_strata[Key: (str, int)](
    wanted: Mapping[Key, int], n_units: Mapping[Key, int], seed: str
) -> dict[str, list[Key] | list[str] | list[int]]:
    """Return the table of strata for :data:`ORDERED_TEXT`.

    Parameters
    ----------
    wanted : mapping of stratum to int
        Units wanted with the reserve; strata of which none is wanted are left out. A stratum that is a number
        enters the seed as text.
    n_units : mapping of stratum to int
        Units of each stratum.
    seed : str
        The seed of the draw.

    Returns
    -------
    dict of str to list
        The columns ``stratum``, ``n_all``, ``order_prefix`` and ``bound``.

    Examples
    --------
    >>> random_strata({"01": 2, "02": 0}, {"01": 100, "02": 5}, "2026")["stratum"]
    ['01']
    """
    strata = [stratum for stratum in sorted(wanted) if wanted[stratum] > 0]
    return {
        "stratum": list(strata),
        "n_all": [min(wanted[stratum], n_units[stratum]) for stratum in strata],
        "order_prefix": [f"{order_seed(seed, LIST_STAGE, str(stratum))}:" for stratum in strata],
        "bound": [hash_bound(wanted[stratum], n_units[stratum]) for stratum in strata],
    }


def start_of(total: int, seed: str, stratum: str) -> int:
    """Return the random start of a stratum in a systematic selection from a list.

    Parameters
    ----------
    total : int
        Total size of the units that are not certain.
    seed : str
        The seed of the draw.
    stratum : str
        The stratum.

    Returns
    -------
    int
        From 0 to `total` - 1.

    Examples
    --------
    >>> start_of(1, "2026", "01")
    0
    """
    return uniform_below(total, seed, LIST_STAGE, "start", stratum)
