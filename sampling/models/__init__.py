"""The database's picture of who is asked."""

from sampling.models.areas import AdministrativeUnit, UnitSuccession
from sampling.models.contacts import Contact
from sampling.models.frames import FrameUnit, SamplingFrame
from sampling.models.methods import MethodDocument, SamplingTemplate
from sampling.models.orders import ListedUnit, SelectionList
from sampling.models.rounds import SurveyRound
from sampling.models.samples import Case, Disposition, Sample, SampledUnit

__all__ = [
    "AdministrativeUnit",
    "Case",
    "Contact",
    "Disposition",
    "FrameUnit",
    "ListedUnit",
    "MethodDocument",
    "Sample",
    "SampledUnit",
    "SamplingFrame",
    "SamplingTemplate",
    "SelectionList",
    "SurveyRound",
    "UnitSuccession",
]
