"""Reads across models: versions, cases, answers and progress."""

from questionnaires.selectors.approvals import VillageApprovals, village_approvals, waiting_forms
from questionnaires.selectors.cases import (
    PLACE_RELATIONS,
    attributes_of_cases,
    case_attributes,
    for_answering,
    place_of,
    with_place,
)
from questionnaires.selectors.open_rounds import (
    OpenCounts,
    OptionCount,
    QuestionCount,
    find_open_response,
    open_counts,
    question_counts,
    sent_forms,
)
from questionnaires.selectors.progress import Progress, progress_by_province, progress_by_village
from questionnaires.selectors.responses import (
    ResponseRow,
    response_rows,
    separated_design_rows,
)
from questionnaires.selectors.versions import (
    RoundWithoutQuestionnaireError,
    correspondences_of,
    last_version,
    renamings_of,
    require_questionnaire,
    schema_by_digest,
    version_before,
    version_codebook,
    version_for_round,
)

__all__ = [
    "PLACE_RELATIONS",
    "OpenCounts",
    "OptionCount",
    "Progress",
    "QuestionCount",
    "ResponseRow",
    "RoundWithoutQuestionnaireError",
    "VillageApprovals",
    "attributes_of_cases",
    "case_attributes",
    "correspondences_of",
    "find_open_response",
    "for_answering",
    "last_version",
    "open_counts",
    "place_of",
    "progress_by_province",
    "progress_by_village",
    "question_counts",
    "renamings_of",
    "require_questionnaire",
    "response_rows",
    "schema_by_digest",
    "sent_forms",
    "separated_design_rows",
    "version_before",
    "version_codebook",
    "version_for_round",
    "village_approvals",
    "waiting_forms",
    "with_place",
]
