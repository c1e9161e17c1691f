"""Documents in which nothing is left to be understood, for whoever walks all their texts."""

import copy
from collections.abc import Mapping
from typing import Any

from questionnaires.schema import YES_NO_OPTIONS

type Document = dict[str, Any]


def explicit(document: Mapping[str, Any]) -> Document:
    """Return a copy in which yes and no are options like others."""
    whole = copy.deepcopy(dict(document))
    for section in whole["sections"]:
        for question in section["questions"]:
            if question["kind"] == "yes_no" and not question.get("options") and not question.get("scale"):
                question["options"] = [
                    {"value": option.value, "label": dict(option.label)} for option in YES_NO_OPTIONS
                ]
    return whole
