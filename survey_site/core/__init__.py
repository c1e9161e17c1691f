"""Site-wide building blocks."""
