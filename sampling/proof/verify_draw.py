"""Verify a draw with nothing but Python 3.10 or later: no Django, no database, no other package.

    python verify_draw.py BUNDLE [--commitment SHA256] [--language en]

BUNDLE is a folder or a ZIP file with

    commitment.json   what was published before the draw
    previous.json     the commitments of the earlier stages, if there are any
    design.json       the rule: sizes, order, way of selecting
    frame.jsonl[.gz]  the list from which was drawn, one JSON array a line, lines sorted by their bytes
    draw.json         secret, public value, seed, and the SHA-256 of the drawn list
    list.jsonl        the drawn list, one JSON array a line
    adults.jsonl      of households only: village, number, rule, number of adults, line of the adult asked
    numbers.jsonl     of coordinated draws only: person or place, and permanent number, sorted by the former

The script redraws the list and compares it byte for byte. It shares no code
with the system that drew, on purpose.
Without --commitment it says only whether the bundle agrees with itself: whoever knows the public value can
make such a bundle. Exit status: 0 the draw is proved, 1 something differs, 2 the bundle cannot be read,
3 it agrees with itself.
"""

import argparse
import gzip
import hashlib
import heapq
import hmac
import json
import sys
import unicodedata
import zipfile
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import accumulate, zip_longest
from pathlib import Path
from typing import IO, Any, cast

Row = list[Any]
Document = dict[str, Any]
Check = tuple[str, object, object]

LIST_FORMAT = "list-design/1"
STAGE_FORMATS = ("stage-design/1", "stage-design/2", "stage-design/3")
RULE = "survey-draw/1"
FRAME_COLUMNS = (
    "id", "agency", "province", "predecessor_province", "region", "is_urban", "level", "field", "channel",
    "settled_on", "party", "person_key", "multiplicity", "size",
)  # fmt: skip
SHOWN = 160

TEXTS = {
    "vi": {
        "commitment": "cam kết",
        "published": "cam kết đã công bố",
        "moment": "cam kết trước ngày công bố giá trị",
        "previous": "các cam kết trước của đợt khảo sát",
        "frame": "dàn mẫu",
        "order": "thứ tự của dàn mẫu",
        "design": "thiết kế chọn mẫu",
        "secret": "khóa bí mật",
        "public value": "giá trị công khai hoặc số khởi tạo",
        "list digest": "mã băm của danh sách",
        "list": "danh sách đã chọn",
        "adults": "người được chọn trong hộ",
        "numbers": "các số cố định của người hoặc địa bàn trong danh sách",
        "ok": "ĐÚNG",
        "wrong": "SAI",
        "expected": "phải là",
        "got": "nhưng là",
        "line": "dòng",
        "nothing": "không có",
        "proved": "Lần chọn mẫu đã được chứng minh: chọn lại cho đúng danh sách này, từng byte một.",
        "consistent": "CHƯA chứng minh được: các phần khớp với nhau, nhưng chưa so sánh với mã băm của cam "
        "kết đã công bố. Hãy chạy lại với --commitment và mã băm mà Ông/Bà đã ghi lại trước khi chọn mẫu.",
        "source": "nguồn công khai",
        "committed": "thời điểm cam kết",
        "demonstration": "MINH HỌA: khóa bí mật và giá trị công khai có thể do hệ thống tự đặt; đây không "
        "phải là một cuộc khảo sát thật.",
        "due": "ngày công bố giá trị",
        "method": "cách chọn",
        "approximate": "xác suất gần đúng",
        "foreseen": "LƯU Ý: thiết kế nối tiếp một lần chọn trước và không dành phần nào cho giá trị công "
        "khai; ai có khóa phối hợp đã biết trước danh sách khi cam kết.",
        "value": "giá trị công khai",
        "refuted": "KHÔNG chứng minh được. Những phần không khớp: ",
        "unreadable": "Không đọc được bộ tệp: ",
    },
    "en": {
        "commitment": "commitment",
        "published": "published commitment",
        "moment": "commitment before the day of the value",
        "previous": "earlier commitments of the round",
        "frame": "frame",
        "order": "order of the frame",
        "design": "design",
        "secret": "secret",
        "public value": "public value or seed",
        "list digest": "digest of the list",
        "list": "drawn list",
        "adults": "adults of households",
        "numbers": "permanent numbers",
        "ok": "OK",
        "wrong": "WRONG",
        "expected": "expected",
        "got": "got",
        "line": "line",
        "nothing": "nothing",
        "proved": "The draw is proved: drawing again gives this list, byte for byte.",
        "consistent": "NOT YET proved: the parts agree with each other, but were not compared with the "
        "published commitment. Run again with --commitment and the digest that was noted before the draw.",
        "source": "public source",
        "committed": "committed at",
        "demonstration": "DEMONSTRATION: secret and public value may be made up; this is no real survey.",
        "due": "day of the value",
        "method": "method of selection",
        "approximate": "probabilities are approximate",
        "foreseen": "NOTE: the design follows an earlier draw and leaves nothing to the public value; "
        "whoever holds the coordination key knew the list at the commitment.",
        "value": "public value",
        "refuted": "NOT proved. What does not agree: ",
        "unreadable": "The bundle cannot be read: ",
    },
}


class BundleError(Exception):
    """A file of the bundle is missing, or is not what it should be."""


# ---------------------------------------------------------------- bytes and randomness


