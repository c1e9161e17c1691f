"""Changes of state: who is asked."""

from sampling.services.areas import LoadedUnits, ReferenceTableError, load_administrative_units
from sampling.services.cases import CaseError, record_disposition, record_dispositions, release_reserve
from sampling.services.draws import (
    DrawRefusedError,
    communes_to_list,
    draw_area_stages,
    draw_person_stage,
    draw_sample,
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
from sampling.services.methods import ChangedMethodError, load_sampling_templates
from sampling.services.registers import Register, RegisterError, Registers
from sampling.services.rounds import RoundStateError, close_round, create_round, freeze_round, open_round
from sampling.services.verification import Verification, verify_sample

__all__ = [
    "CaseError",
    "ChangedMethodError",
    "DrawRefusedError",
    "FrameFileError",
    "FrameInUseError",
    "FrameRefusedError",
    "LoadedFrame",
    "LoadedUnits",
    "ProblemText",
    "ReferenceTableError",
    "Register",
    "RegisterError",
    "Registers",
    "RoundStateError",
    "Verification",
    "close_round",
    "communes_to_list",
    "create_round",
    "describe_problem",
    "draw_area_stages",
    "draw_person_stage",
    "draw_sample",
    "freeze_round",
    "load_administrative_units",
    "load_frame",
    "load_sampling_templates",
    "open_round",
    "read_frame_file",
    "record_disposition",
    "record_dispositions",
    "release_reserve",
    "verify_sample",
]
