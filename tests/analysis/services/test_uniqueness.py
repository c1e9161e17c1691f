from typing import Any

import pytest
from django.utils import translation

from analysis.quality.uniqueness import group_sizes
from analysis.services import export_microdata, open_snapshot, take_snapshot
from analysis.services.uniqueness import PUBLIC_KEYS, uniqueness_of, uniqueness_of_snapshot
from sampling.services import freeze_round
from tests.analysis.rounds import Shape, make_closed_round, make_release

pytestmark = pytest.mark.django_db

SMALL = Shape(communes=2, villages=1, persons=20)


def test_snapshot_is_tested_on_its_respondents_only() -> None:
    snapshot = take_snapshot(round=make_closed_round(SMALL))
    rows = open_snapshot(snapshot).rows
    answered = rows[rows["disposition"] == "1.1"]
    found = uniqueness_of_snapshot(snapshot)
    assert found.n_rows == len(answered) < len(rows)
    assert found == uniqueness_of(answered)
    assert 0 < found.n_unique <= found.n_rows
    assert found.worst in {"sex", "age_group", "mode", "village", "psu"} or found.worst == ""


def test_microdata_say_how_far_they_pick_persons_out() -> None:
    release = make_release(make_closed_round(SMALL))
    with translation.override("en"):
        table = export_microdata(release=release, language="en")
    assert "are unique" in table.marks[-1]


def test_public_microdata_pick_out_nobody(settings: Any) -> None:
    settings.MICRODATA_MINIMUM = 4
    release = make_release(make_closed_round(SMALL))
    inside = export_microdata(release=release, language="en")
    table = export_microdata(release=release, language="en", is_public=True)
    names = {column.name for column in table.columns}
    assert {"village", "psu", "variance_psu", "variance_stratum", "design_weight"}.isdisjoint(names)
    assert {"A_SEX", "uncalibrated_weight", "margin_1", "helper", "pressure"}.isdisjoint(names)
    assert {"final_weight", "P_A1"} <= names
    keys = table.rows[[name for name in PUBLIC_KEYS if name in names]]
    says = keys.notna().any(axis=1).to_numpy()
    assert group_sizes(keys)[says].min() >= 4
    assert len(table.rows) == len(inside.rows)
    assert table.rows["final_weight"].sum() == pytest.approx(inside.rows["final_weight"].sum(), rel=0.01)
    assert "at least 4 times" in table.marks[-1]


def test_frozen_round_gives_the_same_snapshot_but_for_the_identifiers() -> None:
    survey_round = make_closed_round(SMALL)
    before = open_snapshot(take_snapshot(round=survey_round)).rows
    freeze_round(round=survey_round)
    after = open_snapshot(take_snapshot(round=survey_round)).rows
    random = ["analysis_id", "village", "variance_psu", "variance_stratum"]
    contents = [sorted(map(repr, rows.drop(columns=random).to_dict("records"))) for rows in (before, after)]
    assert contents[0] == contents[1]
    assert after["analysis_id"].is_monotonic_increasing
    assert set(before["analysis_id"]).isdisjoint(after["analysis_id"])
