"""From files to figures: the steps of `python -m analysis estimate`, each reported when it is done."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.estimation import SurveyDesign
from analysis.index import IndexMethod, IndexResult, compare_pairs, estimate_index
from analysis.shell.reading import as_codes, as_numbers, read_microdata, require_columns
from analysis.shell.settings import DesignSettings, read_index
from analysis.shell.written_numbers import has_digit, is_number

STEPS = ("read the data", "build the design", "estimate", "compare", "write the files")

type Report = Callable[[str], None]


@dataclass(frozen=True, eq=False)
class Estimated:
    """An estimated index with what a reader of its files must know."""

    design: SurveyDesign
    settings: DesignSettings
    method: IndexMethod
    result: IndexResult
    by: tuple[str, ...]

    @property
    def figures(self) -> pd.DataFrame:
        """One row per domain, part of the index and statistic; a provisional method marks every row."""
        frame = self.result.to_frame()
        frame["domain"] = [_label(domain) for domain in frame["domain"]]
        return frame.assign(**self.marks)

    @property
    def comparisons(self) -> pd.DataFrame:
        """The index by domain with the ranks it may have, compared in pairs and jointly at 95 %."""
        pairs = compare_pairs(self.result.by_domain())
        ranks = pairs.rank_intervals()
        ranks["domain"] = [_label(domain) for domain in ranks["domain"]]
        return ranks.assign(**self.marks)

    @property
    def marks(self) -> dict[str, bool]:
        """What marks every row: a provisional method, and approximate inclusion probabilities."""
        return {
            "is_provisional": self.method.is_provisional,
            "is_approximate": self.settings.is_approximate,
        }

    def description(self) -> dict[str, Any]:
        """Say what was estimated from what, for the JSON file."""
        return {
            "title": self.method.title["en"],
            **self.marks,
            "provisional_reason": self.method.provisional_reason.get("en", ""),
            "n_rows": self.design.n_rows,
            "n_psu": self.design.n_psu,
            "n_strata": self.design.n_strata,
            "single_psu": self.settings.single_psu,
            "knows_calibration": self.settings.calibration is not None,
            "by": list(self.by),
            "interval": "logit, 95 %, Student's t with the degrees of freedom of the domain",
        }


def _label(domain: object) -> str:
    return " / ".join(map(str, domain)) if isinstance(domain, tuple) else str(domain)


def build_design(frame: pd.DataFrame, settings: DesignSettings) -> SurveyDesign:
    """Build the design that the settings describe."""
    require_columns(frame, settings.columns, "design.toml")
    columns = {name: as_numbers(frame[name]) for name in (settings.weight, *settings.fpc)}
    labels = [name for name in (settings.strata, *settings.clusters) if name is not None]
    columns |= {name: as_codes(frame[name]) for name in labels}
    design = SurveyDesign.from_frame(
        pd.DataFrame(columns),
        weight=settings.weight,
        strata=settings.strata,
        clusters=settings.clusters or None,
        fpc=settings.fpc or None,
        single_psu=settings.single_psu,
        nest=settings.nest,
        pps=settings.pps,
        degrees=settings.degrees,
    )
    if settings.calibration is None:
        return design
    base = as_numbers(frame[settings.calibration.base_weight]).to_numpy()
    return design.with_calibration(base, [as_codes(frame[name]) for name in settings.calibration.margins])


def estimate_files(
    data: Path, design_file: Path, index_file: Path, by: Sequence[str], report: Report
) -> Estimated:
    """Read the three files and estimate.

    Parameters
    ----------
    data, design_file, index_file : Path
    by : sequence of str
        Columns whose categories, crossed if there are several, are the domains.
    report : callable
        Called with each step of :data:`STEPS` that is done.

    Returns
    -------
    Estimated

    Raises
    ------
    AnalysisError
        Whatever is wrong with the files or the design; says what was expected, what came and what to do.
    """
    settings, method = DesignSettings.read(design_file), read_index(index_file)
    frame = read_microdata(data)
    frame = _without_second_heading(frame, settings.weight, method.questions)
    require_columns(frame, method.questions, "index.toml")
    require_columns(frame, by, "--by")
    report(STEPS[0])
    design = build_design(frame, settings)
    report(STEPS[1])
    answers = {question: as_numbers(frame[question]).to_numpy() for question in method.questions}
    domains = _domains(frame, by)
    result = estimate_index(design, answers, method, domains)
    report(STEPS[2])
    return Estimated(design, settings, method, result, tuple(by))


def _domains(frame: pd.DataFrame, by: Sequence[str]) -> pd.Series | pd.DataFrame | None:
    if not by:
        return None
    labels = {name: as_codes(frame[name]) for name in by}
    return labels[by[0]] if len(by) == 1 else pd.DataFrame(labels)


def _without_second_heading(frame: pd.DataFrame, weight: str, questions: Collection[str]) -> pd.DataFrame:
    """Drop the row of labels that exported workbooks have below the names; an answer is a respondent's."""
    require_columns(frame, [weight], "design.toml")
    first = frame.iloc[0]
    is_label = isinstance(first[weight], str) and first[weight].strip() and not has_digit(first[weight])
    answers = [first[question] for question in questions if question in frame.columns]
    return frame.iloc[1:].reset_index(drop=True) if is_label and not any(map(is_number, answers)) else frame
