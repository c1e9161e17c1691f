"""Proof of a draw for people who trust nobody: a script that needs nothing but Python."""
