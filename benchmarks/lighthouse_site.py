"""The site of the Lighthouse benchmark: that of the interviews, and an open round with the same form.

Run by `benchmarks.lighthouse` in a process of its own, after Django is set up; prints one line of JSON.
"""

import datetime
import json
import sys

from django.urls import reverse
from django.utils import timezone

from benchmarks.interview_site import prepare
from questionnaires.models import OpenRound, OpenRoundStatus, QuestionnaireVersion

DAY = datetime.timedelta(days=1)
N_CODES = 2


def make_open_round() -> str:
    """Make an open round and return the address of its first page."""
    now = timezone.now()
    made = OpenRound.objects.create(
        code="benchmark",
        name_vi="Góp ý tại quầy",
        name_en="Opinions at the counter",
        version=QuestionnaireVersion.objects.get(),
        agency_vi="Ủy ban nhân dân xã Minh Họa",
        contact_phone="1900 0000",
        opens_at=now - DAY,
        closes_at=now + DAY,
        status=OpenRoundStatus.OPEN,
        is_demo=True,
    )
    return reverse("questionnaires:open_round", args=[made.code])


def main() -> None:
    """Prepare the site and print the codes of two respondents and the address of the open round."""
    codes = prepare(N_CODES)
    sys.stdout.write(json.dumps({"codes": codes, "open_round": make_open_round()}) + "\n")
