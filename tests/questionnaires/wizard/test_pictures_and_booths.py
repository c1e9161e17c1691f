"""What is seen and heard on a page: only where something is stored, in the language of the reader if any."""

from typing import Any

from django.utils import translation

from questionnaires.schema import Questionnaire, parse
from questionnaires.wizard.cards import Telling, card_of, heading_of, raw_of
from questionnaires.wizard.drawing import draw
from questionnaires.wizard.forms import SectionForm
from questionnaires.wizard.pictures import option_pictures, picture_of
from questionnaires.wizard.players import booth_of, consent_booth, section_booth
from tests.questionnaires.features.catalogue import load

SOUND = {letter: f"{letter * 64}.mp3" for letter in "abcdef"}
WIDE, TALL = f"{'1' * 64}-1280x960.webp", f"{'2' * 64}-300x900.webp"


def words(vietnamese: str, **others: str) -> dict[str, str]:
    return {"vi": vietnamese, **others}


def parsed(*questions: dict[str, Any], **further: Any) -> Questionnaire:
    section = {"code": "S", "title": words("Phần"), "questions": list(questions)} | further.pop("section", {})
    head = {"schema": 1, "code": "x", "title": words("Phiếu"), "languages": ["vi"], "sections": [section]}
    return parse(head | further)


def asked(**further: Any) -> dict[str, Any]:
    options = [{"value": value, "label": words(label)} for value, label in ((1, "Một"), (2, "Hai"))]
    return {"code": "Q1", "kind": "single", "text": words("Chọn gì?"), "options": options} | further


def page_of(schema: Questionnaire, language: str = "vi") -> Any:
    form = SectionForm(schema=schema, section=schema.sections[0], answers={}, attributes={})
    return draw(form, language)


def heard(booth: Any) -> list[tuple[str, str]]:
    return [(str(player.words), player.url.rpartition("/")[2][0]) for player in booth.players]


def test_a_page_without_pictures_and_recordings_says_nothing_of_them():
    drawing = page_of(parsed(asked()))
    assert "<img" not in drawing.markup
    assert "<audio" not in drawing.markup
    assert drawing.above["has_pictures"] is False
    assert drawing.above["booth"] is None


def test_a_picture_keeps_its_place_free_and_is_told_in_words():
    pictured = asked(picture={"vi": WIDE}, picture_alt=words("Biển & hiệu", en="A sign"))
    drawing = page_of(parsed(pictured))
    assert (
        f'</legend><img src="/hinh/{WIDE}" width="640" height="480" loading="lazy" alt="Biển &amp; hiệu">'
        in drawing.markup
    )
    assert drawing.above["has_pictures"] is True


def test_a_picture_is_drawn_no_larger_than_its_place_nor_than_it_is():
    pictured = asked(picture={"vi": TALL})
    pictured["options"][0]["picture"] = {"vi": TALL}
    pictured["options"][1]["picture"] = {"vi": f"{'3' * 64}-12x9.webp"}
    question = parsed(pictured).question("Q1")
    assert (picture_of(question, "vi").width, picture_of(question, "vi").height) == (160, 480)
    sizes = {value: (each.width, each.height) for value, each in option_pictures(question, "vi").items()}
    assert sizes == {"1": (53, 160), "2": (12, 9)}


def test_a_language_falls_back_and_the_words_say_which_language_they_are_in():
    pictured = asked(picture={"vi": WIDE, "en": TALL}, picture_alt=words("Biển"))
    question = parsed(pictured).question("Q1")
    with translation.override("en"):
        assert TALL in picture_of(question, "en").url
        assert (str(picture_of(question, "en").alt), picture_of(question, "en").alt.lang) == ("Biển", "vi")
        assert WIDE in picture_of(question, "tyz").url


def test_a_name_that_is_not_stored_draws_nothing():
    question = parsed(asked(picture={"vi": "q1.png"}, picture_alt=words("Biển"))).question("Q1")
    assert picture_of(question, "vi") is None


def test_an_option_without_words_of_its_own_is_named_by_its_label_alone():
    pictured = asked()
    pictured["options"][0]["picture"] = {"vi": WIDE}
    assert 'height="160" loading="lazy" alt="">Một</span>' in page_of(parsed(pictured)).markup


def test_a_card_with_pictures_is_the_same_from_its_pattern():
    schema = load("media-picture").schema
    form = SectionForm(schema=schema, section=schema.sections[0], answers={}, attributes={})
    told = Telling(schema, {}, {}, "en")
    card = card_of(schema.question("Q3"), 3, raw_of(form, schema.question("Q3")), told)
    assert [part.picture is not None for part in card.parts] == [True, True]
    assert draw(form, "en").markup.count("<img ") == 6


def test_what_may_be_chosen_instead_is_heard_beside_questions_that_are_heard():
    silent = asked(code="Q2", allows_not_applicable=True)
    recorded = asked(allows_not_applicable=True, allows_no_answer=True, audio={"vi": SOUND["a"]})
    schema = parsed(
        recorded, silent, not_applicable_audio={"vi": SOUND["b"]}, no_answer_audio={"vi": SOUND["c"]}
    )
    assert [url for _words, url in heard(booth_of(schema.question("Q1"), schema, "vi"))] == ["a", "b", "c"]
    assert booth_of(schema.question("Q2"), schema, "vi") is None


def test_a_heading_is_heard_with_its_introduction():
    schema = parsed(asked(), section={"heading": words("Thế nào?"), "audio": {"vi": SOUND["a"]}})
    with translation.override("en"):
        booth = section_booth(schema.sections[0], "en")
    assert (booth.title, heard(booth), booth.is_fallback) == ("Listen to the heading", [("", "a")], True)
    assert page_of(schema).above["booth"] is not None


def test_the_consent_is_heard_in_the_order_of_the_page():
    consent = {
        "version": "1",
        "title": words("Trước khi trả lời"),
        "audio": {"vi": SOUND["a"]},
        "points": [{"heading": words("Ai hỏi?"), "text": words("Xã."), "audio": {"vi": SOUND["b"]}}],
        "statements": [{"code": "use", "text": words("Đồng ý"), "audio": {"vi": SOUND["c"]}}],
    }
    read = parsed(asked(), consent=consent).consent
    assert heard(consent_booth(read, "vi")) == [
        ("Trước khi trả lời", "a"),
        ("Ai hỏi?", "b"),
        ("Đồng ý", "c"),
    ]
    silent = parsed(asked(), consent={"version": "1", "title": words("Trước")}).consent
    assert consent_booth(silent, "vi") is None


def test_an_earlier_answer_stands_in_the_heading_but_not_in_the_title_of_the_page():
    earlier = {"code": "Q0", "kind": "text", "text": words("Tên?")}
    later = {
        "code": "T",
        "title": words("Về {{Q0|việc này}}"),
        "intro": words("Chỉ {{Q0}}."),
        "questions": [],
    }
    schema = parse(
        {
            "schema": 1,
            "code": "x",
            "title": words("Phiếu"),
            "languages": ["vi"],
            "sections": [{"code": "S", "title": words("Phần"), "questions": [earlier]}, later],
        }
    )
    above = heading_of(schema.section("T"), Telling(schema, {"Q0": "<b>"}, {}, "vi"))
    assert (str(above["heading"]), str(above["intro"]), above["page_title"]) == (
        "Về <b>",
        "Chỉ <b>.",
        "Về việc này",
    )
