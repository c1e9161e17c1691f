"""Messages of a demonstration: written into a file in place of being sent."""

import json
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from questionnaires.messages.adapters import Outcome, Outgoing, Result

FOLDER_MODE, FILE_MODE = 0o700, 0o600
SHOWN = 50


@dataclass(frozen=True, slots=True)
class Recorded:
    """A message as somebody would have got it; to whom it would have gone is not kept."""

    channel: str
    case: str
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class RecordingAdapter:
    """Sends nothing: writes each message into a file that the page of the outbox shows."""

    path: Path
    channel: str

    def send(self, batch: Sequence[Outgoing]) -> Iterator[Result]:
        """Write each message down."""
        self.path.parent.mkdir(FOLDER_MODE, parents=True, exist_ok=True)
        self.path.touch(FILE_MODE)
        for message in batch:
            recorded = Recorded(self.channel, message.case, message.subject, message.text)
            with self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(recorded), ensure_ascii=False) + "\n")
            yield Result(message.number, Outcome.SENT, provider_number=f"demo-{message.number}")


def latest_recorded(path: Path) -> list[Recorded]:
    """Return the messages that were recorded last, the newest first."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8") as file:
        lines = deque(file, SHOWN)
    return [Recorded(**json.loads(line)) for line in reversed(lines)]
