"""What is written as a form and read again is the same questionnaire."""

from typing import Any

from hypothesis import HealthCheck, given, settings

from questionnaires import forms
from questionnaires.exchange.form_in import read_form
from questionnaires.exchange.form_out import write_form
from questionnaires.exchange.pyxform_check import xform_of
from questionnaires.schema import parse, to_document
from tests.questionnaires.exchange.makers import documents

SLOW = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@given(documents)
@SLOW
def test_nothing_is_lost_on_the_way_through_a_form(document: dict[str, Any]):
    assert read_form(write_form(document).sheets).document == document


@given(documents)
@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.too_slow])
def test_pyxform_accepts_every_form_written(document: dict[str, Any]):
    assert xform_of(write_form(document).sheets).startswith("<?xml")


def test_the_form_of_2023_goes_through_a_form():
    document = to_document(parse(forms.load("sipas-m2023")))
    written = write_form(document)
    assert read_form(written.sheets).document == document
    assert "Rất hài lòng" in xform_of(written.sheets)
