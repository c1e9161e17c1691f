"""Letters and workloads in the admin."""

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from questionnaires.models import AccessCode, Assignment
from sampling.models import SampledUnit
from sampling.models.rounds import RoundStatus
from tests.questionnaires.rounds import make_cases, make_round, make_user, make_village
from tests.sampling.worker import DATABASE, work

pytestmark = pytest.mark.django_db
ENTER = "wagtailadmin.access_admin"
LETTER_RIGHTS = (ENTER, "sampling.export_contact", "questionnaires.add_accesscode")


@pytest.fixture
def village(settings: Any, tmp_path: Path) -> SampledUnit:
    settings.ISSUED_ROOT = tmp_path / "issued"
    settings.TASKS = settings.TASKS | {"worker": DATABASE}
    village = make_village(make_round())
    make_cases(village, 2)
    return village


def letters_url(village: SampledUnit) -> str:
    return reverse("letters:round", args=[village.sample.round.pk])


def test_letters_are_printed_by_the_worker_and_given_once(client: Client, village: SampledUnit) -> None:
    client.force_login(make_user("supervisor", *LETTER_RIGHTS))
    url = letters_url(village)
    assert client.get(url).context["n_without"] == 2
    client.post(url, {"unit": "", "which": "missing", "number": ""})
    work()
    shown = client.get(url)
    assert (shown.context["n_without"], AccessCode.objects.count()) == (0, 2)
    [job] = shown.context["jobs"]
    fetch = reverse("letters:fetch", args=[village.sample.round.pk, job.token])
    with zipfile.ZipFile(io.BytesIO(client.post(fetch).content)) as archive:
        assert [name.rpartition(".")[2] for name in archive.namelist()] == ["pdf"]
    assert client.post(fetch).status_code == 404


def test_why_no_letter_was_made_is_told(client: Client, village: SampledUnit) -> None:
    client.force_login(make_user("supervisor", *LETTER_RIGHTS))
    client.post(letters_url(village), {"unit": "", "which": "missing", "number": "no such case"})
    work()
    [job] = client.get(letters_url(village)).context["jobs"]
    assert job.reason
    assert not job.is_ready


def test_no_letters_before_the_opening(client: Client, village: SampledUnit) -> None:
    village.sample.round.status = RoundStatus.PREPARING
    village.sample.round.save()
    client.force_login(make_user("supervisor", *LETTER_RIGHTS))
    answer = client.post(letters_url(village), {"unit": "", "which": "all", "number": ""})
    assert answer.context["form"].non_field_errors()
    assert answer.context["jobs"] == []


def test_rounds_lead_to_their_letters(client: Client, village: SampledUnit) -> None:
    client.force_login(make_user("supervisor", *LETTER_RIGHTS))
    assert letters_url(village) in client.get(reverse("letters:index")).content.decode()


def test_workloads_are_proposed_looked_at_and_assigned(client: Client, village: SampledUnit) -> None:
    area = village.province
    area.latitude, area.longitude = 21.0, 105.8
    area.save()
    commune = village.parent.frame_unit
    commune.administrative_unit = area
    commune.save()
    enumerator = make_user("dtv-014", "questionnaires.conduct_interviews")
    client.force_login(make_user("supervisor", ENTER, "questionnaires.add_assignment"))
    url = f"{reverse('workloads:round', args=[village.sample.round.pk])}?province={area.pk}"
    shown = client.post(url, {"enumerators": [enumerator.pk]})
    assert shown.context["map"].marks[0].number == 1
    assert not Assignment.objects.exists()
    digest = shown.context["proposal"].digest
    wrong = client.post(url, {"enumerators": [enumerator.pk], "seen_digest": "0", "apply": "1"})
    assert wrong.status_code == 200
    assert not Assignment.objects.exists()
    client.post(url, {"enumerators": [enumerator.pk], "seen_digest": digest, "apply": "1"})
    assert Assignment.objects.get().enumerator == enumerator