def canonical(row: Row) -> bytes:
    """Return one row as its canonical line."""
    return json.dumps(row, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode() + b"\n"


def digest_of_document(document: Document) -> str:
    """Return the SHA-256 of a JSON document with sorted keys and no spaces."""
    text = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def with_lengths(parts: Iterable[bytes]) -> bytes:
    """Return parts, each with its length in 8 bytes before it."""
    return b"".join(len(part).to_bytes(8, "big") + part for part in parts)


def derive(seed: str, *labels: str) -> bytes:
    """Return the 32 bytes of a seed and a path of labels."""
    return hashlib.sha256(with_lengths([part.encode() for part in (seed, *labels)])).digest()


def uniform_below(bound: int, seed: str, *labels: str) -> int:
    """Return an integer from 0 to bound - 1; numbers that would favour some results are thrown away."""
    space = 1 << 256
    counter = 0
    while True:
        number = int.from_bytes(derive(seed, *labels, str(counter)), "big")
        if number < space - space % bound:
            return number % bound
        counter += 1


def place_of(prefix: bytes, unit: str) -> tuple[bytes, str]:
    """Return what orders a unit: the SHA-256 of the seed of the order, a colon and the id, then the id."""
    return hashlib.sha256(prefix + unit.encode()).digest(), unit


def random_order(units: Iterable[str], seed: str, *labels: str) -> list[str]:
    """Return units in the random order of a seed."""
    prefix = derive(seed, *labels).hex().encode() + b":"
    return sorted(units, key=lambda unit: place_of(prefix, unit))


def seed_of(draw: Document, commitment_digest: str) -> str:
    """Return the seed: HMAC-SHA-256 by the secret over the rule, the commitment and the public value."""
    value = " ".join(unicodedata.normalize("NFC", draw["public_value"]).split())
    message = with_lengths([RULE.encode(), commitment_digest.encode(), value.encode()])
    return hmac.new(bytes.fromhex(draw["secret"]), message, hashlib.sha256).hexdigest()


# ---------------------------------------------------------------- selection
#
# A unit is a pair (id, size). Every method yields (place, is certain, probability, is approximate) of what it
# selects, in the order of the list, and takes the units that are certain out first.

Units = Sequence[tuple[str, int]]
Selection = Iterator[tuple[int, bool, Fraction, bool]]


def split_certain(sizes: Sequence[int], n: int) -> tuple[list[int], list[int]]:
    """Separate the units that must be in every sample from the others, again and again until none is left."""
    certain: list[int] = []
    rest = list(range(len(sizes)))
    while True:
        wanted, total = n - len(certain), sum(sizes[unit] for unit in rest)
        found = {unit for unit in rest if wanted > 0 and wanted * sizes[unit] >= total}
        if not found:
            return sorted(certain), rest
        certain += found
        rest = [unit for unit in rest if unit not in found]


def select_with(
    draw: Callable[[Units, int], Iterable[int]], units: Units, n: int, *, is_approximate: bool = False
) -> Selection:
    """Take the certain units; a method draws the others, which it gets sorted by id."""
    sizes = [size for _id, size in units]
    certain, others = split_certain(sizes, n)
    chosen = {unit: (True, Fraction(1), False) for unit in certain}
    wanted, total = n - len(certain), sum(sizes[unit] for unit in others)
    if others and wanted > 0:
        others.sort(key=lambda unit: units[unit][0])
        for place in draw([units[unit] for unit in others], wanted):
            unit = others[place]
            chosen[unit] = (False, Fraction(wanted * sizes[unit], total), is_approximate)
    for unit in sorted(chosen):
        yield unit, *chosen[unit]


def without_sizes(units: Units) -> Units:
    """Return units that are all equally large."""
    return [(unit, 1) for unit, _size in units]


def select_pps(units: Units, n: int, seed: str, *labels: str) -> Selection:
    """Select systematically with probability proportional to size, in the order of the list."""
    sizes = [size for _id, size in units]
    certain, rest = split_certain(sizes, n)
    chosen = {unit: (True, Fraction(1), False) for unit in certain}
    wanted = n - len(certain)
    if rest and wanted > 0:
        total = sum(sizes[unit] for unit in rest)
        start = uniform_below(total, seed, *labels)
        ends = [wanted * end for end in accumulate(sizes[unit] for unit in rest)]
        for step in range(wanted):
            unit = rest[bisect_right(ends, start + step * total)]
            chosen[unit] = (False, Fraction(wanted * sizes[unit], total), False)
    for unit in sorted(chosen):
        yield unit, *chosen[unit]


def select_equal_steps(units: Units, n: int, seed: str, *labels: str) -> Selection:
    """Select systematically with equal probability."""
    return select_pps(without_sizes(units), n, seed, *labels)


def select_pps_random(units: Units, n: int, seed: str, *labels: str) -> Selection:
    """Select systematically by size after the units were put into random order."""
    place = {unit: index for index, (unit, _size) in enumerate(units)}
    order = [place[unit] for unit in random_order(place, seed, *labels, "order")]
    selected = select_pps([units[index] for index in order], n, seed, *labels, "start")
    yield from sorted((order[at], certain, chance, rough) for at, certain, chance, rough in selected)


def numbers_of(units: Units, seed: str, *labels: str) -> list[int]:
    """Return one number below 2**256 for each unit, from its id alone."""
    prefix = derive(seed, *labels).hex().encode() + b":"
    return [int.from_bytes(place_of(prefix, unit)[0], "big") for unit, _size in units]


def select_simple(units: Units, n: int, seed: str, *labels: str) -> Selection:
    """Select the first units of a random order."""

    def draw(rest: Units, wanted: int) -> list[int]:
        numbers = numbers_of(rest, seed, *labels)
        return sorted(range(len(rest)), key=lambda place: (numbers[place], rest[place][0]))[:wanted]

    return select_with(draw, without_sizes(units), n)


def is_hit(number: int, size: int, n: int, total: int) -> bool:
    """Tell whether a number, divided by 2**256, lies below the probability of a unit."""
    return number * total < (n * size) << 256


def select_poisson(units: Units, n: int, seed: str, *labels: str) -> Selection:
    """Select every unit on its own with probability proportional to size."""

    def draw(rest: Units, wanted: int) -> list[int]:
        total = sum(size for _id, size in rest)
        numbers = numbers_of(rest, seed, *labels)
        return [
            place for place, (_id, size) in enumerate(rest) if is_hit(numbers[place], size, wanted, total)
        ]

    return select_with(draw, units, n)


def select_bernoulli(units: Units, n: int, seed: str, *labels: str) -> Selection:
    """Select every unit on its own, all with the same probability."""
    return select_poisson(without_sizes(units), n, seed, *labels)


def select_sequential_poisson(units: Units, n: int, seed: str, *labels: str) -> Selection:
    """Select the units with the smallest number divided by size, to 128 binary places."""

    def draw(rest: Units, wanted: int) -> list[int]:
        values = [
            (number << 128) // size
            for number, (_id, size) in zip(numbers_of(rest, seed, *labels), rest, strict=True)
        ]
        return sorted(range(len(rest)), key=lambda place: (values[place], rest[place][0]))[:wanted]

    return select_with(draw, units, n, is_approximate=True)


def select_pareto(units: Units, n: int, seed: str, *labels: str) -> Selection:
    """Select the units whose odds of the number are smallest against the odds of the probability."""

    def draw(rest: Units, wanted: int) -> list[int]:
        total = sum(size for _id, size in rest)
        values = [
            ((number * (total - wanted * size)) << 128) // (((1 << 256) - number) * size)
            for number, (_id, size) in zip(numbers_of(rest, seed, *labels), rest, strict=True)
        ]
        return sorted(range(len(rest)), key=lambda place: (values[place], rest[place][0]))[:wanted]

    return select_with(draw, units, n, is_approximate=True)


def select_sampford(units: Units, n: int, seed: str, *labels: str) -> Selection:
    """Draw one unit by size and every unit on its own, until they are n different ones."""

    def draw(rest: Units, wanted: int) -> list[int]:
        ends = list(accumulate(size for _id, size in rest))
        trial = 0
        while True:
            numbers = numbers_of(rest, seed, *labels, "others", str(trial))
            others = {
                place
                for place, (_id, size) in enumerate(rest)
                if is_hit(numbers[place], size, wanted, ends[-1])
            }
            if len(others) == wanted - 1:
                single = bisect_right(ends, uniform_below(ends[-1], seed, *labels, "single", str(trial)))
                if single not in others:
                    return [single, *others]
            trial += 1

    return select_with(draw, units, n)


def select_tille(units: Units, n: int, seed: str, *labels: str) -> Selection:
    """Let units leave one by one until n are left."""

    def draw(rest: Units, wanted: int) -> list[int]:
        order = sorted(range(len(rest)), key=lambda place: (-rest[place][1], rest[place][0]))
        left = eliminate([rest[place][1] for place in order], wanted, seed, *labels)
        return [order[place] for place in left]

    return select_with(draw, units, n)


def eliminate(sizes: Sequence[int], n: int, seed: str, *labels: str) -> list[int]:
    """Return the places left of sizes that fall, after Tillé (1996).

    The first units, as many as `sure`, are certain in samples of one unit more; each of the `open` others
    leaves with one and the same probability, a unit that loses its certainty now with one of its own.
    """
    beyond = [*accumulate(reversed(sizes), initial=0)][::-1]
    sure, drawn, total = len(sizes), 0, 0
    opened: list[int] = []
    for n_left in range(len(sizes) - 1, n - 1, -1):
        still = sure
        while still and (n_left - still + 1) * sizes[still - 1] < beyond[still - 1]:
            still -= 1
        drawn_next, total_next = n_left - still, beyond[still]
        scale, share = drawn or 1, drawn * total_next - drawn_next * total
        point = uniform_below(total_next * scale, seed, *labels, str(n_left))
        shares = (scale * (total_next - drawn_next * sizes[place]) for place in range(still, sure))
        past = point - share * len(opened)
        leaving = point // share if past < 0 else len(opened) + bisect_right([*accumulate(shares)], past)
        opened += range(still, sure)
        del opened[leaving]
        sure, drawn, total = still, drawn_next, total_next
    return [*range(sure), *opened]


SELECT: dict[str, Callable[..., Selection]] = {
    "pps_systematic": select_pps,
    "pps_systematic_random": select_pps_random,
    "sampford": select_sampford,
    "tille": select_tille,
    "pareto": select_pareto,
    "sequential_poisson": select_sequential_poisson,
    "poisson": select_poisson,
    "simple_random": select_simple,
    "systematic": select_equal_steps,
    "bernoulli": select_bernoulli,
}
"""The methods that look at ids and sizes only: (units, n, seed, *labels) to what is selected."""

APPROXIMATE = ("pareto", "sequential_poisson")
"""Methods whose stated probabilities are targets that they meet only nearly."""


# ---------------------------------------------------------------- stages of an area sample


def redraw_areas(
    rows: Iterable[Row], design: Document, seed: str, numbers: "dict[str, int] | None" = None
) -> Iterator[Row]:
    """Redraw communes or other areas: sort every stratum, then select from it as the design says."""
    stage = design["stage"]
    strata: dict[str, dict[str, tuple[str, int]]] = defaultdict(dict)
    for stratum, code, unit_type, size in rows:
        strata[stratum][code] = (unit_type, size)
    for stratum, units in sorted(strata.items()):
        codes = order_area(units, design, seed, stratum)
        n = design["n_by_stratum"].get(stratum, design["n"])
        if "coordination" in design:
            sizes = [(code, units[code][1]) for code in codes]
            selected = select_steered(sizes, n, design, seed, numbers or {})
        else:
            selected = select_area([(code, *units[code]) for code in codes], n, design, seed, stratum)
        for draw_order, (place, is_certain, probability, _rough) in enumerate(selected, start=1):
            yield [stage, stratum, codes[place], place + 1, draw_order, is_certain, str(probability)]


def order_area(units: dict[str, tuple[str, int]], design: Document, seed: str, stratum: str) -> list[str]:
    """Return codes by type, where types count, and in random order inside a type; or like a winding road."""
    rank = rank_of_types(design["type_order"])
    first, *keys = design["order"] or ("",)
    if first == "serpentine":
        parts = {"unit_type": lambda code: rank(units[code][0]), "size": lambda code: units[code][1]}
        return wind(sorted(units), [parts.get(key, str) for key in keys])
    codes = random_order(units, seed, design["stage"], "order", stratum)
    if "unit_type" in design["order"]:
        codes.sort(key=lambda code: rank(units[code][0]))
    return codes


def rank_of_types(types: Sequence[str]) -> Callable[[str], tuple[int, str]]:
    """Return what sorts types of units: those of the design in its order, then the others by name."""
    place = {unit_type: number for number, unit_type in enumerate(types)}
    return lambda unit_type: (place.get(unit_type, len(types)), unit_type)


def wind(codes: list[str], keys: Sequence[Callable[[str], Any]]) -> list[str]:
    """Sort by several keys and turn every second group round, at every level."""
    if not keys:
        return codes
    groups = defaultdict(list)
    for code in codes:
        groups[keys[0](code)].append(code)
    road = []
    for turn, value in enumerate(sorted(groups)):
        inner = wind(groups[value], keys[1:])
        road += inner[::-1] if turn % 2 else inner
    return road


def select_area(
    units: Sequence[tuple[str, str, int]], n: int, design: Document, seed: str, stratum: str
) -> Selection:
    """Select from units (code, type, size) in their order; the first format of a design counts sizes."""
    labels = (design["stage"], "start", stratum)
    by_size = bool(design.get("measure_of_size", True))
    counting = [(code, size if by_size else 1) for code, _type, size in units]
    if design["selection"] != "cube":
        return SELECT[design["selection"]](counting, n, seed, *labels)
    types = sorted({unit_type for _code, unit_type, _size in units}, key=rank_of_types(design["type_order"]))
    values = {}
    for code, unit_type, size in units:
        says = {"size": [size], "count": [1], "unit_type": [int(unit_type == each) for each in types]}
        values[code] = [value for name in design["balance"] for value in says[name]]
    return select_cube(counting, values, n, seed, *labels)


def select_steered(units: Units, n: int, design: Document, seed: str, permanent: dict[str, int]) -> Selection:
    """Select by the permanent numbers of places, counted from the starting point of the design."""
    how, counts_size = BY_NUMBER[design["selection"]]
    start = start_of(design, seed)
    offset = start.numerator * (1 << 256) // start.denominator
    sizes = SizesOf()
    for _code, size in units:
        sizes.counts[size if counts_size else 1] += 1
    sizes.split(n)
    kept, chosen = Smallest(max(sizes.wanted, 0)), {}
    for place, (code, listed) in enumerate(units):
        size, number = listed if counts_size else 1, (permanent.get(code, 0) - offset) % (1 << 256)
        if size in sizes.certain:
            chosen[code] = place
        elif how:
            kept.take(sizes.rank(number, size, how), code, size)
        elif is_hit(number, size, sizes.wanted, sizes.total):
            chosen[code] = place
    places = {code: place for place, (code, _size) in enumerate(units)}
    for place in sorted([*chosen.values(), *(places[code] for code, _size in kept.in_order())]):
        size = units[place][1] if counts_size else 1
        chance = sizes.probability(size)
        yield place, size in sizes.certain, chance, design["selection"] in APPROXIMATE and chance < 1


def select_cube(units: Units, values: dict[str, list[int]], n: int, seed: str, *labels: str) -> Selection:
    """Select so that estimated totals of balancing variables are right, after Deville and Tillé (2004)."""

    def draw(rest: Units, wanted: int) -> list[int]:
        total = sum(size for _id, size in rest)
        chances = [Fraction(wanted * size, total) for _id, size in rest]
        columns = [
            [Fraction(1), *(value / chance for value in values[unit])]
            for (unit, _size), chance in zip(rest, chances, strict=True)
        ]
        place = {unit: index for index, (unit, _size) in enumerate(rest)}
        order = [place[unit] for unit in random_order(place, seed, *labels, "order")]
        return walk_to_corner(chances, columns, order, seed, *labels)

    return select_with(draw, units, n)


def walk_to_corner(
    now: list[Fraction], columns: Sequence[Sequence[Fraction]], order: list[int], seed: str, *labels: str
) -> list[int]:
    """Move the first open units of an order until each is 0 or 1; the last equations are given up first."""
    waiting = order[::-1]
    opened: list[int] = []
    step = 0
    for n_equations in range(len(columns[0]), -1, -1):
        while True:
            while waiting and len(opened) <= n_equations:
                opened.append(waiting.pop())
            direction = direction_of([columns[unit][:n_equations] for unit in opened])
            if direction is None:
                break
            moves = {unit: part for unit, part in zip(opened, direction, strict=True) if part}
            forth = min(((part > 0) - now[unit]) / part for unit, part in moves.items())
            back = min((now[unit] - (part < 0)) / part for unit, part in moves.items())
            number = int.from_bytes(derive(seed, *labels, "step", str(step)), "big")
            share = back / (forth + back)
            length = forth if is_hit(number, 1, share.numerator, share.denominator) else -back
            for unit, part in moves.items():
                now[unit] += length * part
            opened = [unit for unit in opened if 0 < now[unit] < 1]
            step += 1
    return [unit for unit, chance in enumerate(now) if chance == 1]


def direction_of(columns: Sequence[Sequence[Fraction]]) -> "list[Fraction] | None":
    """Return changes with which columns add up to 0: of the first column that depends on those before it.

    Its own change has the sign of the product of the pivots. None if no column depends on others.
    """
    rows = [list(row) for row in zip(*columns, strict=True)]
    sign = 1
    for column in range(len(columns)):
        found = next((place for place in range(column, len(rows)) if rows[place][column]), None)
        if found is None:
            before = [-sign * rows[place][column] for place in range(column)]
            return [*before, Fraction(sign), *[Fraction(0)] * (len(columns) - column - 1)]
        rows[column], rows[found] = rows[found], rows[column]
        pivot = rows[column][column]
        sign = sign if pivot > 0 else -sign
        rows[column] = [number / pivot for number in rows[column]]
        for place, row in enumerate(rows):
            if place != column and row[column]:
                factor = row[column]
                rows[place] = [number - factor * lead for number, lead in zip(row, rows[column], strict=True)]
    return None


def redraw_persons(rows: Iterable[Row], design: Document, seed: str) -> Iterator[Row]:
    """Redraw the adults of every village: the first of a random order, then the reserve."""
    villages = defaultdict(list)
    for village, number in rows:
        villages[village].append(number)
    for village in sorted(villages):
        numbers = random_order(villages[village], seed, design["stage"], village)
        n, n_all = design["n"], design["n"] + design["n_reserve"]
        probability = str(Fraction(min(n, len(numbers)), len(numbers)))
        for draw_order, number in enumerate(numbers[:n_all], start=1):
            yield [village, number, draw_order, draw_order > n, probability]


# ---------------------------------------------------------------- households, and one adult of each


def redraw_households(rows: Iterable[Row], design: Document, seed: str) -> Iterator[Row]:
    """Redraw the households of every village, with the hash of the number that chooses the adult of each."""
    villages = defaultdict(list)
    for village, *household in rows:
        villages[village].append(household)
    for village in sorted(villages):
        main, reserve = select_households(villages[village], design, seed, village)
        probability = str(Fraction(len(main), len(villages[village])))
        for draw_order, number in enumerate(main + reserve, start=1):
            seal = hashlib.sha256(adult_number(seed, village, number).encode()).hexdigest()
            yield [village, number, draw_order, draw_order > len(main), seal, probability]


def select_households(
    households: Sequence[Row], design: Document, seed: str, village: str
) -> tuple[list[str], list[str]]:
    """Return the numbers of the main list and of the reserve of one village."""
    stage, n, n_reserve = design["stage"], design["n"], design["n_reserve"]
    if design["selection"] == "simple_random":
        numbers = random_order([number for number, *_place in households], seed, stage, village)
        return numbers[:n], numbers[n : n + n_reserve]
    ordered = order_households(households, is_serpentine="serpentine" in design["order"])
    units = [(number, 1) for number in ordered]
    main = [ordered[place] for place, *_rest in select_pps(units, n, seed, stage, "start", village)]
    others = set(ordered).difference(main)
    return main, random_order(others, seed, stage, "reserve", village)[:n_reserve]


def order_households(households: Iterable[Row], *, is_serpentine: bool) -> list[str]:
    """Return numbers by group and position; on a winding road every second part goes the other way."""
    parts: dict[str, dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
    for number, group, position in households:
        parts[group][position].append(number)
    way: list[str] = []
    for turn, group in enumerate(sorted(parts)):
        places = [sorted(parts[group][position]) for position in sorted(parts[group])]
        if is_serpentine:
            places = [place[::-1] if bend % 2 else place for bend, place in enumerate(places)]
        numbers = [number for place in places for number in place]
        way += numbers[::-1] if is_serpentine and turn % 2 else numbers
    return way


def adult_number(seed: str, village: str, household: str) -> str:
    """Return the number of a household that was sealed until its adults were listed."""
    return derive(seed, "adult of the household", f"{village}/{household}").hex()


def chosen_adult(number: str, n_adults: int) -> int:
    """Return which of n listed adults the number of the household chooses."""
    lines = [str(line) for line in range(1, n_adults + 1)]
    return int(min(lines, key=lambda line: place_of(f"{number}:".encode(), line)))


def compare_adults(bundle: "Bundle", seed: str) -> Iterator[Check]:
    """Choose the adult again wherever the adults were listed and the sealed number decided."""
    if not bundle.has("adults.jsonl"):
        return
    with bundle.stream("adults.jsonl") as file:
        given = [json.loads(line) for line in file]
    again = [
        [village, number, rule, n_adults, chosen_adult(adult_number(seed, village, number), n_adults)]
        for village, number, rule, n_adults, _line in given
    ]
    differing = [(right, wrong) for right, wrong in zip(again, given, strict=True) if right != wrong]
    yield "adults", *(map(str, differing[0]) if differing else (len(again), len(given)))


# ---------------------------------------------------------------- transaction lists
#
# A unit is a tuple (stratum, row). Of persons the row is that of their first dossier.

BY_NUMBER = {
    "bernoulli": (None, False),
    "poisson": (None, True),
    "simple_random": ("size", False),
    "sequential_poisson": ("size", True),
    "pareto": ("odds", True),
}
"""Methods with one number per unit: what ranks the units, if anything does, and whether the size counts."""

SIZE, PERSON_KEY = FRAME_COLUMNS.index("size"), FRAME_COLUMNS.index("person_key")


def cell_text(value: object) -> str:
    """Return a cell as it stands in the name of a stratum."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def list_units(rows: Iterable[Row], design: Document) -> Iterator[tuple[str, Row]]:
    """Yield the stratum and the row of the units of a list: dossiers, or the first dossier of each person."""
    columns = [FRAME_COLUMNS.index(column) for column in design["strata"]]
    wanted = [(FRAME_COLUMNS.index(column), set(values)) for column, values in design["filter"].items()]
    left_out = {"|".join(values) for values, n in design["sizes"] if not n}
    kept = (
        row
        for row in rows
        if all(cell_text(row[column]) in values for column, values in wanted)
        and not (left_out and stratum_of(row, columns) in left_out)
    )
    for row in kept if design["unit"] == "dossier" else first_dossiers(kept):
        yield stratum_of(row, columns), row


def stratum_of(row: Row, columns: Sequence[int]) -> str:
    """Return the name of the stratum of a row."""
    return "|".join(cell_text(row[column]) for column in columns)


def first_dossiers(rows: Iterable[Row]) -> Iterator[Row]:
    """Yield one row a person: the earliest dossier, the smaller id of two on one day."""
    day = FRAME_COLUMNS.index("settled_on")
    first: dict[str, Row] = {}
    for row in rows:
        key = row[PERSON_KEY]
        if not key:
            yield row
        elif key not in first or (row[day], row[0]) < (first[key][day], first[key][0]):
            first[key] = row
    yield from first.values()


def wanted_of(design: Document) -> tuple[dict[str, int], dict[str, int]]:
    """Return the units wanted of each stratum, and its reserve."""
    wanted = {"|".join(values): n for values, n in design["sizes"]}
    return wanted, {stratum: -(-n * design["reserve_percent"] // 100) for stratum, n in wanted.items()}


def redraw_list(rows: Iterable[Row], design: Document, seed: str, numbers: dict[str, int]) -> Iterator[Row]:
    """Redraw a transaction list; `rows` may be read twice, `numbers` are those of a coordinated list."""
    if design["selection"] == "simple_random" and "coordination" not in design:
        return redraw_list_simple(list_units(rows, design), design, seed)
    if design["selection"] in BY_NUMBER:
        return redraw_list_by_number(rows, design, seed, numbers)
    return redraw_list_in_order(list_units(rows, design), design, seed)


def redraw_list_simple(units: Iterable[tuple[str, Row]], design: Document, seed: str) -> Iterator[Row]:
    """Keep the units of every stratum whose hashes are smallest; memory holds the sample only."""
    wanted, reserves = wanted_of(design)
    prefixes = {stratum: derive(seed, "dossier", stratum).hex().encode() + b":" for stratum in wanted}
    kept = {stratum: Smallest(wanted[stratum] + reserves[stratum]) for stratum in wanted}
    for stratum, row in units:
        place = place_of(prefixes[stratum], row[0])
        kept[stratum].take(int.from_bytes(place[0], "big"), row[0], 1)
    yield from first_of_order(kept, wanted)


def first_of_order(kept: "dict[str, Smallest]", wanted: dict[str, int]) -> Iterator[Row]:
    """Yield the sample and the reserve of simple random samples, stratum by stratum."""
    for stratum in sorted(kept):
        n = wanted[stratum]
        for draw_order, (unit, _size) in enumerate(kept[stratum].in_order(), start=1):
            yield [unit, stratum, draw_order, draw_order > n, str(Fraction(n, kept[stratum].n_seen))]


class Smallest:
    """The units with the smallest values of all that it was offered, ties by id."""

    def __init__(self, room: int) -> None:
        self.room, self.n_seen = room, 0
        self.heap: list[tuple[int, Backwards, int]] = []

    def take(self, value: int, unit: str, size: int) -> None:
        """Look at one more unit."""
        self.n_seen += 1
        entry = (-value, Backwards(unit), size)
        if len(self.heap) < self.room:
            heapq.heappush(self.heap, entry)
        elif self.room and entry > self.heap[0]:
            heapq.heapreplace(self.heap, entry)

    def in_order(self) -> list[tuple[str, int]]:
        """Return (id, size), the smallest value first."""
        return [(unit.text, size) for _value, unit, size in sorted(self.heap, reverse=True)]


class Backwards:
    """Text that sorts backwards, so that the heap lets the largest id go first."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __lt__(self, other: "Backwards") -> bool:
        return self.text > other.text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Backwards) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)


