"""Forms of other tools and of earlier years: taken over as a draft, and written out again."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from questionnaires.exchange.form_in import read_form
from questionnaires.exchange.form_out import write_form
from questionnaires.exchange.problems import FileProblem, FileProblemsError
from questionnaires.exchange.pyxform_check import xform_of
from questionnaires.exchange.sheets import table_of_sheet
from questionnaires.exchange.translations import further_texts
from questionnaires.languages import FURTHER_LANGUAGES, SITE_LANGUAGES
from questionnaires.models import Questionnaire
from questionnaires.schema import SchemaError, parse, to_document
from questionnaires.services.drafts import import_form
from questionnaires.services.workbooks import LARGEST_FORM, MEGABYTE, read_workbook, write_workbook


class DraftExistsError(ValueError):
    """Raised when a form would replace a draft and nobody agreed to that; `questionnaire` is the draft."""

    def __init__(self, questionnaire: Questionnaire) -> None:
        self.questionnaire = questionnaire
        super().__init__(
            _(
                "There is a draft with the code %(code)s already. Agree to replace its contents, or give the "
                "form another code."
            )
            % {"code": questionnaire.code}
        )


@dataclass(frozen=True, slots=True)
class ReadForm:
    """A form read from a file: its document, and what was taken over otherwise than it stands there."""

    document: dict[str, Any]
    notices: tuple[FileProblem, ...] = ()


def read_form_file(content: bytes) -> ReadForm:
    """Return the questionnaire in an XLSForm or a JSON file, whatever its name ends in.

    Raises
    ------
    FileProblemsError, SchemaError
        With every problem found.
    """
    is_json = content.lstrip()[:1] in {b"{", b"["} or content.startswith(b"\xef\xbb\xbf{")
    return _read_json(content) if is_json else _read_xlsform(content)


def _read_xlsform(content: bytes) -> ReadForm:
    """Read an XLSForm and let pyxform have the last word."""
    sheets = read_workbook(content)
    reading = read_form(sheets)
    xform_of(sheets)
    return ReadForm(reading.document, reading.notices)


def _read_json(content: bytes) -> ReadForm:
    """Read the JSON form of the platform."""
    if len(content) > LARGEST_FORM:
        raise _refused(_("The file is larger than %(limit)s MB.") % {"limit": LARGEST_FORM // MEGABYTE})
    try:
        document = json.loads(content.decode("utf-8-sig"), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise _refused(_("The file is no JSON document: %(error)s.") % {"error": error}) from error
    try:
        return ReadForm(to_document(parse(document)))
    except RecursionError as error:
        raise _refused(_("Conditions lie inside each other too deeply.")) from error


def _no_constant(name: str) -> None:
    """Refuse NaN and infinity, which JSON does not know."""
    raise ValueError(name)


def _refused(text: str) -> FileProblemsError:
    """Return the error of a file that is none of ours."""
    return FileProblemsError([FileProblem("", "", "no_workbook", {"text": text})])


def take_over_form(
    *, content: bytes, may_replace: bool = False, user: AbstractBaseUser | None = None
) -> tuple[Questionnaire, tuple[FileProblem, ...]]:
    """Take a form over as a draft, as a new revision where there is one; return it with what changed."""
    form = read_form_file(content)
    draft = Questionnaire.objects.filter(code=form.document["code"]).first()
    if draft is not None and not may_replace:
        raise DraftExistsError(draft)
    try:
        return import_form(form.document, user=user), (*form.notices, *_languages_left_out(form.document))
    except ValidationError as error:
        raise _refused(" ".join(error.messages)) from error


def _languages_left_out(document: Mapping[str, Any]) -> list[FileProblem]:
    """Return one notice per language that no questionnaire is translated into."""
    return [
        FileProblem("survey", "", "language_left_out", {"language": language})
        for language in further_texts(document, SITE_LANGUAGES)
        if language not in FURTHER_LANGUAGES
    ]


def xlsform_of(document: Mapping[str, Any], *, version: str = "") -> bytes:
    """Return a questionnaire as an XLSForm that pyxform accepts.

    Raises
    ------
    FileProblemsError, SchemaError
        If the draft is not one that can be read, or has codes that repeat themselves.
    """
    written = write_form(to_document(parse(document)), version=version)
    xform_of(written.sheets)
    return write_workbook({name: table_of_sheet(sheet) for name, sheet in written.sheets.items()})


def json_form_of(document: Mapping[str, Any], **_unused: str) -> bytes:
    """Return a questionnaire as the JSON form, laid out to be read and compared."""
    return f"{json.dumps(document, ensure_ascii=False, indent=1)}\n".encode()


@dataclass(frozen=True, slots=True)
class FormFormat:
    """A format of questionnaires: how a document is written, and what the file is called and is."""

    write: Callable[..., bytes]
    suffix: str
    content_type: str


FORM_FORMATS: Mapping[str, FormFormat] = {
    "xlsform": FormFormat(
        xlsform_of, ".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    ),
    "json": FormFormat(json_form_of, ".json", "application/json"),
}

__all__ = [
    "FORM_FORMATS",
    "DraftExistsError",
    "FormFormat",
    "ReadForm",
    "SchemaError",
    "json_form_of",
    "read_form_file",
    "take_over_form",
    "xlsform_of",
]
