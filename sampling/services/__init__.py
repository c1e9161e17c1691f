"""Changes of state: who is asked."""

from sampling.services.abandoning import abandon_draw
from sampling.services.areas import LoadedUnits, ReferenceTableError, load_administrative_units
from sampling.services.cases import (
    CaseError,
    record_disposition,
    record_dispositions,
    release_list_reserve,
    release_reserve,
)
from sampling.services.draws import (
    DrawCheck,
    DrawRefusedError,
    DrawStateError,
    carry_out_draw,
    check_draw,
    close_draw,
    commit_draw,
    communes_to_list,
    draft_draw,
    draw_area_stages,
    draw_person_stage,
    draw_sample,
    issue_draw,
    receive_registers,
    receive_units,
)
from sampling.services.frame_files import FrameFileError, read_frame_file
from sampling.services.frames import (
    FrameInUseError,
    FrameRefusedError,
    LoadedFrame,
    ProblemText,
    describe_problem,
    load_frame,
)
from sampling.services.import_folders import ImportRunsError
from sampling.services.imports import (
    ImportStateError,
    cancel_import,
    check_import,
    clear_interrupted,
    confirm_import,
    start_import,
)
from sampling.services.methods import ChangedMethodError, load_sampling_templates
from sampling.services.registers import Register, RegisterError, Registers
from sampling.services.replaced_communes import (
    receive_replacement_registers,
    receive_replacement_villages,
    replace_commune,
)
from sampling.services.replacement import ReplacementError, replace_unit
from sampling.services.rounds import RoundStateError, close_round, create_round, freeze_round, open_round
from sampling.services.sweeping import Swept, expire_imports, sweep_files
from sampling.services.template_imports import TemplateRefusedError, import_sampling_template
from sampling.services.verification import Verification, verify_sample

__all__ = [
    "CaseError",
    "ChangedMethodError",
    "DrawCheck",
    "DrawRefusedError",
    "DrawStateError",
    "FrameFileError",
    "FrameInUseError",
    "FrameRefusedError",
    "ImportRunsError",
    "ImportStateError",
    "LoadedFrame",
    "LoadedUnits",
    "ProblemText",
    "ReferenceTableError",
    "Register",
    "RegisterError",
    "Registers",
    "ReplacementError",
    "RoundStateError",
    "Swept",
    "TemplateRefusedError",
    "Verification",
    "abandon_draw",
    "cancel_import",
    "carry_out_draw",
    "check_draw",
    "check_import",
    "clear_interrupted",
    "close_draw",
    "close_round",
    "commit_draw",
    "communes_to_list",
    "confirm_import",
    "create_round",
    "describe_problem",
    "draft_draw",
    "draw_area_stages",
    "draw_person_stage",
    "draw_sample",
    "expire_imports",
    "freeze_round",
    "import_sampling_template",
    "issue_draw",
    "load_administrative_units",
    "load_frame",
    "load_sampling_templates",
    "open_round",
    "read_frame_file",
    "receive_registers",
    "receive_replacement_registers",
    "receive_replacement_villages",
    "receive_units",
    "record_disposition",
    "record_dispositions",
    "release_list_reserve",
    "release_reserve",
    "replace_commune",
    "replace_unit",
    "start_import",
    "sweep_files",
    "verify_sample",
]
