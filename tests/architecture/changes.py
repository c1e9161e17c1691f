"""Calls of every service that changes the state, each on a small database."""

import csv
import datetime
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from analysis.services import (
    discard_working_snapshots,
    export_microdata,
    load_margins,
    load_methods,
    take_snapshot,
)
from analysis.services.working_estimates import record_download
from questionnaires import media
from questionnaires.models import (
    Channel,
    Message,
    MessageStatus,
    MessageTemplate,
    Mode,
    OpenRoundStatus,
    Response,
    Right,
    RightsRequest,
)
from questionnaires.services import (
    Submission,
    answer_rights_request,
    apply_workloads,
    approve_and_freeze,
    approve_responses,
    assign_version_to_round,
    assign_village,
    decline_case,
    freeze_version,
    import_form,
    issue_codes,
    issue_letters,
    propose_workloads,
    receive_rights_request,
    record_case_look,
    record_village_look,
    save_translations,
    separate_round,
    start_response,
    submit_response,
    submit_responses,
    submit_single,
    take_over_form,
    withdraw_by_receipt,
    withdraw_response,
)
from questionnaires.services.copies import copy_draft, start_draft
from questionnaires.services.draft_approvals import (
    approve_draft,
    approve_submission,
    ensure_draft_workflow,
    submit_draft,
)
from questionnaires.services.messages import (
    note_deliveries,
    queue_wave,
    retry_failed,
    save_template,
    send_queued,
    settle_unclear,
    stop_messages,
)
from questionnaires.services.open_exports import export_open_answers
from questionnaires.services.open_responses import key_open_response, withdraw_open_response
from questionnaires.services.open_rounds import (
    change_open_round,
    close_open_round,
    create_open_round,
    start_open_round,
)
from questionnaires.services.open_tokens import make_tokens
from questionnaires.services.paths import record_again, record_path, remove_path
from questionnaires.services.pictures import save_picture
from questionnaires.services.recording_archives import take_archive
from questionnaires.services.recordings import (
    confirm_recording,
    remove_recording,
    save_recordings,
    sweep_recordings,
)
from sampling.methods import sampling_template
from sampling.models import (
    Case,
    Disposition,
    FrameImport,
    ImportStatus,
    Objection,
    SampledUnit,
    SamplingTemplate,
    SurveyRound,
)
from sampling.models.rounds import RoundStatus
from sampling.services import (
    abandon_draw,
    cancel_import,
    carry_out_draw,
    check_draw,
    check_import,
    clear_interrupted,
    close_draw,
    close_round,
    commit_draw,
    confirm_import,
    create_round,
    draft_draw,
    draw_area_stages,
    draw_person_stage,
    draw_sample,
    expire_imports,
    freeze_round,
    import_sampling_template,
    issue_draw,
    load_administrative_units,
    load_frame,
    load_sampling_templates,
    open_round,
    receive_replacement_registers,
    receive_replacement_villages,
    record_disposition,
    record_dispositions,
    release_list_reserve,
    release_reserve,
    replace_commune,
    replace_unit,
    start_import,
    sweep_files,
)
from sampling.services.bundles import write_bundle
from sampling.services.contacts import NewContact, add_contacts, erase_contacts
from sampling.services.issuing import (
    ListFormat,
    Request,
    honour_objections,
    make_respondent_lists,
    record_objection,
    scope_of,
    withdraw_objection,
)
from sampling.services.issuing.slips import make_selection_slips
from survey_site.core.roles import ensure_roles
from survey_site.demo.people import ensure_users
from survey_site.demo.reset import reset
from tests.analysis.rounds import Shape, make_closed_round, make_release, margin_rows
from tests.questionnaires import pictures, sounds
from tests.questionnaires import rounds as asked
from tests.questionnaires.messaging import make_people, make_template
from tests.questionnaires.open_rounds import ANSWERS as OPEN_ANSWERS
from tests.questionnaires.open_rounds import make_open_round, make_sent, make_version
from tests.sampling import draws as committing
from tests.sampling import households, lists
from tests.sampling import makers as drawn

PASSWORD = "a long password"
DAY = datetime.date(2019, 4, 1)


@dataclass(frozen=True)
class Change:
    """One call of a service on a small database, the action it records, and the counts of a batch."""

    action: str
    call: Callable[[Any], Any]
    counts: tuple[str, ...] = ()
    is_unnamed: bool = False
    """Whether a citizen acts, of whom the entry says nothing."""


