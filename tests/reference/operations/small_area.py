"""Models for small areas."""

from tests.reference.runner import Operation

OPERATIONS: dict[str, Operation] = {}
