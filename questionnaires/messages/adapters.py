"""What a way of sending messages must be able to do."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message, ready to leave."""

    number: str
    """Our number for it; another attempt has another one."""
    case: str
    """Number of the case, for the record of demonstrations."""
    address: str
    """E-mail address, or mobile number as it is dialled inside the country."""
    text: str
    subject: str = ""
    html: str = ""
    template: str = ""
    """Number of the template at the provider, on channels that have such."""
    values: Mapping[str, str] = field(default_factory=dict)
    """What the placeholders stand for."""


class Outcome(StrEnum):
    """What became of an attempt."""

    SENT = "sent"
    FAILED = "failed"
    LATER = "later"
    """Not sent; another attempt may succeed."""
    UNKNOWN = "unknown"
    """Handed over without an answer: it may have been sent."""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one message."""

    number: str
    outcome: Outcome
    reason: str = ""
    """A code of `words.REASONS`, never words of the provider: those may hold the address."""
    provider_number: str = ""


UNREACHABLE, UNAUTHORISED = "unreachable", "unauthorised"
"""Reasons for which a channel takes nothing."""


class ChannelDownError(Exception):
    """Raised when a channel takes nothing at the moment; whatever has no result yet was not sent."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Adapter(Protocol):
    """A way of sending messages."""

    def send(self, batch: Sequence[Outgoing]) -> Iterator[Result]:
        """Send messages in their order and yield the result of each as soon as it is known."""
