import datetime
import re
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone, translation
from wagtail.models import ModelLogEntry

from questionnaires.access_codes import MalformedCodeError, normalize
from questionnaires.messages.adapters import ChannelDownError, Outcome, Outgoing, Result
from questionnaires.models import AccessCode, Channel, Message, MessageStatus, Mode
from questionnaires.services import Submission, find_case, issue_codes, submit_single
from questionnaires.services.messages import (
    DeliveryReport,
    RoundUnnamedError,
    TextRefusedError,
    WaveRefusedError,
    fill_in,
    note_deliveries,
    preview_wave,
    queue_wave,
    retry_failed,
    save_template,
    send_queued,
    settle_unclear,
    stop_messages,
)
from questionnaires.services.messages.sending import ChannelsDownError, is_quiet, morning_after
from questionnaires.services.messages.texts import SAMPLE_CODE
from sampling.models import Case, Disposition, SampledUnit, TerritoryMember
from sampling.models.contacts import Contact
from sampling.models.rounds import RoundStatus
from sampling.services.issuing import record_objection
from tests.questionnaires.messaging import (
    RIGHTS,
    SMS,
    Provider,
    everybody,
    make_people,
    make_template,
    plug_in,
)
from tests.questionnaires.rounds import make_user, publish

pytestmark = pytest.mark.django_db
NOON = datetime.datetime(2026, 11, 20, 5, 0, tzinfo=datetime.UTC)
"""Noon in Viet Nam."""


@pytest.fixture(autouse=True)
def noon() -> Any:
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Provider:
    provider = Provider()
    plug_in(monkeypatch, provider)
    return provider


@pytest.fixture
def village() -> SampledUnit:
    return make_people()


@pytest.fixture
def user() -> Any:
    return make_user("supervisor", *RIGHTS)


def queued(village: SampledUnit, user: Any, *, days: int = 3, **changes: Any) -> int:
    template = make_template(village, **changes)
    wave = preview_wave(template=template, scope=everybody(village), days=days, user=user)
    return queue_wave(
        template=template,
        scope=everybody(village),
        days=days,
        number=wave.number,
        seen=wave.n_messages,
        user=user,
    )


def sent(village: SampledUnit) -> Any:
    return send_queued(round=village.sample.round)


def states() -> list[str]:
    return list(Message.objects.order_by("pk").values_list("status", flat=True))


def code_in(message: Outgoing) -> str:
    return re.search(r"/tham-gia/(\d{16})/", message.text)[1]


@pytest.mark.usefixtures("user")
def test_message_reaches_everybody_with_a_code_of_their_own(
    village: SampledUnit, user: Any, provider: Provider
) -> None:
    assert queued(village, user) == 3
    progress = sent(village)
    assert progress.counts["sent"] == 3
    assert progress.resume_at is None
    assert {find_case(code_in(message)) for message in provider.got} == set(village.cases.all())
    assert {message.address for message in provider.got} == {f"091200000{n}" for n in range(3)}


def test_code_of_the_letter_goes_on_working(village: SampledUnit, user: Any, provider: Provider) -> None:
    case = village.cases.first()
    letter = issue_codes(cases=[case])[case.pk]
    queued(village, user)
    sent(village)
    assert find_case(letter) == case
    assert AccessCode.objects.filter(case=case).count() == 2
    assert len(provider.got) == 3


@pytest.mark.usefixtures("provider")
def test_no_code_exists_before_its_message_leaves_and_none_is_kept(village: SampledUnit, user: Any) -> None:
    queued(village, user)
    assert not AccessCode.objects.exists()
    sent(village)
    kept = " ".join(str(row.__dict__) for model in (Message, AccessCode) for row in model.objects.all())
    assert not re.search(r"\b\d{16}\b", kept)
    assert "0912" not in kept


def test_confirming_twice_sends_once(village: SampledUnit, user: Any, provider: Provider) -> None:
    template = make_template(village)
    wave = preview_wave(template=template, scope=everybody(village), days=0, user=user)
    values = {"days": 0, "number": wave.number, "seen": wave.n_messages, "user": user}
    with time_machine.travel(NOON, tick=True):
        first = queue_wave(template=template, scope=everybody(village), **values)
        second = queue_wave(template=template, scope=everybody(village), **values)
    sent(village)
    assert (first, second, len(provider.got)) == (3, 0, 3)


