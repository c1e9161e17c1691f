"""Refusals of the pure core in the words of the active language."""

from django.utils.translation import gettext

from sampling.design.refusals import RefusalError


def told(error: Exception) -> str:
    """Return what an error says; one that carries no marked text stays as it is."""
    return error.said.told(gettext) if isinstance(error, RefusalError) else str(error)
