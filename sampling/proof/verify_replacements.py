"""Verify which units took the place of others, with nothing but Python 3.10 or later.

    python verify_replacements.py BUNDLE [--language en]

It needs verify_draw.py beside it. BUNDLE is the folder or ZIP file of a draw that has, besides the files of
that script,

    replacements.json   for each replacement what was put on record, and what it was drawn from

The seed of the draw orders the units that were not drawn; each replacement must be the next one. The lists
below a replacement must follow from secret and seed of the committed draw of their stage, whatever reason
was given. Run verify_draw.py first: it proves frame, secret, seed and drawn list. Exit status: 0 every
replacement is right, 1 something differs, 2 the bundle cannot be read.
"""

import argparse
import hashlib
import hmac
import json
import sys
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

Row = list[Any]
Document = dict[str, Any]
Check = tuple[str, object, object]

FORMAT = "replacement-record/2"
RULE = "survey-replacement/2"
LABEL = "replace"

TEXTS = {
    "vi": {
        "record": "biên bản thay thế đã lưu trong nhật ký",
        "eligible": "các đơn vị có thể thay thế",
        "order": "đơn vị đến lượt thay thế",
        "draw seed": "số khởi tạo của lần chọn mẫu",
        "format": "định dạng của biên bản",
        "below": "cam kết của giai đoạn bên dưới",
        "list": "danh sách đã chọn",
        "numbers": "các số cố định đã ghi trong nhật ký",
        "adults": "người được chọn trong hộ",
        "ok": "ĐÚNG",
        "wrong": "SAI",
        "expected": "phải là",
        "got": "nhưng là",
        "proved": "Mọi lần thay thế đều đúng quy tắc.",
        "refuted": "Có lần thay thế KHÔNG đúng quy tắc.",
        "unreadable": "Không đọc được bộ tệp: ",
    },
    "en": {
        "record": "record of the replacement in the audit log",
        "eligible": "units that could be taken",
        "order": "unit whose turn it was",
        "draw seed": "seed of the draw",
        "format": "format of the record",
        "below": "commitment of the stage below",
        "list": "drawn list",
        "numbers": "permanent numbers in the audit log",
        "adults": "adults of households",
        "ok": "OK",
        "wrong": "WRONG",
        "expected": "expected",
        "got": "got",
        "proved": "Every replacement follows the rule.",
        "refuted": "A replacement does NOT follow the rule.",
        "unreadable": "The bundle cannot be read: ",
    },
}


def sibling(name: str) -> ModuleType:
    """Load the script beside this one, wherever both lie."""
    spec = spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    if spec is None or spec.loader is None:
        raise ImportError(name)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


proof = sibling("verify_draw")


def digest_of_rows(rows: Iterable[Row]) -> str:
    """Return the SHA-256 of rows in their order."""
    return hashlib.sha256(b"".join(map(proof.canonical, rows))).hexdigest()


def digest_of_frame(rows: Iterable[Row]) -> str:
    """Return the SHA-256 of rows, their lines sorted by their bytes."""
    return hashlib.sha256(b"".join(sorted(map(proof.canonical, rows)))).hexdigest()


def first_in_order(eligible: Iterable[Row], seed: str, above: str) -> str:
    """Return the unit with the smallest number for its size."""

    def rank(row: Row) -> tuple[Fraction, str]:
        code, size = row
        return Fraction(int.from_bytes(proof.derive(seed, LABEL, above, code), "big"), size), code

    return str(min(eligible, key=rank)[0])


def seed_below(below: Document, draw: Document) -> str:
    """Return the seed of a list below a replacement, by secret and seed of the draw of its stage."""
    parts = (RULE, draw["seed"], below["stage"], below["unit"], digest_of_frame(below["frame"]))
    message = proof.with_lengths([part.encode() for part in parts])
    return hmac.new(bytes.fromhex(draw["secret"]), message, hashlib.sha256).hexdigest()


def rows_of(bundle: Any, name: str) -> list[Row]:
    """Read a file of one JSON array a line."""
    with bundle.stream(name) as file:
        return [json.loads(line) for line in file]


