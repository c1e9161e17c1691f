import json
import smtplib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.utils import translation

from questionnaires.messages import gateways
from questionnaires.messages.adapters import ChannelDownError, Outcome, Outgoing
from questionnaires.messages.addresses import email_address, mobile_number
from questionnaires.messages.gateways import (
    Answer,
    Gateway,
    GatewayAdapter,
    GatewayFileError,
    NoAnswerError,
    NotReachedError,
    post_json,
    read_gateway,
)
from questionnaires.messages.mailing import MailAdapter
from questionnaires.messages.recorded import RecordingAdapter, latest_recorded

SMS = {
    "url": "https://sms.example.vn/send?v=1",
    "headers": {"Authorization": "Bearer {secret}"},
    "body": {"to": "{phone}", "local": ["{phone_local}"], "text": "{text}", "id": "{number}", "flash": False},
    "accepted": {"field": "status", "values": [0, "ok"]},
    "number": "message.id",
}
ZALO = {
    "url": "https://business.openapi.zalo.me/message/template",
    "headers": {"access_token": "{secret}"},
    "body": {
        "phone": "{phone}",
        "template_id": "{template}",
        "template_data": "{values}",
        "tracking_id": "{number}",
    },
    "accepted": {"field": "error", "values": [0]},
    "number": "data.msg_id",
    "stop_on": [-124],
    "retry_on": [-115],
}
MESSAGE = Outgoing(
    "7-1", "01-001", "0912345678", 'Moi "Ong/Ba"', values={"link": "https://x"}, template="123"
)


class Gate:
    """A gateway that answers as told and keeps what was posted."""

    def __init__(self, status: int = 200, content: Any = None, error: OSError | None = None) -> None:
        self.status, self.content, self.error = status, content, error
        self.posted: list[tuple[str, Mapping[str, str], Any]] = []

    def __call__(self, url: str, headers: Mapping[str, str], content: bytes, _seconds: float) -> Answer:
        if self.error:
            raise self.error
        self.posted.append((url, headers, json.loads(content)))
        raw = self.content if isinstance(self.content, bytes) else json.dumps(self.content).encode()
        return Answer(self.status, raw)


def described(tmp_path: Path, values: Any) -> Path:
    path = tmp_path / "gateway.json"
    path.write_text(json.dumps(values))
    return path


def adapter(tmp_path: Path, gate: Gate, values: Any = SMS) -> GatewayAdapter:
    return GatewayAdapter(read_gateway(described(tmp_path, values)), gate)


def test_gateway_gets_what_its_file_describes(tmp_path: Path) -> None:
    secret = tmp_path / "token"
    secret.write_text("s3cret\n")
    gate = Gate(content={"status": "ok", "message": {"id": 42}})
    [result] = adapter(tmp_path, gate, SMS | {"secret_file": str(secret)}).send([MESSAGE])
    [(url, headers, body)] = gate.posted
    assert url == SMS["url"]
    assert headers["Authorization"] == "Bearer s3cret"
    assert body == {
        "to": "84912345678",
        "local": ["0912345678"],
        "text": 'Moi "Ong/Ba"',
        "id": "7-1",
        "flash": False,
    }
    assert (result.outcome, result.provider_number) == (Outcome.SENT, "42")


def test_zalo_gets_a_template_message(tmp_path: Path) -> None:
    gate = Gate(content={"error": 0, "message": "Success", "data": {"msg_id": "ab1"}})
    [result] = adapter(tmp_path, gate, ZALO).send([MESSAGE])
    assert gate.posted[0][2] == {
        "phone": "84912345678",
        "template_id": "123",
        "template_data": {"link": "https://x"},
        "tracking_id": "7-1",
    }
    assert (result.outcome, result.provider_number) == (Outcome.SENT, "ab1")


