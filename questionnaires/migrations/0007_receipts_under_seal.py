import django.utils.timezone
from django.db import migrations, models
from django.db.models import Q

from questionnaires.receipt_keys import keys_of_many, receipt_number

BATCH = 2_000


def seal_receipts(apps, _schema_editor):
    """Put hash and seal in place of the receipt numbers that were kept so far."""
    responses = apps.get_model("questionnaires", "Response").objects
    for is_demo in (False, True):
        rows = responses.filter(receipt_number__isnull=False, case__sample__round__is_demo=is_demo)
        rows = list(rows.order_by("pk").only("receipt_number", "case_id"))
        for start in range(0, len(rows), BATCH):
            batch = rows[start : start + BATCH]
            numbers = [receipt_number(row.receipt_number) for row in batch]
            for row, keys in zip(batch, keys_of_many(numbers, is_demo=is_demo), strict=True):
                row.receipt_hash, row.sealed_case = keys.lookup, keys.seal(row.case_id)
            responses.bulk_update(batch, ["receipt_hash", "sealed_case"])


class Migration(migrations.Migration):

    dependencies = [
        ("questionnaires", "0005_office_networks"),
        ("sampling", "0008_contact_email"),
    ]

    operations = [
        migrations.AddField(
            "response",
            "receipt_hash",
            models.CharField(
                blank=True, max_length=64, null=True, unique=True, verbose_name="keyed hash of the receipt number"
            ),
        ),
        migrations.AddField(
            "response",
            "sealed_case",
            models.CharField(
                blank=True, default="", max_length=255, verbose_name="case, sealed with the receipt number"
            ),
        ),
        migrations.AlterField(
            "response",
            "started_at",
            models.DateTimeField(default=django.utils.timezone.now, verbose_name="started"),
        ),
        migrations.RunPython(seal_receipts, migrations.RunPython.noop),
        migrations.RemoveConstraint("response", "sent_response_has_receipt"),
        migrations.RemoveField("response", "receipt_number"),
        migrations.AddConstraint(
            "response",
            models.CheckConstraint(
                condition=Q(("status", "draft"))
                | Q(("receipt_hash__isnull", False), ("submitted_on__isnull", False)),
                name="sent_response_has_receipt",
            ),
        ),
    ]
