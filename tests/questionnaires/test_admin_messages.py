"""Invitations and reminders in the admin."""

import datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import clear_url_caches, reverse
from django.utils import translation
from django_tasks_db.models import DBTaskResult

from questionnaires.messages.adapters import ChannelDownError, Outcome
from questionnaires.models import Channel, Message, MessageStatus, MessageTemplate
from questionnaires.services.messages import DeliveryReport, note_deliveries
from sampling.models import SampledUnit, TerritoryMember
from tests.questionnaires.messaging import RIGHTS, SMS, Provider, make_people, make_template, plug_in
from tests.questionnaires.rounds import make_user
from tests.sampling.worker import DATABASE, work

pytestmark = pytest.mark.django_db
ENTER = "wagtailadmin.access_admin"
NOON = datetime.datetime(2026, 11, 20, 5, 0, tzinfo=datetime.UTC)


@pytest.fixture(autouse=True)
def circumstances(settings: Any, tmp_path: Path) -> Any:
    settings.TASKS = settings.TASKS | {"worker": DATABASE}
    settings.OUTBOX_ROOT = tmp_path
    settings.LANGUAGE_CODE = "en"
    clear_url_caches()
    with time_machine.travel(NOON, tick=False) as clock, translation.override("en"):
        yield clock
    clear_url_caches()


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Provider:
    provider = Provider()
    plug_in(monkeypatch, provider)
    return provider


@pytest.fixture
def village() -> SampledUnit:
    return make_people()


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(make_user("supervisor", ENTER, *RIGHTS))
    return client


def page(village: SampledUnit, name: str = "round", *more: Any) -> str:
    return reverse(f"messages:{name}", args=[village.sample.round.pk, *more])


def confirm(staff: Client, village: SampledUnit, template: MessageTemplate, **changes: Any) -> Any:
    values = {"template": template.pk, "unit": "", "days": 3}
    wave = staff.post(page(village, "wave"), values).context["wave"]
    shown = {"number": wave.number, "seen": wave.n_messages, "confirm": "1"}
    return staff.post(page(village, "wave"), values | shown | changes)


def test_wave_is_looked_at_confirmed_and_sent(
    staff: Client, village: SampledUnit, provider: Provider
) -> None:
    template = make_template(village)
    answer = confirm(staff, village, template)
    assert answer["Location"] == page(village)
    assert provider.got == []
    work()
    assert len(provider.got) == 3
    overview = staff.get(page(village))
    assert overview.context["n"]["sent"] == 3
    assert [wave.total for wave in overview.context["waves"]] == [3]


def test_price_is_shown_before_anything_is_queued(
    staff: Client, village: SampledUnit, provider: Provider
) -> None:
    values = {"template": make_template(village).pk, "unit": "", "days": 3}
    shown = staff.post(page(village, "wave"), values)
    assert (shown.context["wave"].n_segments, shown.context["wave"].total_segments) == (1, 3)
    assert not Message.objects.exists()
    assert provider.got == []


def test_button_pressed_twice_sends_once(staff: Client, village: SampledUnit, provider: Provider) -> None:
    template = make_template(village)
    values = {"template": template.pk, "unit": "", "days": 0, "number": 1, "seen": 3, "confirm": "1"}
    staff.post(page(village, "wave"), values)
    staff.post(page(village, "wave"), values)
    work()
    assert (Message.objects.count(), len(provider.got)) == (3, 3)


def test_worker_comes_back_for_the_rest(
    staff: Client, village: SampledUnit, provider: Provider, settings: Any, circumstances: Any
) -> None:
    settings.MESSAGES_PER_MINUTE = 2
    confirm(staff, village, make_template(village))
    work()
    waiting = DBTaskResult.objects.get(status="READY")
    assert waiting.run_after == NOON + datetime.timedelta(minutes=1)
    circumstances.shift(datetime.timedelta(seconds=61))
    work()
    assert len(provider.got) == 3


def test_channel_that_is_down_is_told_and_goes_on_when_mended(
    staff: Client, village: SampledUnit, provider: Provider
) -> None:
    usual = provider.answer
    provider.fails_with(ChannelDownError("unauthorised"))
    confirm(staff, village, make_template(village))
    work()
    overview = staff.get(page(village))
    assert "does not accept our account" in overview.context["failure"].reason
    provider.answer = usual
    staff.post(page(village, "act", "go-on"))
    work()
    assert Message.objects.filter(status="sent").count() == 3


