"""Sample designs: from labels to strata and stages, and from scores to variances."""
