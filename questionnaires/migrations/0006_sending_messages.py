from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("questionnaires", "0005_office_networks")]

    operations = [
        migrations.AlterModelOptions(
            name="message",
            options={
                "permissions": [("send_message", "Can send invitations and reminders")],
                "verbose_name": "message",
                "verbose_name_plural": "messages",
            },
        ),
        migrations.AddField(
            model_name="message",
            name="begun_at",
            field=models.DateTimeField(
                blank=True, db_index=True, null=True, verbose_name="last attempt begun"
            ),
        ),
        migrations.AlterField(
            model_name="message",
            name="status",
            field=models.CharField(
                choices=[
                    ("queued", "waiting"),
                    ("sending", "being sent"),
                    ("sent", "sent"),
                    ("delivered", "delivered"),
                    ("unknown", "unclear whether sent"),
                    ("failed", "failed"),
                    ("withheld", "withheld"),
                ],
                db_index=True,
                default="queued",
                max_length=16,
                verbose_name="status",
            ),
        ),
    ]