class SizesOf:
    """How many units of a stratum have which size; then which are certain, and what is left to the others."""

    def __init__(self) -> None:
        self.counts: dict[int, int] = defaultdict(int)
        self.certain: set[int] = set()
        self.wanted = self.total = 0

    def split(self, n: int) -> None:
        """Take the certain units out, again and again until none is left."""
        while True:
            rest = {size: count for size, count in self.counts.items() if size not in self.certain}
            self.wanted = n - sum(self.counts[size] for size in self.certain)
            self.total = sum(size * count for size, count in rest.items())
            found = {size for size in rest if self.wanted > 0 and self.wanted * size >= self.total}
            if not found:
                return
            self.certain |= found

    def probability(self, size: int) -> Fraction:
        """Return the inclusion probability that the method aims at."""
        return Fraction(1) if size in self.certain else Fraction(self.wanted * size, self.total)

    def rank(self, number: int, size: int, how: str) -> int:
        """Return what orders the units that are not certain, to 128 binary places."""
        if how == "size":
            return (number << 128) // size
        return ((number * (self.total - self.wanted * size)) << 128) // (((1 << 256) - number) * size)


def sizes_by_stratum(units: Iterable[tuple[str, Row]], design: Document) -> dict[str, SizesOf]:
    """Count the sizes of all strata, and take the certain units out."""
    counts_size = BY_NUMBER[design["selection"]][1]
    sizes: dict[str, SizesOf] = defaultdict(SizesOf)
    for stratum, row in units:
        sizes[stratum].counts[row[SIZE] if counts_size else 1] += 1
    for stratum, n in wanted_of(design)[0].items():
        if stratum in sizes:
            sizes[stratum].split(n)
    return sizes


