"""Contrast of the colour tokens, what old browsers can read, and weight."""

import gzip
import re
from pathlib import Path

import brotli
import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
PACKAGES = ("survey_site", "analysis", "questionnaires", "sampling")
CSS = ROOT / "survey_site" / "static" / "css"
TEXT = 4.5
PART = 3.0
BASE_LIMIT = 5_250
"""Bytes of base.css on the wire, with what a printer needs: a sheet of its own would be one more request."""

SCRIPT_LIMIT = 2_560
"""Bytes of the one script of citizens' pages on the wire."""

PAIRS = [
    ("ink", "card", TEXT),
    ("ink", "paper", TEXT),
    ("ink2", "card", TEXT),
    ("ink2", "paper", TEXT),
    ("ink2", "band", TEXT),
    ("jade", "card", TEXT),
    ("jade", "paper", TEXT),
    ("jade", "jadet", TEXT),
    ("onjade", "jade", TEXT),
    ("onjade", "jade2", TEXT),
    ("err", "card", TEXT),
    ("err", "errt", TEXT),
    ("warn", "card", TEXT),
    ("warn", "warnt", TEXT),
    ("info", "infot", TEXT),
    ("gold", "lacquer", TEXT),
    ("gold", "lacquer2", TEXT),
    ("hi", "card", TEXT),
    ("mid", "card", TEXT),
    ("lo", "card", TEXT),
    ("onfill", "hi", TEXT),
    ("onfill", "lo", TEXT),
    ("ink", "zone", TEXT),
    ("edge", "card", PART),
    ("edge", "paper", PART),
    ("focus", "card", PART),
]

TOO_NEW_RULES = (
    r":has\(",
    r"\bclamp\(",
    r"\binset\s*:",
    r":focus-visible",
    r":(is|where)\(",
    r"^\s*gap\s*:",
    r"[^-]\bgap\s*:",
    r"\baspect-ratio\s*:",
    r"\b(color-mix|light-dark|oklch|oklab|lch|min|max)\(",
    r"@(layer|container|scope|starting-style|property)\b",
    r"\b\d+[sdl]v[hw]\b",
    r"\bsubgrid\b",
    r"&",
    r"@import",
    r"url\((?!\"data:)",
)
"""Rules that Chrome 61 cannot read, and with them all that Chrome 109 cannot: the last one for Windows 7."""

TOO_NEW_SCRIPT = (
    r"\?\.[a-zA-Z(\[]",
    r"\?\?",
    r"(\|\||&&)=",
    r"[{,]\s*\.\.\.",
    r"\bcatch\s*\{",
    r"\.(at|flat|flatMap|replaceAll|findLast|toSorted|matchAll|replaceChildren)\(",
    r"\b(structuredClone|globalThis|BigInt)\b",
    r"\.(finally|allSettled|any|fromEntries|trimStart|trimEnd|requestSubmit|description)\b",
    r"\b(AbortController|queueMicrotask|ResizeObserver|WeakRef)\b|\.submitter\b",
    r"\basync\s+\w*\s*\*|\bstatic\s*\{|(?<![&\w])#[a-z]\w*\s*[=(;]",
    r"\(\?<|/[a-z]*[sdv][a-z]*[.,;)]\s*$",
    r"\bimport\b",
    r"\bexport\b",
    r"\bfor await\b",
    r"\b\d+_\d",
)
"""What a script may not say in Chrome 61, nor, where it is newer, in Chrome 109."""


def rules() -> dict[str, str]:
    """Style sheets of ours, those of the admin and those inside staff pages included, without comments."""
    sheets = {path.name: path.read_text(encoding="utf-8") for path in CSS.glob("*.css")}
    for path in sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.html")):
        inline = re.findall(r"<style[^>]*>(.*?)</style>", path.read_text(encoding="utf-8"), re.DOTALL)
        sheets |= {path.name: "\n".join(inline)} if inline else {}
    return {name: re.sub(r"/\*.*?\*/", "", source, flags=re.DOTALL) for name, source in sheets.items()}


def scripts() -> dict[str, str]:
    """Scripts of ours without comments."""
    paths = (path for package in PACKAGES for path in (ROOT / package).rglob("static/**/*.js"))
    return {
        path.name: re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        for path in paths
    }


