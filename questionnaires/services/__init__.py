"""Changes of state: questionnaires, access codes, answers, their withdrawal, and assignments."""

from questionnaires.services.access_codes import SeededCodesError, find_case, issue_codes
from questionnaires.services.assignments import assign_village
from questionnaires.services.drafts import draft_to_document, fill_draft_from_document, import_form
from questionnaires.services.responses import (
    AnswersRefusedError,
    BatchResult,
    CaseNotAskedError,
    DuplicateSubmissionError,
    Refusal,
    RoundNotOpenError,
    Submission,
    check_can_answer,
    decline_case,
    save_draft,
    start_response,
    submit_response,
    submit_responses,
    submit_single,
)
from questionnaires.services.versions import (
    QuestionnaireInUseError,
    UnpublishableError,
    assign_version_to_round,
    check_assignment,
    freeze_version,
    latest_draft,
    lint_draft,
)
from questionnaires.services.withdrawal import WithdrawalError, withdraw_response

__all__ = [
    "AnswersRefusedError",
    "BatchResult",
    "CaseNotAskedError",
    "DuplicateSubmissionError",
    "QuestionnaireInUseError",
    "Refusal",
    "RoundNotOpenError",
    "SeededCodesError",
    "Submission",
    "UnpublishableError",
    "WithdrawalError",
    "assign_version_to_round",
    "assign_village",
    "check_assignment",
    "check_can_answer",
    "decline_case",
    "draft_to_document",
    "fill_draft_from_document",
    "find_case",
    "freeze_version",
    "import_form",
    "issue_codes",
    "latest_draft",
    "lint_draft",
    "save_draft",
    "start_response",
    "submit_response",
    "submit_responses",
    "submit_single",
    "withdraw_response",
]
