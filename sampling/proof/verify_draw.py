"""Verify a draw with nothing but Python 3.10 or later: no Django, no database, no other package.

    python verify_draw.py BUNDLE [--commitment SHA256] [--language en]

BUNDLE is a folder or a ZIP file with

    commitment.json   what was published before the draw
    design.json       the rule: sizes, order, way of selecting
    frame.jsonl[.gz]  the list from which was drawn, one JSON array a line, lines sorted by their bytes
    draw.json         secret, public value, seed, and the SHA-256 of the drawn list
    list.jsonl        the drawn list, one JSON array a line

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
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import accumulate, zip_longest
from pathlib import Path
from typing import IO, Any, cast

Row = list[Any]
Document = dict[str, Any]
Check = tuple[str, object, object]

LIST_FORMAT, STAGE_FORMAT = "list-design/1", "stage-design/1"
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
        "frame": "dàn mẫu",
        "order": "thứ tự của dàn mẫu",
        "design": "thiết kế chọn mẫu",
        "secret": "khóa bí mật",
        "public value": "giá trị công khai hoặc số khởi tạo",
        "list digest": "mã băm của danh sách",
        "list": "danh sách đã chọn",
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
        "due": "ngày công bố giá trị",
        "value": "giá trị công khai",
        "refuted": "KHÔNG chứng minh được. Những phần không khớp: ",
        "unreadable": "Không đọc được bộ tệp: ",
    },
    "en": {
        "commitment": "commitment",
        "published": "published commitment",
        "frame": "frame",
        "order": "order of the frame",
        "design": "design",
        "secret": "secret",
        "public value": "public value or seed",
        "list digest": "digest of the list",
        "list": "drawn list",
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
        "due": "day of the value",
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


def select_pps(
    units: Sequence[tuple[str, int]], n: int, seed: str, *labels: str
) -> Iterator[tuple[int, bool, Fraction]]:
    """Select systematically with probability proportional to size; yield place, certainty and probability."""
    sizes = [size for _code, size in units]
    certain, rest = split_certain(sizes, n)
    chosen = {unit: (True, Fraction(1)) for unit in certain}
    wanted = n - len(certain)
    if rest and wanted > 0:
        total = sum(sizes[unit] for unit in rest)
        start = uniform_below(total, seed, *labels)
        ends = [wanted * end for end in accumulate(sizes[unit] for unit in rest)]
        for step in range(wanted):
            unit = rest[bisect_right(ends, start + step * total)]
            chosen[unit] = (False, Fraction(wanted * sizes[unit], total))
    for unit in sorted(chosen):
        yield unit, *chosen[unit]


# ---------------------------------------------------------------- stages of an area sample


def redraw_areas(rows: Iterable[Row], design: Document, seed: str) -> Iterator[Row]:
    """Redraw communes or other areas: sort every stratum, then select systematically by size."""
    stage, types = design["stage"], design["type_order"]
    strata = defaultdict(list)
    for stratum, code, unit_type, size in rows:
        strata[stratum].append((code, unit_type, size))
    for stratum in sorted(strata):
        units = order_stratum(strata[stratum], types, seed, stage, stratum)
        n = design["n_by_stratum"].get(stratum, design["n"])
        selected = select_pps(units, n, seed, stage, "start", stratum)
        for draw_order, (place, is_certain, probability) in enumerate(selected, start=1):
            yield [stage, stratum, units[place][0], place + 1, draw_order, is_certain, str(probability)]


def order_stratum(
    units: Iterable[tuple[str, str, int]], types: Sequence[str], seed: str, stage: str, stratum: str
) -> list[tuple[str, int]]:
    """Return (code, size) by type of unit, where types count, and in random order inside a type."""
    by_code = {code: (unit_type, size) for code, unit_type, size in units}
    ordered = random_order(by_code, seed, stage, "order", stratum)
    if types:
        rank = {unit_type: place for place, unit_type in enumerate(types)}
        ordered.sort(key=lambda code: (rank.get(by_code[code][0], len(types)), by_code[code][0]))
    return [(code, by_code[code][1]) for code in ordered]


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


# ---------------------------------------------------------------- transaction lists


def cell_text(value: object) -> str:
    """Return a cell as it stands in the name of a stratum."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def list_units(rows: Iterable[Row], design: Document) -> Iterator[tuple[str, str, int]]:
    """Yield (stratum, id, size) of the units of a list: dossiers, or the first dossier of each person."""
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
        yield stratum_of(row, columns), row[0], row[FRAME_COLUMNS.index("size")]


def stratum_of(row: Row, columns: Sequence[int]) -> str:
    """Return the name of the stratum of a row."""
    return "|".join(cell_text(row[column]) for column in columns)


def first_dossiers(rows: Iterable[Row]) -> Iterator[Row]:
    """Yield one row a person: the earliest dossier, the smaller id of two on one day."""
    key, day = FRAME_COLUMNS.index("person_key"), FRAME_COLUMNS.index("settled_on")
    first: dict[str, Row] = {}
    for row in rows:
        if not row[key]:
            yield row
        elif row[key] not in first or (row[day], row[0]) < (first[row[key]][day], first[row[key]][0]):
            first[row[key]] = row
    yield from first.values()


