from pathlib import Path
from typing import Any

import pytest
from wagtail.models import ModelLogEntry

from sampling.models import SamplingFrame
from sampling.models.contacts import Contact
from sampling.services import close_round, freeze_round, open_round
from sampling.services.contacts import ContactError, NewContact, add_contacts, erase_contacts
from tests.sampling.makers import make_sample

pytestmark = pytest.mark.django_db


def test_contacts_are_stored_and_listed_by_given_name():
    sample = make_sample()
    numbers = sample.cases.order_by("number").values_list("number", flat=True)
    names = ["Trần Văn Bình", "Lê Thị Ánh", "Nguyễn Văn An"]
    rows = [NewContact(number, name, "Ấp 1", "0901") for number, name in zip(numbers, names, strict=False)]
    assert add_contacts(sample=sample, rows=rows) == 3
    listed = Contact.objects.order_by("sort_key").values_list("full_name", flat=True)
    assert list(listed) == ["Nguyễn Văn An", "Lê Thị Ánh", "Trần Văn Bình"]


def test_contact_of_an_unknown_case_is_refused_and_nothing_is_written():
    sample = make_sample()
    rows = [NewContact(sample.cases.first().number, "Lê An"), NewContact("99-0001-01-001", "Lê Bình")]
    with pytest.raises(ContactError, match="99-0001-01-001"):
        add_contacts(sample=sample, rows=rows)
    assert not Contact.objects.exists()


def test_audit_log_counts_but_names_nobody():
    sample = make_sample()
    add_contacts(sample=sample, rows=[NewContact(sample.cases.first().number, "Nguyễn Văn An")])
    entry = ModelLogEntry.objects.get(action="sampling.add_contacts")
    assert entry.data == {"contacts": 1}
    assert "Nguyễn" not in f"{entry.label}{entry.data}"


def test_contacts_are_erased_and_cases_stay():
    sample = make_sample()
    add_contacts(sample=sample, rows=[NewContact(sample.cases.first().number, "Nguyễn Văn An")])
    assert erase_contacts(sample=sample) == 1
    assert not Contact.objects.exists()
    assert sample.cases.count() == 64


def test_contact_shows_no_personal_data_as_text():
    sample = make_sample()
    add_contacts(sample=sample, rows=[NewContact(sample.cases.first().number, "Nguyễn Văn An")])
    assert "Nguyễn" not in str(Contact.objects.get())


def test_freezing_a_round_erases_whom_nobody_calls_any_more():
    sample = make_sample()
    case = sample.cases.order_by("number").first()
    add_contacts(sample=sample, rows=[NewContact(case.number, "Nguyễn Văn An")])
    open_round(round=sample.round)
    close_round(round=sample.round)
    assert Contact.objects.count() == 1
    freeze_round(round=sample.round)
    assert Contact.objects.count() == 0


def test_the_file_of_a_list_goes_with_the_contacts(
    settings: Any, tmp_path: Path, django_capture_on_commit_callbacks: Any
):
    settings.FRAME_ROOT = tmp_path
    sample = make_sample()
    (tmp_path / "contacts.parquet").write_bytes(b"sealed")
    SamplingFrame.objects.filter(round=sample.round, stage="commune").update(contacts_file="contacts.parquet")
    with django_capture_on_commit_callbacks(execute=True):
        erase_contacts(sample=sample)
    assert not (tmp_path / "contacts.parquet").exists()
    assert not SamplingFrame.objects.exclude(contacts_file="").exists()


def test_email_is_kept_in_lower_case_and_an_unreadable_one_is_counted() -> None:
    sample = make_sample()
    first, second = sample.cases.values_list("number", flat=True)[:2]
    rows = [NewContact(first, "Lê An", email=" An@Example.com"), NewContact(second, "Lê Bình", email="binh@")]
    add_contacts(sample=sample, rows=rows)
    assert set(Contact.objects.values_list("email", flat=True)) == {"an@example.com", ""}
    entry = ModelLogEntry.objects.get(action="sampling.add_contacts")
    assert entry.data == {"contacts": 2, "unreadable_emails": 1}
    erase_contacts(sample=sample)
    assert not Contact.objects.exists()
