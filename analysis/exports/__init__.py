"""Files for statisticians: one table, many formats, labels in one language."""

from analysis.exports.codebook import codebook_table
from analysis.exports.tables import Column, ExportTable, Kind, ValueLabels
from analysis.exports.writers import FORMATS, ExportError, ExportFormat, write_table

__all__ = [
    "FORMATS",
    "Column",
    "ExportError",
    "ExportFormat",
    "ExportTable",
    "Kind",
    "ValueLabels",
    "codebook_table",
    "write_table",
]
