from django.db import migrations, models

import questionnaires.models.open_rounds


class Migration(migrations.Migration):
    dependencies = [("questionnaires", "0004_trust_messages_open_rounds")]

    operations = [
        migrations.AddField(
            model_name="openround",
            name="office_networks",
            field=models.TextField(
                blank=True,
                help_text=(
                    "One on each line, such as 203.0.113.0/24. "
                    "Forms that come from there are marked, never dropped."
                ),
                validators=[questionnaires.models.open_rounds.check_networks],
                verbose_name="networks of the office",
            ),
        ),
    ]
