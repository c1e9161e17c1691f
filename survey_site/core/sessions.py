"""Sessions in the database that only their cookie opens, found by a query that is made once.

The row is found by a hash of the cookie's value, and its content is sealed with that value. So a reader of
the database can neither take over a session nor learn whose it is, what it answers or which receipt it shows.
The row names the hour in which it may be removed, no minute: its end would tell when answers were sent.
"""

import base64
import datetime
import hashlib
from typing import Any, cast

from asgiref.sync import sync_to_async
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.utils import timezone
from django.utils.encoding import force_str

from questionnaires.receipt_keys import open_text, seal_text
from questionnaires.selectors.lookup import Lookup

SESSIONS = Lookup(Session.objects.all)
NAME_BYTES = 30
"""240 of the 256 bits of SHA-256: written in base64 they fill the 40 characters of the column."""
ONE_HOUR = datetime.timedelta(hours=1)


def name_of(key: str) -> str:
    """Return the name under which the session of a cookie is stored."""
    digest = hashlib.sha256(key.encode()).digest()
    return base64.urlsafe_b64encode(digest[:NAME_BYTES]).decode()


def end_of_hour(moment: datetime.datetime) -> datetime.datetime:
    """Return the first full hour after a moment."""
    return moment.replace(minute=0, second=0, microsecond=0) + ONE_HOUR


class SessionStore(db.SessionStore):
    """Django's sessions in the database, under the hash of their key and sealed with the key."""

    def encode(self, session_dict: dict[str, Any]) -> str:
        """Return the content, signed as Django does it and sealed with the key of the cookie."""
        return seal_text(str(self.session_key), super().encode(session_dict))

    def decode(self, session_data: bytes | str) -> dict[str, Any]:
        """Return the content; nothing where the key is not the one that it was sealed with."""
        try:
            signed = open_text(str(self.session_key), force_str(session_data))
        except ValueError:
            return {}
        content: dict[str, Any] = super().decode(signed)
        return content

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        """Return the row to be saved: under another name than the cookie's, removable at a full hour."""
        row = cast("Session", super().create_model_instance(data))
        row.session_key = name_of(row.session_key)
        row.expire_date = end_of_hour(row.expire_date)
        return row

    def exists(self, session_key: str) -> bool:
        """Tell whether a key has a session."""
        found: bool = super().exists(name_of(session_key))
        return found

    def delete(self, session_key: str | None = None) -> None:
        """Remove the session of a key, or this one."""
        key = session_key or self.session_key
        if key is not None:
            super().delete(name_of(key))

    def _get_session_from_db(self) -> Session | None:
        """Return the row of the session, if there is one that has not expired."""
        try:
            session = SESSIONS.get(name_of(str(self.session_key)))
        except Session.DoesNotExist:
            session = None
        if session is None or session.expire_date <= timezone.now():
            self._session_key = None
            return None
        return session

    async def acreate_model_instance(self, data: dict[str, Any]) -> Session:
        """See `create_model_instance`."""
        return await sync_to_async(self.create_model_instance)(data)

    async def aexists(self, session_key: str) -> bool:
        """See `exists`."""
        return await sync_to_async(self.exists)(session_key)

    async def adelete(self, session_key: str | None = None) -> None:
        """See `delete`."""
        await sync_to_async(self.delete)(session_key)

    async def _aget_session_from_db(self) -> Session | None:
        """See `_get_session_from_db`."""
        return await sync_to_async(self._get_session_from_db)()