def redraw_list_by_number(
    rows: Iterable[Row], design: Document, seed: str, permanent: dict[str, int]
) -> Iterator[Row]:
    """Redraw with one number per unit, in two passes: sizes, then units; memory holds the sample."""
    how, counts_size = BY_NUMBER[design["selection"]]
    wanted, reserves = wanted_of(design)
    sizes = sizes_by_stratum(list_units(rows, design), design)
    number_of = numbers_in(design, seed, permanent)
    is_simple = design["selection"] == "simple_random"
    kept = {
        stratum: Smallest(wanted[stratum] + reserves[stratum] if is_simple else max(each.wanted, 0))
        for stratum, each in sizes.items()
    }
    chosen: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for stratum, row in list_units(rows, design):
        size, of_stratum = row[SIZE] if counts_size else 1, sizes[stratum]
        number = number_of(stratum, row)
        if is_simple:
            kept[stratum].take(number, row[0], 1)
        elif size in of_stratum.certain:
            chosen[stratum].append((row[0], size))
        elif how:
            kept[stratum].take(of_stratum.rank(number, size, how), row[0], size)
        elif is_hit(number, size, of_stratum.wanted, of_stratum.total):
            chosen[stratum].append((row[0], size))
    if is_simple:
        yield from first_of_order(kept, wanted)
        return
    for stratum in sorted(sizes):
        units = sorted(chosen[stratum] + kept[stratum].in_order())
        for draw_order, (unit, size) in enumerate(units, start=1):
            yield [unit, stratum, draw_order, False, str(sizes[stratum].probability(size))]


