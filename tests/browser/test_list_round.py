"""A round from a transaction list in a real browser: planned, committed, drawn, verified, issued."""

import datetime
import logging
import resource
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any
from unittest.mock import patch

import pytest
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect

from benchmarks.make_dossiers import make_list
from sampling.models import Case, Draw, SamplingFrame, SamplingTemplate, SurveyRound
from sampling.selectors import case_design_rows
from sampling.services import load_administrative_units, load_sampling_templates
from tests.browser.conftest import OpenContext
from tests.browser.rounds import make_portal

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

type SignIn = Callable[[BrowserContext, str], Any]

LOG = logging.getLogger(__name__)
DESK = {"width": 1280, "height": 900}
SOURCE, VALUE = "Xổ số kiến thiết miền Bắc, giải đặc biệt", "45021"
SMALL, NATIONAL = 20_000, 20_000_000
BUNDLE = "a[href$='/ho-so.zip']"
SUBMIT = "main form button[type=submit], main form input[type=submit]"
MINUTES = 60_000
"""Milliseconds."""

ROUND = {
    "code": "dvc-2026",
    "name_vi": "Đợt khảo sát dịch vụ công 2026",
    "name_en": "Public service round 2026",
    "year": "2026",
    "reference_period_start": "01/01/2026",
    "reference_period_end": "31/12/2026",
    "opens_at": "01/02/2027 08:00",
    "closes_at": "31/03/2027 17:00",
}


@pytest.fixture(autouse=True)
def site(settings: Any, tmp_path: Path) -> None:
    """A site with units and templates, whose frames are its own."""
    settings.FRAME_ROOT = tmp_path / "frames"
    settings.ISSUED_ROOT = tmp_path / "issued"
    make_portal()
    load_administrative_units()
    load_sampling_templates()


