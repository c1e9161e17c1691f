"""Handing out lists: who may, which part of the sample, in which form."""

from sampling.services.issuing.access import (
    ExportTooEarlyError,
    checked_scope,
    may_see_names,
    within_territory,
)
from sampling.services.issuing.lists import IssuedFile, ListFormat, Request, Split, make_respondent_lists
from sampling.services.issuing.objections import (
    ObjectionError,
    honour_objections,
    record_objection,
    withdraw_objection,
)
from sampling.services.issuing.respondents import Reachable, contacts_by_case, village_lists
from sampling.services.issuing.scopes import PlacedVillage, Scope, scope_of

__all__ = [
    "ExportTooEarlyError",
    "IssuedFile",
    "ListFormat",
    "ObjectionError",
    "PlacedVillage",
    "Reachable",
    "Request",
    "Scope",
    "Split",
    "checked_scope",
    "contacts_by_case",
    "honour_objections",
    "make_respondent_lists",
    "may_see_names",
    "record_objection",
    "scope_of",
    "village_lists",
    "withdraw_objection",
    "within_territory",
]
