"""Drawing from a transaction list: the engine draws, and a case hangs on the agency of its dossier."""

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from sampling.design.fingerprints import Cell
from sampling.design.list_design import ListDesign, ListDesignError, Selection, Unit
from sampling.design.list_draws import ListedUnit
from sampling.design.list_queries import (
    DOSSIERS_TEXT,
    FRAME,
    PERSONS_TEXT,
    PLACED_TEXT,
    rows_text,
    with_parts,
)
from sampling.design.selection import SelectionError
from sampling.engine import DuckDBEngine, EngineError
from sampling.engine.digests import digest_of_file
from sampling.engine.list_draws import (
    LIST_COLUMNS,
    draw_list_by_query,
    repeated_persons,
    tables_of,
    unit_counts,
)
from sampling.engine.list_numbers import sizes_of
from sampling.engine.list_sources import source_of
from sampling.models import AdministrativeUnit, Case, Draw, FrameUnit, Sample, SampledUnit, SamplingFrame
from sampling.selectors.selections import selection_name
from sampling.services.audit import User
from sampling.services.contacts import ContactError, NewContact, add_contacts, contacts_of
from sampling.services.draws.errors import DrawRefusedError
from sampling.services.draws.progress import Progress, report
from sampling.services.refusals import told

BATCH_SIZE = 2_000
LIMITS_TEXT = "SELECT min(size) AS least, max(size) AS most FROM frame"
EFFECTS_TEXT = """
SELECT stratum, avg(size) * avg(1.0 / size) AS effect
FROM units WHERE size > 0 GROUP BY stratum ORDER BY stratum
"""
"""How much drawing by size adds to the variance of what does not depend on it; table ``units``."""
AGENCY = SampledUnit.Stage.AGENCY
MEMORY_LIMIT = "1500MB"
"""What the engine may hold; the rest of a long list waits on disk."""


def frame_path(frame: SamplingFrame) -> Path:
    """Return the Parquet file of a transaction list."""
    path = Path(settings.FRAME_ROOT) / frame.file
    if not path.exists():
        raise DrawRefusedError(_("The file of the transaction list is missing. Restore it from a backup."))
    return path


def digest_of_list(draw: Draw) -> str:
    """Return the digest of the rows that the file of a transaction list holds now."""
    try:
        return digest_of_file(frame_path(frame_of_list(draw)), memory_limit=MEMORY_LIMIT)
    except (EngineError, SelectionError) as error:
        raise DrawRefusedError(told(error)) from error


def list_design(draw: Draw) -> ListDesign:
    """Return the design of a draw, or say what is wrong with it."""
    try:
        return ListDesign.from_document(draw.design)
    except ListDesignError as error:
        raise DrawRefusedError(told(error)) from error


def count_strata(frame: SamplingFrame, design: ListDesign) -> dict[str, int]:
    """Count the units of every stratum, and refuse sizes that say nothing to a design that draws by size."""
    if design.selection.method.needs_size and not has_sizes(frame):
        raise DrawRefusedError(
            _(
                "Expected units of different sizes, since “%(method)s” draws large units more often; every "
                "unit of this list has the size 1, as where the imported file has no column “size”. Import "
                "the list again with that column, or choose a method with equal probabilities, for example "
                "“%(other)s”."
            )
            % {
                "method": selection_name(design.selection.value),
                "other": selection_name(Selection.SIMPLE_RANDOM.value),
            }
        )
    return count_units(frame, design)


def count_units(frame: SamplingFrame, design: ListDesign) -> dict[str, int]:
    """Count the units of every stratum of a transaction list."""
    try:
        with DuckDBEngine(memory_limit=MEMORY_LIMIT) as engine:
            return unit_counts(engine, frame_path(frame), design)
    except (EngineError, SelectionError) as error:
        raise DrawRefusedError(told(error)) from error


