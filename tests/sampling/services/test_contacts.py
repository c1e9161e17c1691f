import pytest
from wagtail.models import ModelLogEntry

from sampling.models.contacts import Contact
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
