"""Pictures are told apart by what is in them, made small and rid of what a camera notes."""

import io
import struct
import zlib
from typing import Any

import pytest
from PIL import Image

from questionnaires.pictures import HEAVY_PICTURE, LARGEST_FILE, LONGEST_SIDES, UnfitPictureError, drawn_anew
from questionnaires.references import PictureReference, Reference, seen_in, stored_file
from tests.questionnaires.pictures import photo, picture
from tests.questionnaires.sounds import wav

TURNED = 0x0112
"""Tag of how a telephone was held."""


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


def moving() -> bytes:
    file = io.BytesIO()
    frames = [Image.new("RGB", (8, 8), (shade, 0, 0)) for shade in (0, 250)]
    frames[0].save(file, "WEBP", save_all=True, append_images=frames[1:], duration=100)
    return file.getvalue()


def enormous() -> bytes:
    """A PNG of few bytes that says it has very many pixels."""
    head = struct.pack(">IIBBBBB", 8_000, 8_000, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", len(head)) + b"IHDR" + head + struct.pack(">I", zlib.crc32(b"IHDR" + head))
    return b"\x89PNG\r\n\x1a\n" + chunk + bytes(20)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_every_kind_that_is_taken_is_stored_as_one(kind: str):
    drawn = drawn_anew(picture((80, 60), kind))
    assert (drawn.extension, drawn.width, drawn.height) == ("webp", 80, 60)
    assert opened(drawn.content).format == "WEBP"
    assert opened(drawn.content).size == (80, 60)


def test_a_photograph_is_upright_small_light_and_without_place_or_telephone():
    whole = photo()
    drawn = drawn_anew(whole)
    assert b"A telephone" in whole
    assert b"A telephone" not in drawn.content
    assert b"EXIF" not in drawn.content
    assert not opened(drawn.content).getexif()
    assert drawn.width < drawn.height
    assert drawn.height in LONGEST_SIDES
    assert len(drawn.content) < len(whole)


def test_a_photograph_with_a_second_picture_behind_it_stands_still():
    file, tags = io.BytesIO(), Image.Exif()
    tags[TURNED] = 6
    whole = Image.effect_noise((300, 200), 50).convert("RGB")
    whole.save(file, "MPO", save_all=True, append_images=[whole.resize((60, 40))], exif=tags)
    assert opened(file.getvalue()).n_frames == 2
    drawn = drawn_anew(file.getvalue())
    assert (drawn.width, drawn.height) == (200, 300)


def test_a_photograph_that_stays_heavy_gets_as_small_as_may_be():
    drawn = drawn_anew(photo())
    assert len(drawn.content) > HEAVY_PICTURE
    assert drawn.height == LONGEST_SIDES[-1]


def test_holes_stay_holes():
    drawn = drawn_anew(picture(colour=(0, 90, 80, 0)))
    assert opened(drawn.content).mode == "RGBA"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        wav(),
        picture(kind="GIF"),
        picture((60, 60), colour=(1, 2, 3))[:60],
        moving(),
        enormous(),
        bytes(LARGEST_FILE + 1),
    ],
    ids=["empty", "text", "drawing", "sound", "gif", "cut", "moving", "enormous", "heavy"],
)
def test_what_is_no_picture_is_refused(content: bytes):
    with pytest.raises(UnfitPictureError):
        drawn_anew(content)


def test_what_follows_a_picture_in_its_file_is_not_kept():
    drawn = drawn_anew(picture() + b"<script>alert(1)</script>")
    assert b"script" not in drawn.content


@pytest.mark.parametrize(
    "name", ["q1.png", f"{'0' * 64}.webp", f"{'0' * 64}-0x4.webp", f"{'0' * 63}-4x4.webp", "../x-4x4.webp"]
)
def test_only_stored_pictures_have_such_names(name: str):
    assert PictureReference.of(name) is None


def test_readers_are_shown_the_picture_of_their_language_or_the_vietnamese_one_or_any():
    vietnamese, english = (f"{digit * 64}-4x3.webp" for digit in "01")
    found: dict[str, Any] = {"vi": vietnamese, "en": english}
    assert str(seen_in(found, "en-GB")) == english
    assert str(seen_in(found, "tyz")) == vietnamese
    assert str(seen_in({"en": english, "vi": "q1.png"}, "vi")) == english
    assert seen_in({"vi": "q1.png"}, "vi") is None


def test_documents_name_recordings_and_pictures_by_their_files():
    sound = Reference("0" * 64, "mp3", is_synthetic=True)
    assert stored_file(str(sound)) == f"{'0' * 64}.mp3"
    assert stored_file(f"{'0' * 64}-4x3.webp") == f"{'0' * 64}-4x3.webp"
    assert stored_file("q1.png") == ""
