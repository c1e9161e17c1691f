"""Make microdata of any size: 63 provinces, about 53 citizens a commune, 27 items with missing answers."""

import argparse
import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

N_PROVINCES = 63
PERSONS_PER_COMMUNE = 53
ITEMS_OF_ELEMENTS = (5, 5, 5, 4, 4)
OTHER_ITEMS = ("x1", "x2", "x3", "overall")
CUTS = (-1.9, -1.1, -0.1, 1.5)
N_REGIONS = 6
RARELY_USED = "q5"
SHARE_WOMEN, SHARE_OF_USERS, ITEM_NONRESPONSE = 0.53, 0.25, 0.04


def item_names() -> list[str]:
    """Return q11 to q54, x1 to x3 and overall."""
    elements = enumerate(ITEMS_OF_ELEMENTS, start=1)
    questions = [f"q{element}{item}" for element, n in elements for item in range(1, n + 1)]
    return [*questions, *OTHER_ITEMS]


def make_table(n_rows: int, seed: int | None = None) -> pa.Table:
    """Make the answers of ``n_rows`` citizens; the seed is the number of rows unless given."""
    rng = np.random.default_rng(n_rows if seed is None else seed)
    n_communes = max(N_PROVINCES * 2, n_rows // PERSONS_PER_COMMUNE)
    commune = np.sort(rng.integers(0, n_communes, n_rows))
    province = commune * N_PROVINCES // n_communes
    effect = (
        rng.normal(0, 0.45, n_communes)[commune]
        + rng.normal(0, 0.35, N_PROVINCES)[province]
        + rng.normal(0, 0.9, n_rows)
    )
    base = np.exp(rng.normal(5, 0.5, n_communes))[commune]
    columns = {
        "id": np.arange(n_rows),
        "province": np.char.mod("P%02d", province),
        "commune": np.char.mod("C%06d", commune),
        "region": np.char.mod("R%d", province % N_REGIONS),
        "sex": np.where(rng.random(n_rows) < SHARE_WOMEN, "F", "M"),
        "weight": np.round(base * rng.uniform(0.8, 1.25, n_rows), 4),
    }
    is_user = rng.random(n_rows) < SHARE_OF_USERS
    arrays = {name: pa.array(values) for name, values in columns.items()}
    for name in item_names():
        arrays[name] = _answers(rng, effect, is_user if name.startswith(RARELY_USED) else None)
    return pa.table(arrays)


def _answers(
    rng: np.random.Generator, effect: npt.NDArray[np.float64], is_user: npt.NDArray[np.bool_] | None
) -> pa.Array:
    rating = np.searchsorted(CUTS, 1.1 + effect + rng.normal(0, 0.9, len(effect))) + 1
    is_missing = rng.random(len(effect)) < ITEM_NONRESPONSE
    if is_user is not None:
        is_missing |= ~is_user
    return pa.array(rating.astype(np.int8), mask=is_missing)


def main() -> None:
    """Write one Parquet file per number of rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("rows", type=int, nargs="+")
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    for n_rows in chosen.rows:
        file = chosen.folder / f"b_{n_rows}.parquet"
        pq.write_table(make_table(n_rows), file)
        sys.stdout.write(f"{file}\n")


if __name__ == "__main__":
    main()
