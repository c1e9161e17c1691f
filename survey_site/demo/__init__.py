"""Seeded, deletable demonstration data."""
