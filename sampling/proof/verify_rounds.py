"""Verify that a coordinated draw follows an earlier one by rule, with nothing but Python 3.10 or later.

    python verify_rounds.py EARLIER LATER [--language en]

It needs verify_draw.py beside it. EARLIER and LATER are the bundles of two coordinated lists, or of one area
stage of two rounds, each a folder or a ZIP file. Verify each of them by verify_draw.py first. This script
checks that the later design names the earlier commitment and the same key, that whoever (or whatever place)
stands in both lists kept the same number, and that the starting point is the one that the share asks for, so
that nobody chose it. Exit status: 0 all is right, 1 something differs, 2 a bundle cannot be read.
"""

import argparse
import sys
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from fractions import Fraction
from importlib.util import module_from_spec, spec_from_file_location
from math import lcm
from pathlib import Path
from types import ModuleType
from typing import Any

Document = dict[str, Any]
Check = tuple[str, object, object]
Chances = dict[str, tuple[str, Fraction]]

GRID = 1 << 64

TEXTS = {
    "vi": {
        "chain": "cam kết của danh sách trước",
        "key": "khóa phối hợp và cách nhận biết người",
        "numbers": "số cố định của người có trong cả hai danh sách",
        "start": "điểm bắt đầu",
        "spread": "phần dành cho giá trị công khai",
        "ok": "ĐÚNG",
        "wrong": "SAI",
        "expected": "phải là",
        "got": "nhưng là",
        "proved": "Danh sách sau nối tiếp danh sách trước theo đúng quy tắc.",
        "refuted": "Danh sách sau KHÔNG nối tiếp danh sách trước theo đúng quy tắc.",
        "unreadable": "Không đọc được bộ tệp: ",
    },
    "en": {
        "chain": "commitment of the earlier list",
        "key": "coordination key, and how persons are recognised",
        "numbers": "permanent numbers of persons in both lists",
        "start": "starting point",
        "spread": "room that is left to the public value",
        "ok": "OK",
        "wrong": "WRONG",
        "expected": "expected",
        "got": "got",
        "proved": "The later list follows the earlier one by rule.",
        "refuted": "The later list does NOT follow the earlier one by rule.",
        "unreadable": "A bundle cannot be read: ",
    },
}


def load_script() -> ModuleType:
    """Load verify_draw.py, which stands beside this file."""
    path = Path(__file__).with_name("verify_draw.py")
    spec = spec_from_file_location("verify_draw", path)
    if spec is None or spec.loader is None:
        raise OSError(str(path))
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


proof = load_script()


def bundle(path: "str | Path") -> Any:
    """Open a bundle."""
    return proof.Bundle(path)


def verify(earlier: Any, later: Any) -> Iterator[Check]:
    """Yield (what, expected, got) of every check; equal values agree."""
    before, now = earlier.document("design.json"), later.document("design.json")
    digest = proof.digest_of_document(earlier.document("commitment.json"))
    yield "chain", digest, now["coordination"]["previous"]
    yield "key", before.get("stage", ""), now.get("stage", "")
    for key in ("key_fingerprint", "unit_fingerprint"):
        yield "key", before["coordination"][key], now["coordination"][key]
    numbers, again = proof.read_numbers(earlier, before)[0], proof.read_numbers(later, now)[0]
    changed = sum(number != again.get(unit, number) for unit, number in numbers.items())
    yield "numbers", 0, changed
    started = proof.start_of(before, earlier.document("draw.json")["seed"])
    of_earlier, of_later = chances(earlier, before), chances(later, now)
    start = start_after(started, of_earlier, of_later, before, now)
    yield "start", str(start), str(Fraction(now["coordination"]["start"]))
    spread = spread_after(start - started, of_earlier, of_later, now)
    yield "spread", str(spread), now["coordination"].get("spread", "0")


def chances(opened: Any, design: Document) -> Chances:
    """Return stratum and inclusion probability of every person of a list, or of every place of a stage."""
    counts_size = proof.BY_NUMBER[design["selection"]][1]
    if "stage" in design:
        return chances_of_places(opened, design, counts_size=counts_size)
    units = list(proof.list_units(proof.FrameReader(opened), design))
    sizes = proof.sizes_by_stratum(units, design)
    return {
        proof.person_of(row): (stratum, sizes[stratum].probability(row[proof.SIZE] if counts_size else 1))
        for stratum, row in units
    }