def peak_mib() -> int:
    """Largest memory of this process, in which the site, its worker and the test run."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def tomorrow() -> datetime.date:
    return timezone.localdate() + datetime.timedelta(days=1)


class Desk:
    """The statistician at work; every step is timed."""

    def __init__(self, page: Page, folder: Path) -> None:
        self.page, self.folder = page, folder
        self.seconds: dict[str, float] = {}

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        start = perf_counter()
        yield
        self.seconds[name] = round(perf_counter() - start, 1)
        LOG.info("%s: %.1f s, peak %d MiB", name, self.seconds[name], peak_mib())

    @property
    def round(self) -> SurveyRound:
        return SurveyRound.objects.get(code=ROUND["code"])

    @property
    def draw(self) -> Draw:
        return Draw.objects.get(round=self.round)

    def submit(self) -> None:
        self.page.locator(SUBMIT).first.click()

    def create_round(self) -> None:
        self.page.goto("/admin/surveyround/new/")
        for name, value in ROUND.items():
            self.page.fill(f"#id_{name}", value)
            self.page.keyboard.press("Escape")
        template = SamplingTemplate.objects.get(code="sipas-dossiers")
        self.page.select_option("#id_template", str(template.pk))
        self.submit()
        self.page.wait_for_url("**/admin/surveyround/")

    def upload(self, path: Path) -> None:
        self.page.goto(f"/admin/surveyround/{self.round.pk}/import/")
        self.page.set_input_files("input[type=file][multiple]", path)
        self.page.fill("#id_source", "Cổng dịch vụ công quốc gia")
        self.page.fill("#id_reference_date", "31/12/2026")
        self.page.keyboard.press("Escape")
        self.submit()
        confirm = self.page.locator("form[action$='/confirm/'] button")
        expect(confirm).to_be_visible(timeout=MINUTES)
        confirm.click()
        self.page.wait_for_url("**/inspect/**")

    def stage(self) -> None:
        self.page.goto(f"/admin/surveyround/inspect/{self.round.pk}/")
        self.page.locator(".draw-stage a").first.click()

    def saved(self, click: Callable[[], None]) -> Path:
        with self.page.expect_download() as waiting:
            click()
        path = self.folder / waiting.value.suggested_filename
        waiting.value.save_as(path)
        return path

    def plan(self, n: int) -> Path:
        self.stage()
        strata = self.saved(self.page.locator("form[action$='/strata/'] button.button-secondary").click)
        self.page.locator("a[href$='/planner/lists/']").first.click()
        self.page.set_input_files("input[name=file]", strata)
        self.page.select_option("select[name=rule]", "power")
        self.page.fill("input[name=n]", str(n))
        self.page.fill("input[name=least]", "2")
        self.page.fill("input[name=reserve]", "10")
        self.page.locator("#planner-form button[type=submit]").first.click()
        return self.saved(self.page.locator("button[name=download][value=json]").click)

    def take(self, action: str, **values: str) -> None:
        self.stage()
        self.page.locator(f"a[href$='/draws/dossier/{action}/']").click()
        for name, value in values.items():
            self.page.fill(f"#id_{name}", value)
            self.page.keyboard.press("Escape")
        self.submit()
        self.page.wait_for_url("**/draws/dossier/")

    def draft(self, design: Path) -> None:
        self.stage()
        self.page.locator("a[href$='/draws/dossier/draft/']").click()
        self.page.set_input_files("#id_design", design)
        self.submit()
        self.page.wait_for_url("**/draws/dossier/")


def unpacked(bundle: Path) -> Path:
    """Unpack a bundle as its page tells an auditor to."""
    folder = bundle.with_suffix("")
    with zipfile.ZipFile(bundle) as archive:
        archive.extractall(folder)
    return folder


def verified(folder: Path, commitment: str) -> "subprocess.CompletedProcess[str]":
    """Run the script that comes with the bundle, with nothing but Python."""
    script = [sys.executable, "-I", "-S", str(folder / "verify_draw.py"), str(folder)]
    command = [*script, "--commitment", commitment, "--language", "en"]
    return subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own script


def change_one_byte(path: Path) -> None:
    """Change one letter of an id."""
    content = path.read_bytes()
    place = content.rindex(b"SYN-") + len(b"SYN-")
    path.write_bytes(content[:place] + b"X" + content[place + 1 :])


def keep_list(desk: Desk, path: Path, *, is_long: bool) -> None:
    """Make a list the frame: a short one by upload, a long one by the command, as the page says."""
    if not is_long:
        desk.upload(path)
        return
    options = {"source": "Cổng dịch vụ công quốc gia", "date": "31/12/2026", "confirm": True}
    call_command("import_dossiers", ROUND["code"], str(path), **options)


def draw_publicly(desk: Desk, public: Page) -> None:
    """Commit, show the commitment to everybody, and draw once the day of the public value has come."""
    with desk.step("commit"):
        desk.take("commit", public_source=SOURCE, public_value_due=f"{tomorrow():%d/%m/%Y}")
    public.goto(f"/xac-minh/{ROUND['code']}/")
    expect(public.get_by_text(desk.draw.commitment_digest)).to_be_visible(timeout=MINUTES)
    with desk.step("draw"), patch.object(timezone, "localdate", return_value=tomorrow()):
        desk.take("carry-out", public_value=VALUE, again=VALUE)
    public.reload()
    expect(public.get_by_text(desk.draw.fingerprint)).to_be_visible(timeout=MINUTES)
    expect(public.locator(BUNDLE)).to_have_count(0)


def fetch_bundle(desk: Desk, auditor: Page, *, is_long: bool) -> Path:
    """Download the bundle as an auditor; a worker packs a long one first."""
    auditor.goto(f"/xac-minh/{ROUND['code']}/")
    if is_long:
        auditor.locator(BUNDLE).click()
        expect(auditor.locator(".notice[role=status]")).to_be_visible(timeout=60 * MINUTES)
    with auditor.expect_download() as waiting:
        auditor.locator(BUNDLE).click()
    path = desk.folder / waiting.value.suggested_filename
    waiting.value.save_as(path)
    return path


def check_cases(survey_round: SurveyRound) -> None:
    """Every case has the stratum of the design, and is a primary unit of its own."""
    design = Draw.objects.get(round=survey_round).design
    rows = list(case_design_rows(survey_round.sample))
    assert all(row.variance_psu == row.number for row in rows)
    assert {row.variance_stratum.removesuffix("/certain") for row in rows} == {
        "|".join(values) for values, _n in design["sizes"]
    }
    population = SamplingFrame.objects.get(round=survey_round).n_units
    assert sum(row.design_weight for row in rows if row.is_active) == pytest.approx(population)


def open_round(desk: Desk) -> None:
    desk.page.goto(f"/admin/surveyround/{desk.round.pk}/open/")
    desk.submit()
    desk.page.wait_for_url("**/inspect/**")


def check_lists(officer: Desk) -> None:
    """The list of one province can be taken once the round is open, and letters can be asked for."""
    page, survey_round = officer.page, officer.round
    hanoi = Case.objects.filter(sample=survey_round.sample, village__province__code="01").active()
    province = hanoi.first().village.province_id
    page.goto(f"/admin/surveyround/{survey_round.pk}/handing-out/?province={province}")
    page.select_option("#id_file_format", "csv")
    path = officer.saved(page.locator("main form[method=post] button[type=submit]").first.click)
    assert len(path.read_text(encoding="utf-8-sig").splitlines()) == hanoi.count() + 1
    page.goto(f"/admin/letters/{survey_round.pk}/")
    expect(page.locator("#id_which")).to_be_visible(timeout=MINUTES)


@pytest.mark.parametrize(
    ("n_rows", "n"), [(SMALL, 1_000), pytest.param(NATIONAL, 40_000, marks=pytest.mark.simulation)]
)
def test_a_list_is_planned_committed_drawn_verified_and_issued(
    open_context: OpenContext, sign_in: SignIn, tmp_path: Path, n_rows: int, n: int
) -> None:
    is_long = n_rows > SMALL
    contexts = [open_context(viewport=DESK) for _person in range(4)]
    for context in contexts:
        context.set_default_timeout(60 * MINUTES if is_long else MINUTES)
    statistician, auditor, officer, visitor = contexts
    sign_in(statistician, "statistician")
    sign_in(auditor, "auditor")
    sign_in(officer, "contact_officer")
    desk, dossiers = Desk(statistician.new_page(), tmp_path), tmp_path / "dossiers.parquet"
    with desk.step("generate"):
        make_list(dossiers, n_rows)
    desk.create_round()
    with desk.step("import"):
        keep_list(desk, dossiers, is_long=is_long)
    assert SamplingFrame.objects.get().n_units == n_rows
    with desk.step("plan"):
        design = desk.plan(n)
    desk.draft(design)
    with desk.step("check"):
        desk.take("check")
    draw_publicly(desk, visitor.new_page())
    with desk.step("bundle"):
        bundle = fetch_bundle(desk, auditor.new_page(), is_long=is_long)
    folder = unpacked(bundle)
    with desk.step("verify"):
        proof = verified(folder, desk.draw.commitment_digest)
    assert proof.returncode == 0, proof.stdout
    change_one_byte(folder / "list.jsonl")
    assert verified(folder, desk.draw.commitment_digest).returncode == 1
    check_cases(desk.round)
    desk.take("issue")
    assert desk.draw.status == "issued"
    open_round(desk)
    with desk.step("lists"):
        check_lists(Desk(officer.new_page(), tmp_path))
