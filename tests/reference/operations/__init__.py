"""Every operation of the reference cases, by the name that the cases give it."""

from tests.reference.arguments import Arguments, check_design_keys
from tests.reference.operations import indices, inference, means, replication, selection, small_area, weights
from tests.reference.runner import Case, Folder, Operation

OPERATIONS: dict[str, Operation] = {
    name: operation
    for module in (means, indices, inference, replication, weights, small_area, selection)
    for name, operation in module.OPERATIONS.items()
}


def check_case(folder: Folder, case: Case) -> None:
    """Execute a case; an operation that nobody knows is an error."""
    if case["op"] not in OPERATIONS:
        raise KeyError(f"operation {case['op']!r} of case {case['id']} is not known")
    check_design_keys(case.get("design"))
    args = Arguments(case.get("args") or {})
    OPERATIONS[case["op"]](folder, {**case, "args": args})
    args.refuse_unread(case["id"])
