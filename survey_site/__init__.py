"""Composition root: settings, pages, demonstration data."""
