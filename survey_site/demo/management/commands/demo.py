"""Run a complete national round on synthetic data and serve the site."""

import datetime
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from analysis.services import load_methods
from questionnaires.models import QuestionnaireVersion
from questionnaires.services import assign_village
from sampling.management.base import TranslatedCommand
from sampling.models import SurveyRound
from sampling.services import load_administrative_units, load_sampling_templates
from survey_site.core.numbers import integer
from survey_site.core.server import HOST, PortTakenError, ensure_port_is_free
from survey_site.demo import voices
from survey_site.demo.pages import build_portal
from survey_site.demo.people import LogIn, ensure_users
from survey_site.demo.reset import reset
from survey_site.demo.rounds import (
    FINISHED,
    OPEN,
    excluded_units,
    name_respondents,
    prepare_round,
    print_codes,
    publish,
    publish_questionnaire,
    run_fieldwork,
)
from survey_site.demo.stage import Stage, set_stage
from survey_site.demo.summary import Summary, Timings, summarise

REFERENCE_DATE = datetime.date(2026, 7, 1)
DEFAULT_PORT = 8000
N_CODES = 3
N_VILLAGES = 2
REFRESHES_PER_SECOND = 2


class Command(TranslatedCommand):
    """The demonstration, from an empty database to published PAR points."""

    help = gettext_noop("Run a complete round on synthetic data, print its summary and serve the site.")

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the port, and whether to serve at all."""
        parser.add_argument("--port", type=int, default=DEFAULT_PORT, help=_("port to listen on"))
        parser.add_argument("--no-serve", action="store_true", help=_("stop after the summary"))

    def handle(self, *_args: Any, **options: Any) -> None:
        """Play the whole round."""
        if not getattr(settings, "DEMO_ALLOWED", False):
            raise CommandError(_("Demonstration data is loaded with the development settings only."))
        self.console = Console(highlight=False, width=None)
        self.timings = Timings()
        if not options["no_serve"]:
            self._check_port(options["port"])
        codes, log_ins, summary = self._play()
        self._print_log_ins(log_ins, codes, options["port"])
        self._print_summary(summary)
        if not options["no_serve"]:
            call_command("serve", port=options["port"])

    def _check_port(self, port: int) -> None:
        try:
            ensure_port_is_free(port)
        except PortTakenError as error:
            raise CommandError(str(error)) from error

    def _play(self) -> tuple[list[str], dict[str, LogIn], Summary]:
        columns = (TextColumn("{task.description:<34}"), BarColumn(30), TextColumn("{task.fields[count]}"))
        shown = Progress(
            *columns, TimeElapsedColumn(), console=self.console, refresh_per_second=REFRESHES_PER_SECOND
        )
        with shown as self.progress:
            self.tasks: dict[str, TaskID] = {}
            log_ins = self._prepare()
            with self.timings.step("population"), self._shown(_("Synthetic population")):
                stage = set_stage(REFERENCE_DATE)
            statistician = log_ins["statistician"].user
            self._print_voice()
            version = publish_questionnaire(log_ins["editor"].user, log_ins["methodologist"].user)
            summary = self._finished_round(stage, version, statistician)
            codes = self._open_round(stage, version, log_ins)
        return codes, log_ins, summary

    def _prepare(self) -> dict[str, LogIn]:
        with self.timings.step("migrate"), self._shown(_("Database")):
            call_command("migrate", verbosity=0, interactive=False)
        with self.timings.step("load"), self._shown(_("Units, methods, roles")):
            n_reset = reset()
            load_administrative_units()
            load_sampling_templates()
            load_methods()
            log_ins = dict(ensure_users())
        if n_reset:
            text = _("Earlier demonstration data removed: %(count)s rounds.")
            self.progress.console.print(text % {"count": n_reset})
        return log_ins

    def _finished_round(self, stage: Stage, version: QuestionnaireVersion, user: AbstractUser) -> Summary:
        with self.timings.step("draw"):
            survey_round = prepare_round(
                stage,
                code=FINISHED,
                template="sipas-2025-63x6",
                version=version,
                user=user,
                report=self._report,
            )
        self._print_draw(survey_round)
        with self.timings.step("responses"):
            n_responses = run_fieldwork(stage, survey_round, version, user, self._report)
        with self.timings.step("publish"):
            release = publish(stage, survey_round, user, self._report)
            build_portal(release)
        with self.timings.step("truth"):
            return summarise(stage, survey_round.sample, n_responses, release)

    def _open_round(
        self, stage: Stage, version: QuestionnaireVersion, log_ins: dict[str, LogIn]
    ) -> list[str]:
        user = log_ins["statistician"].user
        self.tasks.clear()
        with self.timings.step("open_round"):
            survey_round = prepare_round(
                stage, code=OPEN, template="sipas-2025-34x6", version=version, user=user, report=self._report
            )
            name_respondents(survey_round, N_VILLAGES, user)
            for village in survey_round.sample.units.filter(stage="village").order_by("pk")[:N_VILLAGES]:
                assign_village(
                    village=village, enumerator=log_ins["enumerator"].user, user=log_ins["supervisor"].user
                )
            return print_codes(survey_round, N_CODES, user)

    def _shown(self, name: str) -> "_Shown":
        return _Shown(self.progress, name)

    def _report(self, step: str, done: int, total: int) -> None:
        if step not in self.tasks:
            self.tasks[step] = self.progress.add_task(str(STEP_NAMES.get(step, step)), total=total, count="")
        self.progress.update(
            self.tasks[step], completed=done, total=total, count=f"{integer(done)}/{integer(total)}"
        )

    def _print_voice(self) -> None:
        """Say whether the questions can be heard."""
        spoken = _("espeak-ng reads the questions aloud; the recordings are marked as synthetic.")
        silent = _(
            "espeak-ng is not installed, so no question can be listened to; everything else works. "
            "On Debian and Ubuntu: apt install espeak-ng lame"
        )
        self.progress.console.print(spoken if voices.is_there() else silent)

    def _print_draw(self, survey_round: SurveyRound) -> None:
        sample, excluded = survey_round.sample, excluded_units(survey_round)
        self.progress.console.print(
            _(
                "Drawn with %(template)s: %(communes)s communes, %(villages)s villages, %(persons)s people, "
                "%(reserves)s reserves; list %(digest)s…"
            )
            % {
                "template": survey_round.template.code,
                "communes": integer(sample.n_communes),
                "villages": integer(sample.n_villages),
                "persons": integer(sample.n_persons),
                "reserves": integer(sample.n_reserves),
                "digest": sample.fingerprint[:16],
            }
        )
        if excluded:
            text = _("Excluded, no residents: %(units)s")
            self.progress.console.print(text % {"units": ", ".join(excluded)})

    def _print_log_ins(self, log_ins: dict[str, LogIn], codes: list[str], port: int) -> None:
        site = f"http://{HOST}:{port}/"
        text = _("Log-ins at %(address)s (made up anew at each run):") % {"address": f"{site}admin/login/"}
        self.console.print(f"\n{text}")
        for log_in in log_ins.values():
            self.console.print(
                f"  {log_in.user.username:<30} {log_in.password}   {_(log_in.does)}", soft_wrap=True
            )
        self.console.print(_("Access codes to answer with at %(address)s:") % {"address": site})
        for code in codes:
            self.console.print("  " + " ".join(code[start : start + 4] for start in range(0, len(code), 4)))

    def _print_summary(self, summary: Summary) -> None:
        self.console.print("\n" + _("Summary"))
        for name, value in summary.lines(self.timings).items():
            self.console.print(f"  {name}: {value}", soft_wrap=True)
        pairs = summary.pairs(self.timings)
        self.console.print(" ".join(f"{key}={value}" for key, value in pairs.items()), soft_wrap=True)


STEP_NAMES = {
    "areas": gettext_lazy("Draw: communes and villages"),
    "persons": gettext_lazy("Draw: adults"),
    "cases": gettext_lazy("Draw: list of respondents"),
    "responses": gettext_lazy("Interviews"),
    "publication": gettext_lazy("Estimates and publication"),
}


class _Shown:
    """A step without a known length, shown as a bar that fills when it ends."""

    def __init__(self, progress: Progress, name: str) -> None:
        self.progress = progress
        self.task = progress.add_task(name, total=None, count="")

    def __enter__(self) -> None:
        return None

    def __exit__(self, *_problem: object) -> None:
        self.progress.update(self.task, total=1, completed=1)
