"""The stand-alone script proves what was drawn, and names what was tampered with."""

import gzip
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from sampling.design.area_selection import TYPE_ORDER
from sampling.design.commitments import Commitment, digest_of_secret, seed_of_commitment
from sampling.design.fingerprints import Cell, canonical_lines, digest_of_document, digest_of_rows
from sampling.design.list_design import ListDesign
from sampling.design.list_draws import draw_list
from sampling.design.stage_frames import STAGE_FORMAT, area_rows, person_rows
from sampling.design.stage_plans import StagePlan
from sampling.design.stages import CommuneUnit, VillageUnit, draw_communes, draw_persons, draw_villages
from sampling.proof import verify_draw

SECRET = "5e" * 32
PUBLIC_VALUE = "  45 021\n"
SCRIPT = Path(verify_draw.__file__)

type Rows = list[list[Cell]]


@dataclass(frozen=True)
class Drawn:
    """What goes into a bundle."""

    design: dict[str, Any]
    frame: Rows
    draw: Callable[[str], Rows]


def dossiers(n: int = 400) -> Rows:
    """Return made-up dossiers: two provinces, two fields, some persons with several dossiers, odd ids."""
    rows: Rows = []
    for number in range(n):
        province = "01" if number % 3 else "79"
        key = f"{number % 149:064x}" if number % 5 else ""
        day = f"2026-01-{1 + number * 7 % 28:02d}"
        place = [f"{province}.A{number % 4}", province, province, "R1", bool(number % 2), "commune"]
        of_dossier = ["đất đai" if number % 2 else "hộ tịch", "portal", day, "person", key, 3, 1 + number % 9]
        rows.append([f"H-{number:05d}-ợ", *place, *of_dossier])
    return rows


def a_list(unit: str = "dossier", selection: str = "simple_random", n: int = 12, left_out: str = "") -> Drawn:
    """Return a list draw; one province may have the size 0."""
    rows = dossiers()
    fields = ("đất đai", "hộ tịch")
    document = {
        "format": "list-design/1",
        "unit": unit,
        "strata": ["province", "field"],
        "sizes": [
            [[province, field], 0 if province == left_out else n]
            for province in ("01", "79")
            for field in fields
        ],
        "selection": selection,
        "measure_of_size": "size" if selection == "pps_systematic" else None,
        "reserve_percent": 0 if selection == "pps_systematic" else 25,
        "filter": {"channel": ["portal"]},
    }
    design = ListDesign.from_document(document)

    def draw(seed: str) -> Rows:
        return [
            [row.id, row.stratum, row.draw_order, row.is_reserve, str(row.probability)]
            for row in draw_list(rows, design, seed)
        ]

    return Drawn(design.document(), rows, draw)


def stage(
    code: str, *, n: int, n_reserve: int = 0, by_stratum: dict[str, int] | None = None
) -> dict[str, Any]:
    """Return the design of one area stage."""
    return {
        "format": STAGE_FORMAT,
        "stage": code,
        "selection": "simple_random" if code == "person" else "pps_systematic",
        "order": ["unit_type", "random"] if code == "commune" else ["random"],
        "type_order": list(TYPE_ORDER) if code == "commune" else [],
        "n": n,
        "n_by_stratum": by_stratum or {},
        "n_reserve": n_reserve,
        "template_sha256": "0" * 64,
    }


def communes() -> Drawn:
    """Return a draw of communes; one stratum has a commune so large that it is certain."""
    types = ("xã", "phường", "đặc khu", "thị trấn", "loại khác")
    units = [
        CommuneUnit(
            f"{number:05d}", f"{number % 3:02d}", types[number % 5], 9000 if number == 6 else 90 + number
        )
        for number in range(60)
    ]
    plan = StagePlan(communes=4, villages=1, persons=1, communes_in={"02": 7})

    def draw(seed: str) -> Rows:
        return [area_row("commune", unit) for unit in draw_communes(units, plan, seed)]

    frame = list(area_rows((unit.stratum, unit.code, unit.unit_type, unit.size) for unit in units))
    return Drawn(stage("commune", n=4, by_stratum={"02": 7}), frame, draw)


