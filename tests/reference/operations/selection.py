"""Inclusion probabilities, joint probabilities and allocation."""

from tests.reference.runner import Operation

OPERATIONS: dict[str, Operation] = {}
