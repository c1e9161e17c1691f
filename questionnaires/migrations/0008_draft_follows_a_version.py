import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("questionnaires", "0006_sending_messages"),
        ("questionnaires", "0007_receipts_under_seal"),
    ]

    operations = [
        migrations.AddField(
            model_name="questionnaire",
            name="follows",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="followed_by",
                to="questionnaires.questionnaireversion",
                verbose_name="version that it was copied from",
            ),
        ),
    ]
