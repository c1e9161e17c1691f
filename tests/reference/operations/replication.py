"""Quantiles and replicate weights."""

from tests.reference.runner import Operation

OPERATIONS: dict[str, Operation] = {}
