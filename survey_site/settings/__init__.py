"""Settings by environment: dev, test, production."""
