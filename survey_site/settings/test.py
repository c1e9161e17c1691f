"""Settings of the test suite: fast hashing, immediate tasks, everything else as in production."""

import tempfile
from pathlib import Path

from survey_site.settings.base import *  # noqa: F403 - settings modules inherit by star import, as Django documents
from survey_site.settings.base import ENV
from survey_site.settings.env import private_folder

_scratch = Path(tempfile.gettempdir()) / "survey-site-tests"

DEBUG = False
SECRET_KEY = "only-for-tests"  # noqa: S105 - a fixed key makes failures repeatable; nothing real is signed with it
ACCESS_CODE_KEY = "only-for-tests"
COORDINATION_KEY = "only-for-tests"
PERSON_KEY = "only-for-tests"
CONTACT_FILE_KEY = "only-for-tests"
RECEIPT_KEY = "only-for-tests"
RECEIPT_COST = 1
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
_immediate = {"BACKEND": "django.tasks.backends.immediate.ImmediateBackend"}
TASKS = {"default": _immediate, "worker": _immediate}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
MEDIA_ROOT = _scratch / "media"
SNAPSHOT_ROOT = _scratch / "snapshots"
FRAME_ROOT = _scratch / "frames"
ISSUED_ROOT = _scratch / "issued"
OUTBOX_ROOT = _scratch / "outbox"
RECORDING_ROOT = _scratch / "recordings"
FILE_UPLOAD_TEMP_DIR = private_folder(_scratch / "uploads")
ATTEMPT_LOCK = _scratch / "attempts.lock"
WHITENOISE_USE_FINDERS = True
DEMO_ALLOWED = True
REHEARSALS_ALLOWED = True
WHITENOISE_AUTOREFRESH = True
ENV.check()
