"""Importing a transaction list in the admin: upload, progress, report, confirmation."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView, TemplateView
from django.views.generic.base import View

from sampling.engine.ingest import Step
from sampling.files.encodings import CHOICES
from sampling.models import FrameImport
from sampling.models.imports import ImportStatus
from sampling.selectors.draws import names_of_provinces_today
from sampling.services import (
    FrameFileError,
    FrameInUseError,
    ImportRunsError,
    ImportStateError,
    RoundStateError,
    cancel_import,
    confirm_import,
    read_frame_file,
    start_import,
)
from sampling.services.frame_files import refuse_large_file
from sampling.services.import_folders import is_interrupted
from sampling.services.import_words import STEPS, describe_findings, describe_unreadable, report_csv
from sampling.spreadsheets import BYTE_ORDER_MARK
from sampling.task_results import Failure, last_failure
from sampling.tasks import check_frame_import
from sampling.viewsets.frames import LONGEST_SOURCE, SeveralFilesField, SeveralFilesInput, kept_upload
from sampling.viewsets.rounds import OfRoundMixin, round_url

REFRESH_SECONDS = 2
SHOWN_BARS = 40
WAITING = (ImportStatus.QUEUED, ImportStatus.RUNNING)
SHARES: Mapping[str, tuple[int, int]] = {
    Step.READING: (0, 50),
    Step.CHECKING: (50, 65),
    Step.WRITING: (65, 85),
    Step.HASHING: (85, 100),
}
"""Per cent of the work before and after each step."""

REFUSALS = (FrameInUseError, ImportRunsError, ImportStateError, RoundStateError)
"""What keeps an import from going on, told at the top of the page."""


class ListFilesField(SeveralFilesField):
    """The files of a list."""

    widget = SeveralFilesInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx,.xls,.parquet"})


class ImportForm(forms.Form):
    """The files of a list, where it comes from, and how its columns are called if in no usual way."""

    lists = ListFilesField(
        label=gettext_lazy("Files"),
        help_text=gettext_lazy(
            "CSV, XLSX, XLS or Parquet with the columns id, agency, province, field, settled_on, party and, "
            "if wanted, agency_name, commune, level, channel, person_id, size, full_name, phone, email, "
            "address; the usual Vietnamese names are known too. Several files are read as one list. For "
            "files of many gigabytes, use the command import_dossiers on the server."
        ),
    )
    source = forms.CharField(label=gettext_lazy("Where the list comes from"), max_length=LONGEST_SOURCE)
    reference_date = forms.DateField(
        label=gettext_lazy("Reference date"), help_text=gettext_lazy("Day of the list, dd/mm/yyyy.")
    )
    columns = forms.CharField(
        label=gettext_lazy("Names of columns"),
        help_text=gettext_lazy("Only if the files name them otherwise: one a line, such as id=Số phiếu."),
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
    )
    encoding = forms.ChoiceField(
        label=gettext_lazy("Encoding of a CSV file"),
        choices=[("", gettext_lazy("recognise it")), *((key, CHOICES[key].label) for key in CHOICES)],
        required=False,
    )
    agencies = forms.FileField(
        label=gettext_lazy("List of agencies"),
        help_text=gettext_lazy(
            "A table with the columns code and name: agencies that may occur. Not needed."
        ),
        required=False,
    )

    def clean_columns(self) -> dict[str, str]:
        """Return names of columns by column."""
        pairs = [line.partition("=") for line in self.cleaned_data["columns"].splitlines() if line.strip()]
        if not all(separator and name.strip() for _column, separator, name in pairs):
            raise ValidationError(_("Expected lines such as id=Số phiếu."))
        return {column.strip(): name.strip() for column, _separator, name in pairs}

    def clean_agencies(self) -> list[dict[str, str]]:
        """Return the agencies that may occur."""
        upload = self.cleaned_data["agencies"]
        if not upload:
            return []
        try:
            refuse_large_file(upload.size)
            with kept_upload(upload) as path:
                rows = read_frame_file(path)
        except FrameFileError as error:
            raise ValidationError(str(error)) from error
        if not rows or "code" not in rows[0]:
            raise ValidationError(_("Expected a table with the columns code and name."))
        return [{"code": row["code"].strip(), "name": row.get("name", "").strip()} for row in rows]


class ImportUploadView(OfRoundMixin, FormView):
    """Takes the files of a list and hands them to a worker."""

    form_class = ImportForm
    template_name = "wagtailadmin/generic/form.html"
    page_title = gettext_lazy("Import a transaction list")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Name the button and where it goes."""
        labels = {"submit_button_label": _("Check the list"), "submit_button_active_label": _("Uploading…")}
        address = {"action_url": self.request.path, "form_is_multipart": True}
        return super().get_context_data(**kwargs) | labels | address

    def form_valid(self, form: ImportForm) -> HttpResponse:
        """Keep the files and queue the check."""
        values = form.cleaned_data
        try:
            frame_import = start_import(
                round=self.survey_round,
                source=values["source"],
                reference_date=values["reference_date"],
                files=values["lists"],
                options={name: values[name] for name in ("columns", "encoding", "agencies")},
                user=cast("AbstractBaseUser", self.request.user),
            )
        except REFUSALS as error:
            form.add_error(None, str(error))
            return self.form_invalid(form)
        check_frame_import.enqueue(import_id=frame_import.pk, user_id=int(self.request.user.pk or 0))
        return redirect(import_url(frame_import))


