"""Sessions in the database, found by a query that is made once: every page of an interview asks for one."""

from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.utils import timezone

from questionnaires.selectors.lookup import Lookup

SESSIONS = Lookup(Session.objects.all)


class SessionStore(db.SessionStore):
    """Django's sessions in the database; only how one is found differs."""

    def _get_session_from_db(self) -> Session | None:
        """Return the row of the session, if there is one that has not expired."""
        try:
            session = SESSIONS.get(self.session_key)
        except Session.DoesNotExist:
            session = None
        if session is None or session.expire_date <= timezone.now():
            self._session_key = None
            return None
        return session
