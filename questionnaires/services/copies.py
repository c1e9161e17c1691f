"""New drafts: last year's form under a new code, or a small one that can be published at once."""

import copy
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from questionnaires.models import Questionnaire, QuestionnaireTranslation, RecordedPath, Recording
from questionnaires.selectors import last_version
from questionnaires.services.drafts import fill_draft_from_document

COPIED_ROWS = (QuestionnaireTranslation, Recording, RecordedPath)
"""What belongs to a draft without being part of its revisions."""
PLAIN_FIELDS = (
    *("is_bilingual", "method", "is_provisional"),
    *("consent_version", "consent_title_vi", "consent_title_en", "consent_is_placeholder"),
    *("provisional_reason_vi", "provisional_reason_en", "source_vi", "source_en"),
)
STREAMS = ("consent", "scales", "attributes", "sections", "rules", "remarks")


class CodeTakenError(ValueError):
    """Raised when another draft has the code already."""


@transaction.atomic
def copy_draft(
    *,
    questionnaire: Questionnaire,
    code: str,
    title_vi: str,
    title_en: str = "",
    user: AbstractBaseUser | None = None,
) -> Questionnaire:
    """Copy the latest draft with its texts, recordings and test paths under a new code.

    The first version of the copy follows the last version of the original: questions are compared by code,
    and answers can be carried forward.
    """
    _refuse_taken(code)
    source = questionnaire.get_latest_revision_as_object()
    plain = {name: getattr(source, name) for name in PLAIN_FIELDS}
    streams = {name: copy.deepcopy(getattr(source, name)) for name in STREAMS}
    made = Questionnaire(code=code, title_vi=title_vi, title_en=title_en, **plain, **streams)
    made.follows = last_version(questionnaire)
    _save(made, user)
    for model in COPIED_ROWS:
        _copy_rows(model, questionnaire, made)
    said = {"from": questionnaire.code, "version": made.follows.number if made.follows else None}
    log(instance=made, action="questionnaires.copy", user=user, data=said)
    return made


def _copy_rows(model: Any, source: Questionnaire, made: Questionnaire) -> None:
    """Copy the rows of a model that belong to a draft."""
    rows = list(model.objects.filter(questionnaire=source))
    for row in rows:
        row.pk, row.questionnaire = None, made
        row._state.adding = True  # noqa: SLF001 - how Django documents copying a row
    model.objects.bulk_create(rows)


@transaction.atomic
def start_draft(
    *, code: str, title_vi: str, title_en: str = "", user: AbstractBaseUser | None = None
) -> Questionnaire:
    """Begin a draft fit to be published: a consent marked as not approved, a section, a question."""
    _refuse_taken(code)
    made = Questionnaire()
    fill_draft_from_document(made, skeleton(code, title_vi, title_en))
    _save(made, user)
    log(instance=made, action="questionnaires.start_draft", user=user)
    return made


def _refuse_taken(code: str) -> None:
    """Raise if a draft has the code."""
    if Questionnaire.objects.filter(code=code).exists():
        raise CodeTakenError(
            _("There is a questionnaire with the code %(code)s already. Choose another.") % {"code": code}
        )


def _save(made: Questionnaire, user: AbstractBaseUser | None) -> None:
    """Save a new draft with its first revision; nobody has approved it."""
    made.live, made.has_unpublished_changes = False, True
    made.full_clean()
    made.save()
    made.save_revision(user=user, log_action=False)


def skeleton(code: str, title_vi: str, title_en: str = "") -> dict[str, Any]:
    """Return the smallest questionnaire that says what it must; in English too where the title is."""
    has_english = bool(title_en)

    def text(vietnamese: str, english: str) -> dict[str, str]:
        return {"vi": vietnamese} | ({"en": english} if has_english else {})

    labels = (
        ("Rất không hài lòng", "Very dissatisfied"),
        ("Không hài lòng", "Dissatisfied"),
        ("Bình thường", "Neither"),
        ("Hài lòng", "Satisfied"),
        ("Rất hài lòng", "Very satisfied"),
    )
    rating = {
        "code": "Q1",
        "kind": "likert",
        "scale": "SATISFACTION",
        "text": text(
            "Ông/Bà hài lòng ở mức nào với việc phục vụ?", "How satisfied are you with the service?"
        ),
        "allows_not_applicable": True,
    }
    return {
        "schema": 1,
        "code": code,
        "title": text(title_vi, title_en),
        "languages": ["vi", "en"] if has_english else ["vi"],
        "is_provisional": True,
        "provisional_reason": text("Phiếu mới, chưa được duyệt.", "A new form, not yet approved."),
        "scales": [
            {
                "code": "SATISFACTION",
                "options": [
                    {"value": value, "label": text(*label)} for value, label in enumerate(labels, start=1)
                ],
            }
        ],
        "consent": _consent(text),
        "sections": [{"code": "A", "title": text("Đánh giá chung", "Overall"), "questions": [rating]}],
    }


def _consent(text: Any) -> dict[str, Any]:
    """Return a consent that says what it is: a text to be replaced."""
    return {
        "version": "0",
        "is_placeholder": True,
        "title": text("Trước khi trả lời", "Before you answer"),
        "points": [
            {
                "heading": text("Chúng tôi hỏi gì?", "What do we ask?"),
                "text": text(
                    "Ý kiến của Ông/Bà về việc phục vụ. "
                    "Văn bản này là bản tạm, cần thay trước khi dùng chính thức.",
                    "Your opinion of the service. This text is provisional; replace it before official use.",
                ),
            }
        ],
        "statements": [
            {
                "code": "TAKE-PART",
                "text": text("Tôi đồng ý tham gia khảo sát.", "I agree to take part in the survey."),
                "is_required": True,
            }
        ],
    }