class OfImportMixin(OfRoundMixin):
    """A page of one import of the round."""

    frame_import: FrameImport

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Fetch the import."""
        super().setup(request, *args, **kwargs)
        imports = FrameImport.objects.select_related("round", "frame")
        self.frame_import = get_object_or_404(imports, pk=kwargs["import_pk"], round=self.survey_round)


@dataclass(frozen=True, slots=True)
class Bar:
    """A count with its share of the largest one."""

    label: str
    count: int
    largest: int


@dataclass(frozen=True, slots=True)
class Distribution:
    """The counts of one column of the list."""

    title: Promise
    bars: Sequence[Bar]
    n_others: int


TITLES: Mapping[str, Promise] = {
    "province": gettext_lazy("Dossiers by province"),
    "field": gettext_lazy("Dossiers by field of service"),
    "channel": gettext_lazy("Dossiers by channel"),
    "party": gettext_lazy("Dossiers by party"),
    "level": gettext_lazy("Dossiers by level of the agency"),
}
"""Columns whose counts are drawn."""

LABELS: Mapping[str, Promise] = {
    "": gettext_lazy("not given"),
    "person": gettext_lazy("person"),
    "organisation": gettext_lazy("organisation"),
    "online": gettext_lazy("online"),
    "counter": gettext_lazy("at the counter"),
    "post": gettext_lazy("by post"),
    "ministry": gettext_lazy("ministry"),
    "province": gettext_lazy("province"),
    "district": gettext_lazy("district"),
    "commune": gettext_lazy("commune"),
}
"""Words for the codes of a list."""


class ImportView(OfImportMixin, TemplateView):
    """Shows how far an import is, what was found, and what may be done now."""

    template_name = "sampling/import.html"
    page_title = gettext_lazy("Import of a transaction list")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Ask the browser to look again while somebody works."""
        response = super().get(request, *args, **kwargs)
        if self.is_waiting:
            response.headers["Refresh"] = str(REFRESH_SECONDS)
        return response

    @property
    def is_waiting(self) -> bool:
        """Tell whether the page will change by itself."""
        return self.frame_import.status in WAITING and not self.needs_start and not self.failure

    @property
    def needs_start(self) -> bool:
        """Tell whether the worker was ended on the way."""
        return is_interrupted(self.frame_import)

    @property
    def failure(self) -> Failure | None:
        """Return why the worker could not go on, if it failed."""
        if self.frame_import.status != ImportStatus.QUEUED:
            return None
        return last_failure(check_frame_import, import_id=self.frame_import.pk)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add progress and report."""
        frame_import, report = self.frame_import, self.frame_import.report
        names = names_of_provinces_today()
        return super().get_context_data(**kwargs) | {
            "import": frame_import,
            "is_waiting": self.is_waiting,
            "needs_start": self.needs_start,
            "failure": self.failure,
            "may_cancel": frame_import.status in (*WAITING, ImportStatus.CHECKED),
            "step": STEPS[_step_of(frame_import)],
            "percent": percent_of(frame_import),
            "findings": describe_findings(frame_import),
            "unreadable": describe_unreadable(frame_import),
            "distributions": list(_distributions(report.get("counts", {}), names)),
            "changes": [
                (names.get(code, code), change) for code, change in report.get("changes", {}).items()
            ],
        }


class ImportStepView(OfImportMixin, View):
    """Takes one step: check again, confirm, cancel."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, *, step: str, **_kwargs: Any) -> HttpResponseBase:
        """Take the step or say why it cannot be taken."""
        try:
            return redirect(getattr(self, f"do_{step}")())
        except REFUSALS as error:
            messages.error(request, str(error))
            return redirect(import_url(self.frame_import))

    def do_check(self) -> str:
        """Hand an interrupted import to a worker again."""
        check_frame_import.enqueue(import_id=self.frame_import.pk, user_id=int(self.request.user.pk or 0))
        return import_url(self.frame_import)

    def do_confirm(self) -> str:
        """Make the list the frame."""
        frame = confirm_import(
            frame_import=self.frame_import, user=cast("AbstractBaseUser", self.request.user)
        )
        messages.success(self.request, _("The list is the frame now: %(frame)s.") % {"frame": frame})
        return round_url(self.survey_round)

    def do_cancel(self) -> str:
        """Give the import up."""
        cancel_import(frame_import=self.frame_import, user=cast("AbstractBaseUser", self.request.user))
        messages.success(self.request, _("The import is cancelled; nothing was kept."))
        return round_url(self.survey_round)