def villages() -> Drawn:
    """Return a draw of villages; one commune has fewer than wanted."""
    units = {
        commune: [VillageUnit(f"{commune}-{number}", commune, 50 + 9 * number) for number in range(n)]
        for commune, n in {"00004": 9, "00008": 2, "00010": 5}.items()
    }
    plan = StagePlan(communes=1, villages=3, persons=1)

    def draw(seed: str) -> Rows:
        drawn = (
            unit for commune in sorted(units) for unit in draw_villages(commune, units[commune], plan, seed)
        )
        return [area_row("village", unit) for unit in drawn]

    frame = list(
        area_rows((unit.commune, unit.code, "", unit.size) for rows in units.values() for unit in rows)
    )
    return Drawn(stage("village", n=3), frame, draw)


def persons() -> Drawn:
    """Return a draw of adults with a reserve; one village has fewer than wanted."""
    registers = {
        "V1": [str(number) for number in range(40)],
        "V2": ["7", "8"],
        "V0": ["1", "2", "3", "4", "5", "6"],
    }
    plan = StagePlan(communes=1, villages=1, persons=4, reserves=3)

    def draw(seed: str) -> Rows:
        return [row for village in sorted(registers) for row in of_village(village, seed)]

    def of_village(village: str, seed: str) -> Rows:
        sample = draw_persons(village, registers[village], plan, seed)
        listed = enumerate(sample.main + sample.reserve, start=1)
        probability = str(sample.probability)
        return [[village, number, place, place > len(sample.main), probability] for place, number in listed]

    return Drawn(stage("person", n=4, n_reserve=3), list(person_rows(registers)), draw)


def area_row(code: str, unit: Any) -> list[Cell]:
    """Return a drawn area as a row of its list."""
    places = [unit.frame_order, unit.draw_order, unit.is_certainty]
    return [code, unit.stratum, unit.code, *places, str(unit.probability)]


KINDS: dict[str, Callable[[], Drawn]] = {
    "dossiers": a_list,
    "persons of a list": lambda: a_list("person"),
    "persons, a province left out": lambda: a_list("person", left_out="79"),
    "dossiers by size, a province left out": lambda: a_list(selection="pps_systematic", left_out="01"),
    "dossiers by size": lambda: a_list(selection="pps_systematic"),
    "communes": communes,
    "villages": villages,
    "adults": persons,
}


def bundle(folder: Path, drawn: Drawn) -> Path:
    """Write a bundle as an honest office does."""
    folder.mkdir()
    frame = b"".join(sorted(canonical_lines([row]) for row in drawn.frame))
    commitment = Commitment(
        round="2026",
        stage="x",
        frame_sha256=verify_draw.hashlib.sha256(frame).hexdigest(),
        design_sha256=digest_of_document(drawn.design),
        secret_sha256=digest_of_secret(SECRET),
        public_source="Xổ số kiến thiết, giải đặc biệt",
        public_source_url="",
        public_value_due=date(2026, 3, 1),
    )
    seed = seed_of_commitment(secret=SECRET, commitment_digest=commitment.digest(), public_value=PUBLIC_VALUE)
    rows = drawn.draw(seed)
    write_json(folder / "commitment.json", commitment.document())
    write_json(folder / "design.json", drawn.design)
    proof = {
        "secret": SECRET,
        "public_value": PUBLIC_VALUE,
        "seed": seed,
        "list_sha256": digest_of_rows(rows),
    }
    write_json(folder / "draw.json", proof)
    (folder / "frame.jsonl").write_bytes(frame)
    (folder / "list.jsonl").write_bytes(canonical_lines(rows))
    return folder


def write_json(path: Path, document: object) -> None:
    """Write a document as a person may have formatted it."""
    path.write_text(json.dumps(document, ensure_ascii=False, indent=2), encoding="utf-8")


def change_json(path: Path, **values: object) -> None:
    """Change some values of a document."""
    write_json(path, json.loads(path.read_text(encoding="utf-8")) | values)


def failed(folder: Path, published: str = "") -> list[str]:
    """Return the names of the checks that fail."""
    checks: Iterable[verify_draw.Check] = verify_draw.verify(verify_draw.Bundle(folder), published)
    return [what for what, expected, got in checks if expected != got]