def test_work_that_breaks_off_sends_nothing_twice(
    village: SampledUnit, user: Any, provider: Provider, noon: Any
) -> None:
    queued(village, user)

    def die_at_the_second(message: Outgoing) -> Result:
        if provider.got:
            raise KeyboardInterrupt
        return Result(message.number, Outcome.SENT)

    usual, provider.answer = provider.answer, die_at_the_second
    with pytest.raises(KeyboardInterrupt):
        sent(village)
    assert states() == ["sent", "sending", "sending"]
    provider.answer = usual
    sent(village)
    assert len(provider.got) == 1
    noon.shift(datetime.timedelta(minutes=16))
    sent(village)
    assert states() == ["sent", "unknown", "unknown"]
    assert len(provider.got) == 1


@pytest.mark.usefixtures("provider")
def test_person_settles_what_is_unclear(village: SampledUnit, user: Any) -> None:
    queued(village, user)
    Message.objects.update(status=MessageStatus.UNKNOWN)
    first = Message.objects.order_by("pk").first()
    round_ = village.sample.round
    assert settle_unclear(round=round_, number=first.pk, was_sent=True, user=user) == 1
    assert settle_unclear(round=round_, number=None, was_sent=False, user=user) == 2
    assert states() == ["sent", "queued", "queued"]


def test_objection_after_queueing_keeps_the_message_back(
    village: SampledUnit, user: Any, provider: Provider
) -> None:
    queued(village, user)
    record_objection(kind="phone", text="0912000000", channel="telephone", note="Gọi ngày 20/11")
    assert sent(village).counts == {"unclear": 0, "withheld": 1, "sent": 2}
    assert states()[0] == "withheld"
    assert "0912000000" not in {message.address for message in provider.got}


def test_objection_of_which_no_case_knows_yet_counts_too(
    village: SampledUnit, user: Any, provider: Provider
) -> None:
    queued(village, user)
    record_objection(kind="email", text="an.nguyen@example.com", channel="email", note="Thư ngày 20/11")
    Case.objects.update(disposition=Disposition.PENDING)
    sent(village)
    assert Message.objects.get(status="withheld").reason == "objection"
    assert len(provider.got) == 2


def test_whoever_answered_in_between_is_left_alone(
    village: SampledUnit, user: Any, provider: Provider
) -> None:
    publish(village.sample.round)
    queued(village, user)
    case = village.cases.order_by("pk").first()
    submission = Submission(case_id=case.pk, answers={"B1": 4, "B2": 5}, mode=Mode.PAPER)
    submit_single(round=village.sample.round, submission=submission)
    sent(village)
    assert Message.objects.get(case=case).reason == "answered"
    assert len(provider.got) == 2


@pytest.mark.parametrize("outcome", [Disposition.REFUSAL, Disposition.COMPLETE, Disposition.NOT_ELIGIBLE])
@pytest.mark.usefixtures("provider")
def test_nobody_is_queued_after_a_last_word(village: SampledUnit, user: Any, outcome: Disposition) -> None:
    Case.objects.filter(pk=village.cases.first().pk).update(disposition=outcome)
    assert queued(village, user) == 2


@pytest.mark.usefixtures("provider")
def test_who_is_left_out_is_counted_by_reason(village: SampledUnit, user: Any) -> None:
    first, second, third = Contact.objects.order_by("pk")
    Contact.objects.filter(pk=first.pk).update(phone="")
    Contact.objects.filter(pk=second.pk).update(phone="024 3825 1234")
    record_objection(kind="phone", text=third.phone, channel="telephone", note="Gọi ngày 20/11")
    Case.objects.update(disposition=Disposition.PENDING)
    wave = preview_wave(template=make_template(village), scope=everybody(village), days=3, user=user)
    assert wave.n_messages == 0
    assert wave.audience.left_out == {"no_address": 1, "bad_address": 1, "objection": 1}


@pytest.mark.usefixtures("provider")
def test_telephone_of_an_agent_gets_no_codes(village: SampledUnit, user: Any) -> None:
    Contact.objects.update(phone="0912 000 000")
    wave = preview_wave(template=make_template(village), scope=everybody(village), days=3, user=user)
    assert wave.audience.left_out == {"shared_address": 3}


@pytest.mark.usefixtures("provider")
def test_nobody_is_written_to_again_within_the_days(village: SampledUnit, user: Any, noon: Any) -> None:
    queued(village, user)
    template = Message.objects.first().template
    soon = preview_wave(template=template, scope=everybody(village), days=3, user=user)
    noon.shift(datetime.timedelta(days=4))
    village.sample.round.closes_at = timezone.now() + datetime.timedelta(days=9)
    village.sample.round.save()
    template.refresh_from_db()
    later = preview_wave(template=template, scope=everybody(village), days=3, user=user)
    assert (soon.n_messages, later.n_messages, later.number) == (0, 3, 2)


