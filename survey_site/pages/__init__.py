"""Page types of the public portal."""
