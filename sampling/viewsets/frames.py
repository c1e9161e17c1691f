"""Loading a frame in the admin: dry run, report, confirmation."""

import secrets
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import AbstractBaseUser
from django.core.cache import cache
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView
from django.views.generic.base import View

from sampling.design.frame_check import FrameProblem
from sampling.files.encoding_kinds import CHOICES
from sampling.files.problems import CellProblem, Difference
from sampling.files.repairs import repair_frame
from sampling.files.tables import ENDINGS, Wishes
from sampling.models import SamplingFrame
from sampling.models.areas import Level, UnknownPeriodError
from sampling.resources import try_frame
from sampling.services import (
    FrameFileError,
    FrameInUseError,
    FrameRefusedError,
    LoadedFrame,
    RoundStateError,
    describe_problem,
    load_frame,
)
from sampling.services.frame_files import read_frame_files, refuse_large_file
from sampling.services.frames import LEVEL_OF_CODES, known_units
from sampling.viewsets.rounds import OfRoundMixin, round_url

KEEP_SECONDS = 3_600
TOKEN_BYTES = 16
AREA_STAGES = (SamplingFrame.Stage.DISTRICT, SamplingFrame.Stage.COMMUNE, SamplingFrame.Stage.VILLAGE)
LONGEST_SOURCE = 255
LONGEST_SHEET_NAME = 31
MOST_SHOWN = 500


class SeveralFilesInput(forms.ClearableFileInput):
    """Takes several files at once."""

    allow_multiple_selected = True


class SeveralFilesField(forms.FileField):
    """One file or several."""

    widget = SeveralFilesInput(attrs={"accept": ",".join(ENDINGS)})

    def clean(self, value: Any, initial: Any = None) -> Any:
        """Return the list of files, each checked."""
        files = value if isinstance(value, list | tuple) else [value]
        return [super(SeveralFilesField, self).clean(file, initial) for file in files or [None]]


class FrameForm(forms.Form):
    """The files of a frame, and where the list comes from."""

    stage = forms.ChoiceField(
        label=gettext_lazy("What the rows are"), choices=[(stage.value, stage.label) for stage in AREA_STAGES]
    )
    file = SeveralFilesField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy(
            "CSV, XLSX or XLS with the columns code, name, parent_code, measure_of_size and, if wanted, "
            "exclusion_reason; the usual Vietnamese names of the columns are known too. Several files are "
            "read as one list."
        ),
    )
    source = forms.CharField(label=gettext_lazy("Where the list comes from"), max_length=LONGEST_SOURCE)
    reference_date = forms.DateField(
        label=gettext_lazy("Reference date"), help_text=gettext_lazy("Day of the list, dd/mm/yyyy.")
    )
    encoding = forms.ChoiceField(
        label=gettext_lazy("Encoding of a CSV file"),
        choices=[("", gettext_lazy("recognise it")), *((key, CHOICES[key].label) for key in CHOICES)],
        required=False,
    )
    sheet = forms.CharField(
        label=gettext_lazy("Sheet of a workbook"),
        help_text=gettext_lazy("Leave empty for the sheet that has the column names."),
        max_length=LONGEST_SHEET_NAME,
        required=False,
    )


