import pytest
from django.core.exceptions import PermissionDenied
from django.utils.translation import override

from analysis.exports import Kind
from analysis.models import PublishedEstimate
from analysis.resources import EstimateResource, describe_table, estimates_table, scorecards_table
from tests.analysis.rounds import make_release

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_snapshots")]


def test_estimates_keep_numbers_as_numbers_and_codes_as_text() -> None:
    release = make_release()
    table = estimates_table(release)
    kinds = {column.name: column.kind for column in table.columns}
    assert kinds["domain_code"] is Kind.CODE
    assert kinds["value"] is Kind.NUMBER
    assert set(table.rows["domain_code"]) == {"", "01", "04"}
    stored = release.estimates.get(domain_code="01", node="index", statistic="mean_score")
    row = table.rows.query("domain_code == '01' and node == 'index' and statistic == 'mean_score'").iloc[0]
    assert row["value"] == stored.value
    assert row["release"] == "R1"


def test_scorecards_are_exported_with_their_ranks() -> None:
    table = scorecards_table(make_release(), "en")
    assert table.rows["rank_high"].tolist() == [2] * 4
    assert set(table.rows["candidate_input"]) == {"headline", "service"}


def test_figures_cannot_be_imported() -> None:
    with pytest.raises(PermissionDenied, match="không bao giờ thay đổi"):
        EstimateResource().import_data()
    assert not PublishedEstimate.objects.exists()


def test_codebook_describes_every_column() -> None:
    release = make_release()
    table = estimates_table(release, "en")
    book = describe_table(release, table, "en")
    assert set(book.rows["variable"]) == {column.name for column in table.columns}
    assert book.rows["is_provisional"].eq(1).all()


def test_flags_are_exported_and_the_codebook_explains_them() -> None:
    table = estimates_table(make_release(), "en")
    index = table.rows.query("domain_code == '01' and node == 'index' and statistic == 'top_two_share'")
    assert index["flags"].tolist() == ["few_df"]
    labels = {column.name: column.value_labels for column in table.columns}["flags"]
    assert labels["few_df"].startswith("fewer than 8 degrees of freedom")


def test_the_codebook_explains_every_standing_against_the_nation() -> None:
    table = estimates_table(make_release(), "en")
    labels = {column.name: column.value_labels for column in table.columns}["comparison"]
    assert labels == {
        "higher": "Above the nation",
        "not_distinguishable": "Not distinguishable from the nation",
        "lower": "Below the nation",
        "not_comparable": "Not comparable with the nation",
    }


def test_file_of_estimates_says_what_is_withheld() -> None:
    release = make_release()
    release.rates["withheld"] = [{"reason": "protects_another"}]
    marks = estimates_table(release, "en").marks
    assert marks[-1].startswith("1 figure is withheld (another figure with few answers")
    assert not any("withheld" in mark for mark in scorecards_table(release, "en").marks)


@pytest.mark.parametrize("active", ["vi", "en"])
@pytest.mark.parametrize(("language", "nation"), [("vi", "Cả nước"), ("en", "Whole country")])
def test_names_follow_the_language_of_the_file_alone(active: str, language: str, nation: str) -> None:
    release = make_release()
    with override(active):
        table = estimates_table(release, language)
    title = {"vi": release.method.title_vi, "en": release.method.title_en}[language]
    index = table.rows.query("node == 'index'")
    assert set(index["node_title"]) == {title}
    assert set(table.rows.query("domain_level == 'nation'")["domain_name"]) == {nation}
    assert table.rows["node_title"].ne("").all()
    assert table.title == getattr(release.snapshot.round, f"name_{language}")
