"""One import: read, check, write; its folder holds everything at the end or nothing."""

import shutil
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb
import pyarrow as pa

from sampling.engine.digests import digest_of_file
from sampling.engine.ingest.checks import MANY_DOSSIERS, Expected, find_problems, prepare_checks
from sampling.engine.ingest.findings import N_EXAMPLES, Finding, IngestError, IngestReport, Place, SourceFile
from sampling.engine.ingest.frame import (
    compare_frames,
    count_frame,
    count_persons,
    read_agencies,
    write_frame,
)
from sampling.engine.ingest.pace import Pace, Progress, Step, watched
from sampling.engine.ingest.reading import Lines, Source
from sampling.engine.ingest.sources import ReadOptions, open_source
from sampling.engine.ingest.staging import STAGED, Secrets, stage

OWNER_ONLY = 0o700
WORK, READY, SPILL = "work", "ready", "spill"
FRAME, AGENCIES, CONTACTS = "frame.parquet", "agencies.parquet", "contacts-*.parquet"
MEMORY_LIMIT = "800MB"
THREADS = 2


@dataclass(frozen=True, slots=True)
class ListImport:
    """What is imported, where it is worked on, and what it is held against.

    Parameters
    ----------
    files : sequence of pathlib.Path
        CSV, XLSX, XLS or Parquet, one list together; read where they are, never changed.
    folder : pathlib.Path
        Of this import alone. What is accepted ends up in its folder `ready`.
    expected : Expected
        Units, period and agencies.
    keys : Secrets
        Of persons and contacts.
    options : ReadOptions, optional
        Names of columns, encoding.
    earlier : pathlib.Path, optional
        A frame to compare with.
    """

    files: Sequence[Path]
    folder: Path
    expected: Expected
    keys: Secrets
    options: ReadOptions = field(default_factory=ReadOptions)
    earlier: Path | None = None

    @property
    def ready(self) -> Path:
        """Where the files of an accepted list are."""
        return self.folder / READY


def import_list(job: ListImport, progress: Progress) -> IngestReport:
    """Read, check and write a list.

    Parameters
    ----------
    job : ListImport
        What to do.
    progress : callable
        Takes the step, and bytes and rows read so far, in the thread of the caller, about twice a second;
        may raise `IngestCancelledError` to stop.

    Returns
    -------
    IngestReport
        What was found. If it `is_accepted`, the folder `ready` of the job holds ``frame.parquet``,
        ``agencies.parquet`` and, where the files have contacts, ``contacts-….parquet``; otherwise nothing.

    Raises
    ------
    IngestError
        If a file cannot be read as a list.
    """
    _refuse_same_names(job.files)
    sources = [open_source(path, job.options) for path in job.files]
    work, pace = job.folder / WORK, Pace()
    with _own_folder(work), _connection(work) as connection:
        report = watched(
            lambda: _import(connection, job, sources, pace), pace, progress, connection.interrupt
        )
        if report.is_accepted:
            shutil.rmtree(job.ready, ignore_errors=True)
            work.rename(job.ready)
    return report


def _import(
    connection: duckdb.DuckDBPyConnection, job: ListImport, sources: Sequence[Source], pace: Pace
) -> IngestReport:
    """Do everything but to give the folder its name."""
    work = job.folder / WORK
    staged = stage(connection, sources, work, job.keys, pace)
    pace.tell(Step.CHECKING, pace.n_bytes, staged.n_rows)
    prepare_checks(connection, str(work / STAGED), staged.files, job.expected)
    findings = find_problems(connection, staged.files, has_contacts=staged.contacts is not None)
    report = IngestReport(staged.n_rows, staged.files, _located(sources, staged.files, findings))
    if not report.is_accepted:
        return report
    pace.tell(Step.WRITING, pace.n_bytes, staged.n_rows)
    report = _write(connection, job, work, report)
    pace.tell(Step.HASHING, pace.n_bytes, staged.n_rows)
    for leftover in work.glob(STAGED):
        leftover.unlink()
    shutil.rmtree(work / SPILL, ignore_errors=True)
    return replace(report, digest=digest_of_file(work / FRAME, threads=THREADS, memory_limit=MEMORY_LIMIT))


