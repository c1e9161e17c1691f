"""Reads across the models of the sample."""

from sampling.selectors.cases import CaseDesignRow, case_design_rows, design_row, place_fields
from sampling.selectors.frames import (
    StrataError,
    UnitPlace,
    first_places,
    frame_of,
    is_list_round,
    stage_codes,
    units_below,
)
from sampling.selectors.orders import listed_units, stored_list_digests, stored_lists
from sampling.selectors.replacements import replacement_villages
from sampling.selectors.reserves import Pool, reserve_pools
from sampling.selectors.territories import (
    province_of,
    rounds_seen_by,
    runs_round,
    sees_round,
    within_territory,
)

__all__ = [
    "CaseDesignRow",
    "Pool",
    "StrataError",
    "UnitPlace",
    "case_design_rows",
    "design_row",
    "first_places",
    "frame_of",
    "is_list_round",
    "listed_units",
    "place_fields",
    "province_of",
    "replacement_villages",
    "reserve_pools",
    "rounds_seen_by",
    "runs_round",
    "sees_round",
    "stage_codes",
    "stored_list_digests",
    "stored_lists",
    "units_below",
    "within_territory",
]
