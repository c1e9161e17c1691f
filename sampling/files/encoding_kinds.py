"""The encodings that are read, and what is said when a text keeps to none of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sampling.files.letters import TCVN3, UNICODE, VNI

LONGEST_EXCERPT = 60


@dataclass(frozen=True, slots=True)
class Encoding:
    """How a file is read: the codec of its bytes, and the convention of its letters."""

    codec: str
    letters: str = UNICODE

    @property
    def label(self) -> str:
        """Return the name that people know."""
        return LABELS.get(self, f"{self.codec} + {self.letters}")

    @property
    def is_plain_utf8(self) -> bool:
        """Tell whether a program that reads UTF-8 can take the file as it is."""
        return self.codec in {UTF_8.codec, UTF_8_BOM.codec} and self.letters == UNICODE


UTF_8: Final = Encoding("utf-8")
UTF_8_BOM: Final = Encoding("utf-8-sig")
UTF_16: Final = Encoding("utf-16")
WINDOWS_1258: Final = Encoding("cp1258")
TCVN3_FILE: Final = Encoding("cp1252", TCVN3)
VNI_FILE: Final = Encoding("cp1252", VNI)

LABELS: Mapping[Encoding, str] = {
    UTF_8: "UTF-8",
    UTF_8_BOM: "UTF-8 (BOM)",
    UTF_16: "UTF-16",
    WINDOWS_1258: "Windows-1258",
    TCVN3_FILE: "TCVN3 (ABC)",
    VNI_FILE: "VNI-Windows",
    Encoding("utf-8", TCVN3): "UTF-8, TCVN3 (ABC)",
    Encoding("utf-8", VNI): "UTF-8, VNI-Windows",
    Encoding("utf-8-sig", TCVN3): "UTF-8 (BOM), TCVN3 (ABC)",
    Encoding("utf-8-sig", VNI): "UTF-8 (BOM), VNI-Windows",
    Encoding("utf-16", TCVN3): "UTF-16, TCVN3 (ABC)",
    Encoding("utf-16", VNI): "UTF-16, VNI-Windows",
}
"""Every encoding that is read, with its name."""

CHOICES: Mapping[str, Encoding] = {
    "utf-8": UTF_8_BOM,
    "utf-16": UTF_16,
    "windows-1258": WINDOWS_1258,
    "tcvn3": TCVN3_FILE,
    "vni": VNI_FILE,
}
"""What a person may say a file is; a byte order mark is dropped where there is one."""

UNDECIDED, UNREADABLE, MIXED, BINARY = "undecided", "unreadable", "mixed", "binary"
_SAID: Mapping[str, str] = {
    UNDECIDED: "Expected text in a known encoding, got {got!r} in line {line}, which none or more than one "
    "explains. Say which encoding it is, or save the file as CSV UTF-8.",
    UNREADABLE: "Expected text in {encoding}, got {got!r} in line {line}. Correct the line, say which "
    "encoding it is, or save the file as CSV UTF-8.",
    MIXED: "Expected one encoding ({encoding}), got {got!r} in line {line}, which is written in another. "
    "Correct the line.",
    BINARY: "Expected text, got a NUL byte in line {line}. Save the file as CSV UTF-8.",
}


class EncodingError(ValueError):
    """Raised when text cannot be read for sure.

    Parameters
    ----------
    code : {"undecided", "unreadable", "mixed", "binary"}
        What is wrong.
    line : int
        Line of the file, the first being 1; 0 if the text came from no file.
    got : str, optional
        The words that cannot be read.
    encoding : str, optional
        Name of the encoding in which the rest is written.
    """

    def __init__(self, code: str, line: int, got: str = "", encoding: str = "") -> None:
        self.code = code
        self.line = line
        self.got = got[:LONGEST_EXCERPT]
        self.encoding = encoding
        super().__init__(_SAID[code].format(line=line, got=self.got, encoding=encoding))