class ImportReportView(OfImportMixin, View):
    """Sends everything that was found as a table."""

    http_method_names = ["get"]

    def get(self, _request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        """Return the report; numbers of persons and contacts are never in it."""
        text = BYTE_ORDER_MARK + report_csv(self.frame_import)
        response = HttpResponse(text, content_type="text/csv; charset=utf-8")
        name = f"{self.survey_round.code}-import-{self.frame_import.pk}.csv"
        response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
        return response


def import_url(frame_import: FrameImport) -> str:
    """Return the address of the page of an import."""
    return reverse("surveyround:import", args=[frame_import.round_id, frame_import.pk])


def percent_of(frame_import: FrameImport) -> int:
    """Return how far an import is: reading takes about half of the time."""
    start, end = SHARES[_step_of(frame_import)]
    is_reading = _step_of(frame_import) == Step.READING
    read = frame_import.n_bytes_done / max(frame_import.n_bytes, 1)
    return int(start + (end - start) * (read if is_reading else 0))


def _step_of(frame_import: FrameImport) -> str:
    """Return what an import is doing."""
    return str(frame_import.report.get("step", Step.READING))


def _distributions(
    counts: Mapping[str, Mapping[str, int]], names: Mapping[str, str]
) -> Iterable[Distribution]:
    """Turn counts into bars."""
    for column, title in TITLES.items():
        found = list(counts.get(column, {}).items())
        largest = max((count for _value, count in found), default=1)
        known = names if column == "province" else LABELS
        bars = [Bar(str(known.get(value, value)), count, largest) for value, count in found[:SHOWN_BARS]]
        if bars:
            yield Distribution(title, bars, sum(count for _value, count in found[SHOWN_BARS:]))
