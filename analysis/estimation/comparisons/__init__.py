"""Who differs from whom, and what goes with what: differences, tests, and their adjustment for number."""
