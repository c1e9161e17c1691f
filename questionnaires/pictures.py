"""Pictures as they are stored: told apart by their content, made small, and rid of all that is no picture.

What is stored is drawn anew from the pixels, so that nothing of the file that came is left: no place, no day,
no telephone that took it, and nothing that only looks like a picture.
"""

import io
from dataclasses import dataclass

from django.utils.translation import gettext as _
from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

LARGEST_FILE = 12 * 1024 * 1024
"""Bytes of a file that is taken: what a telephone photographs."""
MOST_PIXELS = 50_000_000
LONGEST_SIDES = (1_280, 960, 720)
"""Pixels that are kept: the most that are light enough. A phone shows 300 points of two or three each."""
HEAVY_PICTURE = 60 * 1024
"""Bytes above which a picture takes a weak connection more than a second."""
ACCEPTED = ("JPEG", "PNG", "WEBP")
WITH_A_SECOND = "MPO"
"""Format of a JPEG file that many telephones write: a photograph, and a second picture behind it."""
MEDIA_TYPES = {"webp": "image/webp"}
"""The type each kind is sent as, by the ending of its stored name."""
QUALITY = 78
UNREADABLE = (
    UnidentifiedImageError,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
    OSError,
    SyntaxError,
    ValueError,
)


class UnfitPictureError(ValueError):
    """Raised for a file that is no picture, damaged, moving, empty or too large."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture ready to be stored: its bytes, the ending of its name, and its size in pixels."""

    content: bytes
    extension: str
    width: int
    height: int


def drawn_anew(content: bytes) -> Drawn:
    """Return a picture made small and drawn anew, upright and without what a camera notes in it.

    Parameters
    ----------
    content : bytes
        The whole file.

    Raises
    ------
    UnfitPictureError
        If it is empty, too large, damaged, moves, or is none of the kinds that are taken.
    """
    if not content:
        raise UnfitPictureError(_("The file is empty. Choose another."))
    if len(content) > LARGEST_FILE:
        limit = {"limit": LARGEST_FILE // 1024**2}
        raise UnfitPictureError(_("The file is larger than %(limit)d MB. Save it smaller.") % limit)
    ImageFile.LOAD_TRUNCATED_IMAGES = False  # the printing of PDF files lets half a picture pass
    try:
        with Image.open(io.BytesIO(content), formats=ACCEPTED) as picture:
            _refuse_unfit(picture)
            picture.draft("RGB", (LONGEST_SIDES[0], LONGEST_SIDES[0]))
            return _stored(ImageOps.exif_transpose(picture))
    except UnfitPictureError:
        raise
    except UNREADABLE as error:
        raise UnfitPictureError(
            _("Expected a picture (JPEG, PNG or WebP), got another or a damaged file.")
        ) from error


def _refuse_unfit(picture: Image.Image) -> None:
    """Raise for a picture that moves or has more pixels than any telephone takes, before it is unpacked."""
    if picture.width * picture.height > MOST_PIXELS:
        raise UnfitPictureError(_("The picture has too many pixels. Save it smaller."))
    if picture.format != WITH_A_SECOND and getattr(picture, "n_frames", 1) > 1:
        raise UnfitPictureError(_("The picture moves. Choose one that stands still."))


def _stored(picture: Image.Image) -> Drawn:
    """Return a picture as WebP, smaller and smaller until it is light, or as small as it may be."""
    plain = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    for side in LONGEST_SIDES:
        plain.thumbnail((side, side), Image.Resampling.LANCZOS)
        content = min(_as_webp(plain, lossless=False), _as_webp(plain, lossless=True), key=len)
        if len(content) <= HEAVY_PICTURE:
            break
    return Drawn(content, "webp", *plain.size)


def _as_webp(picture: Image.Image, *, lossless: bool) -> bytes:
    """Return the file of a picture without anything beside its pixels."""
    bare = Image.new(picture.mode, picture.size)
    bare.paste(picture)
    file = io.BytesIO()
    bare.save(file, "WEBP", lossless=lossless, quality=QUALITY)
    return file.getvalue()