@pytest.mark.usefixtures("provider")
def test_unclear_message_is_settled_in_the_ledger(staff: Client, village: SampledUnit) -> None:
    template = make_template(village)
    message = Message.objects.create(template=template, case=village.cases.first(), status="unknown")
    ledger = page(village, "ledger")
    assert "Was sent" in staff.get(ledger).content.decode()
    assert staff.post(page(village, "act", "was-sent"), {"message": message.pk})["Location"] == ledger
    message.refresh_from_db()
    assert (message.status, message.reason) == ("sent", "settled")


@pytest.mark.parametrize(
    ("action", "before", "after"),
    [("stop", "queued", "withheld"), ("repeat", "failed", "queued"), ("was-not-sent", "unknown", "queued")],
)
@pytest.mark.usefixtures("provider")
def test_buttons_do_what_they_say(
    staff: Client, village: SampledUnit, action: str, before: str, after: str
) -> None:
    Message.objects.create(template=make_template(village), case=village.cases.first(), status=before)
    staff.post(page(village, "act", action))
    assert Message.objects.get().status == after


def test_unknown_action_is_not_found(staff: Client, village: SampledUnit) -> None:
    assert staff.post(page(village, "act", "explode")).status_code == 404
    assert staff.get(page(village, "act", "stop")).status_code == 405


def test_ledger_holds_no_address_and_no_name(staff: Client, village: SampledUnit, provider: Provider) -> None:
    provider.says(Outcome.FAILED, "provider:-118")
    confirm(staff, village, make_template(village))
    work()
    shown = staff.get(page(village, "ledger") + "?status=failed").content.decode()
    file = b"".join(staff.get(page(village, "ledger_file"))).decode("utf-8-sig")
    assert "(number -118)" in shown
    assert file.count("\n") == 4
    for text in (shown, file):
        assert village.cases.first().number in text
        assert "0912" not in text
        assert "Nguyễn" not in text


def test_person_of_another_province_sees_an_empty_ledger(
    client: Client, village: SampledUnit, provider: Provider
) -> None:
    Message.objects.create(template=make_template(village), case=village.cases.first(), status="failed")
    elsewhere = make_user("elsewhere", ENTER, *RIGHTS)
    province = type(village.province).objects.create(level="province", code="01", name="Hà Nội", sort_key="h")
    TerritoryMember.objects.create(user=elsewhere, province=province)
    client.force_login(elsewhere)
    assert client.get(page(village, "ledger")).context["lines"] == []
    client.post(page(village, "act", "repeat"))
    assert Message.objects.get().status == "failed"
    assert provider.got == []


@pytest.mark.parametrize("action", ["go-on", "repeat", "was-not-sent"])
def test_person_of_another_province_starts_no_sending(
    client: Client, village: SampledUnit, provider: Provider, action: str
) -> None:
    Message.objects.create(template=make_template(village), case=village.cases.first(), status="queued")
    elsewhere = make_user("elsewhere", ENTER, *RIGHTS)
    province = type(village.province).objects.create(level="province", code="01", name="Hà Nội", sort_key="h")
    TerritoryMember.objects.create(user=elsewhere, province=province)
    client.force_login(elsewhere)
    assert client.post(page(village, "act", action)).status_code == 302
    assert not DBTaskResult.objects.exists()
    work()
    assert provider.got == []


def typed(**changes: Any) -> dict[str, Any]:
    values = {"purpose": "invitation", "channel": "sms", "language": "vi", "subject": "", "zalo_template": ""}
    return values | {"body": SMS, "is_unaccented": "on"} | changes


def test_new_text_begins_in_order_and_is_saved(staff: Client, village: SampledUnit) -> None:
    url = page(village, "template_new")
    begun = staff.get(url + "?purpose=reminder&channel=email&language=en")
    assert begun.context["errors"] == []
    assert "Demonstration" not in begun.context["preview"].text
    assert staff.post(url, typed(save="1"))["Location"] == page(village)
    assert MessageTemplate.objects.get().body == SMS


