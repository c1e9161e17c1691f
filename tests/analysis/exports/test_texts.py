import pytest

from analysis.exports import neutralise


@pytest.mark.parametrize("text", ["=1+1", "+84", "-1", "@sum", "\tx", "\r=1", "\n=1"])
def test_text_that_looks_like_a_formula_is_shielded(text: str) -> None:
    assert neutralise(text) == "'" + text


@pytest.mark.parametrize("text", ["", "Hà Nội", "01", "a=b", "Ý kiến - khác"])
def test_other_text_stays_as_it_is(text: str) -> None:
    assert neutralise(text) == text
