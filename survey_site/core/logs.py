"""What the log of the site must not hold: codes and tokens that stand in addresses."""

import logging
import re

SECRET_PATH = re.compile(r"(/tham-gia/|/mo/[^/\s]+/so/)[^\s/]\S*")
"""Paths of printed links: an access code, or the token of a dossier in an open round."""


class SecretPathFilter(logging.Filter):
    """Cuts addresses after the word before which a code or a token stands; every line is kept."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Cut message and arguments, and keep the record."""
        record.msg = _cut(record.msg)
        if isinstance(record.args, tuple):
            record.args = tuple(_cut(part) for part in record.args)
        return True


def _cut(part: object) -> object:
    """Return a text without what follows; anything else as it is."""
    return SECRET_PATH.sub(r"\1…", part) if isinstance(part, str) else part
