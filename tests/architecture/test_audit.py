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
    settings.FRAME_ROOT = tmp_path / "frames"
    settings.RECORDING_ROOT = tmp_path / "recordings"
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
            "sampling.services.draws.checks.check_of",
            "sampling.services.draws.checks.about_nearness",
            "sampling.services.draws.checks.some",
            "sampling.services.bundles.is_public",
            "sampling.services.bundles.keeps_seals",
            "sampling.services.draws.computing.area_draw",
            "sampling.services.draws.dossiers.sizes_of_strata",
            "sampling.services.draws.computing.as_area_draw",
            "sampling.services.draws.computing.committed_areas",
            "sampling.services.draws.computing.drawn_stages",
            "sampling.services.draws.computing.first_units",
            "sampling.services.draws.computing.frame_digest",
            "sampling.services.draws.computing.person_draw",
            "sampling.services.draws.computing.plan_of",
            "sampling.services.draws.coordinated.plan_coordination",
            "sampling.services.draws.coordinated_areas.asked_coordination",
            "sampling.services.draws.coordinated_areas.plan_stage_coordination",
            "sampling.services.draws.coordinated_areas.stage_number_lines",
            "sampling.services.draws.dossiers.count_repeated_persons",
            "sampling.services.draws.dossiers.count_strata",
            "sampling.services.draws.dossiers.count_units",
            "sampling.services.draws.dossiers.has_sizes",
            "sampling.services.draws.dossiers.size_effects",
            "sampling.services.draws.dossiers.digest_of_list",
            "sampling.services.draws.dossiers.dossier_rows",
            "sampling.services.draws.dossiers.drawn_dossiers",
            "sampling.services.draws.proof_rows.area_list_rows",
            "sampling.services.draws.proof_rows.digest_of_draw_frame",
            "sampling.services.draws.proof_rows.list_rows",
            "sampling.services.draws.proof_rows.person_list_rows",
            "sampling.services.draws.proof_rows.rows_of_persons",
            "sampling.services.draws.proof_rows.registers_in_short",
            "sampling.services.draws.register_files.digest_of_register",
            "sampling.services.draws.rehearsals.communes_to_list",
            "sampling.services.draws.states.commitment_of",
            "sampling.services.draws.writing.proof_of",
            "sampling.services.frames.canonical_row",
            "sampling.services.inclusion.area_probability",
            "sampling.services.inclusion.population_of",
            "sampling.services.inclusion.unit_probability",
            "sampling.services.replacement.next_of_list",
            "sampling.services.replacement.on_record",
            "sampling.services.replacement_records.above_of",
            "sampling.services.replacement_records.chosen_adults",
            "sampling.services.replacement_records.digest_of_numbers",
            "sampling.services.replacement_records.eligible_sizes",
            "sampling.services.replacement_records.eligible_units",
            "sampling.services.replacement_records.person_seed",
            "sampling.services.replacement_records.record_of",
            "sampling.services.replacement_records.replacement_documents",
            "sampling.services.replacement_records.seed_of_order",
            "sampling.services.replacement_records.village_numbers",
            "sampling.services.replacement_records.village_rows",
            "sampling.services.replacement_records.village_seed",
            "analysis.services.replaced_units.compare_without_replacements",
            "analysis.services.replaced_units.within_published",
            "analysis.services.weighted_samples.count_replacements_out",
            "analysis.services.weighted_samples.is_in_replacement",
            "sampling.services.issuing.lists.header",
            "sampling.services.issuing.lists.list_page",
            "sampling.services.issuing.lists.rows",
            "sampling.services.issuing.objections.objection_key",
            "sampling.services.issuing.scopes.safe_name",
            "sampling.services.orders.area_proofs",
            "sampling.services.orders.digest_of_proofs",
            "sampling.services.orders.register_proofs",
            "sampling.services.methods.stored_values",
            "sampling.services.refusals.told",
            "sampling.services.template_words.described",
            "sampling.services.verification.verify_sample",
            "analysis.services.bridges.build_bridge",
            "analysis.services.figures.build_figures",
            "analysis.services.figures.comparisons_document",
            "analysis.services.figures.standings",
            "analysis.services.index_queries.estimate_release",
            "analysis.services.microdata.margin_columns",
            "analysis.services.recipes.export_recipe",
            "analysis.services.scorecards.build_scorecards",
            "analysis.services.weighted_samples.margin_names",
            "analysis.services.list_variances.is_list",
            "analysis.services.list_variances.is_without_replacement",
            "analysis.services.list_variances.variance_columns",
            "analysis.services.weighting.areas_of",
            "analysis.services.weighting.degrees_of",
            "analysis.services.weighting.margin_labels",
            "analysis.services.weighting.rests_on_approximation",
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
            "sampling.services.frame_files.read_frame_files",
            "sampling.services.frame_files.read_frame_table",
            "sampling.services.bundles.bundle_path",
            "sampling.services.bundles.frame_lines",
            "sampling.services.bundles.has_bundle",
            "sampling.services.bundles.number_lines",
            "sampling.services.bundles.stored_rows",
            "sampling.services.draws.computing.seeds_of",
            "analysis.services.frame_totals.frame_totals",
            "sampling.services.draws.dossiers.frame_of_list",
            "sampling.services.draws.dossiers.frame_path",
            "sampling.services.draws.dossiers.list_design",
            "sampling.services.draws.proof_rows.drawn_codes",
            "sampling.services.draws.proof_rows.frame_rows",
            "sampling.services.draws.receiving.preview_lists",
            "sampling.services.draws.receiving.preview_units",
            "sampling.services.draws.register_files.kept_registers",
            "sampling.services.draws.states.living_draws",
            "sampling.services.frames.codes_in_territory",
            "sampling.services.contacts.contacts_of",
            "sampling.services.frames.known_units",
            "sampling.services.import_folders.frame_root",
            "sampling.services.import_folders.is_interrupted",
            "sampling.services.import_folders.is_locked",
            "sampling.services.contacts.adults_of",
            "sampling.services.issuing.slips.has_slips",
            "sampling.services.household_lists.draw_list",
            "sampling.services.household_lists.read_households",
            "sampling.services.household_lists.read_list",
            "sampling.services.household_lists.rows_of_list",
            "sampling.services.households.age_group_of",
            "sampling.services.registers.find_list",
            "sampling.services.registers.problem_of_numbers",
            "sampling.services.registers.read_register",
            "sampling.services.issuing.access.is_issued",
            "sampling.services.issuing.kept.is_kept",
            "sampling.services.issuing.kept.progress_of",
            "sampling.services.issuing.respondents.contacts_by_case",
            "sampling.services.issuing.respondents.village_lists",
            "sampling.services.issuing.scopes.scope_of",
            "sampling.services.replacement.next_of_list",
            "questionnaires.services.letters.letters_page",
            "questionnaires.services.open_papers.chat_text",
            "questionnaires.services.open_papers.open_address",
            "questionnaires.services.open_papers.poster_page",
            "questionnaires.services.open_papers.qr_picture",
            "questionnaires.services.open_papers.qr_svg",
            "questionnaires.services.open_rounds.new_code",
            "questionnaires.services.open_tokens.dossiers_in",
            "questionnaires.services.open_tokens.tokens_file",
            "questionnaires.services.open_tokens.tokens_page",
            "questionnaires.services.messages.audience.address_of",
            "questionnaires.services.messages.audience.barred_keys",
            "questionnaires.services.messages.audience.candidates",
            "questionnaires.services.messages.audience.find_audience",
            "questionnaires.services.messages.audience.is_barred",
            "questionnaires.services.messages.audience.why_not",
            "questionnaires.services.messages.audience.why_not_now",
            "questionnaires.services.messages.channels.adapter_for",
            "questionnaires.services.messages.channels.channel_states",
            "questionnaires.services.messages.channels.outbox_path",
            "questionnaires.services.messages.sending.is_quiet",
            "questionnaires.services.messages.sending.morning_after",
            "questionnaires.services.messages.texts.draft_of",
            "questionnaires.services.messages.texts.fill_in",
            "questionnaires.services.messages.texts.needs_code",
            "questionnaires.services.messages.texts.page_language",
            "questionnaires.services.messages.texts.problems_of",
            "questionnaires.services.messages.texts.values_of",
            "questionnaires.services.messages.waves.preview_wave",
            "questionnaires.services.messages.waves.takes_messages",
            "sampling.services.contacts.readable_email",
            "questionnaires.services.letters.link_of",
            "questionnaires.services.workloads.propose_workloads",
            "questionnaires.services.access_codes.digest_of_code",
            "questionnaires.services.access_codes.find_case",
            "questionnaires.services.comparisons.answers_as_of",
            "questionnaires.services.comparisons.comparison_with",
            "questionnaires.services.comparisons.is_rewording",
            "questionnaires.services.comparisons.preview_comparison",
            "questionnaires.services.copies.skeleton",
            "questionnaires.services.draft_approvals.draft_to_publish",
            "questionnaires.services.draft_approvals.needs_approval",
            "questionnaires.services.drafts.draft_to_document",
            "questionnaires.services.exchange.json_form_of",
            "questionnaires.services.exchange.read_form_file",
            "questionnaires.services.exchange.xlsform_of",
            "questionnaires.services.translations.compare_workbook",
            "questionnaires.services.translations.stored_translations",
            "questionnaires.services.translations.translation_entries",
            "questionnaires.services.translations.translation_workbook",
            "questionnaires.services.responses.not_open",
            "questionnaires.services.receipts.find_counted",
            "questionnaires.services.receipts.find_sent",
            "questionnaires.services.receipts.new_receipts",
            "questionnaires.services.separation.linked_forms",
            "questionnaires.services.separation.lost_links",
            "questionnaires.services.rights.due_moment",
            "questionnaires.services.workbooks.read_workbook",
            "questionnaires.services.workbooks.write_workbook",
            "questionnaires.services.paths.run_paths",
            "questionnaires.services.paths.unreached_sections",
            "questionnaires.services.paths.walk",
            "questionnaires.services.versions.draft_digest",
            "questionnaires.services.versions.lint_of",
            "questionnaires.services.versions.latest_draft",
            "questionnaires.services.versions.lint_draft",
            "analysis.services.releases.covered_by",
            "analysis.services.snapshots.open_cases",
            "analysis.services.snapshots.open_snapshot",
            "analysis.services.snapshots.require_frozen",
            "analysis.services.snapshots.snapshot_path",
            "analysis.services.uniqueness.public_table",
            "analysis.services.uniqueness.uniqueness_of",
            "analysis.services.uniqueness.uniqueness_of_snapshot",
            "analysis.services.uniqueness.uniqueness_sentence",
            "analysis.services.uniqueness.with_uniqueness",
            "analysis.services.weighted_samples.open_release",
            "analysis.services.weighted_samples.open_sample",
            "survey_site.core.accounts.home_of",
        ),
        "reads",
    ),
    **dict.fromkeys(
        (
            "sampling.services.frame_files.refuse_large_file",
            "sampling.services.draws.carrying_out.checked_public_value",
            "sampling.services.abandoning.refuse_alone",
            "sampling.services.draws.illustrations.circumstances",
            "sampling.services.draws.rehearsals.refuse_rehearsal",
            "sampling.services.draws.rehearsals.refuse_second_sample",
            "sampling.services.frames.checked_rows",
            "sampling.services.imports.refuse_used_frame",
            "sampling.services.rounds.require_status",
            "sampling.services.territories.require_place",
            "sampling.services.territories.require_territory",
            "sampling.services.replacement.refuse_replaced",
            "sampling.services.replacement.require_replacer",
            "sampling.services.territories.territory_for",
            "sampling.services.issuing.access.checked_scope",
            "sampling.services.issuing.access.may_see_names",
            "sampling.services.issuing.access.within_territory",
            "sampling.services.issuing.objections.email_text",
            "sampling.services.issuing.objections.person_text",
            "sampling.services.issuing.objections.phone_text",
            "questionnaires.services.messages.texts.refuse_unnamed",
            "questionnaires.services.messages.waves.require_sender",
            "questionnaires.services.open_responses.check_open_round",
            "questionnaires.services.open_responses.check_token",
            "questionnaires.services.open_rounds.require_own_open_round",
            "questionnaires.services.paths.refuse_failing",
            "questionnaires.services.responses.check_can_answer",
            "questionnaires.services.responses.check_round_open",
            "questionnaires.services.responses.refuse_answered",
            "questionnaires.services.versions.check_assignment",
            "questionnaires.services.versions.refuse_errors",
        ),
        "checks, and raises",
    ),
    **dict.fromkeys(
        (
            "sampling.services.import_folders.keep_uploads",
            "sampling.services.kept_uploads.forget_uploads",
            "sampling.services.kept_uploads.keep_uploads",
            "sampling.services.kept_uploads.note_values",
            "sampling.services.kept_uploads.taken_uploads",
            "sampling.services.import_folders.locked",
            "sampling.services.import_folders.move_into_place",
            "sampling.services.import_folders.new_folder",
            "sampling.services.import_folders.remove_folder",
            "sampling.services.import_folders.remove_incoming",
            "sampling.services.import_folders.sweep",
        ),
        "handles files for the services of imports, which record what they do",
    ),
    **dict.fromkeys(
        (
            "sampling.services.frames.describe_problem",
            "sampling.services.import_words.describe_findings",
            "sampling.services.import_words.describe_unreadable",
            "sampling.services.import_words.report_csv",
            "sampling.services.import_words.report_titles",
            "sampling.services.import_words.severity_word",
            "analysis.services.microdata.mark_columns",
            "analysis.services.microdata.marks_of",
            "analysis.services.microdata.yes_no",
            "analysis.services.working_estimates.marks_of",
            "survey_site.demo.people.person_name",
        ),
        "finds words",
    ),
    **dict.fromkeys(
        (
            "sampling.services.bundles.keep_bundle",
            "sampling.services.draws.dossiers.write_dossiers",
            "sampling.services.draws.register_files.forget_registers",
            "sampling.services.contacts.keep_adults",
            "sampling.services.draws.household_seals.seal_households",
            "sampling.services.draws.writing.source_of_lists",
            "sampling.services.household_contacts.copy_heads",
            "sampling.services.household_contacts.forget_heads",
            "sampling.services.household_contacts.keep_heads",
            "sampling.services.household_contacts.keep_heads_of_drawn",
            "sampling.services.draws.register_files.drop_register",
            "sampling.services.draws.register_files.keep_register",
            "sampling.services.draws.states.move",
            "sampling.services.draws.undoing.undo_stage",
            "sampling.services.draws.writing.new_sample",
            "sampling.services.draws.writing.write_persons",
            "sampling.services.draws.writing.write_stage",
            "sampling.services.frames.release_frame",
            "sampling.services.frames.write_units",
            "sampling.services.orders.write_area_lists",
            "sampling.services.orders.write_register_lists",
        ),
        "writes a part of a draw, whose services leave the entry",
    ),
    "sampling.services.draws.progress.report": "tells whoever watches",
    **dict.fromkeys(
        (
            "sampling.services.inclusion.recount",
            "sampling.services.inclusion.recount_list",
            "sampling.services.replacement.draw_cases",
            "sampling.services.replacement.give_up",
            "sampling.services.replacement.take_place",
            "sampling.services.issuing.objections.withhold_objectors",
        ),
        "a part of releasing, replacing or handing out, whose services leave the entry",
    ),
    **dict.fromkeys(
        (
            "sampling.services.issuing.kept.keep_file",
            "sampling.services.issuing.kept.new_token",
            "sampling.services.issuing.kept.remove_expired",
            "sampling.services.issuing.kept.take_file",
            "sampling.services.issuing.kept.tell_progress",
        ),
        "keeps a file that a service has put on record; the page that hands it over notes who fetched it",
    ),
    **dict.fromkeys(
        (
            "questionnaires.services.separation.approve_waiting",
            "questionnaires.services.separation.follow_recount",
            "questionnaires.services.separation.write_separated",
        ),
        "a part of sending, approving, freezing or releasing, whose services leave the entry",
    ),
    **dict.fromkeys(
        (
            "questionnaires.services.separation.rewrite_all",
            "questionnaires.services.separation.rewrite_answers",
            "questionnaires.services.separation.rewrite_open_answers",
        ),
        "writes the same rows again, in another order; no content changes",
    ),
    "questionnaires.services.responses.note_assistance": "writes a part of sending, which leaves the entry",
    "questionnaires.services.traces.leave_trace": "writes the entry itself",
    "questionnaires.services.traces.start_of_day": "reads the clock",
    "analysis.services.working_estimates.remembered": "keeps in the cache what another function computed",
    "questionnaires.services.adopted_recordings.adopt_recordings": "part of an import, which records it",
    **dict.fromkeys(
        (
            "questionnaires.services.open_responses.start_open_response",
            "questionnaires.services.open_responses.discard_open_response",
        ),
        "a form that nobody has sent: an entry would tell that somebody began and thought better of it",
    ),
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
        modules += [import_module(entry.name) for entry in pkgutil.walk_packages(path, f"{package}.")]
    return {name for module in modules for name in public_names(module)}


def unlisted(names: set[str]) -> list[str]:
    """Names that no table knows, and names in a table that are no more."""
    return sorted(names ^ {*CHANGES, *CHANGE_NOTHING})


def faults(change: Change, actor: Any) -> list[str]:
    """Call a service and say what is missing in the audit log."""
    change.call(actor)
    user = None if change.is_unnamed else actor
    entries = [
        *ModelLogEntry.objects.filter(action=change.action, user=user),
        *PageLogEntry.objects.filter(action=change.action, user=user),
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
