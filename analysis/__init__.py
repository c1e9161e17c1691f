"""What the answers say: weights, estimates, index, PAR points, releases."""
