"""Questionnaires that come with the platform, as JSON documents to copy and publish."""

import json
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

FOLDER = Path(__file__).parent


def names() -> tuple[str, ...]:
    """Return the names of the questionnaires here, in alphabetical order."""
    return tuple(sorted(file.stem for file in FOLDER.glob("*.json")))


def load(name: str) -> dict[str, Any]:
    """Return the document of a questionnaire.

    Parameters
    ----------
    name : str
        One of :func:`names`, such as "sipas-m2023".

    Returns
    -------
    dict
        The decoded JSON; read it with :func:`questionnaires.schema.parse`.

    Raises
    ------
    LookupError
        If there is no such questionnaire; the message lists those there are.
    """
    if name not in names():
        raise LookupError(
            _("Expected one of the questionnaires %(known)s, got %(name)s. Choose a name from the list.")
            % {"known": ", ".join(names()), "name": name}
        )
    document: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return document