def chances_of_places(opened: Any, design: Document, *, counts_size: bool) -> Chances:
    """Return stratum, or unit above, and inclusion probability of every place."""
    rows = list(proof.FrameReader(opened))
    strata = {stratum: proof.SizesOf() for stratum, *_unit in rows}
    for stratum, _code, _type, size in rows:
        strata[stratum].counts[size if counts_size else 1] += 1
    for stratum, sizes in strata.items():
        sizes.split(design["n_by_stratum"].get(stratum, design["n"]))
    return {
        code: (stratum, strata[stratum].probability(size if counts_size else 1))
        for stratum, code, _type, size in rows
    }


def start_after(
    started: Fraction, before: Chances, now: Chances, earlier: Document, later: Document
) -> Fraction:
    """Return the starting point that gives the share, as a whole multiple of 1 / 2**64."""
    share = Fraction(later["coordination"]["share"])
    reserves = {} if share or "stage" in earlier else proof.wanted_of(earlier)[1]
    sizes = Counter(stratum for stratum, _chance in before.values())
    pairs: Counter[tuple[Fraction, Fraction]] = Counter()
    for unit in before.keys() & now.keys():
        stratum, first = before[unit]
        with_reserve = first + Fraction(reserves.get(stratum, 0), sizes[stratum])
        pairs[min(with_reserve, Fraction(1)), now[unit][1]] += 1
    start = (started + distance(share, pairs)) % 1
    return Fraction(-(-start.numerator * GRID // start.denominator), GRID) % 1


def spread_after(offset: Fraction, before: Chances, now: Chances, later: Document) -> Fraction:
    """Return how far beyond its starting point a draw that meets nobody again leaves room to the seed."""
    if Fraction(later["coordination"]["share"]):
        return Fraction(0)
    reserves = {} if "stage" in later else proof.wanted_of(later)[1]
    sizes = Counter(stratum for stratum, _chance in now.values())
    longest = Fraction(0)
    for unit in before.keys() & now.keys():
        stratum, chance = now[unit]
        with_reserve = chance + Fraction(reserves.get(stratum, 0), sizes[stratum])
        longest = max(longest, min(with_reserve, Fraction(1)))
    room = 1 - offset % 1 - longest
    return Fraction(min(max(room.numerator * GRID // room.denominator, 0), GRID - 1), GRID)


def distance(share: Fraction, pairs: "Counter[tuple[Fraction, Fraction]]") -> Fraction:
    """Return the smallest distance at which the arcs of both rounds overlap by the share."""
    scale = lcm(*(part.denominator for pair in pairs for part in pair))
    arcs = [(int(first * scale), int(second * scale), count) for (first, second), count in pairs.items()]
    wanted = share * sum(second * count for _first, second, count in arcs)
    bends = {0}
    for first, second, _count in arcs:
        bends |= {first, max(first - second, 0), scale - second, scale - second + first}
    farthest = max((first for first, _second, _count in arcs), default=0)
    before = (0, 0)
    for bend in sorted(bend for bend in bends if bend <= farthest):
        overlap = sum(count * common(bend, first, second, scale) for first, second, count in arcs)
        if overlap <= wanted:
            if not bend or overlap == before[1]:
                return Fraction(bend, scale)
            return (before[0] + (bend - before[0]) * (before[1] - wanted) / (before[1] - overlap)) / scale
        before = (bend, overlap)
    raise ValueError(f"no starting point gives the share {share}")


def common(offset: int, first: int, second: int, scale: int) -> int:
    """Return the length of the common part of two arcs of a circle of length `scale`."""
    end = offset + second
    return max(0, min(first, end) - offset) + max(0, min(first, end - scale))


def main(arguments: "Sequence[str] | None" = None) -> int:
    """Verify the bundles that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("earlier", help="folder or ZIP file of the earlier list")
    parser.add_argument("later", help="folder or ZIP file of the later list")
    parser.add_argument("--language", choices=sorted(TEXTS), default="vi")
    options = parser.parse_args(arguments)
    words = TEXTS[options.language]
    try:
        failed = proof.report(
            verify(bundle(options.earlier), bundle(options.later)), words | {"nothing": "–"}
        )
    except (proof.BundleError, OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        proof.say(words["unreadable"] + f"{type(error).__name__}: {error}")
        return 2
    proof.say(words["refuted" if failed else "proved"])
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
