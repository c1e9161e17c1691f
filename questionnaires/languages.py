"""The languages a questionnaire may be worded in: codes of BCP 47 with their names, and who speaks them.

Vietnamese and English are the languages of the site, in which every text must exist. The others belong to
peoples of Viet Nam; their texts may be incomplete, and a missing one falls back to Vietnamese.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

SITE_LANGUAGES = ("vi", "en")


@dataclass(frozen=True, slots=True)
class Language:
    """One language: its code, its name in English, in Vietnamese and in itself.

    Parameters
    ----------
    code : str
        The shortest code of BCP 47, in lower case: two letters of ISO 639-1 where there are any, else three.
    english, vietnamese, own : str
        Its names; where the people writes several, `own` is the one of its schoolbooks.
    """

    code: str
    english: str
    vietnamese: str
    own: str


LANGUAGES: Mapping[str, Language] = {
    language.code: language
    for language in (
        Language("vi", "Vietnamese", "Tiếng Việt", "Tiếng Việt"),
        Language("en", "English", "Tiếng Anh", "English"),
        Language("tyz", "Tay", "Tiếng Tày", "Tày"),
        Language("nut", "Nung", "Tiếng Nùng", "Nùng"),
        Language("blt", "Tai Dam", "Tiếng Thái (Thái Đen)", "Táy Đăm"),
        Language("twh", "Tai Don", "Tiếng Thái (Thái Trắng)", "Táy Đón"),
        Language("mtq", "Muong", "Tiếng Mường", "Mường"),
        Language("km", "Khmer", "Tiếng Khmer", "ភាសាខ្មែរ"),
        Language("hmn", "Hmong", "Tiếng Mông", "Hmôngz"),
        Language("mww", "White Hmong", "Tiếng Mông Trắng", "Hmoob Dawb"),
        Language("hnj", "Green Hmong", "Tiếng Mông Xanh", "Moob Leeg"),
        Language("ium", "Iu Mien", "Tiếng Dao", "Iu Mienh"),
        Language("jra", "Jarai", "Tiếng Gia Rai", "Jrai"),
        Language("rad", "Rade", "Tiếng Ê Đê", "Êđê"),
        Language("bdq", "Bahnar", "Tiếng Ba Na", "Bahnar"),
        Language("sed", "Sedang", "Tiếng Xơ Đăng", "Xơđăng"),
        Language("kpm", "Koho", "Tiếng Cơ Ho", "Kơho"),
        Language("mnn", "Southern Mnong", "Tiếng Mnông", "Bunong"),
        Language("hre", "Hre", "Tiếng Hrê", "Hrê"),
        Language("sti", "Stieng", "Tiếng Xtiêng", "Xtiêng"),
        Language("bru", "Eastern Bru", "Tiếng Bru – Vân Kiều", "Bru"),
        Language("ktv", "Katu", "Tiếng Cơ Tu", "Cơtu"),
        Language("rog", "Northern Roglai", "Tiếng Raglay", "Raglai"),
        Language("cjm", "Eastern Cham", "Tiếng Chăm (Ninh Thuận, Bình Thuận)", "Cham"),
        Language("cja", "Western Cham", "Tiếng Chăm (An Giang)", "Cham"),
        Language("zh", "Chinese", "Tiếng Hoa", "中文"),
    )
}
"""By code, in the order in which the admin offers them."""

FURTHER_LANGUAGES: Mapping[str, Language] = {
    code: language for code, language in LANGUAGES.items() if code not in SITE_LANGUAGES
}
"""Those whose texts may be incomplete."""


def language_name(code: str) -> str:
    """Return the Vietnamese name of a language, or its code where it is not listed.

    Examples
    --------
    >>> language_name("tyz"), language_name("xx")
    ('Tiếng Tày', 'xx')
    """
    return LANGUAGES[code].vietnamese if code in LANGUAGES else code


def own_name(code: str) -> str:
    """Return the name of a language in itself, or its code where it is not listed.

    Examples
    --------
    >>> own_name("mww")
    'Hmoob Dawb'
    """
    return LANGUAGES[code].own if code in LANGUAGES else code


def code_of_name(name: str) -> str:
    """Return the code of the language that a name stands for, empty where none does.

    Parameters
    ----------
    name : str
        A name in English, Vietnamese or the language itself, or a code; case does not matter.

    Examples
    --------
    >>> code_of_name("tiếng việt"), code_of_name("English (en)"), code_of_name("Klingon")
    ('vi', '', '')
    """
    return _codes_by_name().get(_folded(name), "")


@cache
def _codes_by_name() -> dict[str, str]:
    """Return the codes by every name; a name that several languages share stands for the first."""
    codes: dict[str, str] = {}
    for language in LANGUAGES.values():
        for name in (language.code, language.english, language.vietnamese, language.own):
            codes.setdefault(_folded(name), language.code)
    return codes


def _folded(name: str) -> str:
    """Return a name as it is compared."""
    return unicodedata.normalize("NFC", name).strip().casefold()