def numbers_in(design: Document, seed: str, permanent: dict[str, int]) -> Callable[[str, Row], int]:
    """Return what gives the number of a unit: from the seed, or the permanent one after the start."""
    if "coordination" not in design:
        prefixes: dict[str, bytes] = {}

        def by_seed(stratum: str, row: Row) -> int:
            if stratum not in prefixes:
                prefixes[stratum] = derive(seed, "dossier", stratum).hex().encode() + b":"
            return int.from_bytes(place_of(prefixes[stratum], row[0])[0], "big")

        return by_seed
    start = start_of(design, seed)
    offset = start.numerator * (1 << 256) // start.denominator
    return lambda _stratum, row: (permanent.get(person_of(row), 0) - offset) % (1 << 256)


def start_of(design: Document, seed: str) -> Fraction:
    """Return the starting point of a coordinated draw: what the design says, or in a first round the seed."""
    told, spread = design["coordination"]["start"], Fraction(design["coordination"].get("spread", "0"))
    stage = design.get("stage", "dossier")
    if told and spread:
        steps = uniform_below(int(spread * (1 << 64)) + 1, seed, stage, "coordination", "spread")
        return (Fraction(told) + Fraction(steps, 1 << 64)) % 1
    if told:
        return Fraction(told)
    return Fraction(uniform_below(1 << 64, seed, stage, "coordination", "start"), 1 << 64)


