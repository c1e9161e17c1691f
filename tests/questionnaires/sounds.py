"""Small recordings of every kind, made byte by byte."""

import io
import wave
import zipfile
from collections.abc import Mapping
from typing import Any

from questionnaires.models import Questionnaire, Recording
from questionnaires.selectors.recordings import recordings_of, studio_texts
from questionnaires.services import draft_to_document, latest_draft
from questionnaires.services.recordings import NewRecording, save_recordings

RATE = 8_000


def wav(seconds: float = 0.25, tone: int = 0) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE)
        sound.writeframes(bytes([tone, 0]) * int(RATE * seconds))
    return file.getvalue()


def mp3(n_frames: int = 10, tag: bytes = b"") -> bytes:
    """Frames of layer III, MPEG 2, 32 kbit/s, 22.05 kHz: 104 bytes and 576 samples each."""
    return tag + (bytes.fromhex("fff340c4") + bytes(100)) * n_frames


def ogg(
    head: bytes = b"OpusHead\x01\x01\x38\x01" + bytes(7), seconds: float = 1, n_streams: int = 1
) -> bytes:
    last = int(seconds * 48_000) + 312
    first = b"".join(_page(head, 2, 0, serial) for serial in range(n_streams))
    return first + _page(b"sound", 4, last, 0)


def _page(body: bytes, kind: int, granule: int, serial: int) -> bytes:
    head = b"OggS\0" + bytes([kind]) + granule.to_bytes(8, "little") + serial.to_bytes(4, "little")
    return head + bytes(8) + bytes([1, len(body)]) + body


def box(name: bytes, body: bytes = b"") -> bytes:
    return (len(body) + 8).to_bytes(4, "big") + name + body


def m4a(*handlers: bytes) -> bytes:
    tracks = b"".join(
        box(b"trak", box(b"hdlr", bytes(8) + each + bytes(12))) for each in handlers or (b"soun",)
    )
    return box(b"ftyp", b"M4A " + bytes(8)) + box(b"moov", tracks) + box(b"mdat", bytes(64))


def webm(*codecs: bytes) -> bytes:
    return b"\x1a\x45\xdf\xa3\x9fB\x82\x84webm" + b"".join(codecs or (b"A_OPUS",)) + bytes(64)


def archive(files: Mapping[str, bytes], **options: Any) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", **options) as packed:
        for name, content in files.items():
            packed.writestr(name, content)
    return file.getvalue()


def texts_of(questionnaire: Questionnaire, language: str = "vi") -> Any:
    stored = recordings_of(questionnaire).get(language, {})
    return studio_texts(draft_to_document(latest_draft(questionnaire)), language, stored)


def record(
    questionnaire: Questionnaire, *keys: str, language: str = "vi", source: str = Recording.Source.STUDIO
) -> list[Recording]:
    """Record texts of a draft, each with a sound of its own."""
    words = {each.text.key: each.text.words for each in texts_of(questionnaire, language)}
    new = [NewRecording(key, words[key], wav(tone=tone)) for tone, key in enumerate(keys, start=1)]
    return save_recordings(questionnaire=questionnaire, language=language, recordings=new, source=source)
