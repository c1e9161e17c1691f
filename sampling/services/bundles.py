"""Bundles: everything with which anybody can draw a list again, in one ZIP file."""

import json
import os
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import batched
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.utils.translation import gettext as _

from sampling.design.fingerprints import Cell, canonical_lines
from sampling.engine.digests import UnsortedError, sorted_lines
from sampling.engine.list_persons import permanent_number_lines
from sampling.models import Case, Draw, Household, SampledUnit, SamplingFrame
from sampling.models.draws import DrawStatus
from sampling.models.rounds import ESTIMABLE_STATUSES
from sampling.proof import verify_draw, verify_replacements, verify_rounds
from sampling.sealing import SealError, secret_of, seed_of
from sampling.selectors.frames import REGISTER_STAGES
from sampling.selectors.replacements import of_replacements, of_the_draw
from sampling.selectors.verification import PERSON_STAGES
from sampling.services.audit import User, record
from sampling.services.draws import DrawRefusedError, frame_rows, list_rows
from sampling.services.draws.coordinated_areas import stage_number_lines
from sampling.services.draws.dossiers import MEMORY_LIMIT, frame_of_list, frame_path, list_design
from sampling.services.replacement_records import chosen_adults, replacement_documents

Stage = SamplingFrame.Stage
DRAWN_STATUSES = (DrawStatus.DRAWN, DrawStatus.ISSUED, DrawStatus.CLOSED)
FOLDER_MODE = 0o700
PARTS_AT_ONCE = 1_000
KEPT_SECONDS = 24 * 60 * 60
FAST = 1
"""Half of a long list is keys that no effort makes shorter."""

type Rows = Iterable[list[Cell]]


class BundleRefusedError(DrawRefusedError):
    """Raised when a bundle must not be made yet, or cannot be made."""


def is_public(draw: Draw) -> bool:
    """Tell whether everybody may draw this list again: places only, and no respondent is waited for.

    Permanent numbers steer later rounds too: whoever knew them would know the places of the next one.
    """
    is_over = draw.status == DrawStatus.CLOSED or (
        draw.status == DrawStatus.ABANDONED and draw.round.status in ESTIMABLE_STATUSES
    )
    return draw.stage not in PERSON_STAGES and is_over and "coordination" not in draw.design


def keeps_seals(draw: Draw) -> bool:
    """Tell whether even an auditor has to wait: from the seed of households follow the sealed numbers."""
    return draw.stage == Stage.HOUSEHOLD and draw.round.status not in ESTIMABLE_STATUSES


def bundle_path(draw: Draw) -> Path:
    """Return where the bundle of a draw is kept; another list would have another name."""
    folder = "abandoned" if draw.status == DrawStatus.ABANDONED else "bundles"
    return _path_in(folder, draw)


def _path_in(folder: str, draw: Draw) -> Path:
    """Return where a bundle is kept for a day, or for good; every later replacement asks for a new one."""
    later = Case.objects.filter(of_replacements("village__"), sample__round=draw.round).count()
    units = SampledUnit.objects.filter(of_replacements(), sample__round=draw.round).count()
    mark = f"-{units}-{later}" if units else ""
    return Path(settings.FRAME_ROOT) / folder / f"{draw.pk}-{draw.fingerprint}{mark}.zip"


def keep_bundle(draw: Draw) -> Path:
    """Write the bundle of a list that is about to be taken back; it stays, as the evidence of what it was."""
    path = _path_in("abandoned", draw)
    path.parent.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
    _write_whole(draw, path)
    return path


def has_bundle(draw: Draw) -> bool:
    """Tell whether there is, or can be made, a bundle: of every drawn list, given up or not."""
    return draw.status in DRAWN_STATUSES or (bool(draw.fingerprint) and bundle_path(draw).exists())


def write_bundle(*, draw: Draw, user: User = None) -> Path:
    """Write the bundle of a drawn list, or return the one that is there; a half file is never seen."""
    if not has_bundle(draw):
        raise BundleRefusedError(
            _("A draw can be verified once it is carried out; this one is “%(state)s”.")
            % {"state": draw.get_status_display()}
        )
    path = bundle_path(draw)
    path.parent.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
    if draw.status != DrawStatus.ABANDONED:
        _remove_old(path.parent)
    if not path.exists():
        _write_whole(draw, path)
    if not is_public(draw):
        details = {"stage": draw.stage, "permanent_numbers": "coordination" in draw.design}
        record(draw, "sampling.export_bundle", user=user, details=details)
    return path


