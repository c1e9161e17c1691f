import datetime
from types import SimpleNamespace

from django.utils.translation import override

from sampling.models.areas import UNKNOWN_START
from sampling.viewsets.columns import day_column, grouped, mark_column, number_column


def test_numbers_are_grouped_as_the_language_does() -> None:
    column = number_column("n", "n")
    assert column.get_value(SimpleNamespace(n=20088)) == "20.088"
    assert column.get_value(SimpleNamespace(n=None)) == ""
    assert grouped(1234.5678, 2) == "1.234,57"
    with override("en"):
        assert column.get_value(SimpleNamespace(n=20088)) == "20,088"


def test_a_start_that_nobody_knows_is_no_date() -> None:
    column = day_column("valid_from", "valid from")
    assert column.get_value(SimpleNamespace(valid_from=datetime.date(2025, 7, 1))) == "01/07/2025"
    assert column.get_value(SimpleNamespace(valid_from=None)) == ""
    with override("en"):
        assert column.get_value(SimpleNamespace(valid_from=UNKNOWN_START)) == "unknown"


def test_mark_stands_beside_provisional_methods_only() -> None:
    column = mark_column(lambda row: row.is_provisional)
    assert 'class="mark-provisional"' in column.get_value(SimpleNamespace(is_provisional=True))
    assert column.get_value(SimpleNamespace(is_provisional=False)) == ""
