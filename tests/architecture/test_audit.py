"""Every service that changes the state leaves an entry in the audit log: who, what, to which object."""

import datetime
import inspect
import pkgutil
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.views import View
from wagtail.log_actions import registry
from wagtail.models import ModelLogEntry, PageLogEntry

from questionnaires.services import (
    record_village_look,
)
from sampling.models import Case, Disposition, SampledUnit
from sampling.services import (
    record_disposition,
    release_reserve,
)
from tests.architecture.changes import CHANGES, PASSWORD, Change, field_case, field_village
from tests.questionnaires import rounds as asked

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_snapshots")]

SERVICES = ("sampling.services", "questionnaires.services", "analysis.services")
MODULES = (
    "survey_site.core.accounts",
    "survey_site.core.roles",
    "survey_site.demo.reset",
    "survey_site.demo.people",
)
"""Where the state changes: the packages of services, and the modules of the site that write."""


@pytest.fixture
def own_snapshots(settings: Any, tmp_path: Path) -> Path:
    settings.SNAPSHOT_ROOT = tmp_path / "snapshots"
    return settings.SNAPSHOT_ROOT


@pytest.fixture
def actor() -> Any:
    """Whoever acts; what a test prepares is done by nobody, so the entries of the call stand out."""
    return asked.make_user("actor")


CHANGE_NOTHING: Mapping[str, str] = {
    **dict.fromkeys(
        ("sampling.services.audit.record", "sampling.services.audit.record_table"),
        "writes the entries itself",
    ),
    **dict.fromkeys(
        (
            "sampling.services.draws.area_draw",
            "sampling.services.draws.communes_to_list",
            "sampling.services.draws.frame_digest",
            "sampling.services.draws.person_draw",
            "sampling.services.frames.canonical_row",
            "sampling.services.orders.area_proofs",
            "sampling.services.orders.digest_of_proofs",
            "sampling.services.orders.register_proofs",
            "sampling.services.verification.verify_sample",
            "analysis.services.bridges.build_bridge",
            "analysis.services.figures.build_figures",
            "analysis.services.figures.comparisons_document",
            "analysis.services.figures.standings",
            "analysis.services.microdata.margin_columns",
            "analysis.services.recipes.export_recipe",
            "analysis.services.scorecards.build_scorecards",
            "analysis.services.weighted_samples.margin_names",
            "analysis.services.weighting.margin_labels",
            "analysis.services.weighting.weight_snapshot",
            "analysis.services.withholding.families_of",
            "analysis.services.withholding.reasons_to_withhold",
            "analysis.services.working_estimates.compute_figures",
            "analysis.services.working_estimates.domain_labels",
            "analysis.services.working_estimates.estimate",
            "analysis.services.working_estimates.estimate_working_figures",
            "analysis.services.working_estimates.interval_method",
            "analysis.services.working_estimates.is_bounded",
        ),
        "computes; nothing is written",
    ),
    **dict.fromkeys(
        (
            "sampling.services.frame_files.read_frame_file",
            "sampling.services.frames.known_communes",
            "sampling.services.registers.read_register",
            "questionnaires.services.access_codes.find_case",
            "questionnaires.services.drafts.draft_to_document",
            "questionnaires.services.versions.draft_digest",
            "questionnaires.services.versions.latest_draft",
            "questionnaires.services.versions.lint_draft",
            "analysis.services.releases.covered_by",
            "analysis.services.snapshots.open_snapshot",
            "analysis.services.weighted_samples.open_release",
            "analysis.services.weighted_samples.open_sample",
            "survey_site.core.accounts.home_of",
        ),
        "reads",
    ),
    **dict.fromkeys(
        (
            "sampling.services.frame_files.refuse_large_file",
            "sampling.services.rounds.require_status",
            "questionnaires.services.responses.check_can_answer",
            "questionnaires.services.responses.check_round_open",
            "questionnaires.services.versions.check_assignment",
            "questionnaires.services.versions.refuse_errors",
        ),
        "checks, and raises",
    ),
    **dict.fromkeys(
        (
            "sampling.services.frames.describe_problem",
            "analysis.services.microdata.mark_columns",
            "analysis.services.microdata.marks_of",
            "analysis.services.microdata.yes_no",
            "analysis.services.working_estimates.marks_of",
            "survey_site.demo.people.person_name",
        ),
        "finds words",
    ),
    **dict.fromkeys(
        ("sampling.services.orders.write_area_lists", "sampling.services.orders.write_register_lists"),
        "writes a part of a draw, whose services leave the entry",
    ),
    "analysis.services.working_estimates.remembered": "keeps in the cache what another function computed",
    "questionnaires.services.drafts.fill_draft_from_document": "fills an object that the caller saves",
    "questionnaires.services.responses.save_draft": (
        "keeps a page of a form under way: beginning and sending are on record, but an entry for every page "
        "would tell how long somebody thought about a question"
    ),
}
"""Public functions beside the services that change nothing, each with its reason."""


