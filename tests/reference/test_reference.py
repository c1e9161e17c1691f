"""Every case of a reference folder against R."""

from typing import Any

import pytest

from tests.reference.frames import as_list
from tests.reference.operations import OPERATIONS, check_case
from tests.reference.runner import Folder


def test_case_agrees_with_r(reference_folder: Folder, reference_case: dict[str, Any]):
    check_case(reference_folder, reference_case)


def test_every_operation_is_known(reference_folder: Folder):
    unknown = {case["op"] for case in reference_folder.cases.values()} - OPERATIONS.keys()
    assert not unknown, f"unknown operations: {sorted(unknown)}"


def test_an_unknown_operation_fails(reference_folder: Folder):
    with pytest.raises(KeyError, match="horoscope"):
        check_case(reference_folder, {"id": "new", "op": "horoscope"})


def test_an_unknown_argument_fails(reference_folder: Folder):
    case = next(case for case in reference_folder.cases.values() if case["op"] == "mean")
    for change in ({"trim": 0.1}, {"na": "impute"}):
        with pytest.raises(KeyError, match=r"arguments .* are not known"):
            check_case(reference_folder, {**case, "args": {**case["args"], **change}})


def test_an_unknown_part_of_a_design_fails(reference_folder: Folder):
    case = next(case for case in reference_folder.cases.values() if case["op"] == "mean")
    with pytest.raises(KeyError, match="phases"):
        check_case(reference_folder, {**case, "design": {**case["design"], "phases": 2}})


def test_an_unknown_statement_fails(reference_folder: Folder):
    case = next(case for case in reference_folder.cases.values() if case["op"] == "mean")
    with pytest.raises(KeyError, match="not known"):
        check_case(reference_folder, {**case, "derive": "weight = sqrt(weight)"})


def test_a_wrong_expectation_fails(reference_folder: Folder):
    case = next(case for case in reference_folder.cases.values() if case["op"] == "mean")
    rows = as_list(case["rows"])
    with pytest.raises(AssertionError):
        check_case(reference_folder, {**case, "rows": [{**rows[0], "se": rows[0]["se"] * 1.0001}]})
