"""Replicate weights: how they are made, and the variances that they give."""
