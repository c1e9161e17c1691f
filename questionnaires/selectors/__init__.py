"""Reads across models: versions, cases, answers and progress."""

from questionnaires.selectors.cases import (
    PLACE_RELATIONS,
    attributes_of_cases,
    case_attributes,
    for_answering,
    place_of,
    with_place,
)
from questionnaires.selectors.progress import Progress, progress_by_province, progress_by_village
from questionnaires.selectors.responses import ResponseRow, response_rows
from questionnaires.selectors.versions import (
    RoundWithoutQuestionnaireError,
    correspondences_of,
    renamings_of,
    require_questionnaire,
    schema_by_digest,
    version_codebook,
    version_for_round,
)

__all__ = [
    "PLACE_RELATIONS",
    "Progress",
    "ResponseRow",
    "RoundWithoutQuestionnaireError",
    "attributes_of_cases",
    "case_attributes",
    "correspondences_of",
    "for_answering",
    "place_of",
    "progress_by_province",
    "progress_by_village",
    "renamings_of",
    "require_questionnaire",
    "response_rows",
    "schema_by_digest",
    "version_codebook",
    "version_for_round",
    "with_place",
]
