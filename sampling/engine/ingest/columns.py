"""The columns of a transaction list: what they are called, in which words, and what their cells become."""

import datetime
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from sampling.engine.ingest.findings import IngestError

REQUIRED = ("id", "agency", "province", "field", "settled_on", "party")
OPTIONAL = ("agency_name", "commune", "level", "channel", "person_id", "size")
CONTACTS = ("full_name", "phone", "email", "address")
COLUMNS = (*REQUIRED, *OPTIONAL, *CONTACTS)
"""Every column that is read; what else a file has is left alone and named in the report."""

ALIASES: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "dossier_id", "dossier", "ma_ho_so", "so_ho_so", "ma_hs", "so_hs", "so_bien_nhan", "ho_so"),
    "agency": ("agency", "agency_code", "unit", "unit_code", "ma_co_quan", "ma_don_vi", "co_quan", "don_vi"),
    "province": ("province", "province_code", "ma_tinh", "tinh", "tinh_thanh", "tinh_thanh_pho"),
    "field": ("field", "field_code", "linh_vuc", "ma_linh_vuc"),
    "settled_on": (
        "settled_on", "date_settled", "settled", "ngay_tra", "ngay_tra_ket_qua", "ngay_giai_quyet",
        "ngay_giai_quyet_xong", "ngay_ket_thuc", "ngay_hoan_thanh",
    ),
    "party": ("party", "party_type", "doi_tuong", "loai_doi_tuong", "loai_khach_hang"),
    "agency_name": ("agency_name", "unit_name", "ten_co_quan", "ten_don_vi"),
    "commune": ("commune", "commune_code", "ma_xa", "xa", "xa_phuong", "phuong_xa"),
    "level": ("level", "unit_level", "cap", "cap_don_vi", "cap_co_quan", "cap_giai_quyet"),
    "channel": ("channel", "kenh", "kenh_nop", "kenh_tiep_nhan", "hinh_thuc", "hinh_thuc_nop"),
    "person_id": (
        "person_id", "citizen_id", "personal_id", "cccd", "so_cccd", "so_dinh_danh", "ma_dinh_danh",
        "so_dinh_danh_ca_nhan", "dinh_danh", "can_cuoc", "so_can_cuoc", "can_cuoc_cong_dan",
    ),
    "size": ("size", "measure_of_size", "quy_mo", "kich_thuoc"),
    "full_name": ("full_name", "name", "ho_ten", "ho_va_ten", "nguoi_nop", "chu_ho_so", "ten_nguoi_nop"),
    "phone": ("phone", "telephone", "mobile", "dien_thoai", "so_dien_thoai", "sdt"),
    "email": ("email", "e_mail", "thu_dien_tu", "dia_chi_email"),
    "address": ("address", "dia_chi", "dia_chi_lien_he"),
}  # fmt: skip
"""Names that each column goes by, without tone marks, lower case, words joined by underscores."""

PARTIES: Mapping[str, str] = {
    **dict.fromkeys(("person", "citizen", "individual", "ca_nhan", "cong_dan", "nguoi_dan"), "person"),
    **dict.fromkeys(
        ("organisation", "organization", "business", "company", "to_chuc", "doanh_nghiep", "co_quan"),
        "organisation",
    ),
}
LEVELS: Mapping[str, str] = {
    **dict.fromkeys(("ministry", "central", "bo", "bo_nganh", "trung_uong", "cap_bo"), "ministry"),
    **dict.fromkeys(("province", "tinh", "cap_tinh", "thanh_pho", "so"), "province"),
    **dict.fromkeys(("district", "huyen", "cap_huyen", "quan", "thi_xa"), "district"),
    **dict.fromkeys(("commune", "xa", "cap_xa", "phuong", "dac_khu"), "commune"),
}
CHANNELS: Mapping[str, str] = {
    **dict.fromkeys(("online", "truc_tuyen", "cong_dich_vu_cong", "dvc", "portal"), "online"),
    **dict.fromkeys(("counter", "truc_tiep", "mot_cua", "in_person"), "counter"),
    **dict.fromkeys(("post", "buu_chinh", "buu_chinh_cong_ich", "buu_dien"), "post"),
}

UNKNOWN = "?"
"""Put before a value that is none of those expected, so that a check finds it and can quote it."""

PADDED = "+"
"""Put before a code to which a lost leading zero was given back."""

PROVINCE_DIGITS, COMMUNE_DIGITS = 2, 5
LONGEST_SIZE = 15
_NOT_WORD = re.compile(r"[^a-z0-9]+")
_DATE = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})|(\d{4})-(\d{2})-(\d{2})")
_TIME = re.compile(r"[ T]\d{1,2}:\d{2}.*$")
_WHOLE = re.compile(r"([0-9]+)(?:\.0)?")