def test_preview_counts_segments_without_saving(staff: Client, village: SampledUnit) -> None:
    url = page(village, "template_new")
    shown = staff.post(url, typed(body=f"{SMS} Trân trọng!", is_unaccented="", show="1"))
    assert shown.context["segments"].encoding.name == "UCS-2"
    assert shown.context["warnings"]
    alone = staff.post(url, typed(only_preview="1")).content.decode()
    assert "GSM-7" in alone
    assert "<html" not in alone
    assert not MessageTemplate.objects.exists()


@pytest.mark.parametrize("body", ["", "{name}", "<script>alert(1)</script>", "{{link}} \u202e", "x" * 9000])
def test_text_with_errors_stays_on_the_page(staff: Client, village: SampledUnit, body: str) -> None:
    shown = staff.post(page(village, "template_new"), typed(body=body, save="1"))
    assert shown.status_code == 200
    assert shown.context["errors"]
    assert b"<script>alert(1)" not in shown.content
    assert not MessageTemplate.objects.exists()


def test_second_text_of_one_kind_is_refused(staff: Client, village: SampledUnit) -> None:
    make_template(village, purpose="invitation")
    shown = staff.post(page(village, "template_new"), typed(save="1"))
    assert shown.context["form"].non_field_errors()
    assert MessageTemplate.objects.count() == 1


def test_forged_values_are_refused(staff: Client, village: SampledUnit) -> None:
    shown = staff.post(page(village, "template_new"), typed(channel="pigeon", purpose="x", save="1"))
    assert shown.context["form"].errors
    wave = staff.post(page(village, "wave"), {"template": 0, "unit": "x", "days": -1})
    assert set(wave.context["form"].errors) == {"template", "unit", "days"}


def test_channel_without_settings_says_so(staff: Client, village: SampledUnit) -> None:
    values = {"template": make_template(village).pk, "unit": "", "days": 3}
    assert "not set up" in staff.get(page(village)).content.decode()
    shown = staff.post(page(village, "wave"), values)
    assert "not set up" in str(shown.context["form"].non_field_errors())
    assert staff.get(page(village, "outbox")).status_code == 404


def test_demonstration_shows_what_it_would_have_sent(staff: Client) -> None:
    village = make_people(is_demo=True)
    confirm(staff, village, make_template(village))
    work()
    shown = staff.get(page(village, "outbox"))
    assert len(shown.context["recorded"]) == 3
    assert "0912" not in shown.content.decode()


def test_pages_need_their_rights(client: Client, village: SampledUnit) -> None:
    client.force_login(make_user("looker", ENTER, "questionnaires.view_message"))
    assert client.get(page(village)).status_code == 200
    assert client.get(page(village, "wave")).status_code == 302
    assert client.get(page(village, "template_new")).status_code == 302
    client.post(page(village, "act", "stop"))
    assert page(village) in client.get(reverse("messages:index")).content.decode()


def test_command_sends_what_waits(village: SampledUnit, provider: Provider, capsys: Any) -> None:
    Message.objects.create(template=make_template(village), case=village.cases.first())
    call_command("send_messages", round=village.sample.round.code)
    assert len(provider.got) == 1
    assert village.sample.round.code in capsys.readouterr().out
    call_command("send_messages", round="another")
    assert len(provider.got) == 1


def test_command_tells_what_is_down(village: SampledUnit, provider: Provider) -> None:
    Message.objects.create(template=make_template(village), case=village.cases.first())
    provider.fails_with(ChannelDownError("unreachable"))
    with pytest.raises(CommandError, match=village.sample.round.code):
        call_command("send_messages")
    assert Message.objects.get().status == MessageStatus.QUEUED


def reported(tmp_path: Path, *rows: str) -> str:
    path = tmp_path / "reports.csv"
    path.write_text("\n".join(("number,status,error", *rows)), encoding="utf-8")
    return str(path)


def ledger(*states: MessageStatus, village: SampledUnit) -> list[Message]:
    template = make_template(village)
    return [
        Message.objects.create(
            template=template, case=case, status=status, provider_number=f"p-{place}", n_attempts=1
        )
        for place, (status, case) in enumerate(zip(states, village.cases.order_by("pk"), strict=False))
    ]


def state_of(message: Message) -> tuple[str, str]:
    message.refresh_from_db()
    return message.status, message.reason


