"""Answering on the screen; the only place that knows formtools."""