def _refuse_same_names(files: Sequence[Path]) -> None:
    """Raise where a report could not tell two files apart, or where there is none."""
    if not files:
        raise IngestError("no_file")
    names = [path.name for path in files]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise IngestError("same_name", name=twice)


def _write(
    connection: duckdb.DuckDBPyConnection, job: ListImport, work: Path, report: IngestReport
) -> IngestReport:
    """Write the frame and say what is in it."""
    n_persons, most = count_persons(connection)
    write_frame(connection, work / FRAME, work / AGENCIES)
    counts = dict(count_frame(connection, work / FRAME))
    findings = list(report.findings)
    if most > MANY_DOSSIERS:
        place = Place("", 0, "person_id", str(most), str(MANY_DOSSIERS))
        findings.append(Finding("person_with_many", "warning", 1, (place,)))
    return replace(
        report,
        findings=tuple(findings),
        counts=counts,
        changes=compare_frames(connection, job.earlier, work / FRAME) if job.earlier else {},
        n_units=sum(counts["party"].values()),
        n_agencies=read_agencies(work / AGENCIES).num_rows,
        n_persons=n_persons,
    )


@contextmanager
def _own_folder(folder: Path) -> Iterator[None]:
    """Start with an empty folder and leave none, unless it was renamed."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=OWNER_ONLY, parents=True)
    try:
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _connection(work: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the engine; what does not fit into memory waits in the folder of the import."""
    options: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": MEMORY_LIMIT,
        "threads": THREADS,
        "temp_directory": str(work / SPILL),
        "preserve_insertion_order": False,
        "enable_external_access": True,
    }
    with duckdb.connect(config=options) as connection:
        yield connection
    pa.default_memory_pool().release_unused()


def _located(
    sources: Sequence[Source], files: Sequence[SourceFile], findings: Sequence[Finding]
) -> tuple[Finding, ...]:
    """Turn numbers of rows into lines as a person sees them; add lines that are no rows."""
    wanted: dict[str, set[int]] = defaultdict(set)
    for finding in findings:
        for place in finding.examples:
            wanted[place.file].add(place.row)
            if place.also_file:
                wanted[place.also_file].add(place.also_row)
    lines = {file.name: source.locate(wanted[file.name]) for source, file in zip(sources, files, strict=True)}
    placed = [
        replace(finding, examples=tuple(_place_in(lines, place) for place in finding.examples))
        for finding in findings
    ]
    return (*_misfits(lines), *placed, *_unused(files))


def _place_in(lines: Mapping[str, Lines], place: Place) -> Place:
    """Give a place the lines of its rows."""
    return replace(
        place,
        row=lines[place.file].of_row.get(place.row, 0),
        also_row=lines[place.also_file].of_row.get(place.also_row, 0) if place.also_file else 0,
    )


def _misfits(lines: Mapping[str, Lines]) -> Iterator[Finding]:
    """Tell of lines with too few or too many cells, and of those that cannot be read at all."""
    for code, is_broken in (("cells", False), ("broken_line", True)):
        places = [
            Place(name, misfit.line, "", misfit.reason or str(misfit.n_cells), str(misfit.n_expected))
            for name, found in lines.items()
            for misfit in found.misfits
            if bool(misfit.reason) == is_broken
        ]
        hidden = 0 if is_broken else sum(found.n_misfits - len(found.misfits) for found in lines.values())
        if places:
            yield Finding(code, "error", len(places) + hidden, tuple(places[:N_EXAMPLES]))


def _unused(files: Sequence[SourceFile]) -> Iterator[Finding]:
    """Tell which columns are left alone."""
    places = tuple(Place(file.name, 0, name) for file in files for name in file.unused)
    if places:
        yield Finding("column_unused", "warning", len(places), places)
