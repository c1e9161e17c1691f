"""What a sampling template says of its stages: as many area stages as it has, then adults or households."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sampling.design.allocation import AllocationError
from sampling.design.area_selection import RANDOM, AreaSelection
from sampling.design.area_strata import AreaAllocation
from sampling.design.households import HOUSEHOLD_STAGE, HouseholdStage
from sampling.design.refusals import RefusalError
from sampling.design.refusals import marked as _
from sampling.design.selection import SelectionError
from sampling.design.stage_coordination import Steering

COMMUNE_STAGE, VILLAGE_STAGE, PERSON_STAGE = "commune", "village", "person"
PERSON_SELECTION = "simple_random"
IN_RANDOM_ORDER = AreaSelection(order=(RANDOM,))
LAST_STAGES = (COMMUNE_STAGE, VILLAGE_STAGE, PERSON_STAGE)
"""Every area design ends with these; area stages above the communes may come before them."""


class DesignError(RefusalError):
    """Raised when a sampling template asks for something that cannot be drawn."""


@dataclass(frozen=True, slots=True)
class AreaStage:
    """How many units an area stage takes from each stratum or unit above, and how.

    `wanted_in` are the strata that give another number; with an `allocation` the frame decides what each
    gives, and `wanted` is the total. `steering` are the permanent numbers of a coordinated stage.
    """

    code: str
    wanted: int
    wanted_in: Mapping[str, int] = field(default_factory=dict)
    selection: AreaSelection = field(default_factory=AreaSelection)
    steering: Steering | None = None
    allocation: AreaAllocation | None = None

    def for_sizes(self, strata: Mapping[str, Sequence[int]]) -> "AreaStage":
        """Divide the total among strata with units of given sizes; a stage without allocation stays as it is.

        Raises `AllocationError` if the strata have no room for the total.
        """
        if self.allocation is None:
            return self
        return replace(self, wanted_in=self.allocation.divide(strata), allocation=None)

    def as_committed(self, design: Mapping[str, Any] | None) -> "AreaStage":
        """Take the numbers of the strata from the design of a draw, where it divided a total."""
        if self.allocation is None or design is None:
            return self
        return replace(self, wanted_in=dict(design["n_by_stratum"]), allocation=None)

    def wanted_of(self, above: str) -> int:
        """Return how many units a stratum or unit above gives."""
        return self.wanted_in.get(above, self.wanted)


@dataclass(frozen=True, slots=True)
class StagePlan:
    """How many units each stage takes; `above` are the area stages over the communes, from the top."""

    communes: int
    villages: int
    persons: int
    reserves: int = 0
    communes_in: Mapping[str, int] = field(default_factory=dict)
    above: tuple[AreaStage, ...] = ()
    commune_selection: AreaSelection = field(default_factory=AreaSelection)
    village_selection: AreaSelection = IN_RANDOM_ORDER
    households: HouseholdStage | None = None
    allocation: AreaAllocation | None = None

    @property
    def areas(self) -> tuple[AreaStage, ...]:
        """The area stages in the order of the draw."""
        stages: list[AreaStage] = [
            *self.above,
            AreaStage(COMMUNE_STAGE, self.communes, self.communes_in, self.commune_selection),
            AreaStage(VILLAGE_STAGE, self.villages, selection=self.village_selection),
        ]
        return (replace(stages[0], allocation=self.allocation), *stages[1:])

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of all stages in the order of the draw."""
        return (*(stage.code for stage in self.areas), self.last)

    @property
    def last(self) -> str:
        """The code of the last stage that has a draw: households, where one adult of each is asked."""
        return PERSON_STAGE if self.households is None else HOUSEHOLD_STAGE

    def area(self, code: str) -> AreaStage:
        """Return an area stage by its code."""
        return next(stage for stage in self.areas if stage.code == code)

    def communes_of(self, stratum: str) -> int:
        """Return how many communes a stratum gives."""
        return self.communes_in.get(stratum, self.communes)

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "StagePlan":
        """Read the plan out of a sampling template.

        Parameters
        ----------
        document : mapping
            A template whose ``stages`` end with commune, village and person, or with commune, village,
            household and person; area stages such as district may come before.

        Returns
        -------
        StagePlan
            The sizes of the stages.

        Raises
        ------
        DesignError
            If the stages are others, or one asks for a way of selecting that is not known here.
        """
        stages, households = _fold_households(list(document.get("stages", ())))
        codes = tuple(stage["code"] for stage in stages)
        if codes[-len(LAST_STAGES) :] != LAST_STAGES or len(set(codes)) < len(codes):
            raise DesignError(
                _("Expected stages that end with %(last)s, each once, got %(got)s."),
                last=LAST_STAGES,
                got=codes,
            )
        *above, communes, villages, persons = stages
        if persons["selection"] != PERSON_SELECTION:
            raise DesignError(
                _("Expected '%(selection)s' at stage '%(stage)s', got '%(got)s'."),
                selection=PERSON_SELECTION,
                stage=PERSON_STAGE,
                got=persons["selection"],
            )
        selections = area_selections(stages[:-1])
        return cls(
            communes=communes["n_units"],
            villages=villages["n_units"],
            persons=persons["n_units"],
            reserves=persons.get("n_reserve", 0),
            communes_in=_exceptions(communes),
            above=tuple(
                AreaStage(stage["code"], stage["n_units"], _exceptions(stage), selections[stage["code"]])
                for stage in above
            ),
            commune_selection=selections[COMMUNE_STAGE],
            village_selection=selections[VILLAGE_STAGE],
            households=households,
            allocation=area_allocation(stages),
        )


