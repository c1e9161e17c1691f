"""Regression, tests of association and of ranks, population variance, standardisation, profile likelihood."""

from tests.reference.runner import Operation

OPERATIONS: dict[str, Operation] = {}
