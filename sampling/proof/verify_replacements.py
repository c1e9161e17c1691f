"""Verify which units took the place of others, with nothing but Python 3.10 or later.

    python verify_replacements.py BUNDLE [--language en]

It needs verify_draw.py beside it. BUNDLE is the folder or ZIP file of a draw that has, besides the files of
that script,

    replacements.json   for each replacement what was put on record, and what it was drawn from

The seed of the draw orders the units that were not drawn; each replacement must be the next one. The
secret below a replacement must have the hash that was recorded before its lists came, and must give the same
villages or adults again. Run verify_draw.py first: it proves frame, seed and drawn list. Exit status: 0 every
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

RULE = "survey-replacement/1"
LABEL = "replace"

TEXTS = {
    "vi": {
        "record": "biên bản thay thế đã lưu trong nhật ký",
        "eligible": "các đơn vị có thể thay thế",
        "order": "đơn vị đến lượt thay thế",
        "draw seed": "số khởi tạo của lần chọn mẫu",
        "secret": "khóa bí mật",
        "list": "danh sách đã chọn",
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
        "secret": "secret",
        "list": "drawn list",
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


def seed_below(entry: Document) -> str:
    """Return the seed of the list below a replacement."""
    below = entry["below"]
    digest = digest_of_frame(below["frame"])
    parts = (RULE, proof.digest_of_document(entry["record"]), below["stage"], below["unit"], digest)
    message = proof.with_lengths([part.encode() for part in parts])
    return hmac.new(bytes.fromhex(below["secret"]), message, hashlib.sha256).hexdigest()


def rows_of(bundle: Any, name: str) -> list[Row]:
    """Read a file of one JSON array a line."""
    with bundle.stream(name) as file:
        return [json.loads(line) for line in file]


def verify(bundle: Any) -> Iterator[tuple[str, list[Check]]]:
    """Yield the name of every replacement with (what, expected, got) of its checks."""
    entries = bundle.document("replacements.json")["replacements"]
    free = eligible_at_first(bundle) if any("eligible" in entry for entry in entries) else {}
    for entry in entries:
        record = entry["record"]
        name = f"{record['replaced']} -> {record['replacement']}"
        checks = [("record", entry["recorded_sha256"], proof.digest_of_document(record))]
        if "eligible" in entry:
            checks += check_order(entry, free.get(record["above"]), bundle.document("draw.json")["seed"])
        if "below" in entry:
            checks += check_below(entry)
            name = f"{name}, {entry['below']['unit']}"
        yield name, checks


def eligible_at_first(bundle: Any) -> dict[str, dict[str, int]]:
    """Return the units of every list that the draw left; all count as 1 where chances are equal."""
    by_size = bool(bundle.document("design.json").get("measure_of_size", True))
    drawn = {(row[1], row[2]) for row in rows_of(bundle, "list.jsonl")}
    free: dict[str, dict[str, int]] = {}
    for above, code, _type, size in rows_of(bundle, "frame.jsonl"):
        units = free.setdefault(above, {})
        if (above, code) not in drawn:
            units[code] = size if by_size else 1
    return free


def check_order(entry: Document, free: "dict[str, int] | None", seed: str) -> Iterator[Check]:
    """Check that the next unit of the order was taken; a list that came later is not in the frame."""
    record, eligible = entry["record"], entry["eligible"]
    if free is not None:
        yield "draw seed", seed, entry["seed"]
        yield "eligible", sorted(map(list, free.items())), eligible
        free.pop(record["replacement"], None)
    yield "eligible", record["frame_sha256"], digest_of_rows(eligible)
    yield "order", first_in_order(eligible, entry["seed"], record["above"]), record["replacement"]


def check_below(entry: Document) -> Iterator[Check]:
    """Check the secret of a list below a replacement, and draw from it again."""
    below = entry["below"]
    secret = hashlib.sha256(bytes.fromhex(below["secret"])).hexdigest()
    yield "secret", entry["record"]["secret_sha256"][below["stage"]], secret
    n_cells = len(below["list"][0])
    again = proof.redraw(below["design"], sorted(below["frame"]), seed_below(entry))
    yield "list", [row[:n_cells] for row in again], below["list"]


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
