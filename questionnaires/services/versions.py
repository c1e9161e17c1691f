"""Publishing: a draft becomes an immutable version, and a round asks it."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from questionnaires.findings import listed
from questionnaires.models import (
    Questionnaire,
    QuestionnaireVersion,
    Response,
    RoundQuestionnaire,
    SeparatedResponse,
)
from questionnaires.schema import Problem, Severity, digest, lint, parse
from questionnaires.selectors.pictures import picture_problems
from questionnaires.selectors.recordings import recording_problems
from questionnaires.services.comparisons import comparison_with, is_rewording
from questionnaires.services.draft_approvals import approve_draft, draft_to_publish
from questionnaires.services.drafts import draft_to_document
from questionnaires.services.paths import refuse_failing, run_paths
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
    """Return what linting finds in the latest draft, its pictures and its recordings, errors first."""
    return lint_of(questionnaire, draft_to_document(latest_draft(questionnaire)))


def lint_of(questionnaire: Questionnaire, document: Mapping[str, Any]) -> list[Problem]:
    """Return what linting finds in a document of a draft, its pictures and its recordings, errors first."""
    found = lint(document)
    if found and found[0].unread:
        return found
    media = (*picture_problems(parse(document)), *recording_problems(questionnaire, document))
    return sorted([*found, *media], key=_is_warning)


def _is_warning(problem: Problem) -> bool:
    """Tell whether a problem lets publication pass."""
    return problem.severity is Severity.WARNING


@transaction.atomic
def freeze_version(
    *,
    questionnaire: Questionnaire,
    seen_digest: str | None = None,
    mapping: Mapping[str, Any] | None = None,
    only_approved: bool = False,
    reason: str = "",
    user: AbstractBaseUser | None = None,
) -> QuestionnaireVersion:
    """Publish a draft as a new version; one without changes gives the version there is.

    With `seen_digest`, a draft that changed since somebody looked at it is refused. `mapping` says which
    questions were renamed and which options were given other values since the version before. With
    `only_approved`, the draft approved last is published where drafts need approval, else the latest. Test
    paths that lead elsewhere than recorded are refused, unless somebody gives a `reason`, which is logged.
    """
    questionnaire = Questionnaire.objects.select_for_update().get(pk=questionnaire.pk)
    draft = draft_to_publish(questionnaire) if only_approved else latest_draft(questionnaire)
    document = draft_to_document(draft)
    refuse_errors(lint_of(questionnaire, document))
    fingerprint = digest(document)
    if seen_digest not in {None, fingerprint}:
        raise DraftChangedError(
            _("The draft was changed meanwhile, so nothing was published. Read what is found in it now.")
        )
    own = questionnaire.versions.order_by("-number").first()
    if own is not None and own.digest == fingerprint:
        return own
    excused = _check_paths(questionnaire, document, reason)
    version = _new_version(questionnaire, own, document, mapping)
    said = {"number": version.number, "digest": fingerprint} | excused
    log(instance=questionnaire, action="questionnaires.freeze", user=user, data=said)
    return version


@transaction.atomic
def approve_and_freeze(
    *,
    questionnaire: Questionnaire,
    seen: int,
    seen_digest: str | None = None,
    mapping: Mapping[str, Any] | None = None,
    reason: str = "",
    user: AbstractBaseUser | None = None,
) -> QuestionnaireVersion:
    """Approve the latest draft and publish it: both or, where something stands in the way, neither."""
    approve_draft(questionnaire=questionnaire, seen=seen, user=user)
    return freeze_version(
        questionnaire=questionnaire,
        seen_digest=seen_digest,
        mapping=mapping,
        only_approved=True,
        reason=reason,
        user=user,
    )


def _check_paths(questionnaire: Questionnaire, document: Mapping[str, Any], reason: str) -> dict[str, Any]:
    """Walk the test paths; return what is logged where some fail and somebody says why that is right."""
    runs = run_paths(questionnaire, document)
    if not reason.strip():
        refuse_failing(runs)
    failed = [run.recorded.name for run in runs if not run.is_passed]
    return {"failed_paths": failed, "reason": reason.strip()} if failed else {}


def _new_version(
    questionnaire: Questionnaire,
    own: QuestionnaireVersion | None,
    document: dict[str, Any],
    mapping: Mapping[str, Any] | None,
) -> QuestionnaireVersion:
    """Save the next version, compared with the one that it follows."""
    version = QuestionnaireVersion(
        questionnaire=questionnaire,
        number=own.number + 1 if own else 1,
        document=document,
        digest=digest(document),
        mapping=mapping or {},
        comparison=comparison_with(own or questionnaire.follows, document, mapping),
    )
    version.full_clean()
    version.save(force_insert=True)
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
    under_way = Response.objects.filter(case__sample__round=round).values("version")
    separated = SeparatedResponse.objects.filter(sample__round=round).values("version")
    asked = QuestionnaireVersion.objects.filter(Q(pk__in=under_way) | Q(pk__in=separated))
    return asked.exclude(pk=version.pk).defer("document")


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
