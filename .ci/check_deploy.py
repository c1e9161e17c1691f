"""Run Django's deployment checks on the production settings with stand-in values; any warning fails."""

import os
import secrets
import subprocess
import sys

stand_ins = {
    "DJANGO_SETTINGS_MODULE": "survey_site.settings.production",
    "SURVEY_SECRET_KEY": secrets.token_urlsafe(64),
    "SURVEY_ACCESS_CODE_KEY": secrets.token_urlsafe(64),
    "SURVEY_COORDINATION_KEY": secrets.token_urlsafe(64),
    "SURVEY_PERSON_KEY": secrets.token_urlsafe(64),
    "SURVEY_CONTACT_FILE_KEY": secrets.token_urlsafe(64),
    "SURVEY_RECEIPT_KEY": secrets.token_urlsafe(64),
    "SURVEY_ALLOWED_HOSTS": "survey.example",
    "SURVEY_BASE_URL": "https://survey.example",
    "SURVEY_DATABASE_URL": "postgres://survey@localhost/survey",
}
command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
sys.exit(subprocess.call(command, env={**os.environ, **stand_ins}))
