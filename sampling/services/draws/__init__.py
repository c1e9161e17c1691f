"""Drawing: what a draw gives, how it is committed and carried out, and what is written of it."""

from sampling.services.draws.carrying_out import carry_out_draw, checked_public_value
from sampling.services.draws.checks import DrawCheck, StratumSize, check_of
from sampling.services.draws.computing import (
    DrawnList,
    DrawnStage,
    area_draw,
    frame_digest,
    person_draw,
    plan_of,
    seeds_of,
)
from sampling.services.draws.dossiers import count_strata, has_sizes, size_effects
from sampling.services.draws.errors import DrawRefusedError, DrawStateError
from sampling.services.draws.illustrations import MADE_UP_SOURCE, Illustration
from sampling.services.draws.proof_rows import drawn_codes, frame_rows, list_rows
from sampling.services.draws.receiving import (
    Received,
    Replaced,
    UnseenListError,
    preview_lists,
    preview_units,
    receive_households,
    receive_registers,
    receive_units,
)
from sampling.services.draws.register_files import kept_registers
from sampling.services.draws.rehearsals import (
    communes_to_list,
    draw_area_stages,
    draw_person_stage,
    draw_sample,
    refuse_rehearsal,
)
from sampling.services.draws.states import (
    check_draw,
    close_draw,
    commit_draw,
    draft_draw,
    issue_draw,
    living_draws,
)

__all__ = [
    "MADE_UP_SOURCE",
    "DrawCheck",
    "DrawRefusedError",
    "DrawStateError",
    "DrawnList",
    "DrawnStage",
    "Illustration",
    "Received",
    "Replaced",
    "StratumSize",
    "UnseenListError",
    "area_draw",
    "carry_out_draw",
    "check_draw",
    "check_of",
    "checked_public_value",
    "close_draw",
    "commit_draw",
    "communes_to_list",
    "count_strata",
    "draft_draw",
    "draw_area_stages",
    "draw_person_stage",
    "draw_sample",
    "drawn_codes",
    "frame_digest",
    "frame_rows",
    "has_sizes",
    "issue_draw",
    "kept_registers",
    "list_rows",
    "living_draws",
    "person_draw",
    "plan_of",
    "preview_lists",
    "preview_units",
    "receive_households",
    "receive_registers",
    "receive_units",
    "refuse_rehearsal",
    "seeds_of",
    "size_effects",
]
