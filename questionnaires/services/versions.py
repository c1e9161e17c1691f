"""Publishing: a draft becomes an immutable version, and a round asks it."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from questionnaires.findings import listed
from questionnaires.models import Questionnaire, QuestionnaireVersion, Response, RoundQuestionnaire
from questionnaires.schema import Problem, Severity, digest, lint
from questionnaires.services.comparisons import comparison_with, is_rewording
from questionnaires.services.drafts import draft_to_document
from sampling.models import SurveyRound
from sampling.services.territories import require_territory


class UnpublishableError(ValueError):
    """Raised for a draft with errors; `problems` lists all of them."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(listed(problems))
        self.problems = tuple(problems)


class DraftChangedError(ValueError):
    """Raised when a draft is no longer the one that was looked at before publication."""


class QuestionnaireInUseError(ValueError):
    """Raised when the questionnaire of a round is changed although answers to it exist."""


def latest_draft(questionnaire: Questionnaire) -> Questionnaire:
    """Return the draft as it was last edited, whether or not it was approved."""
    draft: Questionnaire = questionnaire.get_latest_revision_as_object()
    return draft


def draft_digest(questionnaire: Questionnaire) -> str:
    """Return the hash that the latest draft would have as a version."""
    return digest(draft_to_document(latest_draft(questionnaire)))


def lint_draft(questionnaire: Questionnaire) -> list[Problem]:
    """Return what linting finds in the latest draft, errors first."""
    return sorted(lint(draft_to_document(latest_draft(questionnaire))), key=_is_warning)


def _is_warning(problem: Problem) -> bool:
    """Tell whether a problem lets publication pass."""
    return problem.severity is Severity.WARNING


@transaction.atomic
def freeze_version(
    *,
    questionnaire: Questionnaire,
    seen_digest: str | None = None,
    mapping: Mapping[str, Any] | None = None,
    user: AbstractBaseUser | None = None,
) -> QuestionnaireVersion:
    """Publish the latest draft as a new version; a draft without changes gives the version there is.

    With `seen_digest`, a draft that changed since somebody looked at it is refused. `mapping` says which
    questions were renamed and which options were given other values since the version before.
    """
    Questionnaire.objects.select_for_update().get(pk=questionnaire.pk)
    document = draft_to_document(latest_draft(questionnaire))
    refuse_errors(lint(document))
    last = questionnaire.versions.order_by("-number").first()
    fingerprint = digest(document)
    if seen_digest not in {None, fingerprint}:
        raise DraftChangedError(
            _("The draft was changed meanwhile, so nothing was published. Read what is found in it now.")
        )
    if last is not None and last.digest == fingerprint:
        return last
    version = QuestionnaireVersion(
        questionnaire=questionnaire,
        number=last.number + 1 if last else 1,
        document=document,
        digest=fingerprint,
        mapping=mapping or {},
        comparison=comparison_with(last, document, mapping),
    )
    version.full_clean()
    version.save(force_insert=True)
    log(
        instance=questionnaire,
        action="questionnaires.freeze",
        user=user,
        data={"number": version.number, "digest": fingerprint},
    )
    return version


def refuse_errors(problems: Sequence[Problem]) -> None:
    """Raise if linting found anything that forbids publication."""
    errors = [problem for problem in problems if not _is_warning(problem)]
    if errors:
        raise UnpublishableError(errors)


def check_assignment(*, round: SurveyRound, version: QuestionnaireVersion) -> None:
    """Raise where a round may not ask a version: it is wrong, or another one was answered already."""
    refuse_errors(lint(version.document))
    if digest(version.document) != version.digest:
        raise QuestionnaireInUseError(
            _("The stored document of %(version)s does not match its hash. Publish a new version.")
            % {"version": version}
        )
    if not all(is_rewording(other, version) for other in _answered_versions(round, version)):
        raise QuestionnaireInUseError(
            _(
                "Round %(round)s has answers to another version already; "
                "only the wording of its questionnaire may still change."
            )
            % {"round": round.code}
        )


def _answered_versions(round: SurveyRound, version: QuestionnaireVersion) -> QuerySet[QuestionnaireVersion]:
    """Return the other versions that responses of a round were given to."""
    asked = Response.objects.filter(case__sample__round=round).exclude(version=version).values("version")
    return QuestionnaireVersion.objects.filter(pk__in=asked).defer("document")


@transaction.atomic
def assign_version_to_round(
    *, round: SurveyRound, version: QuestionnaireVersion, user: AbstractBaseUser | None = None
) -> RoundQuestionnaire:
    """Let a round ask a version."""
    require_territory(user, round)
    check_assignment(round=round, version=version)
    link = RoundQuestionnaire.objects.filter(round=round).first() or RoundQuestionnaire(round=round)
    link.version = version
    link.full_clean()
    link.save()
    log(instance=link, action="questionnaires.assign_version", user=user, data={"round": round.code})
    return link