def test_reports_of_delivery_end_in_the_ledger_once(
    village: SampledUnit, tmp_path: Path, capsys: Any
) -> None:
    arrived, lost, unclear = ledger(
        MessageStatus.SENT, MessageStatus.SENT, MessageStatus.UNKNOWN, village=village
    )
    ours = f"{unclear.pk}-1"
    rows = ("p-0,DELIVRD,", "p-1,Thất bại,12", f"{ours},delivered,", "p-9,delivered,", "p-1,ENROUTE,")
    path = reported(tmp_path, *rows)
    for _time in range(2):
        call_command("note_deliveries", village.sample.round.code, path, undelivered=["thất bại"])
        assert state_of(arrived) == (MessageStatus.DELIVERED, "")
        assert state_of(lost) == (MessageStatus.FAILED, "undelivered:12")
        assert state_of(unclear) == (MessageStatus.DELIVERED, "")
    first, again = capsys.readouterr().out.splitlines()
    assert first == "2 delivered, 1 not delivered; 1 without an end yet, 1 of other rounds."
    assert again.startswith("0 delivered, 0 not delivered")


def test_reports_do_not_touch_what_waits_was_refused_or_goes_another_way(
    village: SampledUnit, tmp_path: Path
) -> None:
    waiting, refused, arrived = ledger(
        MessageStatus.QUEUED, MessageStatus.FAILED, MessageStatus.DELIVERED, village=village
    )
    rows = ("p-0,delivered,", "p-1,delivered,", "p-2,undelivered,0912000002")
    path = reported(tmp_path, *rows)
    call_command("note_deliveries", village.sample.round.code, path)
    assert state_of(waiting) == (MessageStatus.QUEUED, "")
    assert state_of(refused) == (MessageStatus.FAILED, "")
    assert state_of(arrived) == (MessageStatus.DELIVERED, "")
    Message.objects.update(status=MessageStatus.SENT)
    call_command("note_deliveries", village.sample.round.code, path, channel="zalo")
    assert state_of(waiting) == (MessageStatus.SENT, "")
    call_command("note_deliveries", village.sample.round.code, path)
    assert state_of(arrived) == (MessageStatus.FAILED, "undelivered")


def test_late_report_of_delivery_overrules_an_earlier_one(village: SampledUnit, tmp_path: Path) -> None:
    [message] = ledger(MessageStatus.SENT, village=village)
    for status in ("UNDELIV", "DELIVRD", "UNDELIV"):
        path = reported(tmp_path, f"p-0,{status},")
        call_command("note_deliveries", village.sample.round.code, path)
    assert state_of(message) == (MessageStatus.DELIVERED, "")


def test_report_without_a_number_hides_no_other(village: SampledUnit) -> None:
    [message] = ledger(MessageStatus.SENT, village=village)
    Message.objects.update(provider_number="")
    reports = [DeliveryReport("", is_delivered=False), DeliveryReport(f"{message.pk}-1", is_delivered=True)]
    counts = note_deliveries(round=village.sample.round, channel=Channel.SMS, reports=reports)
    assert counts == {"delivered": 1, "failed": 0, "unknown": 0}
    assert state_of(message) == (MessageStatus.DELIVERED, "")


@pytest.mark.parametrize("content", ["", "number,state\np-0,delivered", "number,status"])
def test_file_without_reports_is_refused(village: SampledUnit, tmp_path: Path, content: str) -> None:
    path = tmp_path / "reports.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(CommandError):
        call_command("note_deliveries", village.sample.round.code, str(path))


def test_reports_of_another_province_are_not_taken(village: SampledUnit) -> None:
    [message] = ledger(MessageStatus.SENT, village=village)
    elsewhere = make_user("elsewhere", *RIGHTS)
    province = type(village.province).objects.create(level="province", code="01", name="Hà Nội", sort_key="h")
    TerritoryMember.objects.create(user=elsewhere, province=province)
    reports = [DeliveryReport("p-0", is_delivered=False)]
    with pytest.raises(PermissionDenied):
        note_deliveries(
            round=village.sample.round, channel=Channel.SMS, reports=reports, user=make_user("nobody")
        )
    counts = note_deliveries(round=village.sample.round, channel=Channel.SMS, reports=reports, user=elsewhere)
    assert counts["unknown"] == 1
    assert state_of(message) == (MessageStatus.SENT, "")
