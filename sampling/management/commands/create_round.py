"""Create a survey round in preparation."""

import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from sampling.management.base import TranslatedCommand
from sampling.management.terminal import read_date, read_moment, words_of
from sampling.models import SamplingTemplate
from sampling.services import create_round

DAY_BEGINS, DAY_ENDS = datetime.time(0, 0), datetime.time(23, 59)
PLAIN_FIELDS = ("name_vi", "name_en", "agency_vi", "agency_en", "decision", "contact_phone")


class Command(TranslatedCommand):
    """Create a round from its names, dates and sampling template."""

    help = gettext_noop("Create a survey round in preparation; days are written dd/mm/yyyy or yyyy-mm-dd.")

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare what a round needs to be known by."""
        parser.add_argument("code", help=_("code of the round; letters, digits and hyphens"))
        parser.add_argument("--name-vi", required=True, help=_("name in Vietnamese"))
        parser.add_argument("--name-en", required=True, help=_("name in English"))
        parser.add_argument("--template", required=True, help=_("code of the sampling template"))
        parser.add_argument("--opens", required=True, help=_("first day of answers, with an hour if wanted"))
        parser.add_argument("--closes", required=True, help=_("last day of answers, with an hour if wanted"))
        parser.add_argument(
            "--period-start", required=True, help=_("first day of what people are asked about")
        )
        parser.add_argument("--period-end", required=True, help=_("last day of what people are asked about"))
        parser.add_argument(
            "--year", type=int, help=_("year of the results; that of the opening if left out")
        )
        parser.add_argument("--agency-vi", default="", help=_("agency in Vietnamese"))
        parser.add_argument("--agency-en", default="", help=_("agency in English"))
        parser.add_argument("--decision", default="", help=_("number of the decision"))
        parser.add_argument("--contact-phone", default="", help=_("telephone for respondents"))
        parser.add_argument("--demo", action="store_true", help=_("mark everything of it as a demonstration"))

    def handle(self, *_args: Any, **options: Any) -> None:
        """Create the round and say when it opens."""
        opens_at = read_moment(options["opens"], DAY_BEGINS)
        try:
            survey_round = create_round(
                code=options["code"],
                template=newest_template(options["template"]),
                year=options["year"] or opens_at.year,
                opens_at=opens_at,
                closes_at=read_moment(options["closes"], DAY_ENDS),
                reference_period_start=read_date(options["period_start"]),
                reference_period_end=read_date(options["period_end"]),
                is_demo=options["demo"],
                **{name: options[name] for name in PLAIN_FIELDS},
            )
        except ValidationError as error:
            raise CommandError(words_of(error)) from error
        self.stdout.write(
            _("Round %(code)s is in preparation (%(template)s); answers from %(opens)s to %(closes)s.")
            % {
                "code": survey_round.code,
                "template": survey_round.template.code,
                "opens": written(survey_round.opens_at),
                "closes": written(survey_round.closes_at),
            }
        )


def written(moment: datetime.datetime) -> str:
    """Write a moment as people here do."""
    return f"{timezone.localtime(moment):%d/%m/%Y %H:%M}"


def newest_template(code: str) -> SamplingTemplate:
    """Return the last version of a sampling template."""
    try:
        return SamplingTemplate.objects.filter(code=code).latest("version")
    except SamplingTemplate.DoesNotExist as error:
        known = ", ".join(sorted(set(SamplingTemplate.objects.values_list("code", flat=True)))) or "—"
        raise CommandError(
            _("Expected one of the templates %(known)s, got %(code)s. Run load_methods if there are none.")
            % {"known": known, "code": code}
        ) from error
