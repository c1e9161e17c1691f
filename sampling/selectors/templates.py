"""Which sampling templates a person may use: those of the whole country, and those of their province."""

from django.db.models import Q, QuerySet

from sampling.methods import load_templates
from sampling.models import AdministrativeUnit, SamplingTemplate, SurveyRound
from sampling.selectors.territories import Person, province_of

TERRITORY = "territory"
"""Key of a document that says whose template it is: the code of a province."""


def templates_seen_by(user: Person) -> QuerySet[SamplingTemplate]:
    """Return the templates that a person may look at, plan with and use for a round."""
    province = province_of(user)
    templates: QuerySet[SamplingTemplate] = SamplingTemplate.objects.all()
    if province is None:
        return templates
    code = AdministrativeUnit.objects.filter(pk=province).values_list("code", flat=True).first()
    return templates.filter(_national() | Q(document__territory=code or ""))


def public_templates() -> QuerySet[SamplingTemplate]:
    """Return the templates that are everybody's: those of the software, and those of rounds that began."""
    used = SurveyRound.objects.filter(draws__commitment_digest__gt="") | SurveyRound.objects.filter(
        sample__isnull=False
    )
    ours = {code for code, _version in load_templates()}
    return SamplingTemplate.objects.filter(Q(code__in=ours) | Q(pk__in=used.values("template")))


def newest_version(code: str) -> int:
    """Return the newest version under a code; 0 without any."""
    versions = SamplingTemplate.objects.filter(code=code).order_by("-version")
    return versions.values_list("version", flat=True).first() or 0


def _national() -> Q:
    """Return what tells templates of the whole country."""
    return ~Q(document__has_key=TERRITORY) | Q(document__territory=None)
