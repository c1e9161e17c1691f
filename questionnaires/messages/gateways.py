"""Gateways of text messages and of Zalo: one POST of JSON for each message, described in a file."""

import http.client
import json
import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

from django.utils.translation import gettext as _

from questionnaires.messages.adapters import (
    UNAUTHORISED,
    UNREACHABLE,
    ChannelDownError,
    Outcome,
    Outgoing,
    Result,
)
from questionnaires.messages.addresses import international
from questionnaires.messages.placeholders import fill
from questionnaires.messages.words import with_number

LONGEST_ANSWER = 65_536
LONGEST_NUMBER = 80
DEFAULT_SECONDS = 10
AT_HOME = ("127.0.0.1", "localhost", "::1")
VALUES = "{values}"
"""Stands for the object of all placeholders, as a template message of Zalo wants it."""
REQUIRED = ("url", "body", "accepted")
KEYS = frozenset(
    {*REQUIRED, "headers", "secret_file", "number", "error", "stop_on", "retry_on", "timeout_seconds"}
)


class GatewayFileError(ValueError):
    """Raised when the description of a gateway cannot be used."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a gateway answered."""

    status: int
    content: bytes


class NotReachedError(OSError):
    """Raised when nothing was handed over."""


class NoAnswerError(OSError):
    """Raised when a message was handed over, or partly, and no answer came."""


type Post = Callable[[str, Mapping[str, str], bytes, float], Answer]


@dataclass(frozen=True, slots=True)
class Gateway:
    """Where and how a gateway wants a message, and how its answer is read."""

    url: str
    body: Mapping[str, Any]
    accepted: Mapping[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)
    secret_file: str = ""
    number: str = ""
    error: str = ""
    stop_on: tuple[Any, ...] = ()
    retry_on: tuple[Any, ...] = ()
    timeout_seconds: float = DEFAULT_SECONDS

    def __post_init__(self) -> None:
        address = urlsplit(self.url)
        if address.scheme != "https" and not (address.scheme == "http" and address.hostname in AT_HOME):
            raise GatewayFileError(
                _("url: expected an address that begins with https://, got %(got)s.") % {"got": self.url}
            )
        if not isinstance(self.body, dict) or not isinstance(self.headers, dict):
            raise GatewayFileError(_("body and headers: expected objects in braces."))
        if not isinstance(self.accepted, dict) or set(self.accepted) != {"field", "values"}:
            raise GatewayFileError(_("accepted: expected an object with “field” and “values”."))

    def headers_for(self) -> dict[str, str]:
        """Return the headers; the secret is read anew each time, so that it can be renewed."""
        secret = Path(self.secret_file).read_text(encoding="utf-8").strip() if self.secret_file else ""
        filled = {name: fill(str(value), {"secret": secret}) for name, value in self.headers.items()}
        return {"Content-Type": "application/json; charset=utf-8", **filled}

    def body_for(self, message: Outgoing) -> bytes:
        """Return what is posted for a message."""
        known = {
            "phone": international(message.address),
            "phone_local": message.address,
            "text": message.text,
            "number": message.number,
            "template": message.template,
        }
        filled = _filled(self.body, known, dict(message.values))
        return json.dumps(filled, ensure_ascii=False).encode()


def _filled(part: Any, known: Mapping[str, str], values: Mapping[str, str]) -> Any:
    """Fill the placeholders of a part of the body."""
    if isinstance(part, dict):
        return {key: _filled(value, known, values) for key, value in part.items()}
    if isinstance(part, list):
        return [_filled(value, known, values) for value in part]
    if part == VALUES:
        return values
    return fill(part, {**values, **known}) if isinstance(part, str) else part