def has_sizes(frame: SamplingFrame) -> bool:
    """Tell whether the units of a transaction list have sizes; an import without the column writes 1."""
    try:
        with DuckDBEngine(memory_limit=MEMORY_LIMIT) as engine:
            found = engine.run(LIMITS_TEXT, {FRAME: frame_path(frame)})
    except EngineError as error:
        raise DrawRefusedError(told(error)) from error
    return [found["least"].iloc[0], found["most"].iloc[0]] != [1, 1]


def size_effects(frame: SamplingFrame, design: ListDesign) -> dict[str, float]:
    """Return the design effect of drawing by size in every stratum: mean size times the mean of 1 / size."""
    by_size = replace(design, selection=Selection.PPS_SYSTEMATIC)
    parts = (PLACED_TEXT, PERSONS_TEXT) if design.unit is Unit.PERSON else (DOSSIERS_TEXT,)
    query = with_parts(rows_text(by_size), *parts, EFFECTS_TEXT)
    try:
        with DuckDBEngine(memory_limit=MEMORY_LIMIT) as engine:
            found = engine.run(query, tables_of(frame_path(frame), by_size))
    except EngineError as error:
        raise DrawRefusedError(told(error)) from error
    return dict(zip(found["stratum"].tolist(), found["effect"].tolist(), strict=True))


def sizes_of_strata(frame: SamplingFrame, design: ListDesign) -> dict[str, dict[int, int]]:
    """Count the units of every stratum of a list by their size."""
    try:
        with DuckDBEngine(memory_limit=MEMORY_LIMIT) as engine:
            found = sizes_of(engine, source_of(frame_path(frame), design).of_units(), design)
    except (EngineError, SelectionError) as error:
        raise DrawRefusedError(told(error)) from error
    return {
        stratum: {int(size): int(count) for size, count in {**sizes.counts, **sizes.certain}.items()}
        for stratum, sizes in found.items()
    }


def count_repeated_persons(frame: SamplingFrame, design: ListDesign) -> int:
    """Count the persons who can be drawn more than once, by several dossiers."""
    if design.unit is Unit.PERSON:
        return 0
    with DuckDBEngine(memory_limit=MEMORY_LIMIT) as engine:
        return repeated_persons(engine, frame_path(frame), design)


def drawn_dossiers(draw: Draw) -> list[ListedUnit]:
    """Compute the list that a seed gives, by stratum and order of the draw.

    The digest of the frame, which a commitment and a draw ask for, has looked at the ids already.
    """
    design, path = list_design(draw), frame_path(frame_of_list(draw))
    try:
        with DuckDBEngine(memory_limit=MEMORY_LIMIT) as engine:
            table = draw_list_by_query(
                engine, path, design, draw.seed, ids_are_checked=True, key=settings.COORDINATION_KEY
            )
    except (EngineError, ListDesignError, SelectionError) as error:
        raise DrawRefusedError(told(error)) from error
    rows = zip(*(table[column].tolist() for column in LIST_COLUMNS), strict=True)
    return [ListedUnit(*row) for row in rows]


def dossier_rows(draw: Draw) -> Iterator[list[Cell]]:
    """Yield the canonical rows of the list that a seed gives."""
    return (drawn.canonical_row() for drawn in drawn_dossiers(draw))


def write_dossiers(
    draw: Draw, drawn: list[ListedUnit], *, user: User = None, progress: Progress | None = None
) -> Sample:
    """Write sample, agencies and cases of a drawn list, and copy the contacts of the drawn, nobody else's."""
    n_reserves = sum(each.is_reserve for each in drawn)
    sample = Sample(
        round=draw.round,
        template=draw.round.template,
        seed=draw.seed,
        frame_digest=draw.frame_digest,
        design_digest=draw.design_digest,
        fingerprint=draw.fingerprint,
        n_communes=0,
        n_villages=0,
        n_persons=len(drawn) - n_reserves,
        n_reserves=n_reserves,
    )
    sample.full_clean()
    sample.save(force_insert=True)
    agencies = _write_agencies(sample, frame_of_list(draw), drawn)
    for start in range(0, len(drawn), BATCH_SIZE):
        batch = drawn[start : start + BATCH_SIZE]
        Case.objects.bulk_create(_cases(sample, batch, agencies, start))
        report(progress, "cases", start + len(batch), len(drawn))
    _copy_contacts(sample, frame_of_list(draw), user)
    return sample


