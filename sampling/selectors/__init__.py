"""Reads across the models of the sample."""

from sampling.selectors.cases import CaseDesignRow, case_design_rows
from sampling.selectors.frames import CommunePlace, StrataError, commune_places, frame_of

__all__ = ["CaseDesignRow", "CommunePlace", "StrataError", "case_design_rows", "commune_places", "frame_of"]
