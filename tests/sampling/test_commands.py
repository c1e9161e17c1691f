import csv
from collections.abc import Iterator, Mapping
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone, translation

from sampling.models import Case, Sample, SurveyRound
from sampling.models.rounds import RoundStatus
from tests.sampling.makers import (
    N_ADULTS,
    commune_rows,
    load,
    load_frames,
    make_round,
    make_sample,
    make_template,
    make_units,
    village_rows,
)

pytestmark = pytest.mark.django_db

ROUND = {
    "name_vi": "Đợt thử",
    "name_en": "Trial",
    "template": "small",
    "opens": "01/09/2026",
    "closes": "31/10/2026",
    "period_start": "01/01/2026",
    "period_end": "31/08/2026",
}


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


def run(*arguments: str, **options: Any) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command(*arguments, stdout=out, stderr=err, **options)
    return out.getvalue(), err.getvalue()


def refused(*arguments: str, **options: Any) -> str:
    out = StringIO()
    with pytest.raises(CommandError) as caught:
        call_command(*arguments, stdout=out, stderr=StringIO(), **options)
    return f"{out.getvalue()}{caught.value}"


def write_registers(folder: Path, *, change: Mapping[str, str] | None = None, without: str = "") -> Path:
    """One file per village of the frame; `change` replaces the cells of one row."""
    folder.mkdir()
    for village in village_rows():
        lines = ["number,sex,age_group"]
        for number in range(1, N_ADULTS + 1):
            row = {"number": f"{number:03d}", "sex": "Nam" if number % 2 else "nữ", "age_group": "18-39"}
            if number == 2:
                row |= change or {}
            lines.append(",".join(row.values()))
        if village["code"] != without:
            (folder / f"{village['code']}.csv").write_text("\n".join(lines), encoding="utf-8")
    return folder


@pytest.fixture
def framed_round() -> SurveyRound:
    make_units()
    survey_round = make_round()
    load_frames(survey_round)
    return survey_round


def test_round_is_created_from_days_as_people_write_them():
    make_template()
    out, _err = run("create_round", "sipas-2026", demo=True, **ROUND)
    survey_round = SurveyRound.objects.get()
    opens_at, closes_at = (
        timezone.localtime(survey_round.opens_at),
        timezone.localtime(survey_round.closes_at),
    )
    assert f"{opens_at:%Y-%m-%d %H:%M}" == "2026-09-01 00:00"
    assert f"{closes_at:%Y-%m-%d %H:%M}" == "2026-10-31 23:59"
    assert (survey_round.year, survey_round.is_demo) == (2026, True)
    assert "31/10/2026 23:59" in out


def test_hours_and_iso_days_are_understood():
    make_template()
    run("create_round", "a", **ROUND | {"opens": "2026-09-01 07:30"})
    assert f"{timezone.localtime(SurveyRound.objects.get().opens_at):%H:%M}" == "07:30"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"opens": "31/02/2026"}, "Expected a day"),
        ({"opens": "01/09/2026 25h"}, "Expected an hour"),
        ({"closes": "01/08/2026"}, "round_closes_after_opening"),
        ({"name_vi": ""}, "name_vi"),
        ({"template": "large"}, "Expected one of the templates small"),
    ],
)
def test_round_that_cannot_be_is_refused(changed: Any, said: str):
    make_template()
    assert said in refused("create_round", "sipas-2026", **ROUND | changed)
    assert not SurveyRound.objects.exists()


def test_communes_are_listed_for_a_seed(framed_round: SurveyRound):
    out, err = run("list_communes", framed_round.code, seed="seed")
    rows = list(csv.DictReader(out.splitlines()))
    assert len(rows) == 4
    assert {row["province"] for row in rows} == {"Tây Ninh"}
    assert "seed" in err
    assert not Sample.objects.exists()


def test_seed_left_out_is_made_and_told(framed_round: SurveyRound):
    first, second = (run("list_communes", framed_round.code)[1].split()[-1] for _time in range(2))
    assert first != second
    assert len(first) == 32


def test_lists_are_written_to_files(framed_round: SurveyRound, tmp_path: Path):
    for command in ("list_communes", "list_villages"):
        path = tmp_path / "new" / f"{command}.csv"
        run(command, framed_round.code, seed="seed", out=path)
        assert path.read_bytes().startswith(b"\xef\xbb\xbfprovince_code,")


def test_villages_are_those_of_the_draw(framed_round: SurveyRound, tmp_path: Path):
    out, _err = run("list_villages", framed_round.code, seed="seed")
    run("draw_sample", framed_round.code, seed="seed", registers=write_registers(tmp_path / "registers"))
    villages = framed_round.sample.units.filter(stage="village").order_by("pk")
    drawn = villages.values_list("frame_unit__code", flat=True)
    assert [row["village_code"] for row in csv.DictReader(out.splitlines())] == list(drawn)


def test_lists_need_frames():
    make_units()
    survey_round = make_round()
    assert "no frame of communes" in refused("list_communes", survey_round.code)
    load(survey_round, "commune", commune_rows())
    assert "none are listed" in refused("list_villages", survey_round.code, seed="seed")


def test_draw_prints_its_proof_and_reads_vietnamese_words(framed_round: SurveyRound, tmp_path: Path):
    out, _err = run("draw_sample", framed_round.code, registers=write_registers(tmp_path / "registers"))
    sample = Sample.objects.get()
    assert "4 communes, 8 villages, 40 respondents, 24 reserves" in out
    assert sample.seed in out
    assert sample.fingerprint in out
    assert set(Case.objects.values_list("sex", flat=True)) == {"male", "female"}


