"""Every operation of the reference cases, by the name that the cases give it."""

from tests.reference.operations import indices, inference, means, replication, selection, small_area, weights
from tests.reference.runner import Case, Folder, Operation, UnsupportedError

NOT_YET = {
    "multistage": "finite population corrections beyond the first stage",
    "pps": "Brewer, Overton, Hartley-Rao and joint-probability variances",
    "calibration": "calibration to totals of a continuous variable",
    "vcov under average": "R scales it by the design's strata, but its SEs by the domain's, as ours",
    "calibrated_weights": "post-stratification, GREG, bounded and logit calibration (raking is checked)",
    "ciprop_likelihood": "profile likelihood intervals of a share",
    "quantile": "quantiles and their intervals",
    "chisq": "Rao-Scott tests",
    "glm": "regression",
    "ranktest": "rank tests",
    "var": "population variance",
    "term_test": "term tests of regressions",
    "standardized_by": "direct standardisation",
    "trim": "trimming with redistribution",
    "rep_mean": "replicate weights",
    "rep_total": "replicate weights",
    "rep_ratio": "replicate weights",
    "rep_mean_by": "replicate weights",
    "rep_quantile": "replicate weights",
    "fay_herriot": "small area model",
    "inclusion_probabilities": "belongs to the sampling core",
    "joint_probabilities": "belongs to the sampling core",
    "allocation": "belongs to the sampling core",
    "bethel": "belongs to the sampling core",
    "total_multi": "PPS variances",
}

OPERATIONS: dict[str, Operation] = {
    name: operation
    for module in (means, indices, inference, replication, weights, small_area, selection)
    for name, operation in module.OPERATIONS.items()
}


def check_case(folder: Folder, case: Case) -> None:
    """Execute a case; UnsupportedError where the library cannot do it yet, KeyError for the unknown."""
    operation = case["op"]
    if operation in OPERATIONS:
        OPERATIONS[operation](folder, case)
    elif operation in NOT_YET:
        raise UnsupportedError(operation)
    else:
        raise KeyError(
            f"operation {operation!r} of case {case['id']} is neither supported nor listed in NOT_YET"
        )
