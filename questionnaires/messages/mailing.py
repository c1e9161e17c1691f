"""E-mail, through the mail backends of Django."""

import smtplib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django.core.mail import EmailMultiAlternatives, mailers

from questionnaires.messages.adapters import (
    UNAUTHORISED,
    UNREACHABLE,
    ChannelDownError,
    Outcome,
    Outgoing,
    Result,
)

ALIAS = "invitations"
"""The mailer of the settings that invitations leave by."""
PERMANENT = 500
"""Replies of a mail server from here on are final; below, another attempt may succeed."""


@dataclass(frozen=True, slots=True)
class MailAdapter:
    """Sends e-mail, all messages of a batch over one connection."""

    sender: str
    unsubscribe: str
    alias: str = ALIAS

    def send(self, batch: Sequence[Outgoing]) -> Iterator[Result]:
        """Send each message by itself; nobody sees who else was written to."""
        connection = mailers[self.alias]
        try:
            connection.open()
        except (OSError, smtplib.SMTPException) as error:
            raise ChannelDownError(UNREACHABLE) from error
        try:
            for message in batch:
                result = self._one(connection, message)
                yield result
                if result.outcome == Outcome.UNKNOWN:
                    raise ChannelDownError(UNREACHABLE)
        finally:
            connection.close()

    def _one(self, connection: Any, message: Outgoing) -> Result:
        """Hand one message to the server and translate its reply."""
        try:
            n_sent = connection.send_messages([self.mail(message)])
        except smtplib.SMTPSenderRefused as error:
            raise ChannelDownError(UNAUTHORISED) from error
        except smtplib.SMTPRecipientsRefused as error:
            replies = [code for code, _words in error.recipients.values()]
            return _refused(message, max(replies, default=PERMANENT), "refused")
        except smtplib.SMTPResponseException as error:
            return _refused(message, error.smtp_code, f"provider:{error.smtp_code}")
        except (OSError, smtplib.SMTPException):
            return Result(message.number, Outcome.UNKNOWN, "no_answer")
        return Result(message.number, Outcome.SENT) if n_sent else _refused(message, PERMANENT, "refused")

    def mail(self, message: Outgoing) -> EmailMultiAlternatives:
        """Return the message with its two forms and the headers that mail programs look at."""
        mail = EmailMultiAlternatives(
            subject=message.subject,
            body=message.text,
            from_email=self.sender,
            to=[message.address],
            reply_to=[self.unsubscribe],
            headers={
                "List-Unsubscribe": f"<mailto:{self.unsubscribe}?subject={quote(message.case)}>",
                "Auto-Submitted": "auto-generated",
            },
        )
        mail.attach_alternative(message.html, "text/html")
        return mail


def _refused(message: Outgoing, reply: int, reason: str) -> Result:
    """Return a failure, final or passing."""
    outcome = Outcome.FAILED if reply >= PERMANENT else Outcome.LATER
    return Result(message.number, outcome, reason)
