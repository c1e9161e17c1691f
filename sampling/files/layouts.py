"""The tables that offices send, and what they call their columns."""

from collections.abc import Mapping

from sampling.files.headers import Layout

_SIZE = (
    "so nguoi", "dan so", "so dan", "so nguoi lon", "so nguoi tu 18 tuoi", "so nguoi tu 18 tuoi tro len",
    "so nguoi tu du 18 tuoi", "so nguoi tu du 18 tuoi tro len", "nguoi tu du 18 tuoi tro len",
    "dan so tu 18 tuoi", "dan so tu 18 tuoi tro len", "nguoi tu 18 tuoi tro len", "tong so nguoi", "tong "
    "dan so", "so nhan khau", "nhan khau",
    "so nguoi truong thanh", "quy mo", "quy mo dan so", "population", "adults", "number of adults", "size",
)  # fmt: skip
_COMMUNE_CODES = (
    "ma xa", "ma xa phuong", "ma phuong xa", "ma xa phuong dac khu", "ma xa phuong thi tran", "ma so xa",
    "ma cap xa", "ma don vi hanh chinh cap xa", "commune code", "ma xa phuong moi", "ma xa moi",
)  # fmt: skip
_COMMUNE_NAMES = (
    "ten xa", "ten xa phuong", "ten phuong xa", "ten xa phuong dac khu", "ten xa phuong thi tran",
    "xa phuong", "xa", "xa phuong dac khu", "phuong xa", "commune", "commune name", "ten xa phuong moi",
    "ten xa moi",
)  # fmt: skip
_PROVINCE_CODES = (
    "ma tinh", "ma tinh thanh pho", "ma tinh tp", "ma so tinh", "province code", "ma tinh thanh",
)  # fmt: skip
_PROVINCE_NAMES = (
    "ten tinh",
    "tinh",
    "tinh thanh pho",
    "ten tinh thanh pho",
    "tinh tp",
    "province",
    "province name",
)
_DISTRICT_CODES = ("ma huyen", "ma quan huyen", "ma huyen quan", "ma quan", "ma so huyen", "district code")
_DISTRICT_NAMES = (
    "ten huyen",
    "ten quan huyen",
    "huyen",
    "quan huyen",
    "ten quan",
    "district",
    "district name",
)
_PARENTS = ("parent", "ma cap tren", "ma don vi cap tren", "ma dvhc cap tren")
_CODES = ("ma", "ma so", "ma don vi", "ma dvhc", "ma don vi hanh chinh", "unit code")
_NAMES = (
    "ten",
    "ten don vi",
    "ten dvhc",
    "ten don vi hanh chinh",
    "don vi",
    "don vi hanh chinh",
    "unit name",
)
_REASONS = (
    "ly do loai",
    "ly do loai tru",
    "ly do loai khoi dan mau",
    "ly do khong chon",
    "reason for exclusion",
)
_ORDER = ("stt", "tt", "so tt", "so thu tu", "no")
_REQUIRED = ("code", "name", "parent_code", "measure_of_size")

COMMUNE_FRAME = Layout(
    names={
        "code": (*_COMMUNE_CODES, *_CODES),
        "name": (*_COMMUNE_NAMES, *_NAMES),
        "parent_code": (*_PARENTS, *_DISTRICT_CODES, *_PROVINCE_CODES),
        "measure_of_size": _SIZE,
        "exclusion_reason": _REASONS,
    },
    required=_REQUIRED,
    spare=(*_ORDER, *_PROVINCE_NAMES, *_PROVINCE_CODES, *_DISTRICT_NAMES),
)
DISTRICT_FRAME = Layout(
    names={
        "code": (*_DISTRICT_CODES, *_CODES),
        "name": (*_DISTRICT_NAMES, *_NAMES),
        "parent_code": (*_PROVINCE_CODES, *_PARENTS),
        "measure_of_size": _SIZE,
        "exclusion_reason": _REASONS,
    },
    required=_REQUIRED,
    spare=(*_ORDER, *_PROVINCE_NAMES),
)
VILLAGE_FRAME = Layout(
    names={
        "code": (
            "ma thon", "ma thon to dan pho", "ma thon to", "ma to dan pho", "ma tdp", "ma ap", "ma ban",
            "ma khu pho", "ma buon", "ma thon ban", "village code", *_CODES,
        ),
        "name": (
            "ten thon", "ten thon to dan pho", "ten thon to", "ten to dan pho", "ten tdp", "ten ap",
            "ten ban", "ten khu pho", "ten buon", "ten thon ban", "thon", "thon to dan pho", "to dan pho",
            "village", "village name", *_NAMES,
        ),
        "parent_code": (*_COMMUNE_CODES, *_PARENTS),
        "measure_of_size": _SIZE,
        "exclusion_reason": _REASONS,
    },
    required=_REQUIRED,
    spare=(
        *_ORDER, *_PROVINCE_NAMES, *_PROVINCE_CODES, *_DISTRICT_NAMES, *_DISTRICT_CODES, *_COMMUNE_NAMES,
    ),
)  # fmt: skip
VILLAGE_REGISTER = Layout(
    names={
        "number": ("stt", "tt", "so tt", "so thu tu", "so thu tu trong danh sach", "no"),
        "sex": ("gioi tinh", "gioi"),
        "age_group": ("nhom tuoi", "do tuoi"),
        "village": ("ma thon", "ma thon to dan pho", "ma to dan pho", "village code"),
    },
    required=("number",),
)
HOUSEHOLD_LIST = Layout(
    names={
        "number": ("so ho", "ma ho", "so thu tu ho", "household number", *_ORDER),
        "group": ("nhom", "to", "xom", "ngo", "cum dan cu", "to lien gia", "hamlet"),
        "position": ("thu tu", "thu tu duong di", "thu tu trong nhom"),
        "head": ("chu ho", "ho ten chu ho", "ho va ten chu ho", "ten chu ho", "head of household"),
        "address": ("dia chi", "so nha", "noi o", "noi cu tru"),
        "phone": ("dien thoai", "so dien thoai", "telephone"),
        "village": ("ma thon", "ma thon to dan pho", "ma to dan pho", "village code"),
    },
    required=("number",),
)

FRAMES: Mapping[str, Layout] = {
    "district": DISTRICT_FRAME,
    "commune": COMMUNE_FRAME,
    "village": VILLAGE_FRAME,
}
"""The area frame of each stage."""
