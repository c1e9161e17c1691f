"""Answers collected by people: interviews in assigned villages, and paper forms keyed in."""