def redraw_list(rows: Iterable[Row], design: Document, seed: str) -> Iterator[Row]:
    """Redraw a transaction list."""
    wanted = {"|".join(values): n for values, n in design["sizes"]}
    reserves = {stratum: -(-n * design["reserve_percent"] // 100) for stratum, n in wanted.items()}
    units = list_units(rows, design)
    if design["selection"] == "pps_systematic":
        return redraw_list_pps(units, wanted, seed)
    return redraw_list_simple(units, wanted, reserves, seed)


def redraw_list_simple(
    units: Iterable[tuple[str, str, int]], wanted: dict[str, int], reserves: dict[str, int], seed: str
) -> Iterator[Row]:
    """Keep the units of every stratum whose hashes are smallest; memory holds the sample only."""
    prefixes = {stratum: derive(seed, "dossier", stratum).hex().encode() + b":" for stratum in wanted}
    kept: dict[str, list[tuple[int, Backwards]]] = defaultdict(list)
    counts: dict[str, int] = defaultdict(int)
    for stratum, unit, _size in units:
        counts[stratum] += 1
        room = wanted[stratum] + reserves[stratum]
        place = place_of(prefixes[stratum], unit)
        entry = (-int.from_bytes(place[0], "big"), Backwards(unit))
        if len(kept[stratum]) < room:
            heapq.heappush(kept[stratum], entry)
        elif room and entry > kept[stratum][0]:
            heapq.heapreplace(kept[stratum], entry)
    for stratum in sorted(kept):
        n = wanted[stratum]
        probability = str(Fraction(n, counts[stratum]))
        for draw_order, (_hash, last) in enumerate(sorted(kept[stratum], reverse=True), start=1):
            yield [last.text, stratum, draw_order, draw_order > n, probability]


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


def redraw_list_pps(
    units: Iterable[tuple[str, str, int]], wanted: dict[str, int], seed: str
) -> Iterator[Row]:
    """Select every stratum systematically by size, in the order of the ids."""
    strata: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for stratum, unit, size in units:
        strata[stratum].append((unit, size))
    for stratum in sorted(strata):
        ordered = sorted(strata[stratum])
        selected = select_pps(ordered, wanted[stratum], seed, "dossier", "start", stratum)
        for draw_order, (place, _is_certain, probability) in enumerate(selected, start=1):
            yield [ordered[place][0], stratum, draw_order, False, str(probability)]


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

    def document(self, name: str) -> Document:
        """Read a JSON file."""
        with self.stream(name) as file:
            return dict(json.loads(file.read().decode("utf-8")))


class FrameReader:
    """Reads a frame once: hands out rows, and learns digest and order on the way."""

    def __init__(self, lines: Iterable[bytes]) -> None:
        self.lines, self.hash, self.is_sorted = lines, hashlib.sha256(), True

    def __iter__(self) -> Iterator[Row]:
        before = b""
        for line in self.lines:
            self.hash.update(line)
            self.is_sorted = self.is_sorted and before <= line
            before = line
            yield json.loads(line)


def redraw(design: Document, rows: Iterable[Row], seed: str) -> Iterator[Row]:
    """Redraw whatever kind of design this is."""
    if design["format"] == LIST_FORMAT:
        return redraw_list(rows, design, seed)
    if design["format"] != STAGE_FORMAT:
        raise BundleError(f"design.json: {design['format']}")
    is_last = design["stage"] == "person"
    return redraw_persons(rows, design, seed) if is_last else redraw_areas(rows, design, seed)


def verify(bundle: Bundle, published: str = "") -> Iterator[Check]:
    """Yield (what, expected, got) of every check; equal values agree."""
    commitment, design, draw = (bundle.document(f"{name}.json") for name in ("commitment", "design", "draw"))
    digest = digest_of_document(commitment)
    if published:
        yield "published", published, digest
    yield "design", commitment["design_sha256"], digest_of_document(design)
    yield "secret", commitment["secret_sha256"], hashlib.sha256(bytes.fromhex(draw["secret"])).hexdigest()
    seed = seed_of(draw, digest)
    yield "public value", draw["seed"], seed
    with bundle.stream("frame.jsonl") as file:
        frame = FrameReader(file)
        again = [canonical(row) for row in redraw(design, frame, seed)]
    yield "order", True, frame.is_sorted
    yield "frame", commitment["frame_sha256"], frame.hash.hexdigest()
    yield from compare_lists(bundle, draw, again)


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
    say(f"{words['source']}: {commitment['public_source']} {commitment['public_source_url']}".rstrip())
    say(f"{words['due']}: {commitment['public_value_due']}")
    say(f"{words['value']}: {draw['public_value'].strip()}")


def say(text: str) -> None:
    """Print one line as UTF-8 whatever the terminal thinks."""
    sys.stdout.buffer.write(f"{text}\n".encode())


if __name__ == "__main__":
    sys.exit(main())
