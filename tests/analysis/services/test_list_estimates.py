"""Figures of transaction lists: drawn without replacement, brought to their counts, marked where needed."""

from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from analysis.exports import FORMATS
from analysis.index import parse_index_method
from analysis.marks import sentences
from analysis.models import IndexMethod, Release
from analysis.resources import estimates_table
from analysis.services import export_microdata, export_recipe, load_methods, open_snapshot, take_snapshot
from analysis.services.frame_totals import FrameTotalsError, frame_totals
from analysis.services.list_variances import FRACTION
from analysis.services.weighted_samples import open_release, open_sample
from analysis.services.weighting import weight_snapshot
from analysis.shell.main import main
from sampling.models import Case, Disposition
from sampling.resources import CaseResource
from tests.analysis.list_rounds import BY_SIZE, PROVINCES, draw_list_round, make_list_round
from tests.analysis.rounds import change_cases, make_release
from tests.sampling.kept_lists import N_ROWS
from tests.sampling.makers import REFERENCE_DATE

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_snapshots")]
APPROXIMATE = {**BY_SIZE, "selection": "pareto"}


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.FRAME_ROOT = tmp_path / "frames"
    return settings.FRAME_ROOT


def index_of(release: Release, domain: str = "") -> Any:
    return release.estimates.get(domain_code=domain, node="index", statistic="top_two_share")


def state_frame_counts() -> None:
    """Let the index method say that lists are brought to their counts."""
    load_methods()
    method = IndexMethod.objects.get(code="M2023")
    method.document["list_totals"] = "frame_counts"
    method.save()


def test_mark_of_approximate_probabilities_is_on_every_file_and_page(
    folder: Path, admin_client: Client
) -> None:
    release = make_release(make_list_round(folder, **APPROXIMATE))
    assert release.is_approximate
    with override("en"):
        assert "Approximate inclusion probabilities" in sentences(release)
    rows = export_microdata(release=release).rows
    assert rows["has_approximate"].eq(1).all()
    assert rows["is_approximate"].tolist() == (rows["design_weight"] > 1).astype(int).tolist()
    table = estimates_table(release, "en")
    assert table.rows["has_approximate"].eq(1).all()
    assert "Approximate inclusion probabilities" in table.marks
    estimate = index_of(release)
    for name, pk in (("release", release.pk), ("publishedestimate", estimate.pk)):
        with override("en"):
            page = admin_client.get(reverse(f"{name}:inspect", args=[pk]), HTTP_ACCEPT_LANGUAGE="en")
        assert "approximate_mark" in {
            template.name.rpartition("/")[2].removesuffix(".html") for template in page.templates
        }


def test_exact_methods_carry_no_mark(folder: Path) -> None:
    release = make_release(make_list_round(folder, **BY_SIZE, selection="sampford"))
    assert not release.is_approximate
    assert not open_snapshot(release.snapshot).rows["is_approximate"].any()


def test_drawn_list_marks_the_cases_whose_probability_is_approximate(folder: Path) -> None:
    survey_round = make_list_round(folder, **APPROXIMATE)
    table = CaseResource().export(Case.objects.filter(sample__round=survey_round))
    marks = dict(zip(table["number"], table["is_approximate"], strict=True))
    uncertain = Case.objects.filter(sample__round=survey_round, inclusion_probability__lt=1)
    assert {number for number, mark in marks.items() if mark == "1"} == set(
        uncertain.values_list("number", flat=True)
    )
    assert "0" in marks.values()


def test_error_of_a_simple_list_has_the_finite_population_correction(folder: Path) -> None:
    sample = open_sample(take_snapshot(round=make_list_round(folder)))
    rows = sample.content.rows
    answers = rows["P_A1"].fillna(0).to_numpy(dtype=float)
    variance = 0.0
    for _name, stratum in rows.assign(y=answers).groupby("stratum"):
        n, population = len(stratum), stratum["final_weight"].sum()
        variance += population**2 * (1 - n / population) * stratum["y"].var() / n
    found = sample.design().total(answers).standard_error.item()
    assert found == pytest.approx(np.sqrt(variance))


def test_list_taken_whole_has_no_error(folder: Path) -> None:
    sizes = [[["01"], 0], [["48"], 0], [["79"], 35]]
    survey_round = make_list_round(folder, response_rate=1.0, reserve_percent=0, sizes=sizes)
    cases = Case.objects.filter(sample__round=survey_round)
    change_cases(cases, inclusion_probability=1.0, design_weight=1.0)
    sample = open_sample(take_snapshot(round=survey_round))
    assert set(sample.content.rows["variance_stratum"]) == {"79/certain"}
    assert sample.design().mean(sample.content.rows["P_A1"]).standard_error.item() == 0


def test_certain_units_are_apart_and_add_nothing_once_all_answered(folder: Path) -> None:
    survey_round = make_list_round(folder, **BY_SIZE, selection="pps_systematic", response_rate=1.0)
    n_certain = Case.objects.filter(sample__round=survey_round, inclusion_probability=1).count()
    sample = open_sample(take_snapshot(round=survey_round))
    rows = sample.content.rows
    is_certain = rows["variance_stratum"].str.endswith("/certain")
    assert is_certain.sum() == n_certain > 1
    assert rows.loc[is_certain, FRACTION].eq(1).all()
    assert sample.design().total(is_certain.to_numpy(float) * np.arange(len(rows))).standard_error.item() == 0


