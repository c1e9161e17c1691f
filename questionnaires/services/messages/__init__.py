"""Invitations and reminders: templates, waves, sending."""

from questionnaires.services.messages.channels import ChannelState, adapter_for, channel_states, outbox_path
from questionnaires.services.messages.deliveries import DeliveryReport, note_deliveries
from questionnaires.services.messages.sending import Progress, send_queued
from questionnaires.services.messages.texts import (
    RoundUnnamedError,
    Text,
    TextRefusedError,
    fill_in,
    problems_of,
    refuse_unnamed,
    save_template,
)
from questionnaires.services.messages.waves import (
    Wave,
    WaveRefusedError,
    preview_wave,
    queue_wave,
    retry_failed,
    settle_unclear,
    stop_messages,
)

__all__ = [
    "ChannelState",
    "DeliveryReport",
    "Progress",
    "RoundUnnamedError",
    "Text",
    "TextRefusedError",
    "Wave",
    "WaveRefusedError",
    "adapter_for",
    "channel_states",
    "fill_in",
    "note_deliveries",
    "outbox_path",
    "preview_wave",
    "problems_of",
    "queue_wave",
    "refuse_unnamed",
    "retry_failed",
    "save_template",
    "send_queued",
    "settle_unclear",
    "stop_messages",
]
