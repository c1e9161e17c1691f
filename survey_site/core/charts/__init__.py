"""Positions of the marks of the public charts, as plain values; the templates draw them.

Positions along x are per cent of the plot, positions along y are pixels, so that one drawing serves every
width and its text never scales.
"""
