"""Remember which code a draft was begun with."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Add the keyed hash; a draft without one begins anew with the next code that is entered."""

    dependencies = [("questionnaires", "0009_pictures_of_questions")]

    operations = [
        migrations.AddField(
            model_name="response",
            name="begun_with",
            field=models.CharField(
                blank=True,
                default="",
                max_length=64,
                verbose_name="keyed hash of the code that the draft was begun with",
            ),
        ),
    ]