@pytest.mark.usefixtures("provider")
def test_nobody_is_invited_twice_on_one_channel(village: SampledUnit, user: Any) -> None:
    assert queued(village, user, purpose="invitation", days=0) == 3
    template = Message.objects.first().template
    assert not preview_wave(template=template, scope=everybody(village), days=0, user=user).n_messages


def test_thanks_go_to_those_who_answered_and_hold_no_code(
    village: SampledUnit, user: Any, provider: Provider
) -> None:
    Case.objects.filter(pk=village.cases.first().pk).update(disposition=Disposition.COMPLETE)
    body = "{agency} ({decision}) cam on. Hoi: {telephone}"
    assert queued(village, user, purpose="thanks", body=body) == 1
    sent(village)
    assert provider.got[0].text == "Bo Noi vu (12/QD-BNV) cam on. Hoi: 1900 0000"
    assert not AccessCode.objects.exists()


def test_refused_message_leaves_the_earlier_code_working(
    village: SampledUnit, user: Any, provider: Provider
) -> None:
    case = village.cases.order_by("pk").first()
    earlier = issue_codes(cases=[case], carrier=AccessCode.Carrier.MESSAGE)[case.pk]
    queued(village, user)
    provider.says(Outcome.FAILED, "refused")
    sent(village)
    assert states() == ["failed"] * 3
    assert find_case(earlier) == case
    assert AccessCode.objects.count() == 1


def test_failed_messages_are_sent_again_when_a_person_asks(
    village: SampledUnit, user: Any, provider: Provider
) -> None:
    queued(village, user)
    usual = provider.answer
    provider.says(Outcome.FAILED, "refused")
    sent(village)
    provider.answer = usual
    assert retry_failed(round=village.sample.round, user=user) == 3
    sent(village)
    assert states() == ["sent"] * 3


@pytest.mark.parametrize("is_unclear", [False, True])
def test_each_sending_has_a_number_of_its_own_and_reports_of_an_earlier_one_are_past(
    village: SampledUnit, user: Any, provider: Provider, *, is_unclear: bool
) -> None:
    round_ = village.sample.round
    queued(village, user)
    sent(village)
    first = list(provider.got)
    reports = [
        DeliveryReport(number, is_delivered=False)
        for message in first
        for number in (message.number, f"p-{message.number}")
    ]
    if is_unclear:
        Message.objects.update(status=MessageStatus.UNKNOWN)
        assert settle_unclear(round=round_, number=None, was_sent=False, user=user) == 3
    else:
        note_deliveries(round=round_, channel=Channel.SMS, reports=reports)
        assert retry_failed(round=round_, user=user) == 3
    provider.says(Outcome.UNKNOWN, "timeout")
    sent(village)
    assert len({message.number for message in provider.got}) == 6
    assert set(Message.objects.values_list("n_attempts", flat=True)) == {2}
    assert note_deliveries(round=round_, channel=Channel.SMS, reports=reports)["failed"] == 0
    assert states() == ["unknown"] * 3


def test_message_that_is_queued_again_may_be_put_off_again(
    village: SampledUnit, user: Any, provider: Provider, noon: Any
) -> None:
    queued(village, user)
    provider.says(Outcome.LATER, "provider:429")
    for n_sent in (9, 18):
        for _attempt in range(3):
            sent(village)
            noon.shift(datetime.timedelta(minutes=6))
        assert len(provider.got) == n_sent
        assert states() == ["failed"] * 3
        assert retry_failed(round=village.sample.round, user=user) == 3


def test_message_that_is_put_off_is_tried_three_times(
    village: SampledUnit, user: Any, provider: Provider, noon: Any
) -> None:
    queued(village, user)
    provider.says(Outcome.LATER, "provider:429")
    for _attempt in range(3):
        progress = sent(village)
        noon.shift(datetime.timedelta(minutes=6))
    assert len(provider.got) == 9
    assert states() == ["failed"] * 3
    assert progress.resume_at is None


