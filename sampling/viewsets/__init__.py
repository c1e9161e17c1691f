"""The admin: listings, the states of a round, its frames and its drawn list."""

from sampling.viewsets.listings import SamplingViewSetGroup

__all__ = ["SamplingViewSetGroup"]