@pytest.mark.parametrize(
    ("status", "content", "outcome", "reason"),
    [
        (200, {"error": -118}, Outcome.FAILED, "provider:-118"),
        (200, {"error": -115}, Outcome.LATER, "provider:-115"),
        (200, {"error": "no account 84912345678"}, Outcome.FAILED, "provider"),
        (200, b"<html>", Outcome.UNKNOWN, "no_answer"),
        (400, {}, Outcome.FAILED, "provider:400"),
        (302, {}, Outcome.FAILED, "provider:302"),
        (429, {}, Outcome.LATER, "provider:429"),
        (500, {}, Outcome.UNKNOWN, "provider:500"),
        (503, {}, Outcome.LATER, "provider:503"),
    ],
)
def test_answers_are_told_apart(
    tmp_path: Path, status: int, content: Any, outcome: Outcome, reason: str
) -> None:
    [result] = adapter(tmp_path, Gate(status, content), ZALO).send([MESSAGE])
    assert (result.outcome, result.reason) == (outcome, reason)


@pytest.mark.parametrize(
    ("gate", "reason"),
    [
        (Gate(401), "unauthorised"),
        (Gate(200, {"error": -124}), "provider:-124"),
        (Gate(error=NotReachedError("x")), "unreachable"),
    ],
)
def test_gateway_that_takes_nothing_stops_the_batch(tmp_path: Path, gate: Gate, reason: str) -> None:
    with pytest.raises(ChannelDownError) as caught:
        list(adapter(tmp_path, gate, ZALO).send([MESSAGE]))
    assert caught.value.reason == reason


def test_silence_after_handing_over_is_unclear(tmp_path: Path) -> None:
    [result] = adapter(tmp_path, Gate(error=NoAnswerError("x"))).send([MESSAGE])
    assert result.outcome == Outcome.UNKNOWN


def test_secret_that_cannot_be_read_sends_nothing(tmp_path: Path) -> None:
    with pytest.raises(ChannelDownError):
        list(adapter(tmp_path, Gate(), SMS | {"secret_file": str(tmp_path / "gone")}).send([MESSAGE]))


@pytest.mark.parametrize(
    "values",
    [
        [],
        {"url": "https://x"},
        SMS | {"url": "http://sms.example.vn/"},
        SMS | {"extra": 1},
        SMS | {"body": []},
        SMS | {"accepted": {"field": "x"}},
    ],
)
def test_bad_description_is_refused(tmp_path: Path, values: Any) -> None:
    with translation.override("en"), pytest.raises(GatewayFileError, match="xpected"):
        read_gateway(described(tmp_path, values))


def test_missing_description_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GatewayFileError):
        read_gateway(tmp_path / "none.json")


class Line:
    """A connection on a script."""

    def __init__(self, fails_at: str = "") -> None:
        self.fails_at, self.asked, self.is_closed = fails_at, "", False
        self.status = 200

    def __call__(self, *_address: Any, **_options: Any) -> "Line":
        return self

    def _step(self, name: str) -> None:
        if self.fails_at == name:
            raise TimeoutError(name)

    def connect(self) -> None:
        self._step("connect")

    def request(self, method: str, target: str, **_values: Any) -> None:
        self._step("request")
        self.asked = f"{method} {target}"

    def getresponse(self) -> "Line":
        self._step("answer")
        return self

    def read(self, _most: int) -> bytes:
        return b"{}"

    def close(self) -> None:
        self.is_closed = True


def test_post_asks_once(monkeypatch: pytest.MonkeyPatch) -> None:
    line = Line()
    monkeypatch.setattr(gateways.http.client, "HTTPSConnection", line)
    assert post_json("https://x.example/send?v=1", {}, b"{}", 1) == Answer(200, b"{}")
    assert (line.asked, line.is_closed) == ("POST /send?v=1", True)


@pytest.mark.parametrize(
    ("step", "error"), [("connect", NotReachedError), ("request", NoAnswerError), ("answer", NoAnswerError)]
)
def test_post_tells_whether_anything_was_handed_over(
    monkeypatch: pytest.MonkeyPatch, step: str, error: type[OSError]
) -> None:
    line = Line(step)
    monkeypatch.setattr(gateways.http.client, "HTTPSConnection", line)
    with pytest.raises(error):
        post_json("https://x.example/", {}, b"{}", 1)
    assert line.is_closed