def read_gateway(path: Path) -> Gateway:
    """Return the gateway that a JSON file describes, or say what is wrong with the file."""
    try:
        described = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise GatewayFileError(
            _("Expected a JSON file that describes a gateway in %(path)s, got: %(error)s")
            % {"path": path, "error": error}
        ) from error
    if not isinstance(described, dict) or not set(REQUIRED) <= set(described) <= KEYS:
        raise GatewayFileError(
            _("%(path)s: expected an object with %(required)s and, if wanted, %(others)s.")
            % {
                "path": path,
                "required": ", ".join(REQUIRED),
                "others": ", ".join(sorted(KEYS - set(REQUIRED))),
            }
        )
    described |= {key: tuple(described.get(key, ())) for key in ("stop_on", "retry_on")}
    return Gateway(**described)


def post_json(url: str, headers: Mapping[str, str], content: bytes, seconds: float) -> Answer:
    """Post once, without following a redirect; tell whether anything was handed over when it fails."""
    address = urlsplit(url)
    connection = _connection(address, seconds)
    try:
        connection.connect()
    except OSError as error:
        connection.close()
        raise NotReachedError(str(error)) from error
    try:
        target = f"{address.path or '/'}{'?' + address.query if address.query else ''}"
        connection.request("POST", target, body=content, headers=dict(headers))
        response = connection.getresponse()
        return Answer(response.status, response.read(LONGEST_ANSWER))
    except (OSError, http.client.HTTPException) as error:
        raise NoAnswerError(str(error)) from error
    finally:
        connection.close()


def _connection(address: SplitResult, seconds: float) -> http.client.HTTPConnection:
    """Return a connection that is not open yet."""
    host, port = address.hostname or "", address.port
    if address.scheme == "http":
        return http.client.HTTPConnection(host, port, timeout=seconds)
    return http.client.HTTPSConnection(host, port, timeout=seconds, context=ssl.create_default_context())


@dataclass(frozen=True, slots=True)
class GatewayAdapter:
    """Sends messages through a gateway, one after the other."""

    gateway: Gateway
    post: Post = post_json

    def send(self, batch: Sequence[Outgoing]) -> Iterator[Result]:
        """Post each message and read the answer."""
        for message in batch:
            yield self._one(message)

    def _one(self, message: Outgoing) -> Result:
        gateway = self.gateway
        try:
            headers = gateway.headers_for()
            answer = self.post(gateway.url, headers, gateway.body_for(message), gateway.timeout_seconds)
        except NoAnswerError:
            return Result(message.number, Outcome.UNKNOWN, "no_answer")
        except OSError as error:
            raise ChannelDownError(UNREACHABLE) from error
        return self._read(message, answer)

    def _read(self, message: Outgoing, answer: Answer) -> Result:
        """Return what an answer means; a server that stumbled may have sent the message all the same."""
        if answer.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            raise ChannelDownError(UNAUTHORISED)
        if answer.status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE):
            return Result(message.number, Outcome.LATER, f"provider:{answer.status}")
        if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return Result(message.number, Outcome.UNKNOWN, f"provider:{answer.status}")
        if answer.status >= HTTPStatus.MULTIPLE_CHOICES:
            return Result(message.number, Outcome.FAILED, f"provider:{answer.status}")
        try:
            return self._judge(message, json.loads(answer.content))
        except ValueError:
            return Result(message.number, Outcome.UNKNOWN, "no_answer")

    def _judge(self, message: Outgoing, content: Any) -> Result:
        """Look the fields up that tell whether the message was taken."""
        gateway = self.gateway
        found = _look_up(content, gateway.accepted["field"])
        if found in gateway.accepted["values"]:
            number = str(_look_up(content, gateway.number) or "") if gateway.number else ""
            return Result(message.number, Outcome.SENT, provider_number=number[:LONGEST_NUMBER])
        code = _look_up(content, gateway.error) if gateway.error else found
        if code in gateway.stop_on:
            raise ChannelDownError(with_number("provider", code))
        outcome = Outcome.LATER if code in gateway.retry_on else Outcome.FAILED
        return Result(message.number, outcome, with_number("provider", code))


def _look_up(content: Any, path: str) -> Any:
    """Return the value under a dotted path, None where there is none."""
    for key in path.split("."):
        content = content.get(key) if isinstance(content, dict) else None
    return content
