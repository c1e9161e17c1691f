"""Estimates with their precision, and the intervals that follow from it."""
