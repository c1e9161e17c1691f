import json
from io import StringIO
from pathlib import Path

import pyreadstat
import pytest
from django.core.management import CommandError, call_command

from analysis.management.commands import check_published_par
from analysis.methods import published_checks_document
from analysis.models import CriteriaSet, PopulationMargin, Release, Snapshot
from analysis.services import load_methods
from sampling.models import SamplingTemplate
from tests.analysis.rounds import Shape, frozen, make_closed_round, make_release, reopen
from tests.questionnaires.rounds import make_round

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_snapshots")]
METHODS = ("--method", "M2023", "--criteria-set", "DEMO-876-SHAPE")


def run(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out, stderr=StringIO())
    return out.getvalue()


def test_load_methods_loads_templates_too() -> None:
    assert run("load_methods")
    assert SamplingTemplate.objects.exists()
    assert CriteriaSet.objects.filter(code="DEMO-876-SHAPE").exists()


def test_take_snapshot_names_file_and_hash() -> None:
    make_closed_round(Shape(persons=6))
    printed = run("take_snapshot", "sipas-2026")
    snapshot = Snapshot.objects.get()
    assert snapshot.file_name in printed
    assert snapshot.digest in printed


def test_take_snapshot_refuses_open_and_unknown_rounds() -> None:
    reopen(make_closed_round(Shape(persons=6)))
    for code in ("sipas-2026", "unknown"):
        with pytest.raises(CommandError):
            run("take_snapshot", code)
    assert not Snapshot.objects.exists()


def test_publish_release_takes_a_snapshot_each_time_and_finds_the_same() -> None:
    frozen(make_closed_round())
    load_methods()
    assert run("publish_release", "sipas-2026", *METHODS, "--code", "R1").startswith("R1: ")
    run("publish_release", "sipas-2026", *METHODS, "--code", "R2")
    first, second = Release.objects.order_by("code")
    assert first.snapshot != second.snapshot
    figures = ("domain_level", "domain_code", "node", "node_code", "statistic")
    values = [
        list(release.estimates.order_by(*figures).values_list("value", flat=True))
        for release in (first, second)
    ]
    assert values[0] == pytest.approx(values[1], rel=1e-9)


def test_publish_release_says_what_is_wrong() -> None:
    frozen(make_closed_round(Shape(communes=1, villages=4)))
    load_methods()
    with pytest.raises(CommandError, match="01"):
        run("publish_release", "sipas-2026", *METHODS, "--code", "R1")
    with pytest.raises(CommandError):
        run("publish_release", "sipas-2026", "--method", "M9", "--criteria-set", "x", "--code", "R1")
    assert not Release.objects.exists()


def test_load_margins_reads_a_file(tmp_path: Path) -> None:
    make_round()
    path = tmp_path / "m.csv"
    path.write_text("province,variable,category,population\n01,sex,male,10\n", "utf-8")
    arguments = ("load_margins", "sipas-2026", str(path), "--source", "x", "--date", "2019-04-01")
    assert "1" in run(*arguments)
    assert PopulationMargin.objects.get().source == "x"
    path.write_text("province,variable,category,population\n01,tuoi,male,10\n", "utf-8")
    with pytest.raises(CommandError, match="tuoi"):
        run(*arguments)


@pytest.mark.parametrize("what", ["microdata", "estimates", "scorecards", "codebook"])
def test_export_release_writes_what_is_asked(tmp_path: Path, what: str) -> None:
    make_release()
    run("export_release", "R1", "--what", what, "--format", "csv", "--out", str(tmp_path))
    [path] = tmp_path.glob("*.csv")
    assert path.read_bytes().startswith(
        b"\xef\xbb\xbfrelease" if what != "codebook" else b"\xef\xbb\xbfvariable"
    )


def test_microdata_for_spss_carry_labels_in_the_language_asked(tmp_path: Path) -> None:
    make_release()
    run(
        "export_release",
        "R1",
        "--what",
        "microdata",
        "--format",
        "sav",
        "--language",
        "en",
        "--out",
        str(tmp_path),
    )
    frame, meta = pyreadstat.read_sav(tmp_path / "R1-microdata-en.sav")
    assert meta.column_names_to_labels["final_weight"] == "final weight"
    assert meta.variable_value_labels["S_1_1"][1.0] == "Very dissatisfied"
    assert frame["psu"].str.len().eq(5).all()


def test_export_of_an_unknown_release_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError):
        run("export_release", "R9", "--out", str(tmp_path))
    assert not list(tmp_path.iterdir())


def test_check_published_par_prints_every_check_and_reports_the_known_mismatch() -> None:
    printed = run("check_published_par")
    assert all(f"T{number}" in printed for number in range(1, 9))
    assert "8.183" in printed
    with pytest.raises(CommandError, match="no-such-set"):
        run("check_published_par", "--criteria-set", "no-such-set")


def test_check_published_par_fails_where_a_rule_gives_something_else(monkeypatch: pytest.MonkeyPatch) -> None:
    document = json.loads(json.dumps(published_checks_document()))
    document["checks"][0]["out"] = "9.99"
    monkeypatch.setattr(check_published_par, "published_checks_document", lambda: document)
    with pytest.raises(CommandError, match="T1"):
        run("check_published_par")
