"""Many recordings at once: an archive whose files are named after the texts, taken whole or not at all."""

import io
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from django.contrib.auth.models import AbstractBaseUser
from django.utils.translation import gettext as _

from questionnaires.exchange.spoken import SpokenText, file_stem
from questionnaires.models import Questionnaire, Recording
from questionnaires.selectors.recordings import StudioText
from questionnaires.services.recordings import NewRecording, save_recordings
from questionnaires.sounds import LARGEST_SOUND, UnfitSoundError, recognise

MOST_FILES = 2_000
LARGEST_ARCHIVE = 50 * 1024 * 1024
LARGEST_CONTENT = 4 * LARGEST_ARCHIVE
"""Bytes of all files together; sound hardly shrinks, so an archive that unpacks to more is none of ours."""
ENCRYPTED = 0x1
UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError)


@dataclass(frozen=True, slots=True)
class ArchiveProblem:
    """A file of an archive, and why it cannot be taken."""

    name: str
    reason: str


class ArchiveError(ValueError):
    """Raised for an archive that cannot be taken whole; `problems` has one entry per file."""

    def __init__(self, problems: Sequence[ArchiveProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(f"{problem.name}: {problem.reason}" for problem in problems))


def take_archive(
    *,
    questionnaire: Questionnaire,
    language: str,
    content: bytes,
    texts: Sequence[StudioText],
    user: AbstractBaseUser | None = None,
) -> list[Recording]:
    """Save every recording of a ZIP archive; the recordings of `texts` must still be the ones looked at.

    Raises
    ------
    ArchiveError
        With every problem found, each with the name of its file; nothing is saved then.
    RecordingChangedError
        If a recording was replaced since.
    """
    known = {text.text.file_stem: text for text in texts}
    found = _read(content, {stem: text.text for stem, text in known.items()})
    new = [
        NewRecording(known[stem].text.key, known[stem].text.words, sound, known[stem].digest)
        for stem, sound in found.items()
    ]
    return save_recordings(questionnaire=questionnaire, language=language, recordings=new, user=user)


def _read(content: bytes, known: Mapping[str, SpokenText]) -> dict[str, bytes]:
    """Return the files of an archive by the text they belong to."""
    whole = _("archive")
    if len(content) > LARGEST_ARCHIVE:
        limit = {"limit": LARGEST_ARCHIVE // 1024**2}
        raise ArchiveError(
            [ArchiveProblem(whole, _("It is larger than %(limit)d MB. Send it in parts.") % limit)]
        )
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except UNREADABLE as error:
        reason = _("Expected a ZIP archive, got another or a damaged file. Pack the recordings again.")
        raise ArchiveError([ArchiveProblem(whole, reason)]) from error
    with archive:
        return _files(archive, known)


def _files(archive: zipfile.ZipFile, known: Mapping[str, SpokenText]) -> dict[str, bytes]:
    """Return the recordings of an open archive, or raise with everything that is wrong."""
    members = [member for member in archive.infolist() if not _is_by_the_way(member)]
    _refuse_bombs(members)
    taken: dict[str, bytes] = {}
    problems: list[ArchiveProblem] = []
    for member in members:
        stem = _stem(member.filename)
        try:
            _refuse_name(stem, known, taken)
            taken[stem] = _content(archive, member)
        except UnfitSoundError as error:
            problems.append(ArchiveProblem(member.filename, str(error)))
    if not members:
        problems.append(ArchiveProblem(_("archive"), _("There is no file in it.")))
    if problems:
        raise ArchiveError(problems)
    return taken


def _is_by_the_way(member: zipfile.ZipInfo) -> bool:
    """Whether an entry is a folder, or something that systems add by themselves."""
    parts = PurePosixPath(member.filename).parts
    return member.is_dir() or not parts or parts[-1].startswith(".") or parts[0] == "__MACOSX"


def _refuse_bombs(members: Sequence[zipfile.ZipInfo]) -> None:
    """Raise for an archive that says it unpacks to more than recordings of a questionnaire are."""
    if len(members) > MOST_FILES or sum(member.file_size for member in members) > LARGEST_CONTENT:
        params = {"files": MOST_FILES, "limit": LARGEST_CONTENT // 1024**2}
        reason = _("It holds more than %(files)d files or %(limit)d MB. Send it in parts.") % params
        raise ArchiveError([ArchiveProblem(_("archive"), reason)])


def _stem(name: str) -> str:
    """Return which text a file is for: its name, or its path where folders stand for the key's strokes."""
    path = PurePosixPath(name)
    parts = path.with_suffix("").parts
    first = next((place for place, part in enumerate(parts) if ":" in part), len(parts) - 1)
    return file_stem("/".join(parts[first:]))


def _refuse_name(stem: str, known: Mapping[str, SpokenText], taken: Mapping[str, bytes]) -> None:
    """Raise for a file that no text, or another file already, goes by."""
    if stem not in known:
        raise UnfitSoundError(_("No text has this name. The script to read says how files are called."))
    if stem in taken:
        raise UnfitSoundError(_("Another file is for the same text already. Keep one of them."))


def _content(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """Return a recording; what its entry says about its size is not believed."""
    if member.flag_bits & ENCRYPTED:
        raise UnfitSoundError(_("The file is locked with a password. Pack it without one."))
    try:
        with archive.open(member) as file:
            content = file.read(LARGEST_SOUND + 1)
    except UNREADABLE as error:
        raise UnfitSoundError(_("The file is damaged. Pack the recordings again.")) from error
    recognise(content)
    return content