def _fold_households(
    stages: list[Mapping[str, Any]],
) -> tuple[list[Mapping[str, Any]], HouseholdStage | None]:
    """Take households and the adult in them for one stage, which asks one person of each."""
    if tuple(stage["code"] for stage in stages[-2:]) != (HOUSEHOLD_STAGE, PERSON_STAGE):
        return stages, None
    try:
        households = HouseholdStage.from_documents(*stages[-2:])
    except SelectionError as error:
        raise DesignError(error.said.message, **error.said.values) from error
    asked = {"n_units": households.wanted, "n_reserve": households.reserves}
    return [*stages[:-2], {"code": PERSON_STAGE, "selection": PERSON_SELECTION} | asked], households


def _exceptions(stage: Mapping[str, Any]) -> dict[str, int]:
    """Return the strata that give another number of units."""
    return {row["stratum"]: row["n_units"] for row in stage.get("exceptions", ())}


def area_allocation(stages: Sequence[Mapping[str, Any]]) -> AreaAllocation | None:
    """Read how the units of the first stage are divided among the strata.

    Parameters
    ----------
    stages : sequence of mapping
        The stages of a template, from the first one on.

    Returns
    -------
    AreaAllocation or None
        None where every stratum gives `n_units`, but for the exceptions.

    Raises
    ------
    DesignError
        If the allocation cannot be, stands beside exceptions, or stands at a later stage.

    Examples
    --------
    >>> first = {"code": "commune", "n_units": 60, "allocation": {"rule": "proportional"}}
    >>> area_allocation([first]).total
    60
    """
    first, *later = stages
    misplaced = [stage["code"] for stage in later if stage.get("allocation") is not None]
    if misplaced:
        raise DesignError(
            _("Expected an allocation at the first stage only, got one at %(stages)s. Take it away."),
            stages=misplaced,
        )
    document = first.get("allocation")
    if document is None:
        return None
    if first.get("exceptions"):
        raise DesignError(
            _("Expected an allocation or exceptions at the first stage, got both. Take one away.")
        )
    try:
        return AreaAllocation.from_document(document, first["n_units"])
    except AllocationError as error:
        raise DesignError(error.said.message, **error.said.values) from error


def area_selections(stages: Iterable[Mapping[str, Any]]) -> dict[str, AreaSelection]:
    """Read how area stages are selected.

    Parameters
    ----------
    stages : iterable of mapping
        The area stages of a template, from the first one on.

    Returns
    -------
    dict of str to AreaSelection
        By the code of the stage.

    Raises
    ------
    DesignError
        If one asks for what is not known, or cannot be at its place.

    Examples
    --------
    >>> area_selections([{"code": "commune", "selection": "tille"}])["commune"].method
    'tille'
    """
    try:
        return {
            stage["code"]: AreaSelection.from_document(stage, is_first=place == 0)
            for place, stage in enumerate(stages)
        }
    except SelectionError as error:
        raise DesignError(error.said.message, **error.said.values) from error