@lru_cache(maxsize=4096)
def folded(text: str) -> str:
    """Return a text without tone marks, case and punctuation, words joined by underscores.

    Examples
    --------
    >>> folded("Mã hồ sơ "), folded("Địa chỉ")
    ('ma_ho_so', 'dia_chi')
    """
    plain = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return _NOT_WORD.sub("_", "".join(sign for sign in plain if not unicodedata.combining(sign))).strip("_")


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """Where in a file each column stands, by position, and which of its columns are left alone."""

    positions: Mapping[str, int]
    unused: tuple[str, ...]
    missing: tuple[str, ...]


def map_columns(header: Sequence[str], wanted: Mapping[str, str] | None = None) -> ColumnMap:
    """Find the columns of a list in a row of column names.

    Parameters
    ----------
    header : sequence of str
        The row of column names, as written.
    wanted : mapping of str to str, optional
        Column of the list to the name it has in this file; wins over the known names.

    Returns
    -------
    ColumnMap
        Positions of the columns found; required ones that are not there are `missing`.

    Raises
    ------
    IngestError
        If a name that was asked for is not in the file, or two columns mean the same.

    Examples
    --------
    >>> map_columns(["Mã hồ sơ", "Ghi chú"]).positions
    {'id': 0}
    """
    names = [folded(name) for name in header]
    known = {alias: column for column, aliases in ALIASES.items() for alias in aliases}
    positions: dict[str, int] = {}
    for column, name in (wanted or {}).items():
        if column not in COLUMNS or folded(name) not in names:
            raise IngestError("column_not_found", column=column, name=name, known=", ".join(header))
        positions[column] = names.index(folded(name))
    for position, name in enumerate(names):
        column = known.get(name, "")
        if not column or position in positions.values() or column in (wanted or {}):
            continue
        if column in positions:
            first = header[positions[column]]
            raise IngestError("column_twice", column=column, name=first, other=header[position])
        positions[column] = position
    return ColumnMap(
        positions=positions,
        unused=tuple(name for place, name in enumerate(header) if place not in positions.values() and name),
        missing=tuple(column for column in REQUIRED if column not in positions),
    )


def as_text(cell: str) -> str:
    """Return composed text without needless space."""
    return unicodedata.normalize("NFC", " ".join(cell.split()))


def as_word(known: Mapping[str, str]) -> Callable[[str], str]:
    """Return a reader of one of a few words."""

    def read(cell: str) -> str:
        text = as_text(cell)
        return known.get(folded(text), UNKNOWN + text) if text else ""

    return read


def as_code(digits: int) -> Callable[[str], str]:
    """Return a reader of codes of so many digits; a spreadsheet may have eaten one leading zero."""

    def read(cell: str) -> str:
        text = as_text(cell)
        match = _WHOLE.fullmatch(text)
        if match is None:
            return text
        code = match[1]
        return PADDED + code.zfill(digits) if len(code) == digits - 1 else code

    return read


def as_agency(cell: str) -> str:
    """Read the code of an agency; a number of four digits is the code of a commune without its zero."""
    text = as_text(cell)
    return text.zfill(COMMUNE_DIGITS) if text.isdecimal() and len(text) == COMMUNE_DIGITS - 1 else text


def as_day(cell: str) -> str:
    """Read a day written dd/mm/yyyy or yyyy-mm-dd, with or without a time; return it in ISO form.

    Examples
    --------
    >>> as_day("05/03/2026"), as_day("2026-03-05 10:30"), as_day("31/02/2026")
    ('2026-03-05', '2026-03-05', '?31/02/2026')
    """
    text = as_text(cell)
    match = _DATE.fullmatch(_TIME.sub("", text))
    if match is None:
        return UNKNOWN + text if text else ""
    day, month, year = (match[1], match[2], match[3]) if match[1] else (match[6], match[5], match[4])
    try:
        return datetime.date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return UNKNOWN + text


def as_size(cell: str) -> str:
    """Read a whole number above 0; anything else comes back marked."""
    text = as_text(cell)
    match = _WHOLE.fullmatch(text)
    if match and len(match[1]) <= LONGEST_SIZE and int(match[1]) > 0:
        return match[1]
    return UNKNOWN + text


CELL_READERS: Mapping[str, Callable[[str], str]] = {
    "agency": as_agency,
    "agency_name": as_text,
    "province": as_code(PROVINCE_DIGITS),
    "commune": as_code(COMMUNE_DIGITS),
    "level": as_word(LEVELS),
    "field": as_text,
    "channel": as_word(CHANNELS),
    "settled_on": as_day,
    "party": as_word(PARTIES),
    "size": as_size,
}
"""How the cells of columns with few different values are read, each value once."""