def person_of(row: Row) -> str:
    """Return what names a person from round to round."""
    return f"p{row[PERSON_KEY]}" if row[PERSON_KEY] else f"d{row[0]}"


def redraw_list_in_order(units: Iterable[tuple[str, Row]], design: Document, seed: str) -> Iterator[Row]:
    """Redraw with a method that needs all units of a stratum side by side, in the order of the design."""
    method, order = design["selection"], design.get("order", {"by": [], "serpentine": False})
    columns = [FRAME_COLUMNS.index(column) for column in order["by"]]
    strata: dict[str, dict[str, tuple[int, list[str]]]] = defaultdict(dict)
    for stratum, row in units:
        strata[stratum][row[0]] = (row[SIZE], [cell_text(row[column]) for column in columns])
    is_stepping = method in {"systematic", "pps_systematic"}
    for stratum in sorted(strata):
        labels = ("dossier", "start", stratum) if is_stepping else ("dossier", stratum)
        ordered = order_list(strata[stratum], len(columns), is_serpentine=order["serpentine"])
        pairs = [(unit, strata[stratum][unit][0]) for unit in ordered]
        selected = SELECT[method](pairs, wanted_of(design)[0][stratum], seed, *labels)
        for draw_order, (place, _is_certain, probability, _rough) in enumerate(selected, start=1):
            yield [ordered[place], stratum, draw_order, False, str(probability)]


