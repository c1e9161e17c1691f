from pathlib import Path

import pytest
from wagtail.models import ModelLogEntry

from analysis.exports import Kind
from analysis.services import export_microdata
from analysis.snapshots import SnapshotError
from tests.analysis.rounds import make_release

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_snapshots")]


def test_microdata_have_marks_design_weights_and_labelled_answers() -> None:
    release = make_release()
    table = export_microdata(release=release, language="en")
    columns = {column.name: column for column in table.columns}
    marks = ["release", "is_provisional", "is_demo", "is_rehearsed", "has_approximate"]
    assert [column.name for column in table.columns[: len(marks)]] == marks
    assert {"stratum", "psu", "village", "final_weight", "design_weight"} <= set(columns)
    assert columns["province"].kind is Kind.CODE
    assert columns["province"].value_labels == {"01": "Tỉnh 01", "04": "Tỉnh 04"}
    assert columns["P_A1"].value_labels[5] == "Very satisfied"
    assert len(table.rows) == release.weighting[0]["n"]
    assert table.rows["is_provisional"].eq(1).all()


def test_sensitive_questions_stay_out_unless_asked_for() -> None:
    release = make_release()
    assert "A_ETHNICITY" not in export_microdata(release=release).rows
    assert "A_ETHNICITY" in export_microdata(release=release, include_sensitive=True).rows


def test_who_took_microdata_is_in_the_audit_log() -> None:
    export_microdata(release=make_release(), include_sensitive=True)
    entry = ModelLogEntry.objects.get(action="analysis.export_microdata")
    assert entry.data["include_sensitive"] is True


def test_altered_weights_are_refused(own_snapshots: Path) -> None:
    release = make_release()
    (own_snapshots / release.weights_file).write_bytes(b"other")
    with pytest.raises(SnapshotError, match=release.weights_digest):
        export_microdata(release=release)
