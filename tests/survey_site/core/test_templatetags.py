"""Numbers, marks, icons and languages in templates."""

from types import SimpleNamespace

import pytest
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import translation

from survey_site.core.icons import ICONS, UnknownIconError
from survey_site.core.languages import language_links


def render(source: str, language: str = "vi", **context: object) -> str:
    with translation.override(language):
        return Template(source).render(Context(context))


@pytest.mark.parametrize(
    ("source", "vietnamese", "english"),
    [
        ("{{ value|percent }}", "83,5%", "83.5%"),
        ("{{ value|percent:2 }}", "83,46%", "83.46%"),
        ("{{ value|decimal:2 }}", "83,46", "83.46"),
        ("{{ value|margin }}", "±83,5", "±83.5"),
        ("{{ count|integer }}", "20.088", "20,088"),
        ("{{ fraction|share }}", "93,4%", "93.4%"),
        ("{{ negative|decimal }}", "−1,4", "−1.4"),
        ("{{ tiny|decimal }}", "0,0", "0.0"),
        ("{% interval_of 82.94 84.06 %}", "82,9–84,1", "82.9–84.1"),
    ],
)
def test_numbers_follow_the_language(source: str, vietnamese: str, english: str) -> None:
    values = {"value": 83.46, "count": 20088, "fraction": 0.934, "negative": -1.4, "tiny": -0.0001}
    assert render(source, "vi", **values) == vietnamese
    assert render(source, "en", **values) == english


def test_an_interval_has_an_en_dash_and_no_spaces() -> None:
    estimate = SimpleNamespace(lower=82.94, upper=84.06)
    assert render("{{ estimate|interval }}", estimate=estimate) == "82,9–84,1"
    assert render("{{ estimate|interval:2 }}", estimate=estimate) == "82,94–84,06"


def test_a_rank_is_an_interval_unless_it_is_certain() -> None:
    assert render("{{ unit|ranks }}", unit=SimpleNamespace(rank_low=16, rank_high=31)) == "16–31"
    assert render("{{ unit|ranks }}", unit=SimpleNamespace(rank_low=1, rank_high=1)) == "1"


def test_a_missing_number_says_so() -> None:
    assert render("{{ value|decimal:2 }}", "en", value=None) == "not computed"


def test_the_provisional_mark_carries_its_reason() -> None:
    markup = render("{% provisional_mark reason %}", "en", reason='Annex "unknown"')
    assert "Provisional method" in markup
    assert "&quot;unknown&quot;" in markup


def test_a_confirmed_method_has_no_mark() -> None:
    assert render("{% provisional_mark reason %}", reason="") == ""


def test_every_icon_is_hidden_from_screen_readers() -> None:
    for name in ICONS:
        assert 'aria-hidden="true"' in render("{% icon name %}", name=name)


def test_an_unknown_icon_names_the_known_ones() -> None:
    with pytest.raises(UnknownIconError, match=r"Expected one of alert.*got 'sparkles'"):
        render('{% icon "sparkles" %}')


def test_a_sheet_draws_icons_once_for_repeated_use() -> None:
    markup = render('{% icon_sheet "face-1" "face-5" %}{% icon_use "face-5" %}{% icon_use "face-5" %}')
    assert markup.count('id="icon-face-5"') == 1
    assert markup.count('href="#icon-face-5"') == 2


def test_language_links_lead_to_the_same_address() -> None:
    request = RequestFactory().get("/tham-gia/")
    with translation.override("vi"):
        vietnamese, english = language_links(request)
    assert (vietnamese.url, english.url) == ("/tham-gia/", "/en/tham-gia/")
    assert (vietnamese.is_current, english.is_current) == (True, False)
    assert (vietnamese.name, english.name) == ("Tiếng Việt", "English")
