"""Lists of drawn units between upload and confirmation: read, tried out, taken in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from sampling.files.problems import Difference
from sampling.household_files import read_households_file
from sampling.models import SamplingFrame, SurveyRound
from sampling.resources import FileProblem, RegisterFilesError, read_register_files
from sampling.services import receive_registers, receive_units
from sampling.services.audit import User
from sampling.services.draws import Received, preview_lists, preview_units, receive_households
from sampling.services.household_contacts import Head
from sampling.services.kept_uploads import KeptUploads
from sampling.services.registers import HouseholdList, LastList
from sampling.viewsets.frames import frame_values_of

PERSON, HOUSEHOLD = SamplingFrame.Stage.PERSON.value, SamplingFrame.Stage.HOUSEHOLD.value
REPLACES = "replaces"
"""Under this name the digests of the lists that somebody saw replaced wait with the files."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a service takes of files, and what in them is read otherwise than it is written."""

    values: dict[str, Any]
    differences: list[Difference]


@dataclass(frozen=True, slots=True)
class Preview:
    """What would come of lists; nothing is written."""

    received: Received
    differences: list[Difference]


def preview(kept: KeptUploads, survey_round: SurveyRound, user: User) -> Preview:
    """Read kept files and try them out."""
    reading = _read(kept)
    stage = kept.values["stage"]
    if stage not in READERS:
        received = preview_units(round=survey_round, user=user, **reading.values)
    else:
        lists = reading.values.get("registers", reading.values.get("lists", {}))
        villages = reading.values["villages"]
        received = preview_lists(round=survey_round, stage=stage, villages=villages, lists=lists, user=user)
    return Preview(received, reading.differences)


def take_in(kept: KeptUploads, survey_round: SurveyRound, user: User) -> Received:
    """Read kept files once more and take their lists in, in place of those that were seen, and no others."""
    receive = RECEIVERS.get(kept.values["stage"], receive_units)
    return receive(
        round=survey_round, user=user, replaces=kept.values.get(REPLACES, {}), **_read(kept).values
    )


@dataclass(frozen=True, slots=True)
class LastLists:
    """Registers of adults, or lists of households with how to find them, by village."""

    lists: Mapping[str, LastList]
    heads: Mapping[str, list[Head]]


def last_lists(reading: Reading) -> LastLists:
    """Return the lists of a reading of registers or of households."""
    values = reading.values
    return LastLists(values.get("registers") or values.get("lists") or {}, values.get("heads", {}))


def read_last(kept: KeptUploads, stage: str) -> Reading:
    """Read registers of adults or lists of households, as the last stage of a round demands."""
    return READERS[stage](kept)


def _read(kept: KeptUploads) -> Reading:
    """Read files as the stage of their lists demands."""
    return READERS.get(kept.values["stage"], _read_units)(kept)


def _read_units(kept: KeptUploads) -> Reading:
    """Read lists of villages, or of other units below drawn ones."""
    differences: list[Difference] = []
    return Reading(frame_values_of(kept.paths, kept.values, differences), differences)


def _read_registers(kept: KeptUploads) -> Reading:
    """Read registers of drawn villages."""
    read = read_register_files(kept.paths)
    values = {"villages": list(read.registers), "registers": read.registers}
    return Reading(values, list(read.differences))


def _read_households(kept: KeptUploads) -> Reading:
    """Read lists of households, with names and addresses apart; a village stands in one file only."""
    lists: dict[str, HouseholdList] = {}
    heads: dict[str, list[Head]] = {}
    differences: list[Difference] = []
    for path in kept.paths:
        read = read_households_file(path)
        twice = sorted(lists.keys() & read.lists.keys())
        if twice:
            raise RegisterFilesError([_second_list(path.name, village) for village in twice])
        lists, heads = lists | read.lists, heads | read.heads
        differences += read.differences
    return Reading({"villages": list(lists), "lists": lists, "heads": heads}, differences)


def _second_list(file: str, village: str) -> FileProblem:
    """Name a village that another file holds already."""
    expected, hint = _("the list of a village in one file"), _("Send one list for each village.")
    return FileProblem(file, 0, "village", expected, village, hint)


READERS: Mapping[str, Callable[[KeptUploads], Reading]] = {
    PERSON: _read_registers,
    HOUSEHOLD: _read_households,
}
RECEIVERS: Mapping[str, Callable[..., Received]] = {
    PERSON: receive_registers,
    HOUSEHOLD: receive_households,
}
"""Stages whose lists stay in private files; all others are units of a frame."""