TABLES: Mapping[str, tuple[dict[str, str], ...]] = {
    "administrative_units.csv": (
        {"level": "province", "code": "10", "valid_from": "", "valid_to": "2025-06-30", "name": "Cũ"},
        {
            "level": "commune",
            "code": "10001",
            "valid_from": "",
            "valid_to": "2025-06-30",
            "parent_code": "10",
        },
        {"level": "province", "code": "11", "valid_from": "2025-07-01", "valid_to": "", "name": "Mới"},
        {
            "level": "commune",
            "code": "11001",
            "valid_from": "2025-07-01",
            "valid_to": "",
            "parent_code": "11",
        },
    ),
    "unit_successions.csv": (
        {"level": "commune", "old_code": "10001", "new_code": "11001", "kind": "whole", "is_default": "1"},
    ),
    "predecessor_placements.csv": ({"code": "11001", "predecessor_province_code": "10"},),
}
UNIT_COLUMNS = ("name", "type", "parent_code", "region", "latitude", "longitude", "area_km2")


def write_tables(folder: Path) -> Path:
    folder.mkdir(parents=True)
    for name, rows in TABLES.items():
        blank = dict.fromkeys(UNIT_COLUMNS, "") if name.startswith("administrative") else {}
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(blank | rows[0]))
            writer.writeheader()
            writer.writerows(blank | row for row in rows)
    return folder


def framed_round() -> SurveyRound:
    drawn.make_units()
    survey_round = drawn.make_round()
    drawn.load_frames(survey_round)
    return survey_round


def in_state(status: RoundStatus) -> SurveyRound:
    survey_round = drawn.make_sample().round
    survey_round.status = status
    survey_round.save()
    return survey_round


def draw_committed(user: Any) -> None:
    draw = committing.checked(committing.framed_round())
    commit_draw(draw=draw, public_source=committing.SOURCE, public_value_due=committing.tomorrow(), user=user)


def draw_carried_out(user: Any) -> None:
    draw = committing.committed(committing.framed_round())
    with committing.later():
        carry_out_draw(draw=draw, public_value="45021", user=user)


def draw_closed(user: Any) -> None:
    draw = committing.issued(committing.framed_round())
    draw.round.status = RoundStatus.CLOSED
    draw.round.save()
    close_draw(draw=draw, user=user)


def villages_received(user: Any) -> None:
    survey_round = committing.framed_round()
    committing.issued(survey_round)
    committing.send_villages(survey_round, user=user)


def households_received(user: Any) -> None:
    survey_round = households.listed_round()
    households.send_households(survey_round, user=user)


def registers_received(user: Any) -> None:
    survey_round = committing.framed_round()
    committing.issued(survey_round)
    committing.send_villages(survey_round)
    committing.issued(survey_round, "village")
    committing.send_registers(survey_round, user=user)


def field_case(**changes: Any) -> Case:
    """A case of an open round that asks a small questionnaire."""
    survey_round = asked.make_round(**changes)
    asked.publish(survey_round)
    return asked.make_cases(asked.make_village(survey_round))[0]


def field_village() -> SampledUnit:
    return field_case().village


def with_reserve() -> SampledUnit:
    village = field_village()
    asked.make_cases(village, is_reserve=True)
    return village


def with_contact() -> Case:
    case = field_case()
    add_contacts(sample=case.sample, rows=[NewContact(case.number, "Nguyễn Văn An")])
    return case


def list_reserve_released(user: Any) -> None:
    village = with_reserve()
    village.cases.update(stratum="01|land")
    SampledUnit.objects.filter(pk=village.pk).update(stage=SampledUnit.Stage.AGENCY)
    release_list_reserve(sample=village.sample, stratum="01|land", reason="moved away", user=user)


def village_replaced(user: Any) -> None:
    sample = drawn.make_sample()
    open_round(round=sample.round)
    village = sample.units.filter(stage="village").first()
    replace_unit(unit=village, reason="flood", register=drawn.register(""), user=user)


def commune_replaced(user: Any) -> SampledUnit:
    survey_round = open_round(round=committing.walk(committing.framed_round()))
    commune = survey_round.sample.units.filter(stage="commune").first()
    return replace_commune(unit=commune, reason="flood", user=user)


def replacement_listed(user: Any) -> SampledUnit:
    commune = commune_replaced(None)
    rows = [row for row in drawn.village_rows() if row["parent_code"] == commune.frame_unit.code]
    receive_replacement_villages(
        commune=commune, rows=rows, source="x", reference_date=drawn.REFERENCE_DATE, user=user
    )
    return commune


def replacement_asked(user: Any) -> None:
    commune = replacement_listed(None)
    receive_replacement_registers(commune=commune, registers=drawn.register, user=user)


def allowed(user: Any, *rights: str) -> Any:
    codenames = [right.partition(".")[2] for right in rights]
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    return type(user).objects.get(pk=user.pk)


