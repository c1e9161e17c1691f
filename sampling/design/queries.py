"""Selection as query text, for frames that are too large for a list in memory.

The text is portable: integers, text and `sha256` only, so that every engine answers alike, and alike with
:mod:`sampling.design.selection`. No engine is known here; the adapter in `sampling.engine` runs the text.
"""

from collections.abc import Mapping

from sampling.design.seeds import derive, uniform_below

UNITS, STRATA = "units", "strata"

TOTALS_TEXT = """
WITH ranked AS (
  SELECT units.stratum, units.id, units.size, strata.n,
    row_number() OVER (PARTITION BY units.stratum ORDER BY units.size DESC, units.id) AS place,
    CAST(sum(units.size) OVER (PARTITION BY units.stratum) AS BIGINT) AS total,
    CAST(sum(units.size) OVER (
      PARTITION BY units.stratum ORDER BY units.size DESC, units.id
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS BIGINT) AS total_to_here
  FROM units JOIN strata ON units.stratum = strata.stratum
),
marked AS (
  SELECT stratum, size, total, n,
    min(CASE
      WHEN n >= place AND (n - place + 1) * size >= total - (total_to_here - size) THEN 1 ELSE 0
    END) OVER (
      PARTITION BY stratum ORDER BY size DESC, id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS is_certain
  FROM ranked
)
SELECT stratum,
  CAST(sum(is_certain) AS BIGINT) AS n_certain,
  CAST(max(CASE WHEN is_certain = 0 THEN size ELSE 0 END) AS BIGINT) AS largest_other,
  CAST(sum(CASE WHEN is_certain = 0 THEN size ELSE 0 END) AS BIGINT) AS total
FROM marked GROUP BY stratum ORDER BY stratum
"""
"""Certainty units and the total size of the others, by stratum.

Tables: ``units(id, stratum, size)`` and ``strata(stratum, n)``. Taken from the largest down, unit after unit,
the rule of :func:`sampling.design.selection.split_certainty_units` finds the same units as in rounds.
"""

SYSTEMATIC_TEXT = """
WITH keyed AS (
  SELECT units.stratum, units.id, units.type_rank, units.size,
    strata.n_certain, strata.largest_other, strata.total, strata.n - strata.n_certain AS n, strata.start,
    sha256(strata.order_seed || ':' || units.id) AS random_key
  FROM units JOIN strata ON units.stratum = strata.stratum
),
placed AS (
  SELECT *,
    row_number() OVER (PARTITION BY stratum ORDER BY type_rank, random_key, id) AS frame_order,
    CASE WHEN n_certain > 0 AND size > largest_other THEN 1 ELSE 0 END AS is_certainty
  FROM keyed
),
cumulated AS (
  SELECT *,
    n * CAST(sum(CASE WHEN is_certainty = 1 THEN 0 ELSE size END) OVER (
      PARTITION BY stratum ORDER BY frame_order ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS BIGINT) + total - start - 1 AS reach
  FROM placed
),
reached AS (
  SELECT *, n * (CASE WHEN is_certainty = 1 THEN 0 ELSE size END) AS width FROM cumulated
)
SELECT stratum, id, frame_order, is_certainty,
  CASE WHEN is_certainty = 1 THEN 1 ELSE width END AS probability_numerator,
  CASE WHEN is_certainty = 1 THEN 1 ELSE total END AS probability_denominator
FROM reached
WHERE is_certainty = 1
  OR (n > 0 AND reach - reach % total > (reach - width) - (reach - width) % total)
ORDER BY stratum, frame_order
"""
"""Systematic selection with probability proportional to size.

Tables: ``units(id, stratum, type_rank, size)`` and ``strata(stratum, n, n_certain, largest_other, total,
start, order_seed)`` as :func:`systematic_strata` completes it. A unit is hit if a selection point lies among
the integers it covers: the last point up to its end is not the last point up to its beginning.
"""

SIMPLE_RANDOM_TEXT = """
WITH ordered AS (
  SELECT units.stratum, units.id, strata.n, strata.n_reserve,
    row_number() OVER (
      PARTITION BY units.stratum
      ORDER BY sha256(strata.order_seed || ':' || units.id), units.id
    ) AS draw_order
  FROM units JOIN strata ON units.stratum = strata.stratum
)
SELECT stratum, id, draw_order, CASE WHEN draw_order > n THEN 1 ELSE 0 END AS is_reserve
FROM ordered WHERE draw_order <= n + n_reserve
ORDER BY stratum, draw_order
"""
"""Simple random selection with a reserve that continues the random order.

Tables: ``units(id, stratum)`` and ``strata(stratum, n, n_reserve, order_seed)``.
"""


def order_seed(seed: str, *labels: str) -> str:
    """Return the text that stands before ``:id`` in the hash that orders a stratum.

    Parameters
    ----------
    seed : str
        The seed of the draw.
    *labels : str
        What is put in order, as in :func:`sampling.design.seeds.random_order`.

    Returns
    -------
    str
        64 hexadecimal digits.

    Examples
    --------
    >>> len(order_seed("2026", "commune", "order", "01"))
    64
    """
    return derive(seed, *labels).hex()


def systematic_strata(
    wanted: Mapping[str, int], totals: Mapping[str, tuple[int, int, int]], seed: str, stage: str
) -> dict[str, list[str | int]]:
    """Complete the table of strata for :data:`SYSTEMATIC_TEXT`: random starts and seeds of the order.

    Parameters
    ----------
    wanted : mapping of stratum to int
        Units to select.
    totals : mapping of stratum to (n_certain, largest_other, total)
        The answer to :data:`TOTALS_TEXT`.
    seed : str
        The seed of the draw.
    stage : str
        Label of the stage in the seeds.

    Returns
    -------
    dict of str to list
        The columns of the table, strata in sorted order. A stratum of certainty units only has total 1, which
        no point can hit as it selects 0 others.

    Examples
    --------
    >>> table = systematic_strata({"01": 2}, {"01": (0, 30, 100)}, "2026", "commune")
    >>> table["n"], 0 <= table["start"][0] < 100
    ([2], True)
    """
    strata = sorted(totals)
    rest = [max(totals[stratum][2], 1) for stratum in strata]
    return {
        "stratum": list(strata),
        "n": [wanted[stratum] for stratum in strata],
        "n_certain": [totals[stratum][0] for stratum in strata],
        "largest_other": [totals[stratum][1] for stratum in strata],
        "total": list(rest),
        "start": [
            uniform_below(total, seed, stage, "start", stratum)
            for stratum, total in zip(strata, rest, strict=True)
        ],
        "order_seed": [order_seed(seed, stage, "order", stratum) for stratum in strata],
    }
