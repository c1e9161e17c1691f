"""The tile map: 34 provinces in the S of the country, with the archipelagos of Hoàng Sa and Trường Sa.

The drawing has its own units (`CELL` per tile) because its names must keep their place inside the tiles.
The two archipelagos belong to Đà Nẵng and Khánh Hòa, take their fill and are drawn whatever is shown.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from survey_site.core.charts.marks import Unit

CELL = 62
GAP = 2
COLUMNS = 7
ROWS = 17
MARGIN = 14
"""Room at the right for the names of the archipelagos."""

CELLS: Mapping[str, tuple[str, int, int]] = {
    "12": ("Lai Châu", 1, 0),
    "15": ("Lào Cai", 2, 0),
    "08": ("Tuyên Quang", 3, 0),
    "04": ("Cao Bằng", 4, 0),
    "11": ("Điện Biên", 0, 1),
    "14": ("Sơn La", 1, 1),
    "25": ("Phú Thọ", 2, 1),
    "19": ("Thái Nguyên", 3, 1),
    "20": ("Lạng Sơn", 4, 1),
    "01": ("Hà Nội", 2, 2),
    "24": ("Bắc Ninh", 3, 2),
    "22": ("Quảng Ninh", 4, 2),
    "37": ("Ninh Bình", 2, 3),
    "33": ("Hưng Yên", 3, 3),
    "31": ("Hải Phòng", 4, 3),
    "38": ("Thanh Hóa", 2, 4),
    "40": ("Nghệ An", 2, 5),
    "42": ("Hà Tĩnh", 3, 6),
    "44": ("Quảng Trị", 3, 7),
    "46": ("Huế", 4, 8),
    "48": ("Đà Nẵng", 5, 9),
    "51": ("Quảng Ngãi", 5, 10),
    "52": ("Gia Lai", 5, 11),
    "66": ("Đắk Lắk", 5, 12),
    "80": ("Tây Ninh", 3, 13),
    "75": ("Đồng Nai", 4, 13),
    "68": ("Lâm Đồng", 5, 13),
    "56": ("Khánh Hòa", 6, 13),
    "91": ("An Giang", 2, 14),
    "82": ("Đồng Tháp", 3, 14),
    "79": ("TP HCM", 4, 14),
    "92": ("Cần Thơ", 2, 15),
    "86": ("Vĩnh Long", 3, 15),
    "96": ("Cà Mau", 2, 16),
}
"""Short name, column and row of each province, by code."""


@dataclass(frozen=True)
class Tile:
    """One province on the map; without a unit it is drawn empty."""

    code: str
    lines: tuple[str, ...]
    x: int
    y: int
    unit: Unit | None

    @property
    def css_class(self) -> str:
        """Class of the fill."""
        return self.unit.group.value if self.unit else "empty"


@dataclass(frozen=True)
class Archipelago:
    """A group of islets tied to the province it belongs to."""

    name: str
    province_name: str
    x: int
    y: int
    islets: tuple[tuple[int, int], ...]
    tie: tuple[int, int, int, int]
    css_class: str


@dataclass(frozen=True)
class TileMap:
    """The whole map."""

    tiles: tuple[Tile, ...]
    archipelagos: tuple[Archipelago, ...]
    width: int = COLUMNS * CELL + MARGIN
    height: int = ROWS * CELL
    side: int = CELL - GAP
    sea_x: int = 411
    sea_y: int = 704


@dataclass(frozen=True)
class Islands:
    """Where an archipelago stands: centre of its name, islets around it, line to its province."""

    name: str
    province_code: str
    x: int
    y: int
    islets: tuple[tuple[int, int], ...]
    tie: tuple[int, int, int, int]


ARCHIPELAGOS = (
    Islands(
        "Hoàng Sa",
        "48",
        x=411,
        y=548,
        islets=((-30, 14), (-12, 10), (6, 13), (18, 8), (-22, 30), (-4, 29), (16, 27)),
        tie=(372, 588, 380, 588),
    ),
    Islands(
        "Trường Sa",
        "56",
        x=402,
        y=908,
        islets=((-24, 12), (-6, 10), (12, 12), (-16, 27), (4, 26), (20, 28), (-26, 43), (-4, 42), (14, 44)),
        tie=(402, 868, 402, 890),
    ),
)


def short_name(code: str, name: str) -> str:
    """Return the name of a province as it fits into a chart.

    Parameters
    ----------
    code : str
        Code of the province.
    name : str
        Its full name, used when the code is not on the map.

    Returns
    -------
    str
        The short name.

    Examples
    --------
    >>> short_name("79", "Thành phố Hồ Chí Minh")
    'TP HCM'
    """
    return CELLS[code][0] if code in CELLS else name


def tile_map(units: Sequence[Unit]) -> TileMap:
    """Place the provinces and both archipelagos.

    Parameters
    ----------
    units : sequence of Unit
        Provinces with a figure; the others are drawn empty.

    Returns
    -------
    TileMap
        In units of the drawing.

    Examples
    --------
    >>> [islands.name for islands in tile_map([]).archipelagos]
    ['Hoàng Sa', 'Trường Sa']
    """
    known = {unit.code: unit for unit in units}
    tiles = tuple(
        Tile(code, tuple(name.split(" ")), column * CELL, row * CELL, known.get(code))
        for code, (name, column, row) in CELLS.items()
    )
    classes = {tile.code: tile.css_class for tile in tiles}
    archipelagos = tuple(
        Archipelago(
            name=islands.name,
            province_name=CELLS[islands.province_code][0],
            x=islands.x,
            y=islands.y,
            islets=tuple((islands.x + dx, islands.y + dy) for dx, dy in islands.islets),
            tie=islands.tie,
            css_class=classes[islands.province_code],
        )
        for islands in ARCHIPELAGOS
    )
    return TileMap(tiles=tiles, archipelagos=archipelagos)
