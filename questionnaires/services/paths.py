"""Recorded test paths: answers that must lead through the same sections whenever a version is published."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from questionnaires.models import Questionnaire, RecordedPath
from questionnaires.schema import Questionnaire as Schema
from questionnaires.schema import compile_validator, parse, path
from questionnaires.services.drafts import draft_to_document

NAME_LENGTH = 120


class PathNameError(ValueError):
    """Raised for a test path without a name of its own."""


class FailingPathsError(ValueError):
    """Raised when test paths lead elsewhere than they did; `runs` are those that failed."""

    def __init__(self, runs: Sequence["PathRun"]) -> None:
        names = ", ".join(run.recorded.name for run in runs)
        super().__init__(
            _(
                "These test paths lead elsewhere than recorded: %(names)s. "
                "Repair the draft or record them again."
            )
            % {"names": names}
        )
        self.runs = tuple(runs)


@dataclass(frozen=True, slots=True)
class Walk:
    """Where answers lead: the sections that come, and the questions whose answers are refused."""

    sections: tuple[str, ...]
    errors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PathRun:
    """A recorded path walked again."""

    recorded: RecordedPath
    walk: Walk

    @property
    def is_passed(self) -> bool:
        """Whether everything came as recorded, in the same order."""
        recorded = (list(self.recorded.expected_sections), list(self.recorded.expected_errors))
        return recorded == (list(self.walk.sections), list(self.walk.errors))

    @property
    def missing_sections(self) -> list[str]:
        """Sections that came when the path was recorded and do not now."""
        return _without(self.recorded.expected_sections, self.walk.sections)

    @property
    def new_sections(self) -> list[str]:
        """Sections that come now and did not then."""
        return _without(self.walk.sections, self.recorded.expected_sections)

    @property
    def missing_errors(self) -> list[str]:
        """Questions whose answers were refused then and are taken now."""
        return _without(self.recorded.expected_errors, self.walk.errors)

    @property
    def new_errors(self) -> list[str]:
        """Questions whose answers are refused now, or that are no longer asked."""
        return _without(self.walk.errors, self.recorded.expected_errors)

    @property
    def is_reordered(self) -> bool:
        """Whether the same sections come in another order."""
        then, now = list(self.recorded.expected_sections), list(self.walk.sections)
        return then != now and sorted(then) == sorted(now)


def _without(codes: Iterable[str], others: Iterable[str]) -> list[str]:
    """Return the codes that are not among others, in their order."""
    known = set(others)
    return [code for code in codes if code not in known]


def walk(schema: Schema, answers: Mapping[str, Any], attributes: Mapping[str, Any]) -> Walk:
    """Return where the answers of one person lead, as if they were about to be sent."""
    result = compile_validator(schema).validate(answers, attributes, complete=True)
    errors = dict.fromkeys(error.question for error in result.errors)
    return Walk(path(schema, result.answers, attributes).sections, tuple(errors))


def run_paths(questionnaire: Questionnaire, document: Mapping[str, Any]) -> list[PathRun]:
    """Walk every recorded path of a draft through a readable document of it."""
    recorded = list(questionnaire.recorded_paths.order_by("name"))
    schema = parse(document) if recorded else None
    return [PathRun(each, walk(schema, each.answers, each.attributes)) for each in recorded if schema]


def refuse_failing(runs: Iterable[PathRun]) -> None:
    """Raise if a path leads elsewhere than it did."""
    failed = [run for run in runs if not run.is_passed]
    if failed:
        raise FailingPathsError(failed)


def unreached_sections(document: Mapping[str, Any], runs: Iterable[PathRun]) -> list[str]:
    """Return the sections of a readable document that no recorded path comes to."""
    reached = {code for run in runs for code in run.walk.sections}
    return [section["code"] for section in document["sections"] if section["code"] not in reached]


@transaction.atomic
def record_path(
    *,
    questionnaire: Questionnaire,
    name: str,
    answers: Mapping[str, Any],
    attributes: Mapping[str, Any] | None = None,
    user: AbstractBaseUser | None = None,
) -> RecordedPath:
    """Keep answers as a test path of the latest draft, with the sections and errors that come of them."""
    wanted = name.strip()
    if not wanted or len(wanted) > NAME_LENGTH:
        raise PathNameError(_("Give the test path a name of at most %(n)d characters.") % {"n": NAME_LENGTH})
    if questionnaire.recorded_paths.filter(name=wanted).exists():
        raise PathNameError(
            _("There is a test path “%(name)s” already. Choose another name.") % {"name": wanted}
        )
    recorded = RecordedPath(
        questionnaire=questionnaire, name=wanted, answers=dict(answers), attributes=dict(attributes or {})
    )
    _record(recorded, user)
    return recorded


@transaction.atomic
def record_again(*, recorded: RecordedPath, user: AbstractBaseUser | None = None) -> RecordedPath:
    """Take what comes of a path in the latest draft as what must come."""
    _record(recorded, user)
    return recorded


def _record(recorded: RecordedPath, user: AbstractBaseUser | None) -> None:
    """Walk the latest draft, keep what came, and log it."""
    draft = recorded.questionnaire.get_latest_revision_as_object()
    found = walk(parse(draft_to_document(draft)), recorded.answers, recorded.attributes)
    recorded.expected_sections, recorded.expected_errors = list(found.sections), list(found.errors)
    recorded.recorded_by = cast("Any", user)
    recorded.full_clean()
    recorded.save()
    said = {"path": recorded.name, "sections": recorded.expected_sections, "errors": recorded.expected_errors}
    log(instance=recorded.questionnaire, action="questionnaires.record_path", user=user, data=said)


@transaction.atomic
def remove_path(*, recorded: RecordedPath, user: AbstractBaseUser | None = None) -> None:
    """Take a test path away."""
    questionnaire, name = recorded.questionnaire, recorded.name
    recorded.delete()
    log(instance=questionnaire, action="questionnaires.remove_path", user=user, data={"path": name})
