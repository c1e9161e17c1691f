from django.db import migrations, models
from django.db.models import Exists, OuterRef


def mark_releases(apps, _schema_editor):
    """Mark what was published from samples that no commitment led to."""
    Release = apps.get_model("analysis", "Release")
    Draw = apps.get_model("sampling", "Draw")
    drawn = Draw.objects.filter(round=OuterRef("snapshot__round")).exclude(status="abandoned").exclude(seed="")
    rehearsed = Release.objects.exclude(Exists(drawn)).values_list("pk", flat=True)
    Release.objects.filter(pk__in=list(rehearsed)).update(is_rehearsed=True)


class Migration(migrations.Migration):

    dependencies = [
        ('analysis', '0003_compare_or_not'),
        ('sampling', '0003_draws_imports_territories'),
    ]

    operations = [
        migrations.AddField(
            model_name='release',
            name='is_rehearsed',
            field=models.BooleanField(default=False, verbose_name='sample drawn without a public commitment'),
        ),
        migrations.RunPython(mark_releases, migrations.RunPython.noop),
    ]
