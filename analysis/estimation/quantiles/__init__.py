"""Quantiles, the rules that define them, and their intervals."""