def respondents_listed(user: Any) -> None:
    request = Request(scope_of(with_contact().sample), ListFormat.CSV)
    make_respondent_lists(request=request, user=allowed(user, "sampling.export_contact"))


def objection_recorded(user: Any = None) -> Objection:
    return record_objection(
        kind="phone", text="0912345678", channel="letter", note="Thư ngày 05/03/2026", user=user
    )


def slips_printed(user: Any) -> None:
    scope = scope_of(households.open_households()[0].sample)
    make_selection_slips(scope=scope, user=allowed(user, "sampling.export_contact", "sampling.issue_draw"))


def open_round_created(user: Any) -> Any:
    """Create an open round for a month."""
    now = timezone.now()
    return create_open_round(
        user=user,
        version=make_version(),
        name_vi="Góp ý",
        agency_vi="Xã Minh Họa",
        opens_at=now,
        closes_at=now + datetime.timedelta(days=30),
    )


def letters_issued(user: Any) -> None:
    writer = allowed(user, "sampling.export_contact", "questionnaires.add_accesscode")
    issue_letters(scope=scope_of(with_contact().sample), user=writer)


def message_template() -> MessageTemplate:
    return make_template(make_people(is_demo=True))


def template_saved(user: Any) -> Any:
    writer = allowed(user, "questionnaires.change_messagetemplate")
    return save_template(template=message_template(), user=writer)


def messages_queued(user: Any) -> int:
    template = message_template()
    scope = scope_of(template.round.sample)
    sender = allowed(user, "questionnaires.send_message")
    return queue_wave(template=template, scope=scope, days=0, number=1, seen=3, user=sender)


def with_message(status: MessageStatus) -> SurveyRound:
    template = message_template()
    Message.objects.create(template=template, case=template.round.sample.cases.first(), status=status)
    return template.round


def messages_handled(
    service: Callable[..., object], status: MessageStatus, **values: Any
) -> Callable[[Any], object]:
    def handle(user: Any) -> object:
        survey_round = with_message(status)
        return service(round=survey_round, user=allowed(user, "questionnaires.send_message"), **values)

    return handle


def workloads_applied(user: Any) -> None:
    village = field_village()
    proposal = propose_workloads(round=village.sample.round, province=village.province, enumerators=[user])
    apply_workloads(round=village.sample.round, proposal=proposal, seen_digest=proposal.digest, user=user)


def submission(case: Case, mode: Mode = Mode.PAPER) -> Submission:
    return Submission(case_id=case.pk, answers={"B1": 4, "B2": 5}, mode=mode)


def rights_requested(user: Any = None) -> RightsRequest:
    return receive_rights_request(
        right=Right.KNOW, channel=RightsRequest.Channel.LETTER, text="x", reply_to="x", user=user
    )


def responses_approved(user: Any) -> None:
    case = field_case()
    submit_single(round=case.sample.round, submission=submission(case))
    approver = allowed(user, "questionnaires.approve_response")
    approve_responses(round=case.sample.round, cases=[case.pk], user=approver)


def begun() -> Response:
    return start_response(case=field_case(), mode=Mode.WEB, language="vi")


def sent(mode: Mode = Mode.PAPER) -> str:
    case = field_case()
    return submit_single(round=case.sample.round, submission=submission(case, mode))


def small_closed_round() -> SurveyRound:
    return make_closed_round(Shape(communes=2, villages=1, persons=20))


def imported_template(user: Any) -> SamplingTemplate:
    user.user_permissions.set(Permission.objects.filter(codename="add_surveyround"))
    loaded = sampling_template("sipas-2025-63x6")
    return import_sampling_template(document={**loaded.document, "code": "a-plan"}, user=user).template


def new_round(user: Any) -> SurveyRound:
    values = drawn.make_round().__dict__ | {"code": "another"}
    names = {field.attname for field in SurveyRound._meta.concrete_fields} - {"id", "template_id", "status"}
    template = SurveyRound.objects.get().template
    return create_round(template=template, user=user, **{name: values[name] for name in names})


def communes_loaded(user: Any) -> Any:
    drawn.make_units()
    return load_frame(
        round=drawn.make_round(),
        stage="commune",
        rows=drawn.commune_rows(),
        source="x",
        reference_date=drawn.REFERENCE_DATE,
        user=user,
    )


def batch_of_outcomes(user: Any) -> int:
    case = field_case()
    return record_dispositions(sample=case.sample, outcomes={case.pk: Disposition.REFUSAL}, user=user)


def batch_of_answers(user: Any) -> Any:
    case = field_case()
    return submit_responses(round=case.sample.round, submissions=[submission(case)], user=user)


