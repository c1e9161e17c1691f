"""Every case of a reference folder against R; what the library cannot do yet is named and counted."""

from collections import Counter
from typing import Any

import pytest

from tests.reference.operations import NOT_YET, OPERATIONS, check_case
from tests.reference.runner import Folder, UnsupportedError


def test_case_agrees_with_r(reference_folder: Folder, reference_case: dict[str, Any]):
    try:
        check_case(reference_folder, reference_case)
    except UnsupportedError as missing:
        pytest.skip(f"not yet: {missing} ({NOT_YET[str(missing)]})")


def test_every_operation_is_supported_or_named_as_missing(reference_folder: Folder):
    operations = Counter(case["op"] for case in reference_folder.cases.values())
    unknown = operations.keys() - OPERATIONS.keys() - NOT_YET.keys()
    assert not unknown, f"unknown operations: {sorted(unknown)}"


def test_an_unknown_operation_fails(reference_folder: Folder):
    with pytest.raises(KeyError, match="neither supported nor listed"):
        check_case(reference_folder, {"id": "new", "op": "horoscope"})