def test_channel_that_is_down_gives_everything_back(
    village: SampledUnit, user: Any, provider: Provider
) -> None:
    queued(village, user)
    provider.fails_with(ChannelDownError("unauthorised"))
    progress = sent(village)
    assert states() == ["queued"] * 3
    assert not AccessCode.objects.exists()
    assert set(Message.objects.values_list("n_attempts", "begun_at")) == {(0, None)}
    with translation.override("en"), pytest.raises(ChannelsDownError, match="does not accept our account"):
        progress.refuse_down()


def test_rate_is_kept_and_the_rest_follows(
    village: SampledUnit, user: Any, provider: Provider, settings: Any, noon: Any
) -> None:
    settings.MESSAGES_PER_MINUTE = 2
    queued(village, user)
    progress = sent(village)
    assert len(provider.got) == 2
    assert progress.resume_at == NOON + datetime.timedelta(minutes=1)
    noon.shift(datetime.timedelta(seconds=61))
    assert sent(village).resume_at is None
    assert len(provider.got) == 3


@pytest.mark.parametrize(("hour", "is_night"), [(20, False), (21, True), (0, True), (6, True), (7, False)])
def test_no_telephone_rings_at_night(hour: int, is_night: bool) -> None:  # noqa: FBT001 - parametrised
    moment = datetime.datetime(2026, 11, 20, hour, 30, tzinfo=timezone.get_current_timezone())
    assert is_quiet("sms", moment) == is_quiet("zalo", moment) == is_night
    assert not is_quiet("email", moment)


def test_night_ends_at_seven_of_the_next_morning() -> None:
    zone = timezone.get_current_timezone()
    late, early = (datetime.datetime(2026, 11, 20, hour, 30, tzinfo=zone) for hour in (22, 5))
    assert morning_after(late) == datetime.datetime(2026, 11, 21, 7, tzinfo=zone)
    assert morning_after(early) == datetime.datetime(2026, 11, 20, 7, tzinfo=zone)


def test_at_night_text_messages_wait_for_the_morning(
    village: SampledUnit, user: Any, provider: Provider, noon: Any
) -> None:
    queued(village, user)
    noon.shift(datetime.timedelta(hours=10))
    progress = sent(village)
    assert provider.got == []
    assert progress.resume_at == datetime.datetime(2026, 11, 21, 0, 0, tzinfo=datetime.UTC)


def test_what_waits_is_withheld_once_the_round_is_closed(
    village: SampledUnit, user: Any, provider: Provider
) -> None:
    queued(village, user)
    village.sample.round.status = RoundStatus.CLOSED
    village.sample.round.save()
    sent(village)
    assert set(Message.objects.values_list("status", "reason")) == {("withheld", "closed")}
    assert provider.got == []


@pytest.mark.usefixtures("provider")
def test_waiting_messages_can_be_stopped(village: SampledUnit, user: Any) -> None:
    queued(village, user)
    assert stop_messages(round=village.sample.round, user=user) == 3
    assert set(Message.objects.values_list("status", "reason")) == {("withheld", "stopped")}


@pytest.mark.usefixtures("provider")
def test_person_of_another_province_sends_nothing_here(village: SampledUnit) -> None:
    elsewhere = make_user("elsewhere", *RIGHTS)
    province = type(village.province).objects.create(level="province", code="01", name="Hà Nội", sort_key="h")
    TerritoryMember.objects.create(user=elsewhere, province=province)
    template = make_template(village)
    wave = preview_wave(template=template, scope=everybody(village), days=3, user=elsewhere)
    assert wave.n_messages == 0


@pytest.mark.usefixtures("provider")
def test_sending_needs_its_right(village: SampledUnit) -> None:
    with pytest.raises(PermissionDenied):
        queued(village, make_user("clerk", "questionnaires.view_message"))
    with pytest.raises(PermissionDenied):
        stop_messages(round=village.sample.round, user=make_user("other"))
    assert not Message.objects.exists()


@pytest.mark.usefixtures("provider")
def test_larger_wave_than_was_looked_at_is_refused(village: SampledUnit, user: Any) -> None:
    template = make_template(village)
    with translation.override("en"), pytest.raises(WaveRefusedError, match="now it would be 3"):
        queue_wave(template=template, scope=everybody(village), days=3, number=1, seen=2, user=user)


def test_channel_that_is_not_set_up_says_so(village: SampledUnit, user: Any) -> None:
    with translation.override("en"), pytest.raises(WaveRefusedError, match="not set up"):
        queued(village, user)


@pytest.mark.usefixtures("provider")
def test_round_without_decision_sends_nothing(user: Any) -> None:
    with translation.override("en"), pytest.raises(RoundUnnamedError, match="decision number"):
        queued(make_people(decision=""), user)


