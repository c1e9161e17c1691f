"""Changes of state: questionnaires, access codes, answers, withdrawal, assignments; looks at names."""

from questionnaires.services.access_codes import SeededCodesError, find_case, issue_codes
from questionnaires.services.assignments import assign_village
from questionnaires.services.drafts import draft_to_document, fill_draft_from_document, import_form
from questionnaires.services.letters import NoLettersError, issue_letters
from questionnaires.services.looks import record_case_look, record_village_look
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
    DraftChangedError,
    QuestionnaireInUseError,
    UnpublishableError,
    assign_version_to_round,
    check_assignment,
    draft_digest,
    freeze_version,
    latest_draft,
    lint_draft,
)
from questionnaires.services.withdrawal import WithdrawalError, withdraw_response
from questionnaires.services.workloads import (
    Proposal,
    ProposalChangedError,
    Share,
    apply_workloads,
    propose_workloads,
)

__all__ = [
    "AnswersRefusedError",
    "BatchResult",
    "CaseNotAskedError",
    "DraftChangedError",
    "DuplicateSubmissionError",
    "NoLettersError",
    "Proposal",
    "ProposalChangedError",
    "QuestionnaireInUseError",
    "Refusal",
    "RoundNotOpenError",
    "SeededCodesError",
    "Share",
    "Submission",
    "UnpublishableError",
    "WithdrawalError",
    "apply_workloads",
    "assign_version_to_round",
    "assign_village",
    "check_assignment",
    "check_can_answer",
    "decline_case",
    "draft_digest",
    "draft_to_document",
    "fill_draft_from_document",
    "find_case",
    "freeze_version",
    "import_form",
    "issue_codes",
    "issue_letters",
    "latest_draft",
    "lint_draft",
    "propose_workloads",
    "record_case_look",
    "record_village_look",
    "save_draft",
    "start_response",
    "submit_response",
    "submit_responses",
    "submit_single",
    "withdraw_response",
]
