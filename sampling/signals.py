"""What packages above may want to follow; each signal is sent inside the transaction of the change."""

from django.dispatch import Signal

round_frozen = Signal()
"""A round was frozen: `round`, `user`."""

cases_recounted = Signal()
"""Cases of a pool were given another probability and weight: `cases`, `probability`, `weight`."""