def order_list(units: dict[str, tuple[int, list[str]]], n_keys: int, *, is_serpentine: bool) -> list[str]:
    """Return ids by the columns of the order, then by id; a winding road turns every second group."""
    if not is_serpentine:
        return sorted(units, key=lambda unit: (units[unit][1], unit))

    def key_at(level: int) -> Callable[[str], str]:
        return lambda unit: units[unit][1][level]

    return wind(sorted(units), [key_at(level) for level in range(n_keys)])


def read_numbers(bundle: "Bundle", design: Document) -> tuple[dict[str, int], str]:
    """Return the permanent numbers of the units of a coordinated draw, and the digest of their file."""
    if "coordination" not in design:
        return {}, ""
    digest, numbers = hashlib.sha256(), {}
    with bundle.stream("numbers.jsonl") as file:
        for line in file:
            digest.update(line)
            unit, number = json.loads(line)
            numbers[unit] = int(number, 16)
    return numbers, digest.hexdigest()


# ---------------------------------------------------------------- the bundle


class Bundle:
    """The files of a bundle, in a folder or a ZIP file."""

    def __init__(self, path: "str | Path") -> None:
        path = Path(path)
        if not path.exists():
            raise BundleError(str(path))
        self.folder = zipfile.Path(path) if path.is_file() else path

    def stream(self, name: str) -> IO[bytes]:
        """Open a file, also if only a packed one is there."""
        plain, packed = self.folder / name, self.folder / f"{name}.gz"
        if plain.exists():
            return plain.open("rb")
        if packed.exists():
            return cast("IO[bytes]", gzip.open(packed.open("rb")))
        raise BundleError(name)

    def has(self, name: str) -> bool:
        """Tell whether there is a file."""
        return (self.folder / name).exists()

    def document(self, name: str) -> Document:
        """Read a JSON file."""
        with self.stream(name) as file:
            return dict(json.loads(file.read().decode("utf-8")))


