"""What somebody who means harm, or is merely curious, tries; each was once possible."""

import stat
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.cache.backends.filebased import FileBasedCache
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse
from wagtail.documents import get_document_model
from wagtail.models import ModelLogEntry

from questionnaires.blocks import ConditionBlock
from questionnaires.models import Assignment, Mode, Response
from questionnaires.services import (
    DraftSavedElsewhereError,
    assign_version_to_round,
    assign_village,
    issue_codes,
    save_draft,
    start_response,
)
from questionnaires.wizard.access import TAKEN_OVER
from sampling.models import Case
from sampling.models.contacts import Contact
from sampling.models.rounds import RoundStatus
from survey_site.settings import base
from survey_site.settings.env import Environment, as_secret, stored_secret
from tests.questionnaires.rounds import make_cases, make_round, make_user, make_village, publish

CONDUCT = "questionnaires.conduct_interviews"
ACCESS = "wagtailadmin.access_admin"
SEEN = "checked"


def make_interview(status: RoundStatus = RoundStatus.OPEN) -> tuple[Client, Case]:
    """Return an enumerator's browser and the case of a village assigned to them."""
    survey_round = make_round(status=status)
    publish(survey_round)
    village = make_village(survey_round)
    [case] = make_cases(village)
    Contact.objects.create(case=case, full_name="Nguyễn Văn An", phone="0900 000 000", sort_key="an")
    enumerator = make_user("dtv-014", CONDUCT)
    assign_village(village=village, enumerator=enumerator)
    browser = Client()
    browser.force_login(enumerator)
    return browser, case


def answer_alone(case: Case) -> Client:
    """Return the browser of a citizen who has answered the first section with their code."""
    [code] = issue_codes(cases=[case]).values()
    citizen = Client()
    citizen.post(reverse("questionnaires:enter_code"), {"code": code})
    citizen.post(reverse("questionnaires:consent"), {"use": "on"})
    draft = Response.objects.get(case=case)
    save_draft(response=draft, answers={"SEX": 2, "USED": 0}, passed_section="A")
    return citizen


def interview(browser: Client, case: Case) -> None:
    browser.post(reverse("questionnaires:case_detail", args=[case.pk]), {"interview": "1"})


def section(browser: Client) -> Any:
    return browser.get(reverse("questionnaires:answer", args=["A"]))


@pytest.mark.django_db
def test_interviewer_never_reads_what_a_citizen_answered_alone() -> None:
    browser, case = make_interview()
    answer_alone(case)
    interview(browser, case)
    assert browser.get(reverse("questionnaires:consent")).status_code == 200
    for name in ("questionnaires:continue", "questionnaires:review"):
        assert browser.get(reverse(name)).headers["Location"] == reverse("questionnaires:consent")
    assert section(browser).status_code == 302
    browser.post(reverse("questionnaires:consent"), {"use": "on"})
    page = section(browser)
    assert page.status_code == 200
    assert SEEN not in page.content.decode()
    started = ModelLogEntry.objects.filter(action="questionnaires.start", user__username="dtv-014")
    assert started.get().data["case"] == case.number


@pytest.mark.django_db
def test_what_a_citizen_types_after_an_interview_began_does_not_enter_it() -> None:
    browser, case = make_interview()
    citizen = answer_alone(case)
    interview(browser, case)
    browser.post(reverse("questionnaires:consent"), {"use": "on"})
    page = section(citizen)
    assert page.status_code == 409
    assert str(TAKEN_OVER.text) in page.content.decode()
    stale = Response.objects.get(case=case)
    stale.n_saves -= 1
    with pytest.raises(DraftSavedElsewhereError):
        save_draft(response=stale, answers={"SEX": 2}, passed_section="A")
    assert Response.objects.get(case=case).answers == {}


@pytest.mark.django_db
def test_answers_of_a_citizen_stay_as_long_as_nobody_agrees_to_an_interview() -> None:
    browser, case = make_interview()
    citizen = answer_alone(case)
    interview(browser, case)
    browser.get(reverse("questionnaires:consent"))
    assert Response.objects.get(case=case).answers == {"SEX": 2, "USED": 0}
    assert SEEN in section(citizen).content.decode()


