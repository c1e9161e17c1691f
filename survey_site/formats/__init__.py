"""Dates and numbers as Viet Nam writes them, in both languages of the site."""
