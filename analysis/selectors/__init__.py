"""Reads for analysis: closed rounds as arrays, releases as tables."""

from analysis.selectors.margins import Margins, margins_of
from analysis.selectors.rates import rates_document
from analysis.selectors.rounds import (
    AnswerRow,
    AnswerVariables,
    RoundNotEstimableError,
    answer_rows,
    answer_variables,
    case_rows,
    province_names,
    variables_of,
)

__all__ = [
    "AnswerRow",
    "AnswerVariables",
    "Margins",
    "RoundNotEstimableError",
    "answer_rows",
    "answer_variables",
    "case_rows",
    "margins_of",
    "province_names",
    "rates_document",
    "variables_of",
]
