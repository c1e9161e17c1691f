"""Further languages of a questionnaire: how complete they are, their texts, and workbooks for translators."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from questionnaires.exchange.problems import FileProblemsError
from questionnaires.exchange.translations import (
    Completeness,
    Entry,
    State,
    Translation,
    completeness,
    entries,
)
from questionnaires.findings import described_in_file
from questionnaires.languages import FURTHER_LANGUAGES, Language
from questionnaires.permissions import CHANGE_DRAFT, VIEW_DRAFT
from questionnaires.schema.texts import normalize
from questionnaires.services import (
    FORM_FORMATS,
    TextChangedError,
    compare_workbook,
    save_translations,
    stored_translations,
    translation_workbook,
)
from questionnaires.services.workbooks import LARGEST_FORM
from questionnaires.viewsets.draft_languages import DraftLanguageMixin

SALT = "questionnaires.translations"
STILL_RIGHT = "still-right:"
LONGEST_VISIT_SECONDS = 60 * 60 * 24
STATES = {
    State.MISSING: gettext_lazy("missing"),
    State.OUTDATED: gettext_lazy("Vietnamese text changed"),
    State.DONE: gettext_lazy("translated"),
}


@dataclass(frozen=True, slots=True)
class LanguageRow:
    """One language and how far it is."""

    language: Language
    completeness: Completeness
    url: str


class TranslationsMixin(DraftLanguageMixin):
    """A page about the languages of one draft."""

    permission_required = CHANGE_DRAFT
    languages = FURTHER_LANGUAGES

    @property
    def salt(self) -> str:
        """What ties signed values of a page to this draft and language."""
        return f"{SALT}:{self.questionnaire.pk}:{self.language.code}"

    def entries_in(self, language: str) -> list[Entry]:
        """Return every text with its translation."""
        return entries(self.document, stored_translations(self.questionnaire).get(language, {}))

    def url(self, name: str, **kwargs: str) -> str:
        """Return the address of one of these pages."""
        return reverse(name, kwargs={"pk": self.questionnaire.pk, **kwargs})

    def show(self, template: str, *, status: int = 200, **context: Any) -> HttpResponse:
        """Render a page."""
        edit_url = reverse("wagtailsnippets_questionnaires_questionnaire:edit", args=[self.questionnaire.pk])
        values = {"questionnaire": self.questionnaire, "edit_url": edit_url} | context
        return render(self.request, f"questionnaires/admin/{template}", values, status=status)


class LanguageForm(forms.Form):
    """A language to begin with."""

    language = forms.ChoiceField(label=gettext_lazy("Language"))

    def __init__(self, *args: Any, taken: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["language"]
        field.choices = [
            (code, f"{language.vietnamese} ({code})")
            for code, language in FURTHER_LANGUAGES.items()
            if code not in taken
        ]


class TranslationsView(TranslationsMixin, View):
    """The languages of a draft, each with its completeness."""

    def has_permission(self) -> bool:
        """Let everybody look who may see drafts; only editors begin a language."""
        user = cast("Any", self.request.user)
        return user.has_perm(CHANGE_DRAFT) or (self.request.method == "GET" and user.has_perm(VIEW_DRAFT))

    def get(self, _request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        """List the languages."""
        return self.listing(LanguageForm(taken=stored_translations(self.questionnaire)))

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        """Begin a language."""
        form = LanguageForm(request.POST, taken=stored_translations(self.questionnaire))
        if not form.is_valid():
            return self.listing(form)
        language = form.cleaned_data["language"]
        save_translations(
            questionnaire=self.questionnaire, language=language, texts={}, user=cast("Any", request.user)
        )
        return redirect(self.url("questionnaires_translation", language=language))

    def listing(self, form: LanguageForm) -> HttpResponse:
        """Show languages and form."""
        user = cast("Any", self.request.user)
        may_change = user.has_perm(CHANGE_DRAFT)
        return self.show("translations.html", rows=list(self.rows()), form=form, may_change=may_change)

    def rows(self) -> Iterator[LanguageRow]:
        """Yield the languages there are."""
        for code, translations in stored_translations(self.questionnaire).items():
            if code in FURTHER_LANGUAGES:
                found = completeness(entries(self.document, translations))
                url = self.url("questionnaires_translation", language=code)
                yield LanguageRow(FURTHER_LANGUAGES[code], found, url)


@dataclass(frozen=True, slots=True)
class TextRow:
    """One text as the page shows it."""

    entry: Entry
    state: str
    text: str

    @property
    def is_outdated(self) -> bool:
        """Whether the Vietnamese text was changed after the translation."""
        return self.entry.state is State.OUTDATED

    @property
    def still_right_name(self) -> str:
        """Name of the box that says that the translation is right all the same."""
        return f"{STILL_RIGHT}{self.entry.key}"


class TranslationView(TranslationsMixin, View):
    """All texts of one language on one page, each below its Vietnamese and English words."""

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        """Show the texts, or only those in one state."""
        found = self.entries_in(self.language.code)
        wanted = request.GET.get("state", "")
        shown = [entry for entry in found if entry.state == wanted] if wanted in set(State) else found
        rows = [TextRow(entry, str(STATES[entry.state]), entry.text) for entry in shown]
        return self.texts(rows, _seen(shown, self.salt), found)

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        """Save what was written; a text that somebody else changed meanwhile is not overwritten."""
        seen = _read_seen(request.POST.get("seen", ""), self.salt)
        texts = dict(_written(request.POST, seen))
        try:
            save_translations(
                questionnaire=self.questionnaire,
                language=self.language.code,
                texts=texts,
                seen={key: seen[key][1] for key in texts},
                user=cast("Any", request.user),
            )
        except (TextChangedError, FileProblemsError) as error:
            messages.error(request, str(error))
            return self.again(seen)
        messages.success(request, _("%(n)d texts were saved.") % {"n": len(texts)})
        return redirect(request.get_full_path())

    def again(self, seen: Mapping[str, list[str]]) -> HttpResponse:
        """Show what was written once more, beside what there is by now."""
        found = self.entries_in(self.language.code)
        shown = [entry for entry in found if entry.key in seen]
        rows = [
            TextRow(entry, str(STATES[entry.state]), self.request.POST.get(entry.key, entry.text))
            for entry in shown
        ]
        return self.texts(rows, _seen(shown, self.salt), found)

    def texts(self, rows: list[TextRow], seen: str, found: list[Entry]) -> HttpResponse:
        """Render the page."""
        return self.show(
            "translation.html",
            language=self.language,
            rows=rows,
            seen=seen,
            states=STATES.items(),
            completeness=completeness(found),
            workbook_url=self.url("questionnaires_translation_workbook", language=self.language.code),
            list_url=self.url("questionnaires_translations"),
        )


class TranslationWorkbookView(TranslationsMixin, View):
    """The workbook of a language: downloaded, and sent back with its differences shown before they count."""

    def get(self, _request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        """Send the workbook."""
        code = self.language.code
        content = translation_workbook(self.entries_in(code), code)
        response = HttpResponse(content, content_type=FORM_FORMATS["xlsform"].content_type)
        name = f"{self.questionnaire.code}-{code}.xlsx"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        """Show what the workbook would change, or take over what was shown."""
        if "changes" in request.POST:
            return self.confirm(request)
        file = request.FILES.get("file")
        if file is None:
            messages.error(request, _("Choose the workbook first."))
            return redirect(self.url("questionnaires_translation", language=self.language.code))
        try:
            found = compare_workbook(
                file.read(LARGEST_FORM + 1), self.entries_in(self.language.code), self.language.code
            )
        except FileProblemsError as error:
            problems = list(map(described_in_file, error.problems))
            return self.differences(problems=problems, status=422)
        return self.differences(
            found=found,
            notices=list(map(described_in_file, found.notices)),
            changes=signing.dumps(
                {change.key: [change.source, change.before, change.after] for change in found.changes},
                salt=self.salt,
                compress=True,
            ),
        )

    def differences(self, *, status: int = 200, **context: Any) -> HttpResponse:
        """Render the page of differences."""
        back = self.url("questionnaires_translation", language=self.language.code)
        return self.show(
            "translation_changes.html", status=status, language=self.language, back_url=back, **context
        )

    def confirm(self, request: HttpRequest) -> HttpResponse:
        """Take over the changes that were left ticked, as they were shown."""
        back = self.url("questionnaires_translation", language=self.language.code)
        try:
            changes = signing.loads(request.POST["changes"], salt=self.salt, max_age=LONGEST_VISIT_SECONDS)
        except signing.BadSignature:
            messages.error(request, _("The list of changes is too old. Send the workbook again."))
            return redirect(back)
        taken = {key: changes[key] for key in request.POST.getlist("take") if key in changes}
        try:
            save_translations(
                questionnaire=self.questionnaire,
                language=self.language.code,
                texts={key: Translation(after, source) for key, (source, _before, after) in taken.items()},
                seen={key: before for key, (_source, before, _after) in taken.items()},
                user=cast("Any", request.user),
            )
        except (TextChangedError, FileProblemsError) as error:
            messages.error(request, str(error))
            return redirect(back)
        messages.success(request, _("%(n)d texts were saved.") % {"n": len(taken)})
        return redirect(back)


def _seen(shown: list[Entry], salt: str) -> str:
    """Return what a page shows, signed, so that it is known later what was translated."""
    return signing.dumps({entry.key: [entry.source, entry.text] for entry in shown}, salt=salt, compress=True)


def _read_seen(signed: str, salt: str) -> dict[str, list[str]]:
    """Return what a page showed; nothing if that is not ours or too old."""
    try:
        return cast("dict[str, list[str]]", signing.loads(signed, salt=salt, max_age=LONGEST_VISIT_SECONDS))
    except signing.BadSignature:
        return {}


def _written(posted: Mapping[str, Any], seen: Mapping[str, list[str]]) -> Iterator[tuple[str, Translation]]:
    """Yield the texts that were changed, and those that were found to be still right."""
    for key, (source, text) in seen.items():
        written = normalize(str(posted.get(key, text)))
        if written != text or f"{STILL_RIGHT}{key}" in posted:
            yield key, Translation(written, source)