def single_answers(user: Any) -> str:
    case = field_case()
    return submit_single(round=case.sample.round, submission=submission(case), user=user)


def version_asked(user: Any) -> Any:
    version = freeze_version(questionnaire=import_form(asked.small_document()))
    return assign_version_to_round(round=asked.make_round(), version=version, user=user)


def started_import(user: Any = None) -> FrameImport:
    drawn.make_units()
    folder = Path(settings.SNAPSHOT_ROOT).parent
    file = lists.write_csv(folder / "list.csv", lists.rows(2))
    return start_import(round=drawn.make_round(), source="x", reference_date=DAY, files=[file], user=user)


def interrupted_import(user: Any) -> int:
    FrameImport.objects.filter(pk=started_import().pk).update(status=ImportStatus.RUNNING)
    return clear_interrupted(user=user)


def stale_import() -> None:
    FrameImport.objects.filter(pk=started_import().pk).update(
        created_at=timezone.now() - datetime.timedelta(days=2)
    )


def expired_import(user: Any) -> int:
    stale_import()
    return expire_imports(user=user)


def files_swept(user: Any) -> Any:
    stale_import()
    return sweep_files(user=user)


def path_recorded(user: Any) -> Any:
    questionnaire = import_form(asked.small_document())
    return record_path(questionnaire=questionnaire, name="x", answers={"USED": 1}, user=user)


def draft_approved(user: Any) -> None:
    draft = import_form(asked.small_document())
    approve_draft(questionnaire=draft, seen=draft.latest_revision_id, user=user)


def draft_submitted(user: Any) -> Any:
    """A draft that waits for a methodologist."""
    group = Group.objects.create(name="approvers")
    ensure_draft_workflow(approvers=group, name="x", task_name="y", user=None)
    return submit_draft(questionnaire=import_form(asked.small_document()), user=user)


def submission_approved(user: Any) -> None:
    """Approve as somebody whom Wagtail lets publish."""
    user.is_superuser = True
    approve_submission(submission=draft_submitted(None), user=user)


def draft_published(user: Any) -> Any:
    draft = import_form(asked.small_document())
    return approve_and_freeze(questionnaire=draft, seen=draft.latest_revision_id, user=user)


def recorded_text() -> dict[str, Any]:
    """A recording of a draft, as services are told of it."""
    questionnaire = import_form(asked.small_document())
    [recording] = sounds.record(questionnaire, "question:SEX/text")
    seen = {"key": recording.key, "seen": recording.digest}
    return {"questionnaire": questionnaire, "language": "vi"} | seen


def recordings_swept(user: Any) -> int:
    """Sweep a recording that nothing refers to any more."""
    left = media.path_of(media.keep(sounds.mp3(), "mp3"))
    os.utime(left, (0, 0))
    return sweep_recordings(user=user)


def picture_saved(user: Any) -> Any:
    """Store a small picture."""
    return save_picture(content=pictures.picture(), user=user)


def archive_taken(user: Any) -> Any:
    """Take a recording from an archive."""
    questionnaire = import_form(asked.small_document())
    return take_archive(
        questionnaire=questionnaire,
        language="vi",
        content=sounds.archive({"question~SEX~text.mp3": sounds.mp3()}),
        texts=sounds.texts_of(questionnaire),
        user=user,
    )


def imported_list() -> FrameImport:
    return check_import(frame_import=started_import())


def contact_added(user: Any) -> int:
    case = field_case()
    return add_contacts(sample=case.sample, rows=[NewContact(case.number, "Nguyễn Văn An")], user=user)


def release_published(user: Any) -> Any:
    return make_release(small_closed_round(), user=user)


def signed_in(user: Any) -> Client:
    client = Client()
    user.set_password(PASSWORD)
    user.save()
    client.post(reverse("wagtailadmin_login"), {"username": user.username, "password": PASSWORD})
    return client


def signed_out(user: Any) -> None:
    client = Client()
    client.force_login(user)
    client.post(reverse("wagtailadmin_logout"))


def tables_folder() -> Path:
    return write_tables(Path(settings.SNAPSHOT_ROOT).parent / "tables")


def reset_demo(user: Any) -> int:
    drawn.make_sample(is_demo=True)
    with transaction.atomic():
        return reset(user=user)


