from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sampling", "0004_draws_go_with_their_round")]

    operations = [
        migrations.AddField(
            model_name='sampledunit',
            name='is_approximate',
            field=models.BooleanField(default=False, help_text='The method of selection meets the stated probability only nearly.', verbose_name='probability is approximate'),
        ),
        migrations.AlterField(
            model_name='listedunit',
            name='cumulated_size',
            field=models.PositiveBigIntegerField(blank=True, help_text='Empty for a unit that is chosen with certainty, and where selection is not systematic.', null=True, verbose_name='cumulated size of the units before'),
        ),
    ]