def test_lone_certain_respondent_stays_with_the_stratum(folder: Path) -> None:
    survey_round = make_list_round(folder, response_rate=0.8)
    answered = Case.objects.filter(sample__round=survey_round, disposition=Disposition.COMPLETE)
    first = Case.objects.filter(pk=answered.first().pk)
    change_cases(first, inclusion_probability=1.0, design_weight=1.0)
    sample = open_sample(take_snapshot(round=survey_round))
    assert set(sample.content.rows["variance_stratum"]) == {"01", "48", "79"}


def test_list_of_random_size_is_one_variance_stratum(folder: Path) -> None:
    snapshot = take_snapshot(round=make_list_round(folder, **BY_SIZE, selection="poisson"))
    assert set(open_snapshot(snapshot).rows["variance_stratum"]) == {"*"}


def test_weights_meet_the_counts_of_the_list_where_the_method_says_so(folder: Path) -> None:
    state_frame_counts()
    release = make_release(make_list_round(folder, **BY_SIZE, selection="pps_systematic"))
    last = release.weighting[-1]
    assert (last["note"], last["source"], last["date"]) == (
        "frame_counts",
        "Một cửa",
        REFERENCE_DATE.isoformat(),
    )
    assert last["sum"] == pytest.approx(N_ROWS)
    assert all(step["note"] != "no_margins" for step in release.weighting)
    rows = export_microdata(release=release, language="en").rows
    merged = open_release(release)
    assert merged.cells["stratum"].tolist() == rows["margin_1"].tolist()
    assert merged.design().total(np.ones(len(rows))).standard_error.item() == pytest.approx(0, abs=1e-9)


def test_without_a_word_of_the_method_weighting_stops_after_nonresponse(folder: Path) -> None:
    release = make_release(make_list_round(folder, **BY_SIZE, selection="pps_systematic"))
    assert release.is_provisional
    assert release.weighting[-1]["note"] == "no_margins"


def test_persons_in_a_list_of_dossiers_have_no_counts(folder: Path) -> None:
    state_frame_counts()
    release = make_release(make_list_round(folder), unit_of_analysis="person")
    assert release.weighting[-1]["note"] == "no_margins"


def test_ineligible_cases_lower_the_counts(folder: Path) -> None:
    state_frame_counts()
    survey_round = make_list_round(folder, reserve_percent=0)
    refused = Case.objects.filter(
        sample__round=survey_round, disposition=Disposition.REFUSAL, stratum="01"
    ).first()
    Case.objects.filter(pk=refused.pk).update(disposition=Disposition.NOT_ELIGIBLE)
    release = make_release(survey_round)
    assert release.weighting[-1]["sum"] == pytest.approx(N_ROWS - refused.design_weight)


@pytest.mark.parametrize("strata", [["channel", "province"], ["channel"]])
def test_counts_know_the_province_of_strata_that_lie_in_one(folder: Path, strata: list[str]) -> None:
    state_frame_counts()
    values = {"channel": ("counter", "portal"), "province": PROVINCES}
    sizes = [[list(names), 2] for names in product(*(values[name] for name in strata))]
    survey_round = draw_list_round(folder, strata=strata, sizes=sizes).round
    method = parse_index_method(IndexMethod.objects.get(code="M2023").document)
    found = frame_totals(survey_round, method, "drawn_unit")
    assert sum(found.counts.values()) == N_ROWS
    known = {name: name.split("|")[1] for name in found.counts if "province" in strata}
    assert found.provinces == known


def test_altered_list_gives_no_counts(folder: Path) -> None:
    state_frame_counts()
    survey_round = make_list_round(folder)
    survey_round.draws.update(frame_digest="0" * 64)
    with pytest.raises(FrameTotalsError, match=survey_round.code):
        make_release(survey_round)


def test_recipe_finds_the_errors_of_a_list_again(folder: Path, tmp_path: Path) -> None:
    release = make_release(make_list_round(folder, **APPROXIMATE))
    data = tmp_path / "microdata.csv"
    data.write_bytes(FORMATS["csv"].write(export_microdata(release=release)))
    for name, text in export_recipe(release=release).items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    out = tmp_path / "out"
    settings = ["--design", str(tmp_path / "design.toml"), "--index", str(tmp_path / "index.toml")]
    assert main(["estimate", str(data), *settings, "--by", "province", "--out", str(out)]) == 0
    figures = pd.read_parquet(out / "estimates.parquet")
    assert figures["is_approximate"].all()
    index = figures.set_index(["domain", "node", "statistic"]).loc[("nation", "index", "top_two_share")]
    assert index["standard_error"] == pytest.approx(index_of(release).standard_error)


def test_unknown_areas_are_a_category_of_their_own(folder: Path, admin_client: Client) -> None:
    release = make_release(make_list_round(folder))
    rows = open_snapshot(release.snapshot).rows
    assert rows["is_urban"].isna().all()
    assert release.weighting[0]["unknown_areas"] == len(rows)
    weighted = weight_snapshot(open_snapshot(release.snapshot), None)
    assert weighted.steps[0]["unknown_areas"] == len(rows)
    page = admin_client.get(reverse("release:inspect", args=[release.pk]))
    assert page.context["n_unknown_areas"] == len(rows)
    table = export_microdata(release=release, language="en")
    assert table.rows["is_urban"].isna().all()


def test_labels_name_the_units_of_a_list(folder: Path) -> None:
    table = export_microdata(release=make_release(make_list_round(folder)), language="en")
    labels = {column.name: column.label for column in table.columns}
    assert labels["psu"] == "primary sampling unit (drawn dossier or person)"
    assert labels["village"] == "agency, by a random number in its province"
