"""Hypothesis strategies for questionnaires and answers."""

import datetime
import string
from typing import Any

from hypothesis import strategies as st

from questionnaires.schema import (
    CHOICE_KINDS,
    SPECIAL_VALUES,
    Attribute,
    Combination,
    Comparison,
    Condition,
    Consent,
    ConsentPoint,
    ConsentStatement,
    Kind,
    LocalizedText,
    Option,
    Question,
    Questionnaire,
    Reference,
    Rule,
    RuleSeverity,
    Scale,
    Section,
    Subject,
)
from questionnaires.schema.conditions import (
    COMPARISONS,
    COUNT_OPERATORS,
    DATE_OPERATORS,
    LIST_OPERATORS,
    NUMBER_OPERATORS,
    REFERRING_OPERATORS,
    TEXT_OPERATORS,
)
from questionnaires.schema.texts import normalize

codes = st.from_regex(r"[A-Z][A-Za-z0-9]{0,3}([-.][A-Za-z0-9]{1,2})?", fullmatch=True)
words = st.text(min_size=1, max_size=12).map(str.strip).filter(bool)
texts = st.dictionaries(st.sampled_from(["vi", "en", "km"]), words, max_size=3).map(LocalizedText.of)
values = st.integers(-9, 99) | st.text(string.ascii_lowercase, min_size=1, max_size=3).filter(
    lambda value: value not in SPECIAL_VALUES
)
media = st.dictionaries(st.sampled_from(["vi", "km"]), st.just("audio/q1.mp3"), max_size=2).map(
    LocalizedText.of
)
pictures = st.dictionaries(st.sampled_from(["vi", "km"]), st.just("pictures/q1.png"), max_size=2).map(
    LocalizedText.of
)
option_lists = st.lists(
    st.builds(Option, values, texts, st.booleans(), media, pictures, texts),
    min_size=2,
    max_size=5,
    unique_by=lambda option: str(option.value),
).map(tuple)
scales = st.lists(st.builds(Scale, codes, option_lists), max_size=2, unique_by=lambda scale: scale.code)

references = st.builds(Reference, st.sampled_from(Subject), codes)
days = st.dates().map(datetime.date.isoformat)
plain_values: dict[str, st.SearchStrategy[Any]] = {
    **dict.fromkeys(("equals", "not_equals"), values),
    **dict.fromkeys(LIST_OPERATORS, st.lists(values, min_size=1, max_size=3).map(tuple)),
    **dict.fromkeys(NUMBER_OPERATORS, st.integers(-5, 5) | st.floats(-5, 5)),
    **dict.fromkeys(DATE_OPERATORS, days),
    **dict.fromkeys(COUNT_OPERATORS, st.integers(0, 5)),
    **dict.fromkeys(TEXT_OPERATORS, words.map(normalize).filter(bool)),
    "answered": st.booleans(),
}
"""What each operator may compare with."""


@st.composite
def _comparisons(draw: st.DrawFn) -> Comparison:
    """Return a comparison by any operator, with a value or, where that may be, another answer."""
    operator = draw(st.sampled_from(sorted(COMPARISONS)))
    fit = plain_values[operator] | references if operator in REFERRING_OPERATORS else plain_values[operator]
    return Comparison(draw(st.sampled_from(Subject)), draw(codes), operator, draw(fit))


comparisons = _comparisons()
conditions: st.SearchStrategy[Condition] = st.recursive(
    comparisons,
    lambda inner: st.builds(
        Combination,
        st.sampled_from(["all", "any", "not"]),
        st.lists(inner, min_size=1, max_size=3).map(tuple),
    ),
    max_leaves=4,
)

rules = st.builds(Rule, codes, conditions, texts, st.sampled_from(RuleSeverity))

consents = st.builds(
    Consent,
    version=words,
    title=texts,
    points=st.lists(st.builds(ConsentPoint, texts, texts, media), max_size=2).map(tuple),
    statements=st.lists(
        st.builds(ConsentStatement, codes, texts, texts, st.booleans(), media), max_size=2
    ).map(tuple),
    is_placeholder=st.booleans(),
    audio=media,
)


@st.composite
def questions(draw: st.DrawFn, known_scales: list[Scale]) -> Question:
    """Return a question of any kind, its options its own or those of a scale."""
    kind = draw(st.sampled_from(Kind))
    changes: dict[str, Any] = {}
    if kind in CHOICE_KINDS:
        scale = draw(st.sampled_from([None, *known_scales]))
        changes = (
            {"scale": scale.code, "options": scale.options} if scale else {"options": draw(option_lists)}
        )
    return Question(
        code=draw(codes),
        kind=kind,
        text=draw(texts),
        help=draw(texts),
        shows=tuple(draw(st.lists(codes, max_size=2))),
        allows_not_applicable=draw(st.booleans()),
        allows_no_answer=draw(st.booleans()),
        is_required=draw(st.booleans()),
        is_sensitive=draw(st.booleans()),
        visible_when=draw(st.none() | conditions),
        minimum=draw(st.none() | st.integers(-9, 0)),
        maximum=draw(st.none() | st.floats(1, 9)),
        is_integer=draw(st.booleans()),
        unit=draw(texts),
        max_length=draw(st.integers(1, 500)),
        is_multiline=draw(st.booleans()),
        n_ranks=draw(st.integers(0, 3)),
        earliest=draw(st.just("") | days),
        latest=draw(st.sampled_from(["", "today"]) | days),
        audio=draw(media),
        help_audio=draw(media),
        picture=draw(pictures),
        picture_alt=draw(texts),
        **changes,
    )


@st.composite
def questionnaires(draw: st.DrawFn) -> Questionnaire:
    """Return a questionnaire that can be read, though linting may find fault with it."""
    known_scales = draw(scales)
    parts = st.builds(
        Section,
        code=codes,
        title=texts,
        questions=st.lists(questions(known_scales), max_size=3).map(tuple),
        heading=texts,
        intro=texts,
        visible_when=st.none() | conditions,
        rules=st.lists(rules, max_size=2).map(tuple),
        audio=media,
    )
    return Questionnaire(
        code=draw(codes),
        title=draw(texts),
        languages=("vi", "en"),
        sections=tuple(draw(st.lists(parts, max_size=3, unique_by=lambda part: part.code))),
        scales=tuple(known_scales),
        attributes=tuple(draw(st.lists(st.builds(Attribute, codes, texts), max_size=2))),
        consent=draw(st.none() | consents),
        method=draw(st.just("") | words),
        is_provisional=draw(st.booleans()),
        provisional_reason=draw(texts),
        source=draw(texts),
        remarks=tuple(draw(st.lists(texts, max_size=2))),
        rules=tuple(draw(st.lists(rules, max_size=2))),
        not_applicable_audio=draw(media),
        no_answer_audio=draw(media),
    )


raw_answers = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-9, 99),
    st.floats(allow_nan=True),
    st.text(max_size=8),
    st.sampled_from(["na", "no_answer"]),
    st.lists(values, max_size=3),
    st.dictionaries(st.text(max_size=2), st.integers(), max_size=1),
    st.dictionaries(st.sampled_from(["day", "month", "year", "1", "2"]), st.text(max_size=4), max_size=3),
)
