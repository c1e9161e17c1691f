from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from wagtail.models import ModelLogEntry

from sampling.models import Case, Disposition
from sampling.services import close_round
from sampling.services.issuing import ExportTooEarlyError, scope_of
from sampling.services.issuing.slips import has_slips, make_selection_slips
from tests.sampling.households import listed, open_households
from tests.sampling.makers import make_sample
from tests.sampling.services.issuing.people import member

pytestmark = pytest.mark.django_db

RIGHTS = ("export_contact", "issue_draw", "access_admin", "view_surveyround")


@pytest.fixture(autouse=True)
def own_frames(settings: Any, tmp_path: Any):
    settings.FRAME_ROOT = tmp_path / "frames"


def somebody(django_user_model: Any, *rights: str) -> Any:
    user = django_user_model.objects.create_user("s")
    user.user_permissions.set(Permission.objects.filter(codename__in=rights))
    return user


def test_slip_gives_the_adult_that_the_seal_gives(django_user_model: Any):
    case, other, refused, *_rest = open_households()
    listed(other, 2)
    Case.objects.filter(pk=refused.pk).update(disposition=Disposition.REFUSAL)
    user = somebody(django_user_model, *RIGHTS)
    made = make_selection_slips(scope=scope_of(case.sample), user=user)
    page = made.content.decode()
    assert case.number in page
    assert other.number not in page
    assert refused.number not in page
    row = page[page.index(case.number) :].split("<td>")[1:11]
    assert int(row[3].split("<")[0]) == listed(case, 4).chosen
    entry = ModelLogEntry.objects.get(action="sampling.print_slips")
    assert (entry.user, entry.data["rows"]) == (user, made.n_rows)


def test_slips_are_for_those_who_issue_lists_of_the_country(django_user_model: Any):
    [case, *_rest] = open_households()
    with pytest.raises(PermissionDenied):
        make_selection_slips(scope=scope_of(case.sample), user=somebody(django_user_model, "export_contact"))


def test_nobody_of_a_province_prints_slips():
    [case, *_rest] = open_households()
    rights = ("sampling.export_contact", "sampling.issue_draw")
    user = member("official", *rights, province=case.village.province)
    with pytest.raises(PermissionDenied):
        make_selection_slips(scope=scope_of(case.sample), user=user)


def test_slips_are_not_printed_once_the_round_is_closed(django_user_model: Any):
    [case, *_rest] = open_households()
    close_round(round=case.sample.round)
    case.sample.round.refresh_from_db()
    with pytest.raises(ExportTooEarlyError):
        make_selection_slips(scope=scope_of(case.sample), user=somebody(django_user_model, *RIGHTS))


def test_page_prints_slips_and_is_linked_from_the_lists(client: Client, django_user_model: Any):
    [case, *_rest] = open_households()
    client.force_login(somebody(django_user_model, *RIGHTS))
    url = reverse("surveyround:slips", args=[case.sample.round_id])
    assert url in client.get(reverse("surveyround:handing_out", args=[case.sample.round_id])).content.decode()
    assert client.get(url).status_code == 200
    answer = client.post(url, {"unit": ""})
    assert case.number in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]


def test_round_without_households_has_no_slips():
    assert not has_slips(make_sample())
