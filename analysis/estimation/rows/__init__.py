"""From answers to sums: columns, the cells they are summed into, and the scores of a linearised variable."""