CHANGES: Mapping[str, Change] = {
    "sampling.services.areas.load_administrative_units": Change(
        "sampling.load_administrative_units",
        lambda user: load_administrative_units(folder=tables_folder(), user=user),
        ("units", "successions"),
    ),
    "sampling.services.cases.record_disposition": Change(
        "sampling.record_disposition",
        lambda user: record_disposition(case=field_case(), disposition=Disposition.REFUSAL, user=user),
    ),
    "sampling.services.cases.record_dispositions": Change(
        "sampling.record_dispositions", batch_of_outcomes, ("cases",)
    ),
    "sampling.services.cases.release_reserve": Change(
        "sampling.release_reserve",
        lambda user: release_reserve(village=with_reserve(), reason="moved away", user=user),
    ),
    "sampling.services.cases.release_list_reserve": Change("sampling.release_reserve", list_reserve_released),
    "sampling.services.replaced_communes.replace_commune": Change(
        "sampling.replace_commune", commune_replaced, ("eligible",)
    ),
    "sampling.services.replaced_communes.receive_replacement_villages": Change(
        "sampling.draw_replacement_villages", replacement_listed, ("villages",)
    ),
    "sampling.services.replaced_communes.receive_replacement_registers": Change(
        "sampling.draw_replacement_persons", replacement_asked, ("cases",)
    ),
    "sampling.services.replacement.replace_unit": Change(
        "sampling.replace_unit", village_replaced, ("cases",)
    ),
    "sampling.services.issuing.lists.make_respondent_lists": Change(
        "sampling.export_respondents", respondents_listed, ("rows", "villages")
    ),
    "sampling.services.issuing.objections.record_objection": Change(
        "sampling.record_objection",
        lambda user: objection_recorded(allowed(user, "sampling.add_objection")),
    ),
    "sampling.services.issuing.objections.withdraw_objection": Change(
        "sampling.withdraw_objection",
        lambda user: withdraw_objection(
            objection=objection_recorded(), user=allowed(user, "sampling.delete_objection")
        ),
    ),
    "sampling.services.issuing.objections.honour_objections": Change(
        "sampling.honour_objections",
        lambda user: honour_objections(sample=with_contact().sample, user=user),
        ("cases", "withheld"),
    ),
    "sampling.services.contacts.add_contacts": Change("sampling.add_contacts", contact_added, ("contacts",)),
    "sampling.services.contacts.erase_contacts": Change(
        "sampling.erase_contacts",
        lambda user: erase_contacts(sample=with_contact().sample, user=user),
        ("contacts",),
    ),
    "sampling.services.draws.states.draft_draw": Change(
        "sampling.draft_draw",
        lambda user: draft_draw(round=committing.framed_round(), stage="commune", user=user),
    ),
    "sampling.services.draws.states.check_draw": Change(
        "sampling.check_draw",
        lambda user: check_draw(draw=committing.checked(committing.framed_round()), user=user),
        ("problems", "notes"),
    ),
    "sampling.services.draws.states.commit_draw": Change("sampling.commit_draw", draw_committed),
    "sampling.services.draws.carrying_out.carry_out_draw": Change(
        "sampling.carry_out_draw", draw_carried_out, ("units",)
    ),
    "sampling.services.draws.states.issue_draw": Change(
        "sampling.issue_draw",
        lambda user: issue_draw(draw=committing.drawn(committing.framed_round()), user=user),
        ("units",),
    ),
    "sampling.services.draws.states.close_draw": Change("sampling.close_draw", draw_closed),
    "sampling.services.abandoning.abandon_draw": Change(
        "sampling.abandon_draw",
        lambda user: abandon_draw(
            draw=committing.committed(committing.framed_round()), reason="typhoon", user=user
        ),
    ),
    "sampling.services.bundles.write_bundle": Change(
        "sampling.export_bundle",
        lambda user: write_bundle(draw=committing.drawn(committing.framed_round()), user=user),
    ),
    "sampling.services.draws.receiving.receive_units": Change(
        "sampling.receive_units", villages_received, ("lists", "units")
    ),
    "sampling.services.draws.receiving.receive_households": Change(
        "sampling.receive_households", households_received, ("lists", "units")
    ),
    "sampling.services.households.list_adults": Change(
        "sampling.list_adults",
        lambda user: households.listed(households.open_households()[0], user=user),
        ("adults",),
    ),
    "sampling.services.issuing.slips.make_selection_slips": Change(
        "sampling.print_slips", slips_printed, ("rows", "villages")
    ),
    "sampling.services.draws.receiving.receive_registers": Change(
        "sampling.receive_registers", registers_received, ("lists", "units")
    ),
    "sampling.services.draws.rehearsals.draw_area_stages": Change(
        "sampling.draw_areas",
        lambda user: draw_area_stages(round=framed_round(), seed="seed", user=user),
        ("communes", "villages"),
    ),
    "sampling.services.draws.rehearsals.draw_person_stage": Change(
        "sampling.draw",
        lambda user: draw_person_stage(
            sample=draw_area_stages(round=framed_round(), seed="seed"), registers=drawn.register, user=user
        ),
        ("persons", "reserves"),
    ),
    "sampling.services.draws.rehearsals.draw_sample": Change(
        "sampling.draw",
        lambda user: draw_sample(round=framed_round(), seed="seed", registers=drawn.register, user=user),
        ("persons", "reserves"),
    ),
    "sampling.services.frames.load_frame": Change(
        "sampling.load_frame", communes_loaded, ("units", "excluded")
    ),
    "sampling.services.imports.start_import": Change(
        "sampling.start_import", started_import, ("files", "bytes")
    ),
    "sampling.services.imports.check_import": Change(
        "sampling.check_import",
        lambda user: check_import(frame_import=started_import(), user=user),
        ("rows", "findings"),
    ),
    "sampling.services.imports.confirm_import": Change(
        "sampling.confirm_import",
        lambda user: confirm_import(frame_import=imported_list(), user=user),
        ("units", "agencies"),
    ),
    "sampling.services.imports.cancel_import": Change(
        "sampling.cancel_import", lambda user: cancel_import(frame_import=imported_list(), user=user)
    ),
    "sampling.services.imports.clear_interrupted": Change("sampling.cancel_import", interrupted_import),
    "sampling.services.sweeping.expire_imports": Change("sampling.cancel_import", expired_import),
    "sampling.services.sweeping.sweep_files": Change("sampling.cancel_import", files_swept),
    "sampling.services.methods.load_sampling_templates": Change(
        "sampling.load_template", lambda user: load_sampling_templates(user=user)
    ),
    "sampling.services.template_imports.import_sampling_template": Change(
        "sampling.import_template", imported_template
    ),
    "sampling.services.rounds.create_round": Change("sampling.create_round", new_round),
    "sampling.services.rounds.open_round": Change(
        "sampling.open_round", lambda user: open_round(round=in_state(RoundStatus.PREPARING), user=user)
    ),
    "sampling.services.rounds.close_round": Change(
        "sampling.close_round", lambda user: close_round(round=in_state(RoundStatus.OPEN), user=user)
    ),
    "sampling.services.rounds.freeze_round": Change(
        "sampling.freeze_round", lambda user: freeze_round(round=in_state(RoundStatus.CLOSED), user=user)
    ),
    "questionnaires.services.access_codes.issue_codes": Change(
        "questionnaires.issue_codes", lambda user: issue_codes(cases=[field_case()], user=user), ("n_codes",)
    ),
    "questionnaires.services.letters.issue_letters": Change(
        "questionnaires.issue_letters", letters_issued, ("letters", "villages")
    ),
    "questionnaires.services.separation.approve_responses": Change(
        "questionnaires.approve", responses_approved, ("n", "villages", "links")
    ),
    "questionnaires.services.separation.separate_round": Change(
        "questionnaires.separate",
        lambda user: separate_round(round=begun().case.sample.round, user=user),
        ("n", "drafts", "links"),
    ),
    "questionnaires.services.rights.receive_rights_request": Change(
        "questionnaires.receive_rights_request",
        lambda user: rights_requested(allowed(user, "questionnaires.add_rightsrequest")),
    ),
    "questionnaires.services.rights.answer_rights_request": Change(
        "questionnaires.answer_rights_request",
        lambda user: answer_rights_request(
            request=rights_requested(),
            answer="x",
            user=allowed(user, "questionnaires.change_rightsrequest"),
        ),
    ),
    "questionnaires.services.messages.texts.save_template": Change(
        "questionnaires.save_template", template_saved
    ),
    "questionnaires.services.messages.waves.queue_wave": Change(
        "questionnaires.queue_messages", messages_queued, ("messages",)
    ),
    "questionnaires.services.messages.waves.stop_messages": Change(
        "questionnaires.stop_messages",
        messages_handled(stop_messages, MessageStatus.QUEUED),
        ("messages",),
    ),
    "questionnaires.services.messages.waves.retry_failed": Change(
        "questionnaires.retry_messages",
        messages_handled(retry_failed, MessageStatus.FAILED),
        ("messages",),
    ),
    "questionnaires.services.messages.waves.settle_unclear": Change(
        "questionnaires.settle_messages",
        messages_handled(settle_unclear, MessageStatus.UNKNOWN, number=None, was_sent=True),
        ("messages",),
    ),
    "questionnaires.services.messages.deliveries.note_deliveries": Change(
        "questionnaires.note_deliveries",
        messages_handled(note_deliveries, MessageStatus.SENT, channel=Channel.SMS, reports=()),
        ("delivered", "failed"),
    ),
    "questionnaires.services.messages.sending.send_queued": Change(
        "questionnaires.send_messages",
        lambda user: send_queued(round=with_message(MessageStatus.QUEUED), user=user),
    ),
    "questionnaires.services.open_rounds.create_open_round": Change(
        "questionnaires.create_open_round", open_round_created
    ),
    "questionnaires.services.open_rounds.change_open_round": Change(
        "questionnaires.change_open_round",
        lambda user: change_open_round(round=make_open_round(), values={"decision": "2"}, user=user),
    ),
    "questionnaires.services.open_rounds.start_open_round": Change(
        "questionnaires.start_open_round",
        lambda user: start_open_round(round=make_open_round(status=OpenRoundStatus.PREPARING), user=user),
    ),
    "questionnaires.services.open_rounds.close_open_round": Change(
        "questionnaires.close_open_round", lambda user: close_open_round(round=make_open_round(), user=user)
    ),
    "questionnaires.services.open_responses.submit_open_response": Change(
        "questionnaires.submit_open", lambda _user: make_sent(make_open_round()), ("n",), is_unnamed=True
    ),
    "questionnaires.services.open_responses.key_open_response": Change(
        "questionnaires.submit_open",
        lambda user: key_open_response(round=make_open_round(), answers=OPEN_ANSWERS, user=user),
        ("n",),
    ),
    "questionnaires.services.open_responses.withdraw_open_response": Change(
        "questionnaires.withdraw_open",
        lambda _user: withdraw_open_response(number=make_sent(make_open_round())),
        is_unnamed=True,
    ),
    "questionnaires.services.open_exports.export_open_answers": Change(
        "questionnaires.export_open",
        lambda user: export_open_answers(
            round=make_open_round(),
            file_format="csv",
            language="vi",
            user=allowed(user, "questionnaires.export_openround"),
        ),
        ("n_rows",),
    ),
    "questionnaires.services.open_tokens.make_tokens": Change(
        "questionnaires.make_tokens",
        lambda user: make_tokens(
            round=make_open_round(), dossiers=["1"], last_day=timezone.localdate(), user=user
        ),
        ("n_tokens",),
    ),
    "questionnaires.services.workloads.apply_workloads": Change(
        "questionnaires.apply_workloads", workloads_applied, ("villages", "enumerators", "cases")
    ),
    "questionnaires.services.assignments.assign_village": Change(
        "questionnaires.assign_village",
        lambda user: assign_village(village=field_village(), enumerator=user, user=user),
    ),
    "questionnaires.services.exchange.take_over_form": Change(
        "questionnaires.import",
        lambda user: take_over_form(content=json.dumps(asked.small_document()).encode(), user=user),
    ),
    "questionnaires.services.translations.save_translations": Change(
        "questionnaires.translate",
        lambda user: save_translations(
            questionnaire=import_form(asked.small_document()), language="tyz", texts={}, user=user
        ),
    ),
    "questionnaires.services.recordings.save_recordings": Change(
        "questionnaires.record",
        lambda user: save_recordings(
            questionnaire=import_form(asked.small_document()), language="vi", recordings=[], user=user
        ),
        ("recordings",),
    ),
    "questionnaires.services.recordings.confirm_recording": Change(
        "questionnaires.confirm_recording",
        lambda user: confirm_recording(**recorded_text(), words="x", user=user),
    ),
    "questionnaires.services.recordings.remove_recording": Change(
        "questionnaires.remove_recording", lambda user: remove_recording(**recorded_text(), user=user)
    ),
    "questionnaires.services.recordings.sweep_recordings": Change(
        "questionnaires.sweep_recordings", recordings_swept, ("files",)
    ),
    "questionnaires.services.pictures.save_picture": Change(
        "questionnaires.save_picture", picture_saved, ("bytes",)
    ),
    "questionnaires.services.recording_archives.take_archive": Change(
        "questionnaires.record", archive_taken, ("recordings",)
    ),
    "questionnaires.services.drafts.import_form": Change(
        "questionnaires.import", lambda user: import_form(asked.small_document(), user=user)
    ),
    "questionnaires.services.looks.record_case_look": Change(
        "questionnaires.open_case", lambda user: record_case_look(case=field_case(), user=user)
    ),
    "questionnaires.services.looks.record_village_look": Change(
        "questionnaires.open_village", lambda user: record_village_look(village=field_village(), user=user)
    ),
    "questionnaires.services.responses.start_response": Change(
        "questionnaires.start",
        lambda user: start_response(case=field_case(), mode=Mode.INTERVIEW, language="vi", user=user),
    ),
    "questionnaires.services.responses.decline_case": Change(
        "questionnaires.decline", lambda user: decline_case(case=field_case(), user=user)
    ),
    "questionnaires.services.submissions.submit_response": Change(
        "questionnaires.submit", lambda user: submit_response(response=begun(), user=user), ("n", "created")
    ),
    "questionnaires.services.submissions.submit_single": Change(
        "questionnaires.submit", single_answers, ("n", "created")
    ),
    "questionnaires.services.submissions.submit_responses": Change(
        "questionnaires.submit", batch_of_answers, ("n", "created", "duplicates", "refused")
    ),
    "questionnaires.services.copies.copy_draft": Change(
        "questionnaires.copy",
        lambda user: copy_draft(
            questionnaire=import_form(asked.small_document()), code="copy", title_vi="x", user=user
        ),
    ),
    "questionnaires.services.copies.start_draft": Change(
        "questionnaires.start_draft", lambda user: start_draft(code="new", title_vi="x", user=user)
    ),
    "questionnaires.services.paths.record_path": Change("questionnaires.record_path", path_recorded),
    "questionnaires.services.paths.record_again": Change(
        "questionnaires.record_path",
        lambda user: record_again(recorded=path_recorded(None), user=user),
    ),
    "questionnaires.services.paths.remove_path": Change(
        "questionnaires.remove_path",
        lambda user: remove_path(recorded=path_recorded(None), user=user),
    ),
    "questionnaires.services.draft_approvals.ensure_draft_workflow": Change(
        "questionnaires.set_workflow",
        lambda user: ensure_draft_workflow(
            approvers=Group.objects.create(name="approvers"), name="x", task_name="y", user=user
        ),
    ),
    "questionnaires.services.draft_approvals.approve_draft": Change(
        "questionnaires.approve_draft", draft_approved, ("revision",)
    ),
    "questionnaires.services.draft_approvals.submit_draft": Change("wagtail.workflow.start", draft_submitted),
    "questionnaires.services.draft_approvals.approve_submission": Change(
        "questionnaires.approve_draft", submission_approved, ("revision",)
    ),
    "questionnaires.services.versions.approve_and_freeze": Change("questionnaires.freeze", draft_published),
    "questionnaires.services.versions.freeze_version": Change(
        "questionnaires.freeze",
        lambda user: freeze_version(questionnaire=import_form(asked.small_document()), user=user),
    ),
    "questionnaires.services.versions.assign_version_to_round": Change(
        "questionnaires.assign_version", version_asked
    ),
    "questionnaires.services.withdrawal.withdraw_response": Change(
        "questionnaires.withdraw", lambda user: withdraw_response(number=sent(), reason="call", user=user)
    ),
    "questionnaires.services.withdrawal.withdraw_by_receipt": Change(
        "questionnaires.withdraw", lambda _user: withdraw_by_receipt(number=sent(Mode.WEB)), is_unnamed=True
    ),
    "analysis.services.margins.load_margins": Change(
        "analysis.load_margins",
        lambda user: load_margins(
            round=asked.make_round(), rows=margin_rows("01"), source="x", date=DAY, user=user
        ),
        ("n",),
    ),
    "analysis.services.methods.load_methods": Change(
        "analysis.load_methods", lambda user: load_methods(user=user)
    ),
    "analysis.services.microdata.export_microdata": Change(
        "analysis.export_microdata",
        lambda user: export_microdata(release=make_release(small_closed_round()), user=user),
        ("n_rows",),
    ),
    "analysis.services.releases.publish_release": Change("analysis.publish_release", release_published),
    "analysis.services.snapshots.discard_working_snapshots": Change(
        "analysis.discard_snapshots",
        lambda user: discard_working_snapshots(
            round=take_snapshot(round=small_closed_round()).round, user=user
        ),
        ("n",),
    ),
    "analysis.services.snapshots.take_snapshot": Change(
        "analysis.take_snapshot",
        lambda user: take_snapshot(round=small_closed_round(), user=user),
        ("n_rows",),
    ),
    "analysis.services.working_estimates.record_download": Change(
        "analysis.export_working_estimates",
        lambda user: record_download(
            snapshot=take_snapshot(round=small_closed_round()), user=user, details={"format": "csv"}
        ),
    ),
    "survey_site.core.accounts.StaffLoginView": Change("accounts.log_in", signed_in),
    "survey_site.core.accounts.StaffLogoutView": Change("accounts.log_out", signed_out),
    "survey_site.core.roles.ensure_roles": Change(
        "accounts.set_role", lambda user: ensure_roles(user=user), ("added", "removed")
    ),
    "survey_site.demo.people.ensure_users": Change(
        "demo.set_users", lambda user: ensure_users(user=user), ("users",)
    ),
    "survey_site.demo.reset.reset": Change("demo.reset", reset_demo, ("rounds",)),
}
"""Every service that changes the state, with a call of it."""
