"""Which channels can send: chosen by the settings, and in a demonstration always recorded instead."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from questionnaires.messages.adapters import Adapter
from questionnaires.messages.gateways import GatewayAdapter, GatewayFileError, read_gateway
from questionnaires.messages.mailing import MailAdapter
from questionnaires.messages.recorded import RecordingAdapter
from questionnaires.models import Channel
from sampling.models import SurveyRound


@dataclass(frozen=True, slots=True)
class ChannelState:
    """Whether a channel can send in a round, and what stands in the way."""

    channel: Channel
    is_recorded: bool = False
    is_set_up: bool = False
    problem: str = ""


def outbox_path(survey_round: SurveyRound) -> Path:
    """Return the file with the recorded messages of a demonstration."""
    return Path(settings.OUTBOX_ROOT) / f"round-{survey_round.pk}.jsonl"


def adapter_for(channel: str, survey_round: SurveyRound) -> Adapter | None:
    """Return the way of sending, None where none is set up; raise GatewayFileError for a bad description.

    A demonstration never sends anything to anybody.
    """
    if survey_round.is_demo:
        return RecordingAdapter(outbox_path(survey_round), channel)
    return ADAPTERS[channel]()


def channel_states(survey_round: SurveyRound) -> list[ChannelState]:
    """Return the state of every channel, for the page."""
    return [_state(channel, survey_round) for channel in Channel]


def _state(channel: Channel, survey_round: SurveyRound) -> ChannelState:
    try:
        adapter = adapter_for(channel, survey_round)
    except GatewayFileError as error:
        return ChannelState(channel, problem=str(error))
    return ChannelState(channel, is_recorded=survey_round.is_demo, is_set_up=adapter is not None)


def _mail() -> Adapter | None:
    """Return the way by mail, if there are a server and an address to send from."""
    if not (settings.INVITATION_MAILER and settings.EMAIL_SENDER):
        return None
    return MailAdapter(settings.EMAIL_SENDER, settings.EMAIL_UNSUBSCRIBE or settings.EMAIL_SENDER)


def _sms() -> Adapter | None:
    return _gateway(settings.SMS_GATEWAY)


def _zalo() -> Adapter | None:
    return _gateway(settings.ZALO_GATEWAY)


def _gateway(path: Path | None) -> Adapter | None:
    return GatewayAdapter(read_gateway(path)) if path else None


ADAPTERS: Mapping[str, Callable[[], Adapter | None]] = {
    Channel.EMAIL.value: _mail,
    Channel.SMS.value: _sms,
    Channel.ZALO.value: _zalo,
}