@pytest.mark.django_db
def test_interviewer_loses_sight_once_the_citizen_goes_on_alone() -> None:
    browser, case = make_interview()
    interview(browser, case)
    browser.post(reverse("questionnaires:consent"), {"use": "on"})
    start_response(case=case, mode=Mode.WEB, language="vi")
    save_draft(response=Response.objects.get(case=case), answers={"SEX": 1}, passed_section="A")
    assert section(browser).headers["Location"] == reverse("questionnaires:consent")


@pytest.mark.django_db
@pytest.mark.parametrize("status", [RoundStatus.PREPARING, RoundStatus.FROZEN])
def test_contacts_are_shown_only_while_a_round_is_in_the_field(status: RoundStatus) -> None:
    browser, case = make_interview(status)
    for name, key in (("village_detail", case.village_id), ("case_detail", case.pk)):
        assert browser.get(reverse(f"questionnaires:{name}", args=[key])).status_code == 404
    outcome = browser.post(reverse("questionnaires:case_detail", args=[case.pk]), {"outcome": "2.2"})
    assert outcome.status_code == 404


@pytest.mark.django_db
def test_edited_assignment_leaves_no_second_village_behind(client: Client) -> None:
    _browser, case = make_interview()
    assignment = Assignment.objects.get()
    other = make_village(case.sample.round, "Thôn 3")
    client.force_login(make_user("gs", ACCESS, "questionnaires.change_assignment"))
    values = {"village": other.pk, "enumerator": make_user("dtv-015", CONDUCT).pk}
    assert client.post(reverse("assignment:edit", args=[assignment.pk]), values).status_code == 302
    [kept] = Assignment.objects.select_related("enumerator")
    assert (kept.village_id, kept.enumerator.get_username()) == (case.village_id, "dtv-015")


@pytest.mark.django_db
def test_edited_questionnaire_of_a_round_stays_with_its_round(client: Client) -> None:
    survey_round, other = make_round(), make_round("sipas-2027")
    link = assign_version_to_round(round=survey_round, version=publish(other))
    client.force_login(make_user("pp", ACCESS, "questionnaires.change_roundquestionnaire"))
    values = {"round": other.pk, "version": link.version_id}
    client.post(reverse("roundquestionnaire:edit", args=[link.pk]), values)
    link.refresh_from_db()
    assert link.round_id == survey_round.pk


@pytest.mark.parametrize("text", ["[" * 100_000, "1" * 5_000])
def test_condition_made_to_break_the_reader_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        ConditionBlock().clean(text)


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["page.html", "picture.svg", "script.js"])
def test_documents_that_a_browser_runs_are_refused(name: str) -> None:
    document = get_document_model()(title="x", file=ContentFile(b"<script>alert(1)</script>", name=name))
    with pytest.raises(ValidationError):
        document.clean()


def test_counters_of_attempts_are_not_pushed_out_of_the_cache(tmp_path: Path) -> None:
    cache = FileBasedCache(str(tmp_path), dict(base.CACHES["default"]))
    cache.set("log-in:victim", 8)
    for number in range(1_000):
        cache.set(f"log-in:{number}", 1)
    assert cache.get("log-in:victim") == 8


def test_second_program_gets_the_secret_of_the_first(tmp_path: Path) -> None:
    path, got = tmp_path / "var" / "key", []

    def slow() -> str:
        time.sleep(0.05)
        return str(threading.get_ident())

    programs = [threading.Thread(target=lambda: got.append(stored_secret(path, slow))) for _ in range(4)]
    for program in programs:
        program.start()
    for program in programs:
        program.join()
    assert got == [path.read_text()] * 4
    assert [file.name for file in path.parent.iterdir()] == ["key"]
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_short_key_is_refused_without_being_shown() -> None:
    env = Environment({"SURVEY_ACCESS_CODE_KEY": "summer2026"})
    env.require("SURVEY_ACCESS_CODE_KEY", as_secret)
    with pytest.raises(ImproperlyConfigured, match="32 characters") as error:
        env.check()
    assert "summer2026" not in str(error.value)


def test_public_pages_allow_no_frame_and_no_other_host() -> None:
    policy = {name: [str(source) for source in sources] for name, sources in settings.SECURE_CSP.items()}
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == ["'none'"]
    assert not any(
        "http" in source or "unsafe" in source for sources in policy.values() for source in sources
    )
