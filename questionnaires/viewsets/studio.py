"""The recording studio: every text that can be heard, by language, recorded here or brought along."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from questionnaires.languages import LANGUAGES, SITE_LANGUAGES, Language
from questionnaires.models import Recording
from questionnaires.permissions import USE_STUDIO
from questionnaires.selectors.recordings import (
    RecordingProgress,
    RecordingState,
    StudioText,
    recording_progress,
    recordings_of,
    studio_texts,
)
from questionnaires.services import stored_translations
from questionnaires.services.recording_archives import (
    LARGEST_ARCHIVE,
    ArchiveError,
    ArchiveProblem,
    take_archive,
)
from questionnaires.services.recordings import (
    NewRecording,
    RecordingChangedError,
    confirm_recording,
    remove_recording,
    save_recordings,
)
from questionnaires.sounds import HEAVY_SOUND, LARGEST_SOUND, MEDIA_TYPES, UnfitSoundError
from questionnaires.viewsets.draft_languages import DraftLanguageMixin

SALT = "questionnaires.studio"
LONGEST_VISIT_SECONDS = 60 * 60 * 24
KIB = 1024
STATES = {
    RecordingState.MISSING: gettext_lazy("not recorded yet"),
    RecordingState.OUTDATED: gettext_lazy("out of date: the text was changed"),
    RecordingState.DONE: gettext_lazy("recorded"),
}


@dataclass(frozen=True, slots=True)
class StudioRow:
    """One language, and how far its recordings are."""

    language: Language
    progress: RecordingProgress
    url: str


@dataclass(frozen=True, slots=True)
class StudioLine:
    """One text as the page shows it, with what was shown, signed."""

    number: int
    heard: StudioText
    state: str
    shown: str

    @property
    def is_outdated(self) -> bool:
        """Whether the text was changed after it was recorded."""
        return self.heard.state is RecordingState.OUTDATED

    @property
    def kilobytes(self) -> int:
        """Size of the recording."""
        return -(-self.heard.recording.n_bytes // KIB) if self.heard.recording else 0

    @property
    def is_heavy(self) -> bool:
        """Whether the recording takes a weak connection long."""
        return self.heard.recording is not None and self.heard.recording.n_bytes > HEAVY_SOUND

    @property
    def is_synthetic(self) -> bool:
        """Whether a program has spoken it."""
        recording = self.heard.recording
        return recording is not None and recording.source == Recording.Source.SYNTHETIC

    @property
    def sound_url(self) -> str:
        """Where the recording is heard."""
        found = self.heard.recording
        return reverse("listen", args=[found.digest, found.extension]) if found else ""


class StudioMixin(DraftLanguageMixin):
    """A page about the recordings of one draft."""

    permission_required = USE_STUDIO
    languages = LANGUAGES

    @cached_property
    def texts(self) -> list[StudioText]:
        """Return every text with its recording in the language of the address."""
        code = self.language.code
        return studio_texts(self.document, code, recordings_of(self.questionnaire).get(code, {}))

    @property
    def salt(self) -> str:
        """What ties signed values of a page to this draft and language."""
        return f"{SALT}:{self.questionnaire.pk}:{self.language.code}"

    @property
    def target(self) -> dict[str, Any]:
        """What every service of the studio is told."""
        user = cast("Any", self.request.user)
        return {"questionnaire": self.questionnaire, "language": self.language.code, "user": user}

    def url(self, name: str, **kwargs: str) -> str:
        """Return the address of one of these pages."""
        return reverse(name, kwargs={"pk": self.questionnaire.pk, **kwargs})

    def show(self, template: str, *, status: int = 200, **context: Any) -> HttpResponse:
        """Render a page."""
        edit_url = reverse("wagtailsnippets_questionnaires_questionnaire:edit", args=[self.questionnaire.pk])
        values = {"questionnaire": self.questionnaire, "edit_url": edit_url} | context
        return render(self.request, f"questionnaires/admin/{template}", values, status=status)


class StudioView(StudioMixin, View):
    """The languages of a draft, each with its completeness."""

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        """List the languages, or go to the one that was chosen from the others."""
        chosen = request.GET.get("language", "")
        if chosen in LANGUAGES:
            return redirect(self.url("questionnaires_studio_language", language=chosen))
        rows = list(self.rows())
        listed = {row.language.code for row in rows}
        others = [language for code, language in LANGUAGES.items() if code not in listed]
        return self.show("studio.html", rows=rows, others=others)

    def rows(self) -> Iterator[StudioRow]:
        """Yield the languages of the site, and those with translations or recordings."""
        recordings = recordings_of(self.questionnaire)
        started = {*SITE_LANGUAGES, *recordings, *stored_translations(self.questionnaire)}
        for code, language in LANGUAGES.items():
            if code in started:
                texts = studio_texts(self.document, code, recordings.get(code, {}))
                url = self.url("questionnaires_studio_language", language=code)
                yield StudioRow(language, recording_progress(texts), url)


class SoundForm(forms.Form):
    """A recording, and what was shown when it was made."""

    sound = forms.FileField(
        label=gettext_lazy("Recording"),
        error_messages={"required": gettext_lazy("Choose a file, or record the text first.")},
    )
    is_recorded_here = forms.BooleanField(required=False)


class StudioLanguageView(StudioMixin, View):
    """All texts of one language on one page, each with its recording and a way to make one."""

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        """Show the texts, or only those in one state."""
        return self.listing(request.GET.get("state", ""))

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        """Save, confirm or remove one recording, and go back to its text."""
        try:
            shown = signing.loads(
                request.POST.get("shown", ""), salt=self.salt, max_age=LONGEST_VISIT_SECONDS
            )
        except signing.BadSignature:
            messages.error(request, _("The page is too old. Nothing was saved; try again."))
            return redirect(self.back())
        key, words, digest = shown
        act = ACTIONS.get(request.POST.get("action", ""), StudioLanguageView.save)
        try:
            act(self, key, words, digest)
        except (UnfitSoundError, RecordingChangedError) as error:
            messages.error(request, f"{key}: {error}")
        return redirect(f"{self.back()}#{self.anchor(key)}")

    def save(self, key: str, words: str, digest: str) -> None:
        """Save a recording."""
        form = SoundForm(self.request.POST, self.request.FILES)
        if not form.is_valid():
            raise UnfitSoundError("\n".join(str(each) for errors in form.errors.values() for each in errors))
        here = form.cleaned_data["is_recorded_here"]
        content = form.cleaned_data["sound"].read(LARGEST_SOUND + 1)
        save_recordings(
            recordings=[NewRecording(key, words, content, digest)],
            source=Recording.Source.STUDIO if here else Recording.Source.UPLOAD,
            **self.target,
        )
        messages.success(self.request, _("The recording of %(key)s was saved.") % {"key": key})

    def confirm(self, key: str, words: str, digest: str) -> None:
        """Say that a recording still fits."""
        confirm_recording(key=key, words=words, seen=digest, **self.target)
        messages.success(self.request, _("The recording of %(key)s is heard again.") % {"key": key})

    def remove(self, key: str, _words: str, digest: str) -> None:
        """Take a recording away."""
        remove_recording(key=key, seen=digest, **self.target)
        messages.success(self.request, _("The recording of %(key)s was removed.") % {"key": key})

    def back(self) -> str:
        """Return the address of this page with the texts it shows."""
        return self.request.get_full_path()

    def anchor(self, key: str) -> str:
        """Return where the page shows a text."""
        return next((f"text-{n}" for n, each in enumerate(self.texts, start=1) if each.text.key == key), "")

    def listing(self, wanted: str = "") -> HttpResponse:
        """Render the page."""
        lines = [
            StudioLine(number, heard, str(STATES[heard.state]), self.signed(heard))
            for number, heard in enumerate(self.texts, start=1)
            if wanted not in set(RecordingState) or heard.state == wanted
        ]
        code = self.language.code
        return self.show(
            "studio_language.html",
            language=self.language,
            lines=lines,
            states=STATES.items(),
            progress=recording_progress(self.texts),
            accepted=",".join(f".{ending}" for ending in (*MEDIA_TYPES, "opus")),
            largest=LARGEST_SOUND // KIB**2,
            heavy=HEAVY_SOUND // KIB,
            seen=archive_state(self.texts, self.salt),
            script_url=self.url("questionnaires_studio_script", language=code),
            archive_url=self.url("questionnaires_studio_archive", language=code),
            list_url=self.url("questionnaires_studio"),
        )

    def signed(self, heard: StudioText) -> str:
        """Return what is shown of a text, so that it is known later what was read aloud."""
        return signing.dumps([heard.text.key, heard.text.words, heard.digest], salt=self.salt, compress=True)


ACTIONS: Mapping[str, Callable[[StudioLanguageView, str, str, str], None]] = {
    "confirm": StudioLanguageView.confirm,
    "remove": StudioLanguageView.remove,
}
"""What a button of a text does; any other saves its recording."""


def archive_state(texts: list[StudioText], salt: str) -> str:
    """Return which recordings a page shows, signed."""
    return signing.dumps(
        {text.text.key: text.digest for text in texts if text.digest}, salt=salt, compress=True
    )


class StudioArchiveView(StudioMixin, View):
    """Takes an archive with many recordings, whole or not at all."""

    http_method_names: list[str] = ["post", "options"]

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        """Save every recording of the archive, or list what is wrong file by file."""
        back = self.url("questionnaires_studio_language", language=self.language.code)
        file = request.FILES.get("archive")
        if file is None:
            messages.error(request, _("Choose the archive first."))
            return redirect(back)
        try:
            seen = signing.loads(request.POST.get("seen", ""), salt=self.salt, max_age=LONGEST_VISIT_SECONDS)
            self.refuse_changed(seen)
            saved = take_archive(texts=self.texts, content=file.read(LARGEST_ARCHIVE + 1), **self.target)
        except signing.BadSignature:
            messages.error(request, _("The page is too old. Nothing was saved; try again."))
        except RecordingChangedError as error:
            messages.error(request, str(error))
        except ArchiveError as error:
            return self.refused(error.problems, back)
        else:
            messages.success(request, _("%(n)d recordings were saved.") % {"n": len(saved)})
        return redirect(back)

    def refuse_changed(self, seen: Mapping[str, str]) -> None:
        """Raise if the recordings are no longer those that the page showed."""
        changed = [text.text.key for text in self.texts if text.digest != seen.get(text.text.key, "")]
        if changed:
            raise RecordingChangedError(changed)

    def refused(self, problems: tuple[ArchiveProblem, ...], back: str) -> HttpResponse:
        """List the files that cannot be taken."""
        return self.show(
            "studio_archive.html", status=422, language=self.language, problems=problems, back_url=back
        )


class StudioScriptView(StudioMixin, View):
    """The texts of a language as a script to read aloud, each with the name its file should have."""

    def get(self, _request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        """Send the script as plain text."""
        response = HttpResponse("\ufeff" + self.script(), content_type="text/plain; charset=utf-8")
        name = f"{self.questionnaire.code}-{self.language.code}.txt"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response

    def script(self) -> str:
        """Return the script."""
        head = _("%(title)s – texts to read aloud – %(language)s") % {
            "title": self.questionnaire,
            "language": self.language.vietnamese,
        }
        return "\r\n".join([head, "", *(line for text in self.texts for line in self.lines(text))])

    def lines(self, heard: StudioText) -> Iterator[str]:
        """Yield a text with its file name, its state and its words."""
        text = heard.text
        yield f"[{text.file_stem}]  ({STATES[heard.state]})"
        if text.language != self.language.code:
            yield _("(in Vietnamese, to be put into the language aloud)")
        yield from text.words.splitlines()
        yield ""