def tokens(*, is_dark: bool) -> dict[str, str]:
    source = (CSS / "base.css").read_text(encoding="utf-8")
    light, dark = (
        re.findall(r":root \{(.*?)\}", source, re.DOTALL)[0],
        re.search(r"prefers-color-scheme: dark\) \{\s*:root \{(.*?)\}", source, re.DOTALL),
    )
    assert dark is not None
    found = dict(re.findall(r"--(\w+): (#[0-9a-f]{3,6});", light))
    return found | dict(re.findall(r"--(\w+): (#[0-9a-f]{3,6});", dark[1])) if is_dark else found


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    channels = [int(digits[index : index + 2], 16) / 255 for index in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    high, low = sorted((luminance(first), luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_computed_as_wcag_does() -> None:
    assert contrast("#fff", "#000000") == pytest.approx(21)
    assert contrast("#0a5e58", "#ffffff") == pytest.approx(7.6, abs=0.05)


@pytest.mark.parametrize("is_dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground", "least"), PAIRS)
def test_token_pairs_are_readable(text: str, ground: str, least: float, is_dark: bool) -> None:  # noqa: FBT001 - pytest
    colours = tokens(is_dark=is_dark)
    assert contrast(colours[text], colours[ground]) >= least


@pytest.mark.parametrize("feature", TOO_NEW_RULES)
def test_old_browsers_can_read_every_rule(feature: str) -> None:
    for name, source in rules().items():
        assert not re.search(feature, source, re.MULTILINE), f"{name} uses {feature}"


@pytest.mark.parametrize("feature", TOO_NEW_SCRIPT)
def test_old_browsers_can_run_every_script(feature: str) -> None:
    for name, source in scripts().items():
        assert not re.search(feature, source, re.MULTILINE), f"{name} uses {feature}"


def test_pages_for_staff_are_looked_at_too() -> None:
    assert {"admin.css", "base.css", "key_form.html", "paper_form.html"} <= set(rules())
    assert "keying.js" in scripts()


@pytest.mark.parametrize(
    ("features", "sample"),
    [
        (TOO_NEW_RULES, "a { color: color-mix(in srgb, red, blue); }"),
        (TOO_NEW_RULES, "@container (width > 20em) { a { margin: 0; } }"),
        (TOO_NEW_RULES, ".a { .b { margin: 0; } &:hover { margin: 0; } }"),
        (TOO_NEW_SCRIPT, "box?.focus();"),
        (TOO_NEW_SCRIPT, "step = step ?? 1;"),
        (TOO_NEW_SCRIPT, "const copy = {...moves};"),
        (TOO_NEW_SCRIPT, "fetch(place).finally(rest);"),
        (TOO_NEW_SCRIPT, "const stop = new AbortController();"),
        (TOO_NEW_SCRIPT, "button = event.submitter;"),
        (TOO_NEW_SCRIPT, "form.requestSubmit();"),
        (TOO_NEW_SCRIPT, "async function* pages() {}"),
        (TOO_NEW_SCRIPT, "try { save(); } catch { rest(); }"),
    ],
)
def test_newer_features_are_noticed(features: tuple[str, ...], sample: str) -> None:
    assert any(re.search(feature, sample, re.MULTILINE) for feature in features)


def test_the_stylesheet_is_as_light_as_a_letter() -> None:
    assert len(gzip.compress((CSS / "base.css").read_bytes())) <= BASE_LIMIT


def test_the_script_of_citizens_is_lighter_still() -> None:
    source = (ROOT / "survey_site" / "static" / "js" / "answering.js").read_bytes()
    assert len(brotli.compress(source)) <= SCRIPT_LIMIT


def test_the_script_says_everything_in_both_languages() -> None:
    source = (ROOT / "survey_site" / "static" / "js" / "answering.js").read_text(encoding="utf-8")
    said = {
        language: re.findall(r'"[^"]+",', words)
        for language, words in re.findall(r"^    (vi|en): \[(.*?)\]", source, re.DOTALL | re.MULTILINE)
    }
    assert len(said["vi"]) == len(said["en"]) == 3
    assert not set(said["vi"]) & set(said["en"])
