"""Commands of `python -m analysis`."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from analysis.estimation import AnalysisError
from analysis.index import INDEX_CODE
from analysis.shell.estimating import STEPS, Estimated, estimate_files
from analysis.shell.writing import write_tables

REFUSED = 2


def parse_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m analysis", description="Survey statistics from the shell."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    estimate = commands.add_parser("estimate", help="estimate an index from a file of microdata")
    estimate.add_argument(
        "data", type=Path, help="CSV, Parquet, XLSX, SPSS or Stata file, one row per respondent"
    )
    estimate.add_argument("--design", type=Path, required=True, help="design.toml: weight, strata, clusters")
    estimate.add_argument("--index", type=Path, required=True, help="index.toml: what is averaged, and how")
    estimate.add_argument("--by", default="", help="column of the domains; several with commas are crossed")
    estimate.add_argument("--out", type=Path, required=True, help="folder for CSV, Parquet and JSON")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return 0, or 2 with an explanation where the input was refused."""
    chosen = parse_arguments(arguments)
    notes = Console(stderr=True)
    by = [name.strip() for name in chosen.by.split(",") if name.strip()]
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    try:
        with Progress(*columns, console=notes) as progress:
            task = progress.add_task(STEPS[0], total=len(STEPS))

            def report(step: str) -> None:
                done = STEPS.index(step) + 1
                progress.update(task, completed=done, description=STEPS[min(done, len(STEPS) - 1)])

            estimated = estimate_files(chosen.data, chosen.design, chosen.index, by, report)
            tables = {"estimates": estimated.figures}
            if by:
                tables["ranks"] = estimated.comparisons
            report(STEPS[3])
            written = write_tables(tables, estimated.description(), chosen.out)
            report(STEPS[4])
    except AnalysisError as error:
        notes.print("The estimate was refused.", style="bold red")
        notes.print(str(error), highlight=False, markup=False)
        return REFUSED
    show(estimated, written)
    return 0


def show(estimated: Estimated, written: Sequence[Path]) -> None:
    """Print the index of every domain, and where the files are."""
    console = Console()
    mark = " (provisional method)" if estimated.method.is_provisional else ""
    table = Table(title=f"{estimated.method.title['en']}{mark}")
    for heading in ("domain", "value", "95 % interval", "standard error", "df", "n"):
        table.add_column(heading, justify="left" if heading == "domain" else "right")
    figures = estimated.figures
    rows = figures[(figures["node"] == INDEX_CODE) & (figures["statistic"] == estimated.method.headline)]
    for row in rows.to_dict("records"):
        table.add_row(
            str(row["domain"]),
            f"{row['value']:.2f}",
            f"{row['low']:.2f} – {row['high']:.2f}",
            f"{row['standard_error']:.2f}",
            f"{row['df']:.0f}",
            f"{row['n']:,}",
        )
    console.print(table)
    for path in written:
        console.print(str(path), highlight=False, soft_wrap=True)
