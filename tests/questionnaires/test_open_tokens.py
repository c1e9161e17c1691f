"""Tokens on receipts: short, signed, of one round and one dossier, and without the number of it."""

import csv
import datetime
import io
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from questionnaires.open_tokens import (
    LENGTH,
    ExpiredTokenError,
    ForgedTokenError,
    MalformedTokenError,
    make_token,
    read_token,
)
from questionnaires.services.open_tokens import TokenBatchError, make_tokens, tokens_page
from sampling.printing import pdf_from_html
from tests.questionnaires.open_rounds import make_open_round

DAY = datetime.date(2026, 11, 22)
GROUPED = " - "


@given(st.text(alphabet="ABCxyz0189./-", min_size=1).filter(lambda text: any(map(str.isalnum, text))))
def test_token_is_24_digits_and_reads_back(dossier: str) -> None:
    token = make_token(dossier, "quay1", DAY)
    assert len(token) == LENGTH
    assert token.isdigit()
    typed = GROUPED.join(token[start : start + 4] for start in range(0, LENGTH, 4))
    assert read_token(typed, "quay1", DAY) == read_token(token, "quay1", DAY)


def test_same_dossier_however_written_gives_the_same_hash_in_every_week() -> None:
    first = read_token(make_token("H26.12-0001", "quay1", DAY), "quay1", DAY)
    later = make_token(" h26 12 0001 ", "quay1", DAY + datetime.timedelta(days=7))
    second = read_token(later, "quay1", DAY)
    assert first.dossier_hash == second.dossier_hash
    assert first.token_hash != second.token_hash


@given(st.integers(0, LENGTH - 1), st.integers(1, 9))
def test_any_changed_digit_is_refused(position: int, step: int) -> None:
    token = make_token("1", "quay1", DAY)
    digit = str((int(token[position]) + step) % 10)
    with pytest.raises(MalformedTokenError):
        read_token(token[:position] + digit + token[position + 1 :], "quay1", DAY)


def test_token_of_another_round_or_installation_is_refused(settings: Any) -> None:
    token = make_token("1", "quay1", DAY)
    with pytest.raises(ForgedTokenError):
        read_token(token, "quay2", DAY)
    settings.ACCESS_CODE_KEY = "another"
    with pytest.raises(ForgedTokenError):
        read_token(token, "quay1", DAY)


def test_token_serves_until_the_sunday_of_its_week() -> None:
    token = make_token("1", "quay1", datetime.date(2026, 11, 18))
    assert read_token(token, "quay1", datetime.date(2026, 11, 22))
    with pytest.raises(ExpiredTokenError):
        read_token(token, "quay1", datetime.date(2026, 11, 23))


@pytest.mark.parametrize("typed", ["", "0", "٣" * LENGTH, "0" * 23 + "x", "1" * 400, "\x00"])
def test_what_is_no_token_is_refused(typed: str) -> None:
    with pytest.raises((MalformedTokenError, ForgedTokenError)):
        read_token(typed, "quay1", DAY)


@pytest.mark.parametrize(
    ("dossier", "day"), [("--", DAY), ("1", datetime.date(2025, 1, 1)), ("1", datetime.date(2099, 1, 1))]
)
def test_token_cannot_be_made_without_number_or_for_a_day_out_of_reach(
    dossier: str, day: datetime.date
) -> None:
    with pytest.raises(ValueError, match="Expected"):
        make_token(dossier, "quay1", day)


@pytest.mark.django_db
def test_batch_keeps_the_order_and_drops_repetitions() -> None:
    open_round = make_open_round(needs_token=True)
    made = make_tokens(round=open_round, dossiers=["B 2", "A1", "B  2", "", " - "], last_day=DAY)
    assert [token.dossier for token in made] == ["B 2", "A1"]
    assert made[0].address.endswith(f"/mo/quay1/so/{made[0].token}/")
    page = tokens_page(open_round, made, DAY)
    assert page.count("<svg") == 2
    assert pdf_from_html(page).startswith(b"%PDF")


