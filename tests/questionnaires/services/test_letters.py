import io
import re
import zipfile
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import translation
from wagtail.models import ModelLogEntry

from questionnaires.models import AccessCode, Mode
from questionnaires.services import (
    NoLettersError,
    find_case,
    issue_codes,
    issue_letters,
    letters,
    start_response,
)
from questionnaires.services.letters import Letter, letters_page, link_of
from sampling.models import Case, Disposition, SampledUnit
from sampling.models.rounds import RoundStatus
from sampling.services import release_reserve
from sampling.services.contacts import NewContact, add_contacts
from sampling.services.issuing import ExportTooEarlyError, Reachable, record_objection, scope_of
from tests.questionnaires.rounds import make_cases, make_round, make_user, make_village, publish

pytestmark = pytest.mark.django_db
RIGHTS = ("sampling.export_contact", "questionnaires.add_accesscode")


@pytest.fixture
def pages(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The pages that would be printed; printing itself is slow."""
    printed: list[str] = []

    def keep(html: str) -> bytes:
        printed.append(html)
        return b"%PDF"

    monkeypatch.setattr(letters, "pdf_from_html", keep)
    return printed


@pytest.fixture
def village() -> SampledUnit:
    village = make_village(make_round(agency_vi="Bộ Nội vụ", decision="12/QĐ-BNV"))
    cases = make_cases(village, 3)
    rows = [
        NewContact(case.number, f"Nguyễn Văn {place}", "Số 1", f"091200000{place}")
        for place, case in enumerate(cases)
    ]
    add_contacts(sample=village.sample, rows=rows)
    return village


@pytest.fixture
def user() -> Any:
    return make_user("supervisor", *RIGHTS)


def issued(village: SampledUnit, user: Any, **values: Any) -> Any:
    return issue_letters(scope=scope_of(village.sample), user=user, **values)


def codes_in(pages: list[str]) -> list[str]:
    return re.findall(r'class="code">([\d ]{19})<', "".join(pages))[::2]


def test_printed_codes_open_their_cases(village: SampledUnit, user: Any, pages: list[str]) -> None:
    assert issued(village, user).n_rows == 3
    assert {find_case(code) for code in codes_in(pages)} == set(village.cases.all())


def test_letters_come_as_one_file_for_each_village(village: SampledUnit, user: Any, pages: list[str]) -> None:
    make_cases(make_village(village.sample.round, "Thôn 3"), 2)
    with zipfile.ZipFile(io.BytesIO(issued(village, user).content)) as archive:
        assert len(archive.namelist()) == len(pages) == 2


def test_letter_is_a_pdf_with_its_codes(village: SampledUnit, user: Any) -> None:
    with zipfile.ZipFile(
        io.BytesIO(issued(village, user, number=village.cases.first().number).content)
    ) as archive:
        [name] = archive.namelist()
        assert archive.read(name).startswith(b"%PDF")


def test_letter_says_who_asks_in_both_languages_and_promises_no_anonymity(village: SampledUnit) -> None:
    case = village.cases.first()
    place = scope_of(village.sample).villages()[0]
    letter = Letter(
        case, place, Reachable("Nguyễn Văn An", "Số 1"), "1234567890123456", link_of("1234567890123456")
    )
    page = letters_page(village.sample.round, [letter])
    assert page.index('lang="vi"', 50) < page.index('lang="en"')
    assert "Your answers are confidential." in page
    assert "Is this letter genuine?" in page
    assert ">http://127.0.0.1:8000/co-that-khong/<" in page
    assert ">http://127.0.0.1:8000/en/co-that-khong/<" in page
    assert page.count("OTP") == page.count("VNeID") == 2
    assert "anonym" not in page.casefold()
    assert "ẩn danh" not in page.casefold()
    assert page.count("12/QĐ-BNV") == page.count("1234 5678 9012 3456") == page.count("<svg") == 2
    assert page.count("1900 0000") >= 4


def test_link_leads_to_the_vietnamese_page_whatever_the_language() -> None:
    with translation.override("en"):
        assert link_of("1" * 16).endswith(f"/tham-gia/{'1' * 16}/")
        assert "/en/" not in link_of("1" * 16)


def test_whoever_has_a_code_keeps_it_unless_new_ones_are_wanted(
    village: SampledUnit, user: Any, pages: list[str]
) -> None:
    first = village.cases.order_by("pk")[0]
    kept = issue_codes(cases=[first])[first.pk]
    assert issued(village, user).n_rows == 2
    assert find_case(kept) == first
    assert issued(village, user, only_missing=False).n_rows == 3
    assert find_case(kept) is None
    with pytest.raises(NoLettersError):
        issued(village, user)
    assert len(pages) == 2


def test_new_code_leads_to_the_same_answer(village: SampledUnit, user: Any, pages: list[str]) -> None:
    publish(village.sample.round)
    case = village.cases.first()
    begun = start_response(case=case, mode=Mode.WEB, language="vi")
    issued(village, user, only_missing=False, number=case.number)
    found = find_case(codes_in(pages)[0])
    assert found is not None
    assert found.response == begun


def test_sealed_reserve_gets_its_letter_once_it_is_released(
    village: SampledUnit, user: Any, pages: list[str]
) -> None:
    make_cases(village, 1, is_reserve=True)
    assert issued(village, user).n_rows == 3
    released = release_reserve(village=village, reason="refused")
    assert issued(village, user).n_rows == 1
    assert find_case(codes_in(pages[-1:])[0]) == released


@pytest.mark.parametrize("outcome", [Disposition.COMPLETE, Disposition.REFUSAL, Disposition.NOT_ELIGIBLE])
def test_nobody_is_written_to_after_a_last_word(
    village: SampledUnit, user: Any, pages: list[str], outcome: Disposition
) -> None:
    Case.objects.filter(pk=village.cases.first().pk).update(disposition=outcome)
    assert issued(village, user).n_rows == 2
    assert len(codes_in(pages)) == 2


def test_objector_gets_no_letter(village: SampledUnit, user: Any, pages: list[str]) -> None:
    record_objection(kind="phone", text="0912000000", channel="letter", note="Thư ngày 05/03")
    assert issued(village, user).n_rows == 2
    assert "Nguyễn Văn 0" not in pages[0]


def test_nothing_is_issued_if_the_pages_cannot_be_made(
    village: SampledUnit, user: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_html: str) -> bytes:
        raise MemoryError

    monkeypatch.setattr(letters, "pdf_from_html", fail)
    with pytest.raises(MemoryError):
        issued(village, user)
    assert not AccessCode.objects.exists()


@pytest.mark.parametrize("right", RIGHTS)
def test_letters_need_both_rights(village: SampledUnit, right: str) -> None:
    with pytest.raises(PermissionDenied):
        issued(village, make_user("half", right))
    assert not AccessCode.objects.exists()


def test_no_letters_before_the_list_is_issued(village: SampledUnit, user: Any) -> None:
    village.sample.round.status = RoundStatus.PREPARING
    village.sample.round.save()
    with pytest.raises(ExportTooEarlyError):
        issue_letters(scope=scope_of(village.sample), user=user)


@pytest.mark.usefixtures("pages")
def test_letters_are_on_record_and_no_code_is(village: SampledUnit, user: Any) -> None:
    issued(village, user)
    entry = ModelLogEntry.objects.get(action="questionnaires.issue_letters")
    assert entry.user == user
    assert entry.data == {"letters": 3, "villages": 1, "scope": "all", "only_missing": True}
