"""Draw the PNG icons of the site from its mark: run it by hand whenever the mark changes."""

import re
from pathlib import Path

from PIL import Image, ImageDraw

FOLDER = Path(__file__).resolve().parents[1] / "survey_site" / "static" / "img"
SIZES = (192, 512)
FINE = 4
"""Drawn so many times larger, then made smaller: smooth edges."""

VIEW = 64
LACQUER, GOLD = "#8a1c1f", "#f2c35a"
RING, RING_WIDTH = 27, 3


def star() -> list[tuple[float, float]]:
    """Return the corners of the star as the SVG has them."""
    source = (FOLDER / "mark.svg").read_text(encoding="utf-8")
    found = re.search(r'path d="M([^z]*)z"', source)
    if found is None:
        raise SystemExit("Expected one path in mark.svg.")
    corners = (corner.split() for corner in found[1].split("L"))
    return [(float(x), float(y)) for x, y in corners]


def drawn(size: int) -> Image.Image:
    """Return the mark on a square of lacquer, so that a phone may cut it to any shape."""
    scale = size * FINE / VIEW
    picture = Image.new("RGB", (size * FINE, size * FINE), LACQUER)
    pen = ImageDraw.Draw(picture)
    pen.polygon([(x * scale, y * scale) for x, y in star()], fill=GOLD)
    outer, inner = ((VIEW / 2 - RING - way * RING_WIDTH / 2) * scale for way in (1, -1))
    edge = VIEW * scale
    pen.ellipse((outer, outer, edge - outer, edge - outer), outline=GOLD, width=round(inner - outer))
    return picture.resize((size, size), Image.Resampling.LANCZOS).quantize(32)


def main() -> None:
    """Write the icons."""
    for size in SIZES:
        drawn(size).save(FOLDER / f"mark-{size}.png", optimize=True)


if __name__ == "__main__":
    main()