@pytest.mark.parametrize("kind", KINDS)
def test_an_honest_draw_is_proved(kind: str, tmp_path: Path) -> None:
    assert failed(bundle(tmp_path / "b", KINDS[kind]())) == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_person_put_on_the_list_by_hand_is_named(kind: str, tmp_path: Path) -> None:
    folder = bundle(tmp_path / "b", KINDS[kind]())
    lines = (folder / "list.jsonl").read_bytes().splitlines(keepends=True)
    (folder / "list.jsonl").write_bytes(b"".join([lines[1], lines[0], *lines[2:]]))
    assert failed(folder) == ["list digest", "list"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_unit_taken_from_the_frame_is_named(kind: str, tmp_path: Path) -> None:
    folder = bundle(tmp_path / "b", KINDS[kind]())
    lines = (folder / "frame.jsonl").read_bytes().splitlines(keepends=True)
    drop = len(lines) - 1
    (folder / "frame.jsonl").write_bytes(b"".join(lines[:drop]))
    assert "frame" in failed(folder)


def test_a_frame_in_another_order_is_named(tmp_path: Path) -> None:
    folder = bundle(tmp_path / "b", communes())
    lines = (folder / "frame.jsonl").read_bytes().splitlines(keepends=True)
    (folder / "frame.jsonl").write_bytes(b"".join(reversed(lines)))
    assert failed(folder) == ["order", "frame"]


def test_a_changed_size_in_the_design_is_named(tmp_path: Path) -> None:
    folder = bundle(tmp_path / "b", communes())
    change_json(folder / "design.json", n=5)
    assert failed(folder) == ["design", "list"]


def test_another_secret_is_named(tmp_path: Path) -> None:
    folder = bundle(tmp_path / "b", communes())
    change_json(folder / "draw.json", secret="5f" * 32)
    assert failed(folder)[:2] == ["secret", "public value"]


def test_another_public_value_is_named(tmp_path: Path) -> None:
    folder = bundle(tmp_path / "b", communes())
    change_json(folder / "draw.json", public_value="45022")
    assert failed(folder)[0] == "public value"


def test_a_seed_that_does_not_follow_is_named(tmp_path: Path) -> None:
    folder = bundle(tmp_path / "b", communes())
    change_json(folder / "draw.json", seed="0" * 64)
    assert failed(folder) == ["public value"]


def test_a_commitment_written_afterwards_does_not_match_the_published_one(tmp_path: Path) -> None:
    folder = bundle(tmp_path / "b", communes())
    published = digest_of_document(json.loads((folder / "commitment.json").read_text(encoding="utf-8")))
    assert failed(folder, published) == []
    change_json(folder / "commitment.json", public_value_due="2026-04-01")
    assert failed(folder, published)[0] == "published"


def test_a_packed_frame_in_a_zip_file_is_read(tmp_path: Path) -> None:
    folder = bundle(tmp_path / "b", villages())
    (folder / "frame.jsonl.gz").write_bytes(gzip.compress((folder / "frame.jsonl").read_bytes()))
    (folder / "frame.jsonl").unlink()
    with zipfile.ZipFile(tmp_path / "bundle.zip", "w") as archive:
        for path in folder.iterdir():
            archive.write(path, path.name)
    assert failed(tmp_path / "bundle.zip") == []


def run(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Run the script as an auditor does: an isolated Python, no packages, no environment."""
    command = [sys.executable, "-I", "-S", str(SCRIPT), *arguments]
    return subprocess.run(command, capture_output=True, check=False, env={})  # noqa: S603 - our own script


def published_digest(folder: Path) -> str:
    """Return the digest that a reader noted before the draw."""
    return digest_of_document(json.loads((folder / "commitment.json").read_text(encoding="utf-8")))


def test_the_script_needs_nothing_but_python_and_speaks_vietnamese(tmp_path: Path) -> None:
    folder = bundle(tmp_path / "b", persons())
    answer = run(str(folder), "--commitment", published_digest(folder))
    assert (answer.returncode, answer.stderr) == (0, b"")
    assert "đã được chứng minh" in answer.stdout.decode()
    assert "Xổ số kiến thiết" in answer.stdout.decode()


def test_without_the_published_digest_nothing_is_proved(tmp_path: Path) -> None:
    answer = run(str(bundle(tmp_path / "b", persons())), "--language", "en")
    assert answer.returncode == 3
    assert "NOT YET proved" in answer.stdout.decode()


def test_the_script_names_what_differs_and_the_line(tmp_path: Path) -> None:
    folder = bundle(tmp_path / "b", persons())
    text = (folder / "list.jsonl").read_text(encoding="utf-8")
    (folder / "list.jsonl").write_text(text.replace("V1", "V9", 1), encoding="utf-8")
    answer = run(str(folder), "--language", "en")
    assert answer.returncode == 1
    assert "NOT proved. What does not agree: digest of the list, drawn list" in answer.stdout.decode()
    assert '["V9"' in answer.stdout.decode()


@pytest.mark.parametrize("damage", ["missing", "no JSON", "secret"])
def test_a_bundle_that_cannot_be_read_is_said_so(damage: str, tmp_path: Path) -> None:
    folder = bundle(tmp_path / "b", communes())
    if damage == "missing":
        (folder / "draw.json").unlink()
    elif damage == "no JSON":
        (folder / "design.json").write_text("{", encoding="utf-8")
    else:
        change_json(folder / "draw.json", secret="not hexadecimal")
    answer = run(str(folder), "--language", "en")
    assert (answer.returncode, answer.stderr) == (2, b"")
    assert "cannot be read" in answer.stdout.decode()


def renewed(folder: Path, **values: object) -> Path:
    """Change the commitment, and let seed and list follow, as an office would that planned it so."""
    change_json(folder / "commitment.json", **values)
    commitment = json.loads((folder / "commitment.json").read_text(encoding="utf-8"))
    drawn = communes()
    digest = digest_of_document(commitment)
    seed = seed_of_commitment(secret=SECRET, commitment_digest=digest, public_value=PUBLIC_VALUE)
    rows = drawn.draw(seed)
    change_json(folder / "draw.json", seed=seed, list_sha256=digest_of_rows(rows))
    (folder / "list.jsonl").write_bytes(canonical_lines(rows))
    return folder


@pytest.mark.parametrize(
    ("moment", "wrong"),
    [("2026-02-28T23:59:00+07:00", []), ("2026-03-01T08:00:00+07:00", ["moment"])],
)
def test_a_commitment_of_the_day_of_the_value_is_named(moment: str, wrong: list[str], tmp_path: Path) -> None:
    folder = renewed(bundle(tmp_path / "b", communes()), committed_at=moment)
    assert failed(folder) == wrong


def earlier(**changes: str) -> dict[str, str]:
    return {"round": "2026", "stage": "district"} | changes


def test_the_earlier_commitments_are_those_that_are_named(tmp_path: Path) -> None:
    folder = renewed(bundle(tmp_path / "b", communes()), previous=[digest_of_document(earlier())])
    write_json(folder / "previous.json", {"commitments": [earlier()]})
    assert failed(folder) == []
    write_json(folder / "previous.json", {"commitments": [earlier(stage="x")]})
    assert failed(folder) == ["previous"]
    write_json(folder / "previous.json", {"commitments": []})
    assert failed(folder) == ["previous"]


def test_a_commitment_of_another_round_is_no_earlier_one(tmp_path: Path) -> None:
    other = earlier(round="2025")
    folder = renewed(bundle(tmp_path / "b", communes()), previous=[digest_of_document(other)])
    write_json(folder / "previous.json", {"commitments": [other]})
    assert failed(folder) == ["previous"]


def test_named_commitments_that_are_missing_are_asked_for(tmp_path: Path) -> None:
    folder = renewed(bundle(tmp_path / "b", communes()), previous=["0" * 64])
    with pytest.raises(verify_draw.BundleError, match="previous"):
        failed(folder)


@pytest.mark.parametrize(("language", "word"), [("vi", "MINH HỌA"), ("en", "DEMONSTRATION")])
def test_a_demonstration_is_called_one(language: str, word: str, tmp_path: Path, capfdbinary: Any) -> None:
    folder = bundle(tmp_path / "b", communes())
    verify_draw.main([str(folder), "--language", language])
    assert word not in capfdbinary.readouterr().out.decode()
    verify_draw.main([str(renewed(folder, demonstration=True)), "--language", language])
    assert word in capfdbinary.readouterr().out.decode()
