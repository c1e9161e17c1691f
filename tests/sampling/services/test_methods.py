import pytest

from sampling.models import SamplingTemplate
from sampling.services import ChangedMethodError, load_sampling_templates

pytestmark = pytest.mark.django_db


def test_templates_are_loaded_once():
    first = load_sampling_templates()
    again = load_sampling_templates()
    assert first == again
    assert {template.code for template in first} >= {"sipas-2025-63x6", "sipas-2025-34x6"}
    assert SamplingTemplate.objects.count() == len(first)


def test_provisional_mark_and_reason_travel_along():
    load_sampling_templates()
    template = SamplingTemplate.objects.get(code="sipas-2025-63x6")
    assert template.is_provisional
    assert template.provisional_reason_vi
    assert template.document["expected"] == {"commune": 390, "village": 1_170, "person": 36_270}


def test_changed_document_under_the_same_version_is_refused():
    load_sampling_templates()
    SamplingTemplate.objects.filter(code="sipas-2025-63x6").update(digest="0" * 64)
    with pytest.raises(ChangedMethodError, match="sipas-2025-63x6 v1"):
        load_sampling_templates()
