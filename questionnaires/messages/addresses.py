"""Where a message can go: mobile numbers as networks want them, and e-mail addresses."""

import re
from collections.abc import Callable, Mapping

COUNTRY = "84"
NATIONAL = re.compile(r"0[35789]\d{8}")
"""A mobile number of Viet Nam as it is dialled inside the country; a landline takes no text message."""
_BETWEEN = re.compile(r"[\s().-]")
_EMAIL = re.compile(r"[^\s@<>\"(),:;\[\]\\]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")


def mobile_number(text: str) -> str:
    """Return a mobile number as it is dialled in the country, empty where it is none.

    Examples
    --------
    >>> mobile_number("+84 912 345 678"), mobile_number("0912.345.678"), mobile_number("024 3825 1234")
    ('0912345678', '0912345678', '')
    """
    digits = _BETWEEN.sub("", text)
    for beginning in (f"+{COUNTRY}", f"00{COUNTRY}", COUNTRY):
        if digits.startswith(beginning):
            digits = f"0{digits.removeprefix(beginning).removeprefix('0')}"
            break
    return digits if NATIONAL.fullmatch(digits) and digits.isascii() else ""


def international(number: str) -> str:
    """Return a national mobile number as gateways want it.

    Examples
    --------
    >>> international("0912345678")
    '84912345678'
    """
    return COUNTRY + number.removeprefix("0")


def email_address(text: str) -> str:
    """Return an e-mail address in lower case, empty where it is none.

    Examples
    --------
    >>> email_address(" An.Nguyen@Example.vn "), email_address("an@example"), email_address("a@b.vn, c@d.vn")
    ('an.nguyen@example.vn', '', '')
    """
    address = text.strip().casefold()
    return address if _EMAIL.fullmatch(address) and address.isascii() else ""


READERS: Mapping[str, Callable[[str], str]] = {
    "email": email_address,
    "sms": mobile_number,
    "zalo": mobile_number,
}
"""How each channel reads an address."""