def _copy_contacts(sample: Sample, frame: SamplingFrame, user: User) -> None:
    """Copy the contacts of the cases out of the encrypted file of the list."""
    numbers = dict(sample.cases.values_list("register_number", "number"))
    try:
        contacts = contacts_of(frame, numbers)
        rows = [
            NewContact(numbers[key], contact.full_name, contact.address, contact.phone, contact.email)
            for key, contact in contacts.items()
        ]
        if rows:
            add_contacts(sample=sample, rows=rows, user=user)
    except ContactError as error:
        raise DrawRefusedError(told(error)) from error


def frame_of_list(draw: Draw) -> SamplingFrame:
    """Return the transaction list of a draw, or say that there is none."""
    frame = SamplingFrame.objects.filter(round=draw.round, stage=SamplingFrame.Stage.DOSSIER).first()
    if frame is None or not frame.file:
        raise DrawRefusedError(_("The round has no transaction list. Import it first."))
    return frame


def _write_agencies(sample: Sample, frame: SamplingFrame, drawn: list[ListedUnit]) -> dict[str, SampledUnit]:
    """Write the agencies that have drawn dossiers; an agency is no stage of the draw: it is certain."""
    province_of = {each.agency: each.province for each in drawn}
    provinces = _provinces(frame.reference_date, set(province_of.values()))
    known = FrameUnit.objects.filter(frame=frame, code__in=province_of)
    units = {unit.code: unit for unit in known}
    unknown = sorted(province_of.keys() - units.keys())
    if unknown:
        raise DrawRefusedError(
            _("Expected agencies of the list, got %(codes)s, which it does not have. Import the list again.")
            % {"codes": ", ".join(unknown)}
        )
    rows = [
        SampledUnit(
            sample=sample,
            stage=AGENCY,
            frame_unit=units[code],
            province_id=provinces[province_of[code]],
            stratum=province_of[code],
            frame_order=place,
            draw_order=place,
            is_certainty=True,
            inclusion_probability=1,
        )
        for place, code in enumerate(sorted(units), start=1)
    ]
    SampledUnit.objects.bulk_create(rows, batch_size=BATCH_SIZE)
    return {row.frame_unit.code: row for row in rows}


def _provinces(day: datetime.date, codes: set[str]) -> dict[str, int]:
    """Return the provinces of drawn dossiers on the day of the list."""
    units = AdministrativeUnit.objects.valid_on(day).provinces().filter(code__in=codes)
    found = dict(units.values_list("code", "pk"))
    unknown = sorted(codes.difference(found))
    if unknown:
        raise DrawRefusedError(
            _("Expected provinces of %(day)s, got %(codes)s. Import the list again with their codes.")
            % {"day": f"{day:%d/%m/%Y}", "codes": ", ".join(unknown)}
        )
    return found


def _cases(
    sample: Sample, drawn: list[ListedUnit], agencies: Mapping[str, SampledUnit], before: int
) -> Iterator[Case]:
    """Turn drawn dossiers into cases, numbered in the order of the list behind their province."""
    for number, each in enumerate(drawn, start=before + 1):
        yield Case(
            sample=sample,
            number=f"{each.province}-{number:07d}",
            village=agencies[each.agency],
            register_number=each.id,
            stratum=each.stratum,
            multiplicity=each.multiplicity,
            draw_order=each.draw_order,
            is_reserve=each.is_reserve,
            inclusion_probability=float(each.probability),
            design_weight=float(1 / each.probability),
        )