def test_folder_and_single_file_give_the_same_list(framed_round: SurveyRound, tmp_path: Path):
    folder, single = write_registers(tmp_path / "registers"), tmp_path / "all.csv"
    lines = ["village,number,sex,age_group"]
    for path in sorted(folder.iterdir()):
        lines += [f"{path.stem},{line}" for line in path.read_text(encoding="utf-8").splitlines()[1:]]
    single.write_text("\n".join(lines), encoding="utf-8-sig")
    run("draw_sample", framed_round.code, seed="seed", registers=single)
    out, _err = run("verify_sample", framed_round.code, registers=folder)
    assert "proved" in out


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"number": "001"}, "each number once in a village"),
        ({"number": ""}, "a value"),
        ({"number": "9" * 33}, "at most 32 characters"),
        ({"sex": "M"}, "one of male, nam, female, nữ"),
        ({"age_group": ""}, "a value"),
        ({"age_group": "from eighteen to thirty-nine"}, "at most 16 characters"),
    ],
)
def test_every_wrong_register_row_is_listed(
    framed_round: SurveyRound, tmp_path: Path, change: Any, said: str
):
    folder = write_registers(tmp_path / "registers", change=change)
    lines = refused("draw_sample", framed_round.code, registers=folder).splitlines()
    assert lines[0].split() == ["file", "row", "column", "expected", "got", "what", "to", "do"]
    assert len(lines) == len(village_rows()) + 2
    assert lines[1].startswith("72001-1.csv  3    ")
    assert said in lines[1]
    assert lines[-1].endswith("Nothing was written.")
    assert not Sample.objects.exists()


def test_drawn_village_without_register_is_named(framed_round: SurveyRound, tmp_path: Path):
    out, _err = run("list_villages", framed_round.code, seed="seed")
    village = next(csv.DictReader(out.splitlines()))["village_code"]
    folder = write_registers(tmp_path / "registers", without=village)
    assert village in refused("draw_sample", framed_round.code, seed="seed", registers=folder)
    assert not Sample.objects.exists()


@pytest.mark.parametrize(
    ("header", "said"),
    [("village,full_name", "the column number"), ("number,sex", "the column village"), ("", "number")],
)
def test_wrong_columns_of_a_register_are_listed(
    framed_round: SurveyRound, tmp_path: Path, header: str, said: str
):
    path = tmp_path / "all.csv"
    path.write_text(f"{header}\na,b\n", encoding="utf-8")
    assert said in refused("draw_sample", framed_round.code, registers=path)


def test_second_draw_and_unreadable_registers_are_refused(framed_round: SurveyRound, tmp_path: Path):
    folder = write_registers(tmp_path / "registers")
    run("draw_sample", framed_round.code, seed="seed", registers=folder)
    assert "already has a sample" in refused("draw_sample", framed_round.code, seed="seed", registers=folder)
    assert "gone.csv" in refused("draw_sample", framed_round.code, registers=tmp_path / "gone.csv")


def test_verification_names_what_differs(framed_round: SurveyRound, tmp_path: Path):
    run("draw_sample", framed_round.code, seed="seed", registers=write_registers(tmp_path / "registers"))
    other = write_registers(tmp_path / "others", change={"age_group": "40-59"})
    assert "not those of the draw" in refused("verify_sample", framed_round.code, registers=other)
    wrong = write_registers(tmp_path / "wrong", change={"sex": "?"})
    assert "one of male" in refused("verify_sample", framed_round.code, registers=wrong)


def test_drawn_list_names_places_and_nobody(tmp_path: Path):
    sample = make_sample()
    path = tmp_path / "list.csv"
    out, _err = run("export_sample", sample.round.code, out=path)
    rows = list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))
    assert "40 cases" in out
    assert len(rows) == 40  # sealed reserves stay sealed
    assert rows[0]["number"] == sample.cases.order_by("number").first().number
    assert rows[0]["province"] == "Tây Ninh"
    assert {row["is_demo"] for row in rows} == {"0"}
    assert not {"full_name", "address", "phone"} & set(rows[0])


def test_drawn_list_holds_no_formulas(tmp_path: Path):
    sample = make_sample()
    sample.units.first().frame_unit.__class__.objects.filter(frame__stage="village").update(name="=1+1")
    path = tmp_path / "list.csv"
    run("export_sample", sample.round.code, out=path)
    rows = csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines())
    assert {row["village"] for row in rows} == {"'=1+1"}


def test_round_goes_through_its_states():
    survey_round = make_sample().round
    for command, state in (
        ("open_round", RoundStatus.OPEN),
        ("close_round", RoundStatus.CLOSED),
        ("freeze_round", RoundStatus.FROZEN),
    ):
        run(command, survey_round.code)
        survey_round.refresh_from_db()
        assert survey_round.status == state


def test_state_out_of_order_is_refused():
    survey_round = make_round()
    for command in ("open_round", "close_round", "freeze_round"):
        assert survey_round.code in refused(command, survey_round.code)
    survey_round.refresh_from_db()
    assert survey_round.status == RoundStatus.PREPARING


@pytest.mark.parametrize("command", ["export_sample", "verify_sample"])
def test_round_without_sample_is_refused(command: str, tmp_path: Path):
    make_round()
    option = {"export_sample": "out", "verify_sample": "registers"}[command]
    assert "no sample" in refused(command, "demo-2026", **{option: tmp_path / "file.csv"})


def test_unknown_round_is_named():
    assert "no round with the code x" in refused("open_round", "x")
