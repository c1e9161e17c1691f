"""Long lists of settled dossiers: read in a stream, checked by query, written whole or not at all."""

from sampling.engine.ingest.checks import AGENCY_SCHEMA, UNIT_SCHEMA, Expected
from sampling.engine.ingest.findings import (
    Finding,
    IngestCancelledError,
    IngestError,
    IngestReport,
    Place,
    SourceFile,
)
from sampling.engine.ingest.frame import read_agencies
from sampling.engine.ingest.list_import import ListImport, import_list
from sampling.engine.ingest.pace import Step
from sampling.engine.ingest.sources import ENDINGS, ReadOptions
from sampling.engine.ingest.staging import Secrets

__all__ = [
    "AGENCY_SCHEMA",
    "ENDINGS",
    "UNIT_SCHEMA",
    "Expected",
    "Finding",
    "IngestCancelledError",
    "IngestError",
    "IngestReport",
    "ListImport",
    "Place",
    "ReadOptions",
    "Secrets",
    "SourceFile",
    "Step",
    "import_list",
    "read_agencies",
]
