"""Recordings are told apart by what is in them."""

import pytest

from questionnaires.sounds import LARGEST_SOUND, MEDIA_TYPES, UnfitSoundError, recognise
from tests.questionnaires.sounds import m4a, mp3, ogg, wav, webm

VORBIS = b"\x01vorbis" + bytes(5) + (48_000).to_bytes(4, "little") + bytes(14)
ID3 = b"ID3\x04\0\0\0\0\x02\x00" + bytes(256)


@pytest.mark.parametrize(
    ("content", "extension", "seconds"),
    [
        (wav(0.25), "wav", 0.25),
        (mp3(10), "mp3", 10 * 576 / 22_050),
        (mp3(10, ID3), "mp3", 10 * 576 / 22_050),
        (mp3(10) + b"TAG" + bytes(125), "mp3", 10 * 576 / 22_050),
        (ogg(seconds=2), "ogg", 2),
        (ogg(VORBIS, seconds=1), "ogg", 1 + 312 / 48_000),
        (m4a(), "m4a", None),
        (webm(), "webm", None),
    ],
)
def test_every_kind_is_recognised_with_its_length(content: bytes, extension: str, seconds: float | None):
    found = recognise(content)
    assert found.extension == extension
    assert found.seconds == (seconds if seconds is None else pytest.approx(seconds))
    assert extension in MEDIA_TYPES


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello",
        b"<html><script>alert(1)</script></html>",
        b"\x89PNG\r\n\x1a\n" + bytes(100),
        mp3(2),
        mp3(10) + b"<script>",
        wav()[:30],
        wav()[:2000],
        ogg()[:-3],
        ogg(b"\x80theora" + bytes(10)),
        ogg(n_streams=2),
        ogg() + b"more",
        m4a(b"soun", b"vide"),
        m4a(b"vide"),
        m4a()[:-10],
        webm(b"A_OPUS", b"V_VP8"),
        b"RIFF\x04\0\0\0WAVE",
        bytes(LARGEST_SOUND + 1),
    ],
)
def test_what_is_no_whole_recording_is_refused(content: bytes):
    with pytest.raises(UnfitSoundError):
        recognise(content)


def test_every_beginning_of_a_recording_is_refused_or_read_without_a_fault():
    for whole in (wav(0.01), mp3(4), ogg(), m4a(), webm()):
        kinds = set()
        for length in range(len(whole)):
            try:
                kinds.add(recognise(whole[:length]).extension)
            except UnfitSoundError:
                kinds.add("refused")
        assert kinds <= {"refused", recognise(whole).extension}
        assert "refused" in kinds
