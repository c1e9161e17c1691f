"""Models for small areas."""

from typing import Any

import pandas as pd

from analysis.quality import SmallAreaEstimates, fit_fay_herriot
from tests.reference.runner import Case, Folder, Operation, as_list, compare

FAY_HERRIOT_RELATIVE = 1e-8
COMPUTED = ("eblup", "mse")


def fit_case(frame: pd.DataFrame, args: dict[str, Any]) -> SmallAreaEstimates:
    """Fit the model of a case; the auxiliaries are a column, a list of columns, or a sum like `x1 + x2`."""
    columns = [name.strip() for part in as_list(args.get("x")) for name in part.lstrip("~").split("+")]
    named = [name for name in columns if name != "1"]
    return fit_fay_herriot(
        frame[args["y"]].to_numpy(dtype=float),
        frame[args["vardir"]].to_numpy(dtype=float),
        frame[named] if named else None,
        method=args.get("method", "REML").lower(),
    )


def check_fay_herriot(folder: Folder, case: Case) -> None:
    frame, rows = folder.frame(case), as_list(case["rows"])
    areas = fit_case(frame, case["args"])
    for name in set(rows[0]) - set(COMPUTED):
        assert frame[name].tolist() == [row[name] for row in rows], f"the rows are not in the order of {name}"
    compare(areas.value, [row["eblup"] for row in rows], "EBLUP", FAY_HERRIOT_RELATIVE)
    compare(areas.mse, [row["mse"] for row in rows], "mean squared error", FAY_HERRIOT_RELATIVE)
    if "sigma2_u" in case:
        compare(areas.model.variance.value, case["sigma2_u"], "model variance", FAY_HERRIOT_RELATIVE)
    if "beta" in case:
        compare(areas.model.coefficients, as_list(case["beta"]), "coefficients", FAY_HERRIOT_RELATIVE)


OPERATIONS: dict[str, Operation] = {"fay_herriot": check_fay_herriot}