def public_names(module: ModuleType) -> Iterator[str]:
    """Public functions and views that a module defines itself."""
    for name, member in vars(module).items():
        is_view = inspect.isclass(member) and issubclass(member, View)
        is_own = getattr(member, "__module__", "") == module.__name__
        if is_own and not name.startswith("_") and (inspect.isfunction(member) or is_view):
            yield f"{module.__name__}.{name}"


def all_names() -> set[str]:
    modules = [import_module(name) for name in MODULES]
    for package in SERVICES:
        path = import_module(package).__path__
        modules += [import_module(f"{package}.{entry.name}") for entry in pkgutil.iter_modules(path)]
    return {name for module in modules for name in public_names(module)}


def unlisted(names: set[str]) -> list[str]:
    """Names that no table knows, and names in a table that are no more."""
    return sorted(names ^ {*CHANGES, *CHANGE_NOTHING})


def faults(change: Change, actor: Any) -> list[str]:
    """Call a service and say what is missing in the audit log."""
    change.call(actor)
    entries = [
        *ModelLogEntry.objects.filter(action=change.action, user=actor),
        *PageLogEntry.objects.filter(action=change.action, user=actor),
    ]
    if not entries:
        return [f"{change.action}: no entry by the actor"]
    found = [f"{change.action}: no object" for entry in entries if not (entry.object_id and entry.label)]
    if change.counts:
        data = entries[0].data
        found += [
            f"{change.action}: no {name}" for name in change.counts if not isinstance(data.get(name), int)
        ]
        is_single = len({(entry.content_type_id, entry.object_id) for entry in entries}) == len(entries)
        found += [] if is_single else [f"{change.action}: more than one entry for one object"]
    return found


def test_every_service_is_listed() -> None:
    names = all_names()
    assert set(CHANGES) & set(CHANGE_NOTHING) == set()
    assert unlisted(names) == []
    assert unlisted(names | {"sampling.services.cases.forget_case"}) == [
        "sampling.services.cases.forget_case"
    ]


@pytest.mark.parametrize("name", CHANGES)
def test_service_leaves_an_entry(name: str, actor: Any) -> None:
    cache.clear()
    assert faults(CHANGES[name], actor) == []


def test_rule_fails_on_a_planted_violation(actor: Any) -> None:
    """Services that write in silence, without the actor, or without the counts of a batch."""

    def silent(_user: Any) -> None:
        Case.objects.filter(pk=field_case().pk).update(disposition=Disposition.REFUSAL)

    def nobody(_user: Any) -> None:
        record_disposition(case=field_case(code="other"), disposition=Disposition.REFUSAL)

    def uncounted(user: Any) -> None:
        release_reserve(village=with_reserve_of("third"), reason="moved away", user=user)

    action = "sampling.record_disposition"
    assert faults(Change(action, silent), actor) == [f"{action}: no entry by the actor"]
    assert faults(Change(action, nobody), actor) == [f"{action}: no entry by the actor"]
    planted = Change("sampling.release_reserve", uncounted, ("reserves",))
    assert faults(planted, actor) == ["sampling.release_reserve: no reserves"]


def with_reserve_of(code: str) -> SampledUnit:
    case = field_case(code=code)
    asked.make_cases(case.village, is_reserve=True)
    return case.village


def test_names_of_a_village_are_logged_once_a_day(actor: Any) -> None:
    village = field_village()
    record_village_look(village=village, user=actor)
    record_village_look(village=village, user=actor)
    entries = ModelLogEntry.objects.filter(action="questionnaires.open_village")
    assert entries.count() == 1
    entries.update(timestamp=entries.get().timestamp - datetime.timedelta(days=1))
    record_village_look(village=village, user=actor)
    assert entries.count() == 2
    record_village_look(village=village, user=asked.make_user("another"))
    assert entries.count() == 3


def test_failed_log_in_is_on_record() -> None:
    user = get_user_model().objects.create_user(username="clerk", password=PASSWORD)
    Client().post(reverse("wagtailadmin_login"), {"username": "clerk", "password": "wrong"})
    entry = ModelLogEntry.objects.get(action="accounts.fail_log_in")
    assert (entry.object_id, entry.user_id) == (str(user.pk), None)


def test_actions_of_the_log_have_words() -> None:
    assert [change.action for change in CHANGES.values() if not registry.action_exists(change.action)] == []
