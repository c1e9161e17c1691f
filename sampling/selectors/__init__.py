"""Reads across the models of the sample."""

from sampling.selectors.cases import CaseDesignRow, case_design_rows
from sampling.selectors.frames import CommunePlace, StrataError, commune_places, frame_of
from sampling.selectors.orders import listed_units, stored_list_digests, stored_lists

__all__ = [
    "CaseDesignRow",
    "CommunePlace",
    "StrataError",
    "case_design_rows",
    "commune_places",
    "frame_of",
    "listed_units",
    "stored_list_digests",
    "stored_lists",
]
