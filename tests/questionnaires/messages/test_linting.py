import pytest
from django.utils import translation

from questionnaires.messages.defaults import LONG, SHORT, default_text
from questionnaires.messages.linting import Draft, Problem, lint
from questionnaires.messages.placeholders import PLACEHOLDERS, fill, has_stray_brace, placeholders_in
from questionnaires.messages.words import PROBLEMS, problem_words, reason_words

VALUES = {
    "link": "https://khaosat.example.vn/tham-gia/0000000000000000/",
    "code": "0000 0000 0000 0000",
    "agency": "Bộ Nội vụ",
    "decision": "12/QĐ-BNV",
    "telephone": "1900 0000",
    "closes": "31/12/2026",
    "genuine": "https://khaosat.example.vn/co-that-khong/",
}
SENDER = "{agency} {decision} {telephone}"
GOOD = f"{SENDER} {{link}}"


def found(body: str, **changes: str | bool) -> list[Problem]:
    values = {"purpose": "invitation", "channel": "sms", "is_unaccented": True, "body": body} | changes
    return lint(Draft(**values), VALUES)


def codes(body: str, **changes: str | bool) -> list[str]:
    return [problem.code for problem in found(body, **changes)]


def test_good_text_has_no_problem() -> None:
    assert codes(GOOD) == []


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("channel", ["email", "sms", "zalo"])
@pytest.mark.parametrize("purpose", ["invitation", "reminder", "thanks"])
def test_texts_to_start_from_are_in_order(purpose: str, channel: str, language: str) -> None:
    subject, body = default_text(purpose, channel, language)
    changes = {"purpose": purpose, "channel": channel, "subject": subject, "zalo_template": "123456"}
    assert codes(body, **changes) == []


@pytest.mark.parametrize("key", SHORT)
def test_short_texts_take_one_segment_without_marks(key: tuple[str, str]) -> None:
    assert "too_many_segments" not in codes(SHORT[key], purpose=key[0])
    assert SHORT.keys() == LONG.keys()


@pytest.mark.parametrize("name", ["name", "link.__class__", "0", "", "link!r", "LINK", " link"])
def test_unknown_placeholder_is_refused_with_the_known_ones(name: str) -> None:
    [problem] = found(f"{GOOD} {{{name}}}")
    assert problem.code == "placeholder_unknown"
    assert all(f"{{{known}}}" in str(problem.params["known"]) for known in PLACEHOLDERS)


@pytest.mark.parametrize("name", ["link", "agency", "decision", "telephone"])
def test_link_and_sender_are_required(name: str) -> None:
    [problem] = found(GOOD.replace(f"{{{name}}}", ""))
    assert (problem.code, problem.params) == ("placeholder_missing", {"name": f"{{{name}}}"})


@pytest.mark.parametrize("text", ["{link", "link}", "{{link}}", "}{"])
def test_stray_brace_is_refused(text: str) -> None:
    assert has_stray_brace(text)
    assert "brace" in codes(f"{GOOD} {text}")


@pytest.mark.parametrize(
    "words",
    [
        "Gửi mã OTP cho chúng tôi",
        "gui ma o.t.p",
        "O\u200bTP",
        "Cho biết số CCCD",
        "chụp căn cước",
        "Send your identity card",
        "Đăng nhập VNeID",
        "nhập mật khẩu",
        "chuyển khoản 10.000 đồng",
        "pay a fee of 5",
        "Your bank account",
        "mã xác thực là gì",
    ],
)
def test_asking_for_what_swindlers_want_is_refused(words: str) -> None:
    assert "asks_for" in codes(f"{GOOD}. {words}")


@pytest.mark.parametrize(
    "words",
    [
        "Chúng tôi không bao giờ hỏi số CCCD, mã OTP, VNeID hay tiền",
        "We never ask for an OTP or an identity card",
        "Khảo sát miễn phí",
        "Lệ phí có hợp lý không?",
    ],
)
def test_saying_that_we_never_ask_is_allowed(words: str) -> None:
    assert codes(f"{GOOD}. {words}") == []


def test_denial_in_one_sentence_does_not_cover_the_next() -> None:
    assert codes(f"{GOOD}. Chúng tôi không bao giờ lừa. Gửi mã OTP") == ["asks_for"]


@pytest.mark.parametrize("address", ["http://a.b", "www.khaosat", "bit.ly/x", "khaosat-gov.vn", "HTTPS://X"])
def test_typed_addresses_are_refused(address: str) -> None:
    assert "address_typed" in codes(f"{GOOD} {address}")


@pytest.mark.parametrize("sign", ["\u202e", "\x00", "\x1b", "\ufeff", "\u2066"])
def test_signs_that_cannot_be_seen_are_refused(sign: str) -> None:
    assert "hidden_sign" in codes(f"{GOOD}{sign}")


def test_subject_of_several_lines_is_refused() -> None:
    assert "hidden_sign" in codes(GOOD, channel="email", subject="a\r\nBcc: x")


def test_khmer_with_its_breaks_is_allowed() -> None:
    assert "hidden_sign" not in codes(f"{GOOD} ភាសា\u200bខ្មែរ")


def test_email_needs_a_subject_and_zalo_a_template() -> None:
    assert codes(GOOD, channel="email") == ["subject_missing"]
    assert codes(GOOD, channel="zalo") == ["zalo_template_missing"]
    assert codes(GOOD, channel="zalo", zalo_template="7895") == []


def test_thanks_hold_no_code() -> None:
    assert codes(SENDER, purpose="thanks") == []
    assert codes(GOOD, purpose="thanks") == ["code_in_thanks"]


def test_price_of_accents_is_a_warning() -> None:
    [problem] = found(f"{GOOD} Mời Ông/Bà", is_unaccented=False)
    assert (problem.code, problem.is_error, problem.params) == ("accents_cost", False, {"n": 2, "plain": 1})


def test_message_of_many_segments_is_refused() -> None:
    assert codes(GOOD + "a" * 700) == ["too_many_segments"]
    assert codes("a" * 6000, channel="email", subject="x")[0] == "too_long"


def test_foreign_letters_in_a_plain_message_are_a_warning() -> None:
    assert codes(f"{GOOD} ភ") == ["not_plain"]


def test_filling_in_goes_over_a_text_once() -> None:
    assert fill("{agency}", {"agency": "{link}", "link": "x"}) == "{link}"
    assert placeholders_in("{a}{b}") == ["a", "b"]


def test_every_problem_has_words() -> None:
    params = dict.fromkeys(("n", "most", "sign", "got", "known", "name", "what", "plain", "signs"), "x")
    with translation.override("en"):
        assert all(problem_words(Problem(code, params)) for code in PROBLEMS)
        assert reason_words("provider:-118") == "refused by the provider (number -118)"
        assert reason_words("") == ""