@pytest.mark.django_db
@pytest.mark.parametrize("dossiers", [[], ["", "--"], [str(n) for n in range(5_001)]])
def test_empty_and_huge_batches_are_refused(dossiers: list[str]) -> None:
    with pytest.raises(TokenBatchError):
        make_tokens(round=make_open_round(), dossiers=dossiers, last_day=DAY)


@pytest.mark.django_db
@pytest.mark.parametrize("file_format", ["csv", "xlsx", "pdf"])
def test_admin_hands_tokens_over_as_a_file(client: Client, file_format: str) -> None:
    open_round = make_open_round(needs_token=True)
    client.force_login(get_user_model().objects.create_superuser("root", password="x"))
    url = f"/admin/openround/{open_round.pk}/tokens/"
    assert client.get(url).status_code == 200
    upload = io.BytesIO(b"C3,x\nD4,y\n")
    upload.name = "numbers.csv"
    last = datetime.date(2027, 1, 3)
    data = {"dossiers": "A1\n=B2", "file": upload, "last_day": last.isoformat(), "file_format": file_format}
    answer = client.post(url, data)
    assert answer.headers["Content-Disposition"] == f'attachment; filename="open-quay1-tokens.{file_format}"'
    if file_format == "csv":
        rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
        assert [row[0] for row in rows[1:]] == ["A1", "'=B2", "C3", "D4"]


@pytest.mark.django_db
def test_admin_says_what_is_wrong_with_a_list(client: Client) -> None:
    open_round = make_open_round(needs_token=True)
    client.force_login(get_user_model().objects.create_superuser("root", password="x"))
    upload = io.BytesIO(b"\xff\xfe\x00")
    upload.name = "numbers.csv"
    data = {"dossiers": "", "file": upload, "last_day": "2027-01-03", "file_format": "csv"}
    answer = client.post(f"/admin/openround/{open_round.pk}/tokens/", data)
    assert answer.status_code == 200
    assert 'role="alert"' in answer.text


@pytest.mark.django_db
@pytest.mark.parametrize("ending", ["csv", "xlsx", "pdf"])
def test_command_writes_the_tokens_that_the_admin_makes(tmp_path: Path, ending: str) -> None:
    open_round = make_open_round(needs_token=True)
    numbers, output = tmp_path / "numbers.txt", tmp_path / f"tokens.{ending}"
    numbers.write_text("A1\nB2,x\n", encoding="utf-8")
    call_command("make_open_tokens", "quay1", str(numbers), str(output), until="03/01/2027")
    made = make_tokens(round=open_round, dossiers=["A1", "B2"], last_day=datetime.date(2027, 1, 3))
    if ending == "csv":
        rows = list(csv.reader(io.StringIO(output.read_text(encoding="utf-8-sig"), newline="")))
        assert [row[1] for row in rows[1:]] == [token.token_in_groups for token in made]
    else:
        assert output.read_bytes().startswith({"pdf": b"%PDF", "xlsx": b"PK"}[ending])


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("code", "listed", "name", "until"),
    [
        ("another", "A1", "tokens.csv", ""),
        ("quay1", "", "tokens.csv", ""),
        ("quay1", "A1", "tokens.docx", ""),
        ("quay1", "A1", "tokens.csv", "01/01/2099"),
        ("quay1", "A1", "nowhere/tokens.csv", ""),
    ],
)
def test_command_says_what_is_wrong(tmp_path: Path, code: str, listed: str, name: str, until: str) -> None:
    make_open_round(needs_token=True)
    numbers = tmp_path / "numbers.txt"
    numbers.write_text(listed, encoding="utf-8")
    with pytest.raises(CommandError):
        call_command("make_open_tokens", code, str(numbers), str(tmp_path / name), until=until)
    assert not (tmp_path / name).exists()
