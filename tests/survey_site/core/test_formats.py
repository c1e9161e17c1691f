"""Dates and numbers in both languages, in and out, form fields included."""

import datetime
from decimal import Decimal

import pytest
from django import forms
from django.utils import formats, translation

LANGUAGES = ("vi", "en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_ten_slash_two_is_the_tenth_of_february(language: str) -> None:
    with translation.override(language):
        assert forms.DateField().clean("10/02/2026") == datetime.date(2026, 2, 10)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("text", ["2026-02-10", "10-02-2026", "10.02.2026"])
def test_other_ways_to_write_a_date_are_read(language: str, text: str) -> None:
    with translation.override(language):
        assert forms.DateField().clean(text) == datetime.date(2026, 2, 10)


@pytest.mark.parametrize("language", LANGUAGES)
def test_month_first_is_refused(language: str) -> None:
    with translation.override(language), pytest.raises(forms.ValidationError):
        forms.DateField().clean("02/25/2026")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("text", ["10/02/2026 14:32", "14:32, 10/02/2026", "2026-02-10 14:32:00"])
def test_a_moment_is_read(language: str, text: str) -> None:
    with translation.override(language):
        moment = forms.DateTimeField().clean(text)
    assert moment.replace(tzinfo=None) == datetime.datetime(2026, 2, 10, 14, 32)  # noqa: DTZ001 - wall clock compared


@pytest.mark.parametrize("language", LANGUAGES)
def test_dates_are_written_day_first(language: str) -> None:
    with translation.override(language):
        assert formats.date_format(datetime.date(2026, 11, 22)) == "22/11/2026"
        assert formats.date_format(datetime.date(2026, 11, 22), "SHORT_DATE_FORMAT") == "22/11/2026"
        assert formats.time_format(datetime.time(14, 32)) == "14:32"


@pytest.mark.parametrize(("language", "text"), [("vi", "83,94"), ("vi", "83.94"), ("en", "83.94")])
def test_a_decimal_field_reads_the_separator(language: str, text: str) -> None:
    with translation.override(language):
        assert forms.DecimalField(localize=True).clean(text) == Decimal("83.94")


@pytest.mark.parametrize(("language", "text"), [("vi", "291.899"), ("en", "291,899"), ("vi", "291899")])
def test_an_integer_field_reads_groups(language: str, text: str) -> None:
    with translation.override(language):
        assert forms.IntegerField(localize=True).clean(text) == 291_899


@pytest.mark.parametrize(
    ("language", "value", "text"),
    [
        ("vi", Decimal("83.94"), "83,94"),
        ("en", Decimal("83.94"), "83.94"),
        ("vi", 291_899, "291.899"),
        ("en", 291_899, "291,899"),
    ],
)
def test_numbers_are_written_as_the_language_does(language: str, value: Decimal, text: str) -> None:
    with translation.override(language):
        assert formats.localize(value) == text
