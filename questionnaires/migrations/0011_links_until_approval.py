"""Cut every sent form from its case; what waits for approval keeps a link that only the key makes."""

import itertools
import uuid

from django.db import migrations, models
from django.db.models import Q
from django.utils import timezone

from questionnaires.receipt_keys import case_link

BATCH = 2_000
OF_SHEET = (
    "version_id",
    "mode",
    "language",
    "answers",
    "consent_version",
    "consent_statements",
    "helper",
    "pressure",
    "submitted_on",
    "receipt_hash",
    "sealed_case",
)
OF_CASE = (
    "sample_id",
    "village_id",
    "disposition",
    "stratum",
    "multiplicity",
    "inclusion_probability",
    "design_weight",
    "is_reserve",
    "sex",
    "age_group",
)
TOLD = {
    "language": "vi",
    "answers": {},
    "consent_version": "",
    "consent_statements": [],
    "helper": "",
    "pressure": "",
    "passed_sections": [],
}


def separate_sent(apps, schema_editor):
    """Cut every sent form from its case; what staff have taken down keeps a link, unless its round is frozen."""
    alias = schema_editor.connection.alias
    responses = apps.get_model("questionnaires", "Response").objects.using(alias)
    separated = apps.get_model("questionnaires", "SeparatedResponse").objects.using(alias)
    rounds = apps.get_model("sampling", "SurveyRound").objects.using(alias)
    sent = responses.filter(status="submitted")
    for ids in itertools.batched(sent.order_by("pk").values_list("pk", flat=True), BATCH):
        rows = list(sent.filter(pk__in=ids).select_related("case__household", "case__sample__round"))
        forms = [_separated(separated.model, row) for row in rows]
        separated.bulk_create(sorted(forms, key=lambda form: form.pk.bytes))
        waiting = [row.pk for row in rows if _waits(row)]
        responses.filter(pk__in=waiting).update(**TOLD)
        responses.filter(pk__in=set(ids) - set(waiting)).delete()
    for ended in rounds.filter(status="frozen"):
        last = min(timezone.localdate(), timezone.localdate(ended.closes_at))
        separated.filter(sample__round=ended).update(sealed_case="", submitted_on=last)
        responses.filter(case__sample__round=ended).delete()
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def _waits(row):
    return row.mode != "web" and row.case.sample.round.status != "frozen"


def _separated(model, row):
    household = getattr(row.case, "household", None)
    return model(
        pk=uuid.uuid4(),
        **{name: getattr(row, name) for name in OF_SHEET},
        **{name: getattr(row.case, name) for name in OF_CASE},
        household_adults=(household.n_adults if household else None) or 1,
        case_link=case_link(row.case_id) if _waits(row) else None,
    )


class Migration(migrations.Migration):
    """Add the link, cut the forms, and take from the rows of cases what only sent forms need."""

    dependencies = [
        ("questionnaires", "0010_code_of_a_draft"),
        ("sampling", "0009_seal_seeds_of_households"),
    ]

    operations = [
        migrations.AddField(
            "separatedresponse",
            "case_link",
            models.CharField(
                blank=True,
                max_length=64,
                null=True,
                unique=True,
                verbose_name="case, hashed with a key of the installation until approval",
            ),
        ),
        migrations.RunPython(separate_sent, migrations.RunPython.noop),
        migrations.RemoveConstraint("response", "sent_response_has_receipt"),
        migrations.RemoveField("response", "receipt_hash"),
        migrations.RemoveField("response", "sealed_case"),
        migrations.AddConstraint(
            "response",
            models.CheckConstraint(
                condition=Q(("status", "draft"))
                | Q(
                    ("answers", {}),
                    ("consent_version", ""),
                    ("helper", ""),
                    ("pressure", ""),
                    ("submitted_on__isnull", False),
                ),
                name="sent_response_keeps_no_answers",
            ),
        ),
    ]