def test_plain_address_is_for_this_machine_only() -> None:
    values = {"body": {}, "accepted": SMS["accepted"]}
    assert Gateway("http://127.0.0.1:8080/", **values).url
    with pytest.raises(GatewayFileError):
        Gateway("ftp://127.0.0.1/", **values)


LETTER = Outgoing("9-1", "01-001", "an@example.com", "Kính gửi", "Lời mời", "<p>Kính gửi</p>")
MAILER = MailAdapter("khaosat@example.vn", "dung@example.vn")


def test_email_has_both_forms_and_a_way_out() -> None:
    [result] = MAILER.send([LETTER])
    [sent] = mail.outbox
    assert result.outcome == Outcome.SENT
    assert sent.to == ["an@example.com"]
    assert sent.reply_to == ["dung@example.vn"]
    assert sent.extra_headers["List-Unsubscribe"] == "<mailto:dung@example.vn?subject=01-001>"
    assert [kind for _content, kind in sent.alternatives] == ["text/html"]
    assert b"Subject: =?utf-8?" in sent.message().as_bytes()


@pytest.mark.parametrize(
    ("error", "outcome", "reason"),
    [
        (smtplib.SMTPRecipientsRefused({"an@example.com": (550, b"no an@example.com")}), "failed", "refused"),
        (smtplib.SMTPRecipientsRefused({"an@example.com": (450, b"later")}), "later", "refused"),
        (smtplib.SMTPDataError(554, b"spam"), "failed", "provider:554"),
        (smtplib.SMTPDataError(421, b"busy"), "later", "provider:421"),
    ],
)
def test_replies_of_a_mail_server_are_told_apart(
    monkeypatch: pytest.MonkeyPatch, error: Exception, outcome: str, reason: str
) -> None:
    def fail(*_messages: Any) -> int:
        raise error

    monkeypatch.setattr(EmailBackend, "send_messages", fail)
    [result] = MAILER.send([LETTER])
    assert (result.outcome, result.reason) == (outcome, reason)


def test_mail_server_that_hangs_up_leaves_one_message_unclear(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_messages: Any) -> int:
        raise smtplib.SMTPServerDisconnected

    monkeypatch.setattr(EmailBackend, "send_messages", fail)
    results = MAILER.send([LETTER, LETTER])
    assert next(results).outcome == Outcome.UNKNOWN
    with pytest.raises(ChannelDownError):
        next(results)


@pytest.mark.parametrize("step", ["open", "send_messages"])
def test_mail_server_that_refuses_us_stops_the_batch(monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    def fail(*_messages: Any) -> int:
        raise smtplib.SMTPSenderRefused(553, b"no", "khaosat@example.vn")

    monkeypatch.setattr(EmailBackend, step, fail)
    with pytest.raises(ChannelDownError):
        list(MAILER.send([LETTER]))


def test_recording_keeps_no_address(tmp_path: Path) -> None:
    path = tmp_path / "outbox" / "round.jsonl"
    [result] = RecordingAdapter(path, "sms").send([MESSAGE])
    assert result.outcome == Outcome.SENT
    assert [each.text for each in latest_recorded(path)] == [MESSAGE.text]
    assert "0912" not in path.read_text()
    assert path.stat().st_mode & 0o077 == 0
    assert latest_recorded(tmp_path / "none") == []


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("0912345678", "0912345678"),
        ("+84 912 345 678", "0912345678"),
        ("84912345678", "0912345678"),
        ("0084-0912-345-678", "0912345678"),
        ("091234567", ""),
        ("02438251234", ""),
        ("０912345678", ""),
        ("0912345678 / 0987654321", ""),
        ("=cmd()", ""),
    ],
)
def test_mobile_numbers_are_read_as_people_write_them(typed: str, number: str) -> None:
    assert mobile_number(typed) == number


@pytest.mark.parametrize(
    "typed", ["a@b", "a b@example.vn", "a@example.vn\nBcc: x@example.vn", "a@@example.vn", "@x.vn"]
)
def test_what_is_no_email_address_is_left_out(typed: str) -> None:
    assert email_address(typed) == ""