def _remove_old(folder: Path) -> None:
    """Remove the bundles of the days before: lists of persons do not lie about."""
    for old in folder.iterdir():
        if time.time() - old.stat().st_mtime > KEPT_SECONDS:
            old.unlink(missing_ok=True)


def _write_whole(draw: Draw, path: Path) -> None:
    """Write into a file beside it, and give it its name when it is complete."""
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            _write_either_way(draw, file)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _write_either_way(draw: Draw, file: IO[bytes]) -> None:
    """Read a frame once, as its import has sorted it; one in another order is sorted first."""
    try:
        _write_archive(draw, file, is_sorted=True)
    except UnsortedError:
        file.seek(0)
        file.truncate()
        _write_archive(draw, file, is_sorted=False)


def _write_archive(draw: Draw, file: IO[bytes], *, is_sorted: bool) -> None:
    """Write the files of a bundle, the long ones line by line."""
    proof = {
        "secret": _opened(draw, secret_of),
        "public_value": draw.public_value,
        "seed": _opened(draw, seed_of),
        "list_sha256": draw.fingerprint,
    }
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=FAST) as archive:
        archive.writestr("commitment.json", _document(draw.commitment))
        archive.writestr("previous.json", _document({"commitments": _earlier_commitments(draw)}))
        archive.writestr("design.json", _document(draw.design))
        archive.writestr("draw.json", _document(proof))
        _write_lines(archive, "frame.jsonl", frame_lines(draw, is_sorted=is_sorted))
        _write_lines(archive, "list.jsonl", map(_line, stored_rows(draw)))
        if "coordination" in draw.design:
            _write_lines(archive, "numbers.jsonl", number_lines(draw))
            archive.writestr("verify_rounds.py", Path(verify_rounds.__file__).read_bytes())
        if draw.stage == Stage.HOUSEHOLD:
            _write_lines(archive, "adults.jsonl", map(_line, _chosen_adults(draw)))
        _write_replacements(archive, draw)
        archive.writestr("verify_draw.py", Path(verify_draw.__file__).read_bytes())
        archive.writestr("README.txt", Path(verify_draw.__file__).with_name("README.txt").read_bytes())


def _write_replacements(archive: zipfile.ZipFile, draw: Draw) -> None:
    """Write what is on record of units that took the place of others, and the script that checks it."""
    documents = replacement_documents(draw)
    if documents:
        archive.writestr("replacements.json", _document({"replacements": documents}))
        script = Path(verify_replacements.__file__)
        archive.writestr(script.name, script.read_bytes())


def _opened(draw: Draw, what: Callable[[Draw], str]) -> str:
    """Return secret or seed, or say in the reader's language why it cannot be opened."""
    try:
        return what(draw)
    except SealError as error:
        raise BundleRefusedError(
            _(
                "The bundle cannot be made: SURVEY_COORDINATION_KEY is not the key with which the draw was "
                "committed. Set that key again."
            )
        ) from error


def _earlier_commitments(draw: Draw) -> list[dict[str, Any]]:
    """Return the commitments that this one names, in the order in which it names them."""
    digests = draw.commitment.get("previous", [])
    draws = Draw.objects.filter(round=draw.round, commitment_digest__in=digests)
    by_digest = {each.commitment_digest: each.commitment for each in draws}
    return [by_digest[digest] for digest in digests if digest in by_digest]


def number_lines(draw: Draw) -> Iterator[bytes]:
    """Yield the permanent numbers of the units of a coordinated list; for auditors, and nobody else."""
    if draw.stage != Stage.DOSSIER:
        yield from stage_number_lines(draw)
        return
    design = list_design(draw)
    if design.coordination is not None:
        path = frame_path(frame_of_list(draw))
        yield from permanent_number_lines(path, design, settings.COORDINATION_KEY, memory_limit=MEMORY_LIMIT)


