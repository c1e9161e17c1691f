"""Mark the releases whose weights rest on approximate inclusion probabilities, earlier ones too."""

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def mark_releases(apps: StateApps, _schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Read the mark of every release out of its weighting."""
    release_model = apps.get_model("analysis", "Release")
    for release in release_model.objects.only("weighting"):
        if any(step.get("is_approximate") for step in release.weighting):
            release.is_approximate = True
            release.save(update_fields=["is_approximate"])


class Migration(migrations.Migration):
    dependencies = [
        ("analysis", "0005_index_without_replacements"),
    ]

    operations = [
        migrations.AddField(
            model_name="release",
            name="is_approximate",
            field=models.BooleanField(default=False, verbose_name="inclusion probabilities are approximate"),
        ),
        migrations.RunPython(mark_releases, migrations.RunPython.noop),
    ]
