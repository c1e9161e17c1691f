"""Commands of `python -m analysis`."""

import argparse
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from analysis.estimation import AnalysisError
from analysis.index import INDEX_CODE
from analysis.shell.components import WantedComponents, components_frame
from analysis.shell.estimating import STEPS, Estimated, estimate_files
from analysis.shell.settings import DesignSettings
from analysis.shell.shares import ENGINES, Wanted, estimate_shares, open_table, shares_frame
from analysis.shell.writing import write_tables
from sampling.engine import EngineError

REFUSED = 2


def parse_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m analysis", description="Survey statistics from the shell."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    estimate = commands.add_parser("estimate", help="estimate an index from a file of microdata")
    estimate.add_argument("--index", type=Path, required=True, help="index.toml: what is averaged, and how")
    estimate.set_defaults(run=run_estimate)
    shares = commands.add_parser("shares", help="estimate shares or means from a file of any size")
    shares.add_argument("--items", type=names, required=True, help="columns of answers, with commas between")
    shares.add_argument("--at-least", type=float, help="lowest answer that counts; without it, means")
    shares.add_argument("--engine", choices=list(ENGINES), default="duckdb", help="spark needs: make scale")
    shares.set_defaults(run=run_shares)
    components = commands.add_parser("components", help="split the spread of answers among the stages")
    components.add_argument("--item", required=True, help="column of answers")
    components.add_argument("--at-least", type=float, help="lowest answer that counts; without it, values")
    components.set_defaults(run=run_components)
    for command in (estimate, shares, components):
        command.add_argument(
            "data", type=Path, help="CSV, Parquet, XLSX, SPSS or Stata file, one row per respondent"
        )
        command.add_argument(
            "--design", type=Path, required=True, help="design.toml: weight, strata, clusters"
        )
        command.add_argument(
            "--by", type=names, default=(), help="column of the domains; several with commas are crossed"
        )
        command.add_argument("--out", type=Path, required=True, help="folder for CSV, Parquet and JSON")
    return parser.parse_args(arguments)


def names(text: str) -> tuple[str, ...]:
    """Read names with commas between them."""
    return tuple(name.strip() for name in text.split(",") if name.strip())


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return 0, or 2 with an explanation where the input was refused."""
    chosen = parse_arguments(arguments)
    notes = Console(stderr=True)
    try:
        table, written = chosen.run(chosen, notes)
    except (AnalysisError, EngineError) as error:
        notes.print("The estimate was refused.", style="bold red")
        notes.print(str(error), highlight=False, markup=False)
        return REFUSED
    console = Console()
    console.print(table)
    for path in written:
        console.print(str(path), highlight=False, soft_wrap=True)
    return 0


@contextmanager
def progress_of(steps: Sequence[str], notes: Console) -> Iterator[Callable[[str], None]]:
    """Show a bar of steps; call what is yielded with each step that is done."""
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=notes) as progress:
        task = progress.add_task(steps[0], total=len(steps))

        def report(step: str) -> None:
            done = steps.index(step) + 1
            progress.update(task, completed=done, description=steps[min(done, len(steps) - 1)])

        yield report


def run_estimate(chosen: argparse.Namespace, notes: Console) -> tuple[Table, list[Path]]:
    """Estimate an index and write its figures."""
    with progress_of(STEPS, notes) as report:
        estimated = estimate_files(chosen.data, chosen.design, chosen.index, chosen.by, report)
        tables = {"estimates": estimated.figures}
        if chosen.by:
            tables["ranks"] = estimated.comparisons
        report(STEPS[3])
        written = write_tables(tables, estimated.description(), chosen.out)
        report(STEPS[4])
    return index_table(estimated), written


def run_shares(chosen: argparse.Namespace, notes: Console) -> tuple[Table, list[Path]]:
    """Estimate shares or means by one query of an engine and write them."""
    settings = DesignSettings.read(chosen.design)
    wanted = Wanted(chosen.items, chosen.at_least, chosen.by)
    data = open_table(chosen.data, settings, wanted)
    with (
        progress_of(("sum and estimate", "write the files"), notes) as report,
        ENGINES[chosen.engine]() as engine,
    ):
        frame = shares_frame(estimate_shares(engine, data, settings, wanted, overall=bool(chosen.by)))
        report("sum and estimate")
        written = write_tables({"estimates": frame}, {"engine": chosen.engine}, chosen.out)
        report("write the files")
    return shares_table(frame), written


def run_components(chosen: argparse.Namespace, notes: Console) -> tuple[Table, list[Path]]:
    """Estimate the variance at each stage and write it."""
    settings = DesignSettings.read(chosen.design)
    wanted = WantedComponents(chosen.item, chosen.at_least, tuple(chosen.by))
    with progress_of(("estimate", "write the files"), notes) as report:
        frame = components_frame(chosen.data, settings, wanted)
        report("estimate")
        written = write_tables({"components": frame}, {"item": wanted.item}, chosen.out)
        report("write the files")
    return components_table(frame), written


def components_table(frame: pd.DataFrame) -> Table:
    """Return the variance components for the screen."""
    table = Table(title="Variance by stage")
    for place, heading in enumerate(frame.columns):
        table.add_column(str(heading), justify="right" if place else "left")
    for row in frame.to_dict("records"):
        table.add_row(*(f"{cell:.6f}" if isinstance(cell, float) else str(cell) for cell in row.values()))
    return table


def shares_table(frame: pd.DataFrame) -> Table:
    """Return the shares for the screen."""
    table = Table(title="Estimates with 95 % intervals")
    headings = [
        name
        for name in ("domain", "name", "value", "low", "high", "standard_error", "df", "n")
        if name in frame
    ]
    for heading in headings:
        table.add_column(heading, justify="left" if heading in {"domain", "name"} else "right")
    for row in frame[headings].to_dict("records"):
        table.add_row(*(f"{cell:.4f}" if isinstance(cell, float) else str(cell) for cell in row.values()))
    return table


def index_table(estimated: Estimated) -> Table:
    """Return the index of every domain for the screen."""
    words = {
        "is_provisional": "provisional method",
        "is_approximate": "approximate inclusion probabilities",
    }
    marks = ", ".join(words[name] for name, is_marked in estimated.marks.items() if is_marked)
    mark = f" ({marks})" if marks else ""
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
    silent = rows[rows["unanswered"] != ""]
    missing = [f"{row['domain']}: nobody answered {row['unanswered']}" for row in silent.to_dict("records")]
    table.caption = "\n".join(missing) or None
    return table