def _write_lines(archive: zipfile.ZipFile, name: str, parts: Iterable[bytes]) -> None:
    """Write one file that may be longer than the memory."""
    with archive.open(name, "w", force_zip64=True) as file:
        for some in batched(parts, PARTS_AT_ONCE, strict=False):
            file.write(b"".join(some))


def _document(values: Mapping[str, Any]) -> str:
    """Return a document as a person can read it; its digest does not depend on the layout."""
    return json.dumps(values, ensure_ascii=False, indent=2) + "\n"


def frame_lines(draw: Draw, *, is_sorted: bool = False) -> Iterator[bytes]:
    """Yield the canonical lines of the frame of a draw, sorted by their bytes."""
    if draw.stage == Stage.DOSSIER and draw.frame is not None:
        path = Path(settings.FRAME_ROOT) / draw.frame.file
        yield from sorted_lines(path, is_sorted=is_sorted, memory_limit=MEMORY_LIMIT)
    else:
        yield from sorted(map(_line, frame_rows(draw)))


def stored_rows(draw: Draw) -> Rows:
    """Return the list as it is stored, in its order; only the exact probabilities are computed again.

    A list that was changed in the database does not agree with its digest any more, and the script says so.
    """
    computed = {_key(draw, row): row[-1] for row in list_rows(draw)}
    for row in _STORED.get(draw.stage, _stored_areas)(draw):
        yield [*row, computed.get(_key(draw, row), "")]


def _key(draw: Draw, row: list[Cell]) -> tuple[Cell, ...]:
    """Return what names a unit in a row of the list: its code, or village and number."""
    if draw.stage == Stage.DOSSIER:
        return (row[0],)
    return (row[0], row[1]) if draw.stage in REGISTER_STAGES else (row[2],)


def _stored_areas(draw: Draw) -> Rows:
    """Return the stored units of an area stage; units that replace others were not drawn."""
    units = SampledUnit.objects.filter(of_the_draw(), sample__round=draw.round, stage=draw.stage)
    above = "stratum" if _is_first(draw) else "parent__frame_unit__code"
    fields = (above, "frame_unit__code", "frame_order", "draw_order", "is_certainty")
    return sorted(
        ([draw.stage, *row] for row in units.values_list(*fields)), key=lambda row: (row[1], row[4])
    )


def _is_first(draw: Draw) -> bool:
    """Tell whether the stage has no unit above it."""
    return not SampledUnit.objects.filter(
        sample__round=draw.round, stage=draw.stage, parent__isnull=False
    ).exists()


def _stored_persons(draw: Draw) -> Rows:
    """Return the stored cases of the drawn villages."""
    cases = Case.objects.filter(of_the_draw("village__"), sample__round=draw.round)
    fields = ("village__frame_unit__code", "register_number", "draw_order", "is_reserve")
    return sorted((list(row) for row in cases.values_list(*fields)), key=lambda row: (row[0], row[2]))


def _stored_households(draw: Draw) -> Rows:
    """Return the stored cases of the drawn villages with the digest of the number of each."""
    cases = Case.objects.filter(of_the_draw("village__"), sample__round=draw.round)
    fields = (
        "village__frame_unit__code", "register_number", "draw_order", "is_reserve", "household__seal_digest",
    )  # fmt: skip
    return sorted((list(row) for row in cases.values_list(*fields)), key=lambda row: (row[0], row[2]))


def _chosen_adults(draw: Draw) -> Rows:
    """Return which adult was chosen in the households of the draw; those of replacements are told apart."""
    households = Household.objects.filter(of_the_draw("case__village__"), case__sample__round=draw.round)
    return chosen_adults(households)


def _stored_dossiers(draw: Draw) -> Rows:
    """Return the stored cases of a transaction list."""
    cases = Case.objects.filter(sample__round=draw.round)
    fields = ("register_number", "stratum", "draw_order", "is_reserve")
    return sorted((list(row) for row in cases.values_list(*fields)), key=lambda row: (row[1], row[2]))


_STORED: Mapping[str, Callable[[Draw], Rows]] = {
    Stage.PERSON.value: _stored_persons,
    Stage.HOUSEHOLD.value: _stored_households,
    Stage.DOSSIER.value: _stored_dossiers,
}


def _line(row: list[Cell]) -> bytes:
    """Return one row as its canonical line."""
    return canonical_lines([row])
