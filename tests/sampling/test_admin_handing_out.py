"""Lists, reserves and the do-not-contact list in the admin."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from wagtail.models import ModelLogEntry

from sampling.models import AdministrativeUnit, Contact, Objection, Sample, SampledUnit
from sampling.models.rounds import RoundStatus
from sampling.services import open_round, replace_commune
from sampling.services.issuing import kept
from tests.sampling.draws import framed_round, walk
from tests.sampling.households import open_households
from tests.sampling.makers import village_rows
from tests.sampling.services.issuing.people import NAMES, member, named_sample, village_of
from tests.sampling.test_admin_rounds import registers_file
from tests.sampling.worker import DATABASE, work

pytestmark = pytest.mark.django_db
ENTER = "wagtailadmin.access_admin"
RIGHTS = (
    ENTER,
    "sampling.view_surveyround",
    "sampling.export_contact",
    "sampling.change_case",
    "sampling.change_sampledunit",
)


@pytest.fixture(autouse=True)
def _own_folder(settings: Any, tmp_path: Path) -> None:
    settings.ISSUED_ROOT = tmp_path / "issued"
    settings.FRAME_ROOT = tmp_path / "frames"
    settings.TASKS = settings.TASKS | {"worker": DATABASE}


@pytest.fixture
def supervisor(client: Client) -> Client:
    client.force_login(member("supervisor", *RIGHTS))
    return client


def page(sample: Sample, name: str, *args: Any) -> str:
    return reverse(f"surveyround:{name}", args=[sample.round.pk, *args])


def ask(client: Client, sample: Sample, **values: str) -> Any:
    province = village_of(sample).province_id
    fields = {"unit": "", "file_format": "csv", "split": "none"} | values
    return client.post(f"{page(sample, 'handing_out')}?province={province}", fields)


def test_short_list_comes_at_once_and_no_cache_keeps_it(supervisor: Client):
    sample = named_sample()
    answer = ask(supervisor, sample, unit=str(village_of(sample).pk))
    assert NAMES[0] in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    assert answer["Content-Disposition"].startswith("attachment")


def test_long_list_is_made_by_the_worker_and_fetched_once(supervisor: Client):
    sample = named_sample()
    assert ask(supervisor, sample, split="village").status_code == 302
    work()
    shown = supervisor.get(page(sample, "handing_out"))
    [job] = shown.context["jobs"]
    assert job.is_ready
    url = page(sample, "fetch_list", job.token)
    assert supervisor.get(url).status_code == 405
    fetched = supervisor.post(url)
    assert fetched.content.startswith(b"PK")
    assert fetched["Content-Type"] == "application/zip"
    assert supervisor.post(url).status_code == 404
    assert ModelLogEntry.objects.filter(action="sampling.fetch_file").count() == 1


def test_nobody_fetches_the_list_of_somebody_else(supervisor: Client):
    sample = named_sample()
    ask(supervisor, sample, split="village")
    work()
    [job] = supervisor.get(page(sample, "handing_out")).context["jobs"]
    other = Client()
    other.force_login(member("other", *RIGHTS))
    assert other.get(page(sample, "handing_out")).context["jobs"] == []
    assert other.post(page(sample, "fetch_list", job.token)).status_code == 404
    assert kept.is_kept(job.token)


def test_page_says_why_there_are_no_names_yet(supervisor: Client):
    sample = named_sample(RoundStatus.PREPARING)
    answer = ask(supervisor, sample, unit=str(village_of(sample).pk))
    assert answer.status_code == 200
    assert answer.context["form"].non_field_errors()
    assert NAMES[0] not in answer.content.decode()


def test_person_of_a_province_finds_it_chosen(client: Client):
    sample = named_sample()
    province = village_of(sample).province
    client.force_login(member("supervisor", *RIGHTS, province=province))
    assert client.get(page(sample, "handing_out")).context["province"] == province


def test_reserves_are_counted_by_village_and_never_named(supervisor: Client):
    sample = named_sample()
    answer = supervisor.get(f"{page(sample, 'reserves')}?province={village_of(sample).province_id}")
    assert {(pool.counts["asked"], pool.counts["sealed"]) for pool in answer.context["pools"]} == {(5, 3)}
    text = answer.content.decode()
    assert not any(number in text for number in sample.cases.values_list("number", flat=True))


@pytest.mark.parametrize(
    ("fields", "kept_reason"),
    [
        ({"reason": "not_met", "words": ""}, True),
        ({"reason": "other", "words": "Đi công tác dài ngày"}, True),
        ({"reason": "other", "words": " "}, False),
        ({"reason": "tired", "words": ""}, False),
    ],
)
def test_reserve_is_released_with_a_reason_only(supervisor: Client, fields: Any, kept_reason: bool):  # noqa: FBT001 - pytest
    sample = named_sample()
    village = village_of(sample)
    supervisor.post(page(sample, "release_reserve", f"village-{village.pk}"), fields)
    released = village.cases.filter(released_at__isnull=False)
    assert released.exists() == kept_reason
    if fields["words"].strip():
        assert [case.release_reason for case in released] == [fields["words"]]


@pytest.mark.parametrize("stratum", ["80", ""], ids=["stratum", "whole list"])
def test_reserve_of_a_list_is_released(supervisor: Client, stratum: str):
    sample = named_sample()
    sample.cases.update(stratum=stratum)
    SampledUnit.objects.filter(cases__sample=sample).update(stage=SampledUnit.Stage.AGENCY)
    url = page(sample, "release_reserve", f"stratum-{stratum}")
    supervisor.post(url, {"reason": "refused", "words": ""})
    assert sample.cases.filter(released_at__isnull=False).count() == 1


def test_village_is_replaced_with_the_register_of_the_next_one(supervisor: Client):
    sample = named_sample()
    village = village_of(sample)
    url = page(sample, "replace_village", f"village-{village.pk}")
    listed = supervisor.get(url).context["next"]
    supervisor.post(url, {"reason": "Lũ quét", "register": registers_file()})
    new = SampledUnit.objects.get(replaces=village)
    assert new.frame_unit == listed.frame_unit
    assert new.cases.active().count() == 5


def test_register_of_another_village_is_refused(supervisor: Client):
    sample = named_sample()
    village = village_of(sample)
    file = registers_file()
    code = (
        supervisor.get(page(sample, "replace_village", f"village-{village.pk}"))
        .context["next"]
        .frame_unit.code
    )
    lines = [line for line in file.read().decode().splitlines() if not line.startswith(f"{code},")]
    file.seek(0)
    file.truncate()
    file.write("\n".join(lines).encode())
    file.seek(0)
    answer = supervisor.post(
        page(sample, "replace_village", f"village-{village.pk}"), {"reason": "Lũ quét", "register": file}
    )
    assert code in str(answer.context["form"].errors)
    assert not SampledUnit.objects.filter(replaces=village).exists()


def test_entry_of_the_list_is_hashed_and_forgotten(client: Client):
    rights = ("sampling.add_objection", "sampling.view_objection", "sampling.delete_objection")
    client.force_login(member("statistician", ENTER, *rights))
    url = reverse("objection:add")
    refused = client.post(url, {"kind": "phone", "text": "12", "channel": "unknown", "note": ""})
    assert set(refused.context["form"].errors) == {"text", "channel", "note"}
    values = {"kind": "phone", "text": "0912 345 678", "channel": "telephone", "note": "gọi đến 05/03"}
    client.post(url, values)
    objection = Objection.objects.get()
    assert (objection.note, objection.channel, len(objection.key)) == ("gọi đến 05/03", "telephone", 64)
    assert objection.recorded_by.username == "statistician"
    listing = client.get(reverse("objection:index")).content.decode()
    assert "gọi đến 05/03" in listing
    assert "0912" not in listing
    client.post(reverse("objection:delete", args=[objection.pk]))
    assert not Objection.objects.exists()
    recorded = set(ModelLogEntry.objects.values_list("action", flat=True))
    assert recorded >= {"sampling.record_objection", "sampling.withdraw_objection"}


def test_do_not_contact_list_is_closed_to_people_of_a_province(client: Client):
    sample = named_sample()
    rights = ("sampling.add_objection", "sampling.view_objection", "sampling.delete_objection")
    objection = Objection.objects.create(kind="phone", key="0" * 64, channel="letter", note="x")
    client.force_login(member("official", ENTER, *rights, province=village_of(sample).province))
    values = {"kind": "phone", "text": "0912000001", "channel": "letter", "note": "x"}
    for name, *keys in (("index",), ("add",), ("delete", objection.pk)):
        assert client.get(reverse(f"objection:{name}", args=keys)).status_code == 302
    client.post(reverse("objection:add"), values)
    client.post(reverse("objection:delete", args=[objection.pk]))
    assert list(Objection.objects.all()) == [objection]


def test_page_of_the_round_shows_withheld_cases_by_province(client: Client):
    sample = named_sample()
    province = village_of(sample).province
    client.force_login(member("methodologist", ENTER, "sampling.view_surveyround"))
    url = reverse("surveyround:inspect", args=[sample.round.pk])
    assert client.get(url).context["withheld"] == []
    number = sample.cases.active().filter(village__province=province).first().number
    sample.cases.filter(number=number).update(disposition="2.112")
    page = client.get(url)
    (shown,) = page.context["withheld"]
    assert (shown.name, shown.n_withheld) == (province.name, 1)
    assert '<th scope="row">Tây Ninh</th>' in page.content.decode()


def test_files_that_nobody_fetches_are_removed(monkeypatch: pytest.MonkeyPatch):
    token = kept.new_token()
    kept.keep_file(token, b"x")
    assert (Path(kept._folder()) / token).stat().st_mode & 0o777 == 0o600
    monkeypatch.setattr(kept, "LIFETIME_SECONDS", -1)
    assert kept.take_file(token) is None
    assert not kept.is_kept(token)


def test_supervisor_of_a_province_releases_its_reserves_in_a_national_round(client: Client):
    sample = named_sample()
    village = village_of(sample)
    client.force_login(member("supervisor", *RIGHTS, province=village.province))
    answer = client.get(page(sample, "reserves"))
    assert answer.context["is_open"]
    assert not answer.context["may_replace"]
    url = page(sample, "release_reserve", f"village-{village.pk}")
    client.post(url, {"reason": "refused", "words": ""})
    assert village.cases.filter(released_at__isnull=False).count() == 1


def test_supervisor_of_another_province_releases_none(client: Client):
    sample = named_sample()
    village = village_of(sample)
    other = AdministrativeUnit.objects.filter(level="province").exclude(pk=village.province_id).first()
    client.force_login(member("supervisor", *RIGHTS, province=other))
    url = page(sample, "release_reserve", f"village-{village.pk}")
    assert client.post(url, {"reason": "refused", "words": ""}).url == reverse("wagtailadmin_home")
    assert not village.cases.filter(released_at__isnull=False).exists()


def test_commune_is_replaced_by_the_one_that_the_rule_gives(supervisor: Client):
    sample = named_sample()
    commune = village_of(sample).parent
    url = page(sample, "replace_commune", commune.pk)
    listed = supervisor.get(url).context["next"]
    supervisor.post(url, {"reason": "Lũ quét"})
    new = SampledUnit.objects.get(replaces=commune)
    assert new.frame_unit == listed.frame_unit
    answer = supervisor.get(f"{page(sample, 'reserves')}?province={commune.province_id}")
    state = next(each for each in answer.context["communes"] if each.unit == new)
    assert len(state.awaited_registers) == 2
    registers = page(sample, "replacement_registers", new.pk)
    assert new.children.first().frame_unit.code in supervisor.get(registers).content.decode()
    supervisor.post(registers, {"registers": [registers_file()]})
    assert sample.cases.filter(village__parent=new).active().count() == 10


def test_list_of_villages_of_a_replacement_is_taken_and_drawn_from(supervisor: Client):
    survey_round = open_round(round=walk(framed_round()))
    sample = Sample.objects.get(round=survey_round)
    commune = replace_commune(unit=sample.units.filter(stage="commune").first(), reason="Lũ quét")
    url = page(sample, "replacement_villages", commune.pk)
    assert supervisor.get(url).status_code == 200
    rows = [row for row in village_rows() if row["parent_code"] == commune.frame_unit.code]
    fields = {"source": "Công an xã", "reference_date": "01/03/2026", "encoding": "", "sheet": ""}

    def send(lines: list[dict[str, str]]) -> Any:
        text = "\n".join([",".join(lines[0]), *(",".join(line.values()) for line in lines)])
        file = SimpleUploadedFile("villages.csv", text.encode())
        return supervisor.post(url, fields | {"file": [file]})

    refused = send([rows[0] | {"measure_of_size": "-1"}, *rows[1:]])
    assert refused.context["problems"][0].got == "-1"
    assert not commune.children.exists()
    assert send(rows).status_code == 302
    assert commune.children.count() == 2
    assert send(rows).context["form"].non_field_errors()


BYTES_OF_OLD_FILES = "windows-1258"


def in_old_encoding(lines: list[str]) -> SimpleUploadedFile:
    return SimpleUploadedFile("cu.csv", "\n".join(lines).encode(BYTES_OF_OLD_FILES))


def test_repairs_of_a_register_are_shown_before_a_village_is_replaced(supervisor: Client):
    sample = named_sample()
    village = village_of(sample)
    url = page(sample, "replace_village", f"village-{village.pk}")
    code = supervisor.get(url).context["next"].frame_unit.code
    lines = ["village,number,sex", *(f"{code},{number:02d},n\u01b0\u0303" for number in range(1, 21))]
    shown = supervisor.post(url, {"reason": "Lũ quét", "register": in_old_encoding(lines)})
    assert shown.context["differences"]
    assert not village.replacements.exists()
    answer = supervisor.post(url, {"token": shown.context["token"]})
    assert answer.status_code == 302
    new = SampledUnit.objects.get(replaces=village)
    assert (new.replacement_reason, new.cases.active().count()) == ("Lũ quét", 5)
    supervisor.post(url, {"token": shown.context["token"]})
    assert not new.replacements.exists()


def test_checked_register_of_somebody_else_is_not_taken(supervisor: Client, client: Client):
    sample = named_sample()
    village = village_of(sample)
    url = page(sample, "replace_village", f"village-{village.pk}")
    code = supervisor.get(url).context["next"].frame_unit.code
    file = in_old_encoding(["village,number,sex", f"{code},01,n\u01b0\u0303"])
    token = supervisor.post(url, {"reason": "Lũ quét", "register": file}).context["token"]
    client.force_login(member("another", *RIGHTS))
    client.post(url, {"token": token})
    assert not village.replacements.exists()


def test_repairs_of_registers_of_a_commune_are_shown_before_they_are_drawn_from(supervisor: Client):
    sample = named_sample()
    new = replace_commune(unit=village_of(sample).parent, reason="Lũ quét")
    url = page(sample, "replacement_registers", new.pk)
    codes = list(new.children.values_list("frame_unit__code", flat=True))
    lines = [f"{code},{number:02d},n\u01b0\u0303" for code in codes for number in range(1, 21)]
    shown = supervisor.post(url, {"registers": [in_old_encoding(["village,number,sex", *lines])]})
    assert shown.context["differences"]
    assert not sample.cases.filter(village__parent=new).exists()
    supervisor.post(url, {"token": shown.context["token"]})
    assert sample.cases.filter(village__parent=new).active().count() == 10


def test_village_of_households_is_replaced_with_the_list_of_the_next_one(supervisor: Client):
    [case, *_rest] = open_households()
    url = page(case.sample, "replace_village", f"village-{case.village_id}")
    code = supervisor.get(url).context["next"].frame_unit.code
    lines = ["village,number,head,address", *(f"{code},{n},Chủ hộ {n},Số {n}" for n in range(1, 13))]
    file = SimpleUploadedFile("ho.csv", "\n".join(lines).encode())
    assert supervisor.post(url, {"reason": "Lũ quét", "register": file}).status_code == 302
    new = SampledUnit.objects.get(replaces=case.village)
    assert (new.cases.active().count(), Contact.objects.filter(case__village=new).count()) == (4, 6)


def test_people_of_a_province_see_no_page_of_a_replaced_commune(client: Client):
    sample = named_sample()
    commune = village_of(sample).parent
    client.force_login(member("supervisor", *RIGHTS, province=commune.province))
    for name in ("replace_commune", "replacement_villages", "replacement_registers"):
        assert client.get(page(sample, name, commune.pk)).url == reverse("wagtailadmin_home")


def test_commune_with_answers_says_why_it_is_not_replaced(supervisor: Client):
    sample = named_sample()
    commune = village_of(sample).parent
    sample.cases.filter(village__parent=commune).update(disposition="1.1")
    answer = supervisor.post(page(sample, "replace_commune", commune.pk), {"reason": "Lũ quét"})
    assert answer.context["form"].non_field_errors()
