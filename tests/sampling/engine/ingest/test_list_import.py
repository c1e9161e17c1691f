"""An import holds everything at the end, or nothing."""

import datetime
import hmac
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling.design.fingerprints import digest_of_frame
from sampling.design.list_design import FRAME_COLUMNS
from sampling.engine.contact_files import ContactFileError, read_contacts
from sampling.engine.ingest import (
    IngestCancelledError,
    IngestError,
    ListImport,
    ReadOptions,
    Step,
    import_list,
    read_agencies,
)
from tests.sampling.lists import (
    KEYS,
    PERSON,
    expected,
    found,
    frame_rows,
    row,
    rows,
    run,
    silent,
    write_csv,
)

ROOT = Path(__file__).resolve().parents[4]


def contents(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def test_writes_a_sorted_frame_without_contacts(tmp_path: Path) -> None:
    file = write_csv(tmp_path / "list.csv", [row(id="b"), row(id="a", settled_on="2026-03-06", size="3")])
    report = run(tmp_path / "job", file)
    first, second = frame_rows(tmp_path / "job")
    assert report.is_accepted
    assert tuple(first) == FRAME_COLUMNS
    assert [first["id"], second["id"]] == ["a", "b"]
    assert first["settled_on"] == datetime.date(2026, 3, 6)
    assert (first["party"], first["level"], first["channel"], first["size"]) == (
        "person",
        "province",
        "online",
        3,
    )


def test_digest_is_that_of_the_canonical_rows(tmp_path: Path) -> None:
    report = run(tmp_path / "job", write_csv(tmp_path / "list.csv", rows(40)))
    canonical = [
        [value.isoformat() if isinstance(value, datetime.date) else value for value in each.values()]
        for each in frame_rows(tmp_path / "job")
    ]
    assert report.digest == digest_of_frame(canonical)


def test_hashes_persons_with_the_key_and_counts_their_dossiers(tmp_path: Path) -> None:
    same = "001 092 034 567"
    lines = [
        row(id="a"),
        row(id="b", person_id=same),
        row(id="c", person_id="001092034568"),
        row(id="d", person_id=""),
        row(id="e", party="Tổ chức", person_id="0101234567"),
    ]
    report = run(tmp_path / "job", write_csv(tmp_path / "list.csv", lines))
    frame = {each["id"]: each for each in frame_rows(tmp_path / "job")}
    key = hmac.digest(KEYS.person, PERSON.encode(), "sha256").hex()
    assert [frame[each]["person_key"] for each in "abde"] == [key, key, "", ""]
    assert {each: frame[each]["multiplicity"] for each in "abcde"} == {"a": 2, "b": 2, "c": 1, "d": 1, "e": 1}
    assert report.n_persons == 2


def test_places_come_from_the_units_of_the_day(tmp_path: Path) -> None:
    lines = [
        row(id="a", province="72", commune="25456", agency="25456", level="Xã", settled_on="01/03/2025"),
        row(id="b", commune="25459", agency="25459", level="Xã"),
    ]
    run(tmp_path / "job", write_csv(tmp_path / "list.csv", lines))
    old, new = frame_rows(tmp_path / "job")
    assert (old["province"], old["predecessor_province"], old["is_urban"]) == ("80", "72", True)
    assert (new["province"], new["predecessor_province"], new["region"]) == ("80", "72", "SE")


def test_agencies_come_with_their_number_of_dossiers(tmp_path: Path) -> None:
    lines = [row(id="a"), row(id="b"), row(id="c", agency="25459", commune="25459", agency_name="")]
    run(tmp_path / "job", write_csv(tmp_path / "list.csv", lines))
    agencies = read_agencies(tmp_path / "job" / "ready" / "agencies.parquet").to_pylist()
    assert [(each["code"], each["name"], each["n_dossiers"]) for each in agencies] == [
        ("25459", "25459", 1),
        ("H80.01", "Sở Tư pháp", 2),
    ]


def test_contacts_are_readable_with_the_key_alone(tmp_path: Path) -> None:
    run(tmp_path / "job", write_csv(tmp_path / "list.csv", rows(3)))
    (file,) = (tmp_path / "job" / "ready").glob("contacts-*.parquet")
    (contact,) = read_contacts(file, KEYS.contacts, ["H80.01-0001"])
    assert contact["full_name"] == "Nguyễn Văn An"
    assert b"Nguy" not in file.read_bytes()
    with pytest.raises(ContactFileError, match="not open"):
        list(read_contacts(file, b"another key", ["H80.01-0001"]))


def test_no_number_and_no_name_is_written_in_the_open(tmp_path: Path) -> None:
    report = run(
        tmp_path / "job",
        write_csv(tmp_path / "list.csv", [*rows(3), row(id="x", person_id="12345678901234")]),
    )
    told = str(report.as_document())
    assert found(report) == {("person_malformed", "person_id"): 1}
    assert "123***" in told
    assert "12345" not in told
    report = run(tmp_path / "job", write_csv(tmp_path / "list.csv", rows(3)))
    written = b"".join(path.read_bytes() for path in (tmp_path / "job").rglob("*.parquet"))
    assert report.is_accepted
    assert PERSON.encode() not in written
    assert "Giả Định".encode() not in written


def test_a_refused_list_leaves_nothing(tmp_path: Path) -> None:
    report = run(tmp_path / "job", write_csv(tmp_path / "list.csv", [*rows(2), row(id="z", party="?")]))
    assert not report.is_accepted
    assert contents(tmp_path / "job") == set()


def test_files_are_one_list(tmp_path: Path) -> None:
    first = write_csv(tmp_path / "a.csv", rows(2))
    second = write_csv(tmp_path / "b.csv", [row(id="H80.01-0001"), row(id="new")])
    report = run(tmp_path / "job", first, second)
    (finding,) = report.findings
    (place,) = finding.examples
    assert finding.rule == "duplicate_id_across_files"
    assert (place.file, place.row, place.also_file, place.also_row) == ("b.csv", 2, "a.csv", 3)


def test_files_of_one_name_are_refused(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    files = write_csv(tmp_path / "a.csv", rows(1)), write_csv(tmp_path / "sub" / "a.csv", rows(1))
    with pytest.raises(IngestError, match="same_name"):
        run(tmp_path / "job", *files)


@pytest.mark.parametrize("n_before", [0, 10], ids=["at its start", "at its end"])
def test_a_cancelled_import_leaves_nothing(tmp_path: Path, n_before: int) -> None:
    def cancel(_step: Step, _n_bytes: int, n_rows: int) -> None:
        if n_rows == n_before:
            raise IngestCancelledError

    file = write_csv(tmp_path / "list.csv", rows(10))
    job = ListImport([file], tmp_path / "job", expected(), KEYS, ReadOptions())
    with pytest.raises(IngestCancelledError):
        import_list(job, cancel)
    assert contents(tmp_path / "job") == set()


KILLED = """
import sys, time
from pathlib import Path
from sampling.engine.ingest import ListImport, ReadOptions, import_list
from tests.sampling.lists import KEYS, expected
def wait(step, n_bytes, n_rows):
    if n_rows:
        print(step, flush=True)
        time.sleep(60)
import_list(ListImport([Path(sys.argv[1])], Path(sys.argv[2]), expected(), KEYS, ReadOptions()), wait)
"""


def test_after_a_kill_the_import_starts_again_from_nothing(tmp_path: Path) -> None:
    file = write_csv(tmp_path / "list.csv", rows(10))
    environment = os.environ | {
        "PYTHONPATH": str(ROOT),
        "DJANGO_SETTINGS_MODULE": "survey_site.settings.test",
    }
    command = [sys.executable, "-c", KILLED, str(file), str(tmp_path / "job")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, cwd=ROOT) as worker:  # noqa: S603 - our own interpreter and script
        assert worker.stdout is not None
        assert worker.stdout.readline()
        worker.send_signal(signal.SIGKILL)
    assert contents(tmp_path / "job")
    assert not (tmp_path / "job" / "ready").exists()
    assert run(tmp_path / "job", file).is_accepted
    assert {path.name[:8] for path in (tmp_path / "job").iterdir()} == {"ready"}


def test_compares_with_an_earlier_frame(tmp_path: Path) -> None:
    run(tmp_path / "old", write_csv(tmp_path / "a.csv", rows(3)))
    job = ListImport(
        [write_csv(tmp_path / "b.csv", [*rows(2), row(id="new")])],
        tmp_path / "job",
        expected(),
        KEYS,
        ReadOptions(),
        earlier=tmp_path / "old" / "ready" / "frame.parquet",
    )
    assert import_list(job, silent).changes == {"80": {"added": 1, "gone": 1, "kept": 2}}


cells = st.text(st.characters(codec="utf-8", exclude_characters="\r\x00"), max_size=20)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.fixed_dictionaries(dict.fromkeys(("id", "settled_on", "size", "field", "party"), cells)),
        max_size=6,
    )
)
def test_any_cells_are_accepted_or_named(
    tmp_path_factory: pytest.TempPathFactory, changes: list[dict[str, Any]]
) -> None:
    folder = tmp_path_factory.mktemp("any")
    file = write_csv(folder / "list.csv", [*rows(40), *(row(**each) for each in changes)])
    report = run(folder / "job", file)
    n_lines = file.read_bytes().count(b"\n")
    assert report.is_accepted == (folder / "job" / "ready").exists()
    assert all(1 < place.row <= n_lines for each in report.findings for place in each.examples if place.file)
