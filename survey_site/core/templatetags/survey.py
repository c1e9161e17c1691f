"""Tags and filters of every template of the site: numbers, marks, icons, languages. Loaded as a builtin."""

from collections.abc import Callable
from typing import Any

from django import template
from django.conf import settings
from django.template.context import Context
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext

from survey_site.core import icons, languages, numbers, published

register = template.Library()

ICON = '<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">{}</svg>'


def shown(value: Any, write: Callable[[Any], str]) -> str:
    """Write a number, or say that there is none."""
    return numbers.missing() if value is None or value == "" else write(value)


@register.filter(is_safe=True)
def decimal(value: Any, places: int = 1) -> str:
    """Write a number with a fixed count of decimals."""
    return shown(value, lambda number: numbers.decimal(number, places))


@register.filter(is_safe=True)
def integer(value: Any) -> str:
    """Write a whole number with grouped digits."""
    return shown(value, numbers.integer)


@register.filter(is_safe=True)
def percent(value: Any, places: int = 1) -> str:
    """Write a number of per cent."""
    return shown(value, lambda number: numbers.percent(number, places))


@register.filter(is_safe=True)
def share(value: Any, places: int = 1) -> str:
    """Write a share between 0 and 1 as per cent."""
    return shown(value, lambda number: numbers.percent(number * 100, places))


@register.filter(is_safe=True)
def margin(value: Any, places: int = 1) -> str:
    """Write a margin of error with its sign."""
    return shown(value, lambda number: numbers.margin(number, places))


@register.filter(is_safe=True)
def interval(estimate: Any, places: int = 1) -> str:
    """Write the interval of anything with `lower` and `upper`."""
    return numbers.interval(estimate.lower, estimate.upper, places)


@register.filter(is_safe=True)
def ranks(estimate: Any) -> str:
    """Write the rank interval of anything with `rank_low` and `rank_high`."""
    return shown(estimate.rank_low, lambda low: numbers.rank_interval(low, estimate.rank_high))


@register.simple_tag
def interval_of(lower: Any, upper: Any, places: int = 1) -> str:
    """Write an interval from its two limits."""
    return numbers.interval(lower, upper, places)


@register.simple_tag
def provisional_mark(reason: Any) -> SafeString:
    """Draw the mark of an unconfirmed method beside a title; nothing when `reason` is empty or false."""
    if not reason:
        return SafeString("")
    title = format_html(' title="{}"', reason) if isinstance(reason, str) else ""
    return format_html('<span class="mark-provisional"{}>{}</span>', title, gettext("Provisional method"))


@register.simple_tag
def rehearsal_mark(is_rehearsed: Any) -> SafeString:
    """Draw the mark of a sample that no commitment led to; nothing for one that was drawn in public."""
    if not is_rehearsed:
        return SafeString("")
    reason = gettext("Whoever chose the seed could know the list of respondents before.")
    words = gettext("Sample drawn without a public commitment")
    return format_html('<span class="mark-provisional mark-rehearsed" title="{}">{}</span>', reason, words)


@register.simple_tag
def approximate_mark(is_approximate: Any) -> SafeString:
    """Draw the mark of weights that are made of approximate probabilities; nothing for exact ones."""
    if not is_approximate:
        return SafeString("")
    reason = gettext("The method of selection meets the stated probabilities only nearly.")
    words = gettext("Approximate inclusion probabilities")
    return format_html('<span class="mark-provisional" title="{}">{}</span>', reason, words)


@register.simple_tag
def icon(name: str) -> SafeString:
    """Draw an icon; it is decoration, the word beside it carries the meaning."""
    return format_html(ICON, drawn(name))


@register.simple_tag
def icon_sheet(*names: str) -> SafeString:
    """Draw icons once, hidden, for a page that repeats them; `icon_use` shows them."""
    symbols = ((name, drawn(name)) for name in names)
    drawings = format_html_join("", '<symbol id="icon-{}" viewBox="0 0 24 24">{}</symbol>', symbols)
    return format_html('<svg hidden aria-hidden="true">{}</svg>', drawings)


@register.simple_tag
def icon_use(name: str) -> SafeString:
    """Show an icon that `icon_sheet` has drawn on this page."""
    return format_html(ICON, format_html('<use href="#icon-{}"/>', name))


@register.simple_tag(takes_context=True)
def language_links(context: Context) -> list[languages.LanguageLink]:
    """Return the links of the language switch for the page that is being rendered."""
    request = context.get("request")
    return languages.language_links(request, context.get("page")) if request else []


@register.simple_tag(takes_context=True)
def results_url(context: Context, survey_round: Any) -> str:
    """Return the address of the published results of a round; empty where there are none."""
    request = context.get("request")
    return published.results_url(request, survey_round) if request else ""


def drawn(name: str) -> SafeString:
    """Return the markup of an icon, which is our own and safe."""
    return mark_safe(icons.drawing(name))  # noqa: S308 - a constant of core/icons.py, never input


@register.simple_tag
def home_url(language: str = "") -> str:
    """Return the address of the first page in a language, by default the active one."""
    return languages.home_url(language or get_language() or settings.LANGUAGE_CODE)
