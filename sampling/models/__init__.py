"""The database's picture of who is asked."""

from sampling.models.areas import AdministrativeUnit, UnitSuccession
from sampling.models.contacts import Contact, HouseholdAdult
from sampling.models.draws import Draw, DrawStatus, ListSubmission
from sampling.models.frames import FrameUnit, SamplingFrame
from sampling.models.households import AdultRule, Household
from sampling.models.imports import FrameImport, ImportStatus
from sampling.models.methods import MethodDocument, SamplingTemplate
from sampling.models.objections import Objection
from sampling.models.orders import ListedUnit, SelectionList
from sampling.models.rounds import SurveyRound
from sampling.models.samples import Case, Disposition, Sample, SampledUnit
from sampling.models.territories import TerritoryMember

__all__ = [
    "AdministrativeUnit",
    "AdultRule",
    "Case",
    "Contact",
    "Disposition",
    "Draw",
    "DrawStatus",
    "FrameImport",
    "FrameUnit",
    "Household",
    "HouseholdAdult",
    "ImportStatus",
    "ListSubmission",
    "ListedUnit",
    "MethodDocument",
    "Objection",
    "Sample",
    "SampledUnit",
    "SamplingFrame",
    "SamplingTemplate",
    "SelectionList",
    "SurveyRound",
    "TerritoryMember",
    "UnitSuccession",
]