def test_demonstration_sends_to_nobody(user: Any, provider: Provider, settings: Any, tmp_path: Any) -> None:
    settings.OUTBOX_ROOT = tmp_path
    village = make_people(is_demo=True)
    queued(village, user)
    assert sent(village).counts["sent"] == 3
    assert provider.got == []
    [file] = tmp_path.iterdir()
    recorded = file.read_text()
    assert recorded.count("/tham-gia/") == 3
    assert "0912" not in recorded


def test_template_is_kept_only_in_order(village: SampledUnit, user: Any) -> None:
    template = make_template(village)
    template.body = "Gui ma OTP: {link} {name}"
    with translation.override("en"), pytest.raises(TextRefusedError) as caught:
        save_template(template=template, user=user)
    codes = [problem.code for problem in caught.value.problems]
    assert codes == ["placeholder_unknown", *["placeholder_missing"] * 3, "asks_for"]
    template.refresh_from_db()
    assert template.body == SMS


def test_template_of_a_national_round_is_not_for_a_province(village: SampledUnit) -> None:
    tied = make_user("tied", *RIGHTS)
    TerritoryMember.objects.create(user=tied, province=village.province)
    with pytest.raises(PermissionDenied):
        save_template(template=make_template(village), user=tied)


def test_decomposed_vietnamese_is_composed_when_it_is_kept(village: SampledUnit, user: Any) -> None:
    template = make_template(village, is_unaccented=False)
    template.body = f"Mơ\u0300i: {SMS}"
    save_template(template=template, user=user)
    assert template.body.startswith("Mời")


def test_text_message_leaves_without_marks_and_fits_one_segment(village: SampledUnit) -> None:
    text = fill_in(make_template(village, body="{agency} mời Ông/Bà: {link} QĐ {decision} ĐT {telephone}"))
    assert text.text.startswith("Bo Noi vu moi Ong/Ba: http://127.0.0.1:8000/tham-gia/0000000000000001/")
    assert (text.segments.encoding.name, text.segments.n_segments) == ("GSM-7", 1)


def test_english_message_leads_to_the_english_page(village: SampledUnit) -> None:
    text = fill_in(make_template(village, language="en"))
    assert "/en/tham-gia/" in text.text
    assert text.text.startswith("Ministry of Home Affairs")


@pytest.mark.parametrize(
    "words", ["<script>alert(1)</script>", "Tiêu đề & “dấu”", "ភាសាខ្មែរ 𝕏 🌾", "line\r\nBcc: x@example.com"]
)
def test_naughty_words_stay_words_in_an_email(village: SampledUnit, words: str) -> None:
    body = f"{words} {{agency}} {{decision}} {{telephone}}\n\n{{link}}"
    text = fill_in(make_template(village, channel="email", subject=words, body=body))
    assert "<script>" not in text.html
    assert "\n" not in text.subject
    assert text.html.count("<a href=") == 2
    assert text.text.count("/quyen-du-lieu/?quyen=erase") == 1


def test_email_leads_to_the_wish_not_to_be_contacted(client: Client, village: SampledUnit) -> None:
    body = "{agency} {decision} {telephone} {link}"
    text = fill_in(make_template(village, channel="email", subject="x", body=body))
    [address] = re.findall(r"/quyen-du-lieu/\?quyen=erase", text.html)[:1]
    page = client.get(address).content.decode()
    assert re.search(r'value="erase"[^>]* checked', page)


@pytest.mark.usefixtures("provider")
def test_every_step_is_on_record_without_addresses(village: SampledUnit, user: Any) -> None:
    queued(village, user)
    sent(village)
    actions = ModelLogEntry.objects.filter(action__endswith="_messages").order_by("pk")
    assert list(actions.values_list("action", flat=True)) == [
        "questionnaires.queue_messages",
        "questionnaires.send_messages",
    ]
    assert actions[0].data["messages"] == 3
    assert "0912" not in str([entry.data for entry in actions])


def test_demonstration_may_be_shown_at_night(user: Any, settings: Any, tmp_path: Any, noon: Any) -> None:
    settings.OUTBOX_ROOT = tmp_path
    village = make_people(is_demo=True)
    queued(village, user)
    noon.shift(datetime.timedelta(hours=10))
    assert sent(village).counts["sent"] == 3


def test_code_of_previews_is_one_that_nobody_can_have() -> None:
    with pytest.raises(MalformedCodeError, match="last digit"):
        normalize(SAMPLE_CODE)
