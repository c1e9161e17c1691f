"""Kinds of recordings that browsers play, told apart by what is in the file, never by its name."""

import io
import re
import wave
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

LARGEST_SOUND = 3 * 1024 * 1024
"""Bytes of one recording: half a minute uncompressed, minutes in any other kind."""
HEAVY_SOUND = 200 * 1024
"""Bytes above which a recording takes a weak connection several seconds."""
MEDIA_TYPES: Mapping[str, str] = {
    "ogg": "audio/ogg",
    "mp3": "audio/mpeg",
    "m4a": "audio/mp4",
    "wav": "audio/wav",
    "webm": "audio/webm",
}
"""The type each kind is sent as, by the ending of its stored name."""
LARGEST_HEAD = 4096
OPUS_RATE = 48_000
MOST_CHANNELS = 2


class UnfitSoundError(ValueError):
    """Raised for a file that is no recording, damaged, empty or too large."""


@dataclass(frozen=True, slots=True)
class Sound:
    """A recording: its kind as the ending of a name, and how long it lasts where the file tells."""

    extension: str
    seconds: float | None = None


def recognise(content: bytes) -> Sound:
    """Return what kind of recording a file is.

    Parameters
    ----------
    content : bytes
        The whole file.

    Raises
    ------
    UnfitSoundError
        If it is empty, too large, damaged or none of the kinds that browsers play.
    """
    if not content:
        raise UnfitSoundError(_("The file is empty. Record the text again."))
    if len(content) > LARGEST_SOUND:
        raise UnfitSoundError(
            _("The recording is larger than %(limit)d MB. Save it as Opus or MP3, or record a shorter one.")
            % {"limit": LARGEST_SOUND // 1024**2}
        )
    found = next(filter(None, (read(content) for read in READERS)), None)
    if found is None:
        raise UnfitSoundError(
            _("Expected a recording (Ogg Opus, MP3, M4A, WAV or WebM), got another or a damaged file.")
        )
    return found


def _ogg(content: bytes) -> Sound | None:
    """Read Ogg: pages without a gap, one stream of Opus or Vorbis."""
    position, granule, head, n_streams = 0, 0, b"", 0
    while content[position : position + 4] == b"OggS" and position + 27 <= len(content):
        n_segments = content[position + 26]
        body = position + 27 + n_segments
        length = sum(content[position + 27 : body])
        if content[position + 5] & 2:
            n_streams, head = n_streams + 1, head or content[body : body + length]
        granule = max(granule, int.from_bytes(content[position + 6 : position + 14], "little", signed=True))
        position = body + length
    if position != len(content) or n_streams != 1:
        return None
    if head.startswith(b"OpusHead"):
        skipped = int.from_bytes(head[10:12], "little")
        return Sound("ogg", max(granule - skipped, 0) / OPUS_RATE)
    rate = int.from_bytes(head[12:16], "little") if head.startswith(b"\x01vorbis") else 0
    return Sound("ogg", granule / rate) if rate else None


_KBITS = (
    (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
)
_RATES = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}
_FEWEST_FRAMES = 3
_MPEG_1 = 3
_LAYER_3 = 1
_SYNC = 0x7FF


def _mp3(content: bytes) -> Sound | None:
    """Read MP3: after a tag, frames one behind the other."""
    position = _end_of_tag(content)
    n_frames, seconds = 0, 0.0
    while frame := _mp3_frame(content[position : position + 4]):
        length, lasts = frame
        position, n_frames, seconds = position + length, n_frames + 1, seconds + lasts
    is_whole = position >= len(content) or content.startswith((b"TAG", b"APE", b"\0"), position)
    return Sound("mp3", seconds) if n_frames >= _FEWEST_FRAMES and is_whole else None


def _end_of_tag(content: bytes) -> int:
    """Return where an ID3 tag at the beginning ends."""
    if not content.startswith(b"ID3"):
        return 0
    size = 0
    for byte in content[6:10]:
        size = size << 7 | byte & 0x7F
    return size + 10


def _mp3_frame(head: bytes) -> tuple[int, float] | None:
    """Return the bytes and seconds of a frame of layer III, None where there is none."""
    bits = int.from_bytes(head, "big")
    version, layer = bits >> 19 & 3, bits >> 17 & 3
    bitrate, rate = bits >> 12 & 15, bits >> 10 & 3
    is_frame = bits >> 21 == _SYNC and layer == _LAYER_3 and version in _RATES
    if not is_frame or bitrate in {0, 15} or rate not in range(3):
        return None
    samples = 1152 if version == _MPEG_1 else 576
    hertz = _RATES[version][rate]
    length = samples // 8 * 1000 * _KBITS[version == _MPEG_1][bitrate] // hertz + (bits >> 9 & 1)
    return length, samples / hertz


_HANDLERS = re.compile(rb"hdlr.{8}(.{4})", re.DOTALL)


def _m4a(content: bytes) -> Sound | None:
    """Read MPEG-4: boxes without a gap, a track of sound and none of pictures."""
    if content[4:8] != b"ftyp":
        return None
    boxes = _boxes(content)
    if boxes is None:
        return None
    handlers = set(_HANDLERS.findall(boxes.get(b"moov", b"")))
    return Sound("m4a") if b"soun" in handlers and b"vide" not in handlers else None


def _boxes(content: bytes) -> dict[bytes, bytes] | None:
    """Return the first box of each name, None where the sizes of boxes do not add up."""
    position, found = 0, dict[bytes, bytes]()
    while position + 8 <= len(content):
        size = int.from_bytes(content[position : position + 4], "big")
        if size == 1:
            size = int.from_bytes(content[position + 8 : position + 16], "big")
        size = size or len(content) - position
        if size < len(b"sizename"):
            return None
        found.setdefault(content[position + 4 : position + 8], content[position : position + size])
        position += size
    return found if position == len(content) else None


def _wav(content: bytes) -> Sound | None:
    """Read WAV: uncompressed samples."""
    if not (content.startswith(b"RIFF") and content[8:12] == b"WAVE"):
        return None
    try:
        with wave.open(io.BytesIO(content)) as sound:
            n_frames, rate, n_channels = sound.getnframes(), sound.getframerate(), sound.getnchannels()
            width = sound.getsampwidth()
    except (wave.Error, EOFError):
        return None
    is_whole = n_frames * n_channels * width <= len(content)
    return (
        Sound("wav", n_frames / rate)
        if rate and n_frames and is_whole and n_channels <= MOST_CHANNELS
        else None
    )


_PICTURES = re.compile(rb"V_(?:VP8|VP9|AV1|MPEG|THEORA|MS)")


def _webm(content: bytes) -> Sound | None:
    """Read WebM, which browsers record: Opus or Vorbis, and no pictures."""
    head = content[:LARGEST_HEAD]
    is_sound = (
        head.startswith(b"\x1a\x45\xdf\xa3")
        and b"webm" in head
        and (b"A_OPUS" in head or b"A_VORBIS" in head)
    )
    return Sound("webm") if is_sound and not _PICTURES.search(head) else None


READERS: tuple[Callable[[bytes], Sound | None], ...] = (_ogg, _mp3, _m4a, _wav, _webm)
"""One reader per kind; each returns None for what is not of its kind."""