class FrameUploadView(OfRoundMixin, FormView):
    """Checks a frame file without keeping it, and shows what would come of it."""

    form_class = FrameForm
    template_name = "wagtailadmin/generic/form.html"
    report_template_name = "sampling/frame_report.html"
    page_title = gettext_lazy("Load a frame")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Name the button and where it goes."""
        labels = {"submit_button_label": _("Check the file"), "submit_button_active_label": _("Checking…")}
        address = {"action_url": self.request.path, "form_is_multipart": True}
        return super().get_context_data(**kwargs) | labels | address

    def form_valid(self, form: FrameForm) -> HttpResponse:
        """Run the check and show its report."""
        differences: list[Difference] = []
        try:
            values = frame_values(form.cleaned_data, differences)
            loaded = try_frame(round=self.survey_round, user=self.request.user, **values)
        except FrameRefusedError as error:
            problems = [shown_problem(problem) for problem in error.report.problems]
            return self._report(form, differences, problems=problems, summary=str(error))
        except FrameFileError as error:
            if error.problems:
                return self._report(form, differences, problems=error.problems, summary=str(error))
            form.add_error("file", str(error))
        except UnknownPeriodError as error:
            form.add_error("reference_date", str(error))
        except (FrameInUseError, RoundStateError) as error:
            form.add_error(None, str(error))
        else:
            return self._report(form, differences, loaded=loaded, token=self._keep(values))
        return self.form_invalid(form)

    def _keep(self, values: Mapping[str, Any]) -> str:
        """Keep what was checked until it is confirmed, for the same person only."""
        token = secrets.token_hex(TOKEN_BYTES)
        cache.set(key_of(self.request, self.survey_round.pk, token), dict(values), KEEP_SECONDS)
        return token

    def _report(
        self,
        form: FrameForm,
        differences: Sequence[Difference],
        loaded: LoadedFrame | None = None,
        **context: object,
    ) -> HttpResponse:
        """Show the report in place of the form."""
        counts = {"frame": loaded.frame, "report": loaded.report} if loaded else {}
        told = {"differences": differences[:MOST_SHOWN], "n_untold": max(len(differences) - MOST_SHOWN, 0)}
        file_name = ", ".join(file.name for file in form.cleaned_data["file"])
        context |= {"form": form, "file_name": file_name} | counts | told
        self.template_name = self.report_template_name
        return self.render_to_response(self.get_context_data(**context))


class FrameConfirmView(OfRoundMixin, View):
    """Loads the file that was checked."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        """Check once more and write."""
        key = key_of(request, self.survey_round.pk, request.POST.get("token", ""))
        values = cache.get(key)
        if values is None:
            messages.error(request, _("The checked file is no longer kept. Please choose it again."))
            return redirect("surveyround:frame", self.survey_round.pk)
        user = cast("AbstractBaseUser", request.user)
        try:
            frame = load_frame(round=self.survey_round, user=user, **values).frame
        except (FrameInUseError, FrameRefusedError, RoundStateError) as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("The frame is loaded: %(frame)s.") % {"frame": frame})
        cache.delete(key)
        return redirect(round_url(self.survey_round))


def frame_values(cleaned: Mapping[str, Any], differences: list[Difference]) -> dict[str, Any]:
    """Return what the service takes of what the form holds; what is read otherwise is noted."""
    refuse_large_file(sum(file.size for file in cleaned["file"]))
    with ExitStack() as uploads:
        paths = [uploads.enter_context(kept_upload(file)) for file in cleaned["file"]]
        return frame_values_of(paths, cleaned, differences)


def frame_values_of(
    paths: Sequence[Path], cleaned: Mapping[str, Any], differences: list[Difference]
) -> dict[str, Any]:
    """Return what the service takes of files on disk and of what the form says about them."""
    stage, day = cleaned["stage"], cleaned["reference_date"]
    table = read_frame_files(paths, stage=stage, wishes=Wishes(cleaned["encoding"], cleaned["sheet"]))
    known = known_units(LEVEL_OF_CODES.get(stage, Level.COMMUNE))
    rows, repairs = repair_frame(table.rows, stage=stage, known=known, reference_date=day)
    differences += (*table.differences, *repairs)
    return {"stage": stage, "source": cleaned["source"], "reference_date": day, "rows": rows}


def shown_problem(problem: FrameProblem) -> CellProblem:
    """Return a problem in the words of the active language, with its file."""
    return CellProblem(**asdict(describe_problem(problem)), file=problem.file)


@contextmanager
def kept_upload(upload: UploadedFile) -> Iterator[Path]:
    """Keep an upload as a file of its name for as long as it is read."""
    refuse_large_file(upload.size or 0)
    with tempfile.TemporaryDirectory(dir=settings.FILE_UPLOAD_TEMP_DIR) as folder:
        path = Path(folder) / Path(upload.name or "").name
        with path.open("wb") as file:
            file.writelines(upload.chunks())
        yield path


def key_of(request: HttpRequest, round_id: int, token: str) -> str:
    """Return where a checked file is kept."""
    return f"sampling.frame:{round_id}:{request.user.pk}:{token}"