class FrameReader:
    """Reads a frame, once or twice: hands out rows, and learns digest and order on the way."""

    def __init__(self, bundle: Bundle) -> None:
        self.bundle, self.hash, self.is_sorted = bundle, hashlib.sha256(), True

    def __iter__(self) -> Iterator[Row]:
        before, self.hash, self.is_sorted = b"", hashlib.sha256(), True
        with self.bundle.stream("frame.jsonl") as lines:
            for line in lines:
                self.hash.update(line)
                self.is_sorted = self.is_sorted and before <= line
                before = line
                yield json.loads(line)


def redraw(
    design: Document, rows: Iterable[Row], seed: str, numbers: "dict[str, int] | None" = None
) -> Iterator[Row]:
    """Redraw whatever kind of design this is."""
    if design["format"] == LIST_FORMAT:
        return redraw_list(rows, design, seed, numbers or {})
    if design["format"] not in STAGE_FORMATS:
        raise BundleError(f"design.json: {design['format']}")
    last_stages = {"person": redraw_persons, "household": redraw_households}
    if design["stage"] in last_stages:
        return last_stages[design["stage"]](rows, design, seed)
    return redraw_areas(rows, design, seed, numbers)


def verify(bundle: Bundle, published: str = "") -> Iterator[Check]:
    """Yield (what, expected, got) of every check; equal values agree."""
    commitment, design, draw = (bundle.document(f"{name}.json") for name in ("commitment", "design", "draw"))
    digest = digest_of_document(commitment)
    if published:
        yield "published", published, digest
    yield from compare_promises(bundle, commitment)
    yield "design", commitment["design_sha256"], digest_of_document(design)
    yield "secret", commitment["secret_sha256"], hashlib.sha256(bytes.fromhex(draw["secret"])).hexdigest()
    seed = seed_of(draw, digest)
    yield "public value", draw["seed"], seed
    numbers, digest_of_numbers = read_numbers(bundle, design)
    frame = FrameReader(bundle)
    again = [canonical(row) for row in redraw(design, frame, seed, numbers)]
    if "coordination" in design:
        yield "numbers", design["coordination"]["numbers_sha256"], digest_of_numbers
    yield "order", True, frame.is_sorted
    yield "frame", commitment["frame_sha256"], frame.hash.hexdigest()
    yield from compare_lists(bundle, draw, again)
    yield from compare_adults(bundle, seed)


def compare_promises(bundle: Bundle, commitment: Document) -> Iterator[Check]:
    """Check that the commitment came before the day of the value, and after the commitments that it names."""
    committed_at = commitment.get("committed_at", "")
    if committed_at:
        yield "moment", True, committed_at[:10] < commitment["public_value_due"]
    named = commitment["previous"]
    earlier = bundle.document("previous.json")["commitments"] if named else []
    yield "previous", ", ".join(named), ", ".join(map(digest_of_document, earlier))
    for before in earlier:
        yield "previous", commitment["round"], before["round"]


def compare_lists(bundle: Bundle, draw: Document, again: Sequence[bytes]) -> Iterator[Check]:
    """Compare the list of the bundle with the list drawn again, and both with the stated digest."""
    with bundle.stream("list.jsonl") as file:
        given = file.readlines()
    yield "list digest", draw["list_sha256"], hashlib.sha256(b"".join(given)).hexdigest()
    for number, (expected, got) in enumerate(zip_longest(again, given, fillvalue=b""), start=1):
        if expected != got:
            yield "list", f"{number}: {shown(expected)}", f"{number}: {shown(got)}"
            return
    yield "list", len(again), len(given)


def shown(line: bytes) -> str:
    """Return a line as a person reads it."""
    return line.decode("utf-8", "replace").strip()[:SHOWN]


def report(checks: Iterable[Check], words: dict[str, str]) -> list[str]:
    """Print every check, and return the names of those that failed."""
    failed = []
    for what, expected, got in checks:
        say(f"{words['ok'] if expected == got else words['wrong']:8} {words[what]}")
        if expected != got:
            failed.append(words[what])
            say(f"         {words['expected']} {expected or words['nothing']}")
            say(f"         {words['got']} {got or words['nothing']}")
    return failed


def main(arguments: "Sequence[str] | None" = None) -> int:
    """Verify the bundle that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bundle", help="folder or ZIP file")
    parser.add_argument("--commitment", default="", help="SHA-256 that was published before the draw")
    parser.add_argument("--language", choices=sorted(TEXTS), default="vi")
    options = parser.parse_args(arguments)
    words = TEXTS[options.language]
    try:
        bundle = Bundle(options.bundle)
        say_source(bundle, words)
        failed = report(verify(bundle, options.commitment), words)
    except (BundleError, OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        say(words["unreadable"] + f"{type(error).__name__}: {error}")
        return 2
    if failed:
        say(words["refuted"] + ", ".join(failed))
        return 1
    say(words["proved" if options.commitment else "consistent"])
    return 0 if options.commitment else 3


def say_source(bundle: Bundle, words: dict[str, str]) -> None:
    """Print what a reader must look up: where the public value came from, when, and what it was."""
    commitment, draw = bundle.document("commitment.json"), bundle.document("draw.json")
    if commitment.get("demonstration"):
        say(words["demonstration"])
    say(f"{words['committed']}: {commitment.get('committed_at') or words['nothing']}")
    say(f"{words['source']}: {commitment['public_source']} {commitment['public_source_url']}".rstrip())
    say(f"{words['due']}: {commitment['public_value_due']}")
    say(f"{words['value']}: {draw['public_value'].strip()}")
    design = bundle.document("design.json")
    method, coordination = design["selection"], design.get("coordination", {})
    if coordination.get("previous") and not coordination.get("spread"):
        say(words["foreseen"])
    mark = f" ({words['approximate']})" if method in APPROXIMATE else ""
    say(f"{words['method']}: {method}{mark}")


def say(text: str) -> None:
    """Print one line as UTF-8 whatever the terminal thinks."""
    sys.stdout.buffer.write(f"{text}\n".encode())


if __name__ == "__main__":
    sys.exit(main())