def verify(bundle: Any) -> Iterator[tuple[str, list[Check]]]:
    """Yield the name of every replacement with (what, expected, got) of its checks."""
    entries = bundle.document("replacements.json")["replacements"]
    design, draw, commitment = (bundle.document(f"{name}.json") for name in ("design", "draw", "commitment"))
    digest = proof.digest_of_document(commitment)
    lists = Lists(bundle, draw["seed"]) if any("eligible" in entry for entry in entries) else None
    for entry in entries:
        record = entry["record"]
        name = f"{record['replaced']} -> {record['replacement']}"
        checks = [
            ("format", FORMAT, record["format"]),
            ("record", entry["recorded_sha256"], proof.digest_of_document(record)),
        ]
        if "below" in entry:
            seed = seed_below(entry["below"], draw)
            checks.append(("below", digest, record["below_sha256"][design["stage"]]))
            checks += check_below(entry["below"], steered(design, draw["seed"]), seed)
            name = f"{name}, {entry['below']['unit']}"
            if lists is not None:
                lists.add(entry["below"], seed)
        if "eligible" in entry and lists is not None:
            checks += check_order(entry, lists)
        yield name, checks


class Lists:
    """What every list of a stage has left to be taken, and the seed that orders it."""

    def __init__(self, bundle: Any, seed: str) -> None:
        self.seeds: dict[str, str] = {}
        self.free: dict[str, dict[str, int]] = {}
        self.by_size = bool(bundle.document("design.json").get("measure_of_size", True))
        self.take(rows_of(bundle, "frame.jsonl"), rows_of(bundle, "list.jsonl"), seed)

    def add(self, below: Document, seed: str) -> None:
        """Take the list of a unit that replaced another one, which came after the frame."""
        self.take(below["frame"], below["list"], seed)

    def take(self, frame: Iterable[Row], drawn: Iterable[Row], seed: str) -> None:
        """Note the units that a draw left; all count as 1 where chances are equal."""
        taken = {(row[1], row[2]) for row in drawn}
        for above, code, _type, size in frame:
            self.seeds[above] = seed
            units = self.free.setdefault(above, {})
            if (above, code) not in taken:
                units[code] = size if self.by_size else 1


def check_order(entry: Document, lists: Lists) -> Iterator[Check]:
    """Check that the next unit of the order was taken."""
    record, eligible = entry["record"], entry["eligible"]
    free = lists.free.get(record["above"], {})
    seed = lists.seeds.get(record["above"], "")
    yield "draw seed", seed, entry["seed"]
    yield "eligible", sorted(map(list, free.items())), eligible
    yield "eligible", record["frame_sha256"], digest_of_rows(eligible)
    yield "order", first_in_order(eligible, seed, record["above"]), record["replacement"]
    free.pop(record["replacement"], None)


def steered(design: Document, seed: str) -> Document:
    """Return a design whose permanent numbers, if any, are counted from where the draw counted them."""
    if "coordination" not in design:
        return design
    fixed = {**design["coordination"], "start": str(proof.start_of(design, seed)), "spread": "0"}
    return {**design, "coordination": fixed}


def check_below(below: Document, design: Document, seed: str) -> Iterator[Check]:
    """Draw again from a list below a replacement, and choose again the adults of its households."""
    n_cells = len(below["list"][0])
    if "coordination" in design:
        yield "numbers", below["numbers_sha256"], digest_of_rows(below["numbers"])
    numbers = {code: int(number, 16) for code, number in below.get("numbers", ())}
    again = proof.redraw(design, sorted(below["frame"]), seed, numbers)
    yield "list", [row[:n_cells] for row in again], below["list"]
    if below.get("adults"):
        yield (
            "adults",
            [
                [*row[:4], proof.chosen_adult(proof.adult_number(seed, row[0], row[1]), row[3])]
                for row in below["adults"]
            ],
            below["adults"],
        )


def main(arguments: "Sequence[str] | None" = None) -> int:
    """Verify the bundle that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bundle", help="folder or ZIP file")
    parser.add_argument("--language", choices=sorted(TEXTS), default="vi")
    options = parser.parse_args(arguments)
    words = TEXTS[options.language]
    try:
        is_right = report(verify(proof.Bundle(options.bundle)), words)
    except (proof.BundleError, OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        say(words["unreadable"] + f"{type(error).__name__}: {error}")
        return 2
    say(words["proved" if is_right else "refuted"])
    return 0 if is_right else 1


def report(found: Iterable[tuple[str, list[Check]]], words: dict[str, str]) -> bool:
    """Print every check, and tell whether all agree."""
    is_right = True
    for name, checks in found:
        say(name)
        for what, expected, got in checks:
            say(f"  {words['ok'] if expected == got else words['wrong']:8} {words[what]}")
            if expected != got:
                is_right = False
                say(f"           {words['expected']} {expected}")
                say(f"           {words['got']} {got}")
    return is_right


def say(text: str) -> None:
    """Print one line as UTF-8 whatever the terminal thinks."""
    sys.stdout.buffer.write(f"{text}\n".encode())


if __name__ == "__main__":
    sys.exit(main())
