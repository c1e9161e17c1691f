import pytest

from analysis.models import CriteriaSet, IndexMethod
from analysis.services import load_methods
from sampling.services import ChangedMethodError

pytestmark = pytest.mark.django_db


def test_every_method_is_loaded_once() -> None:
    first, second = load_methods(), load_methods()
    assert first.n_new == first.n_methods == IndexMethod.objects.count() + CriteriaSet.objects.count()
    assert (second.n_new, second.n_methods) == (0, first.n_methods)
    assert set(IndexMethod.objects.values_list("code", flat=True)) == {"M2012", "M2017", "M2022", "M2023"}


def test_provisional_mark_and_reason_come_along() -> None:
    load_methods()
    method = IndexMethod.objects.get(code="M2023")
    assert method.is_provisional
    assert "33" in method.provisional_reason_vi
    assert method.decision == "1001/QĐ-BNV"


def test_changed_document_under_the_same_version_is_refused_with_both_digests() -> None:
    load_methods()
    IndexMethod.objects.filter(code="M2023").update(digest="0" * 64)
    with pytest.raises(ChangedMethodError, match=r"M2023 v1.*0{64}") as raised:
        load_methods()
    assert IndexMethod.objects.get(code="M2022").digest not in str(raised.value)
