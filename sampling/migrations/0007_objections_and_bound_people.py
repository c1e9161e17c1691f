import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

NO_NOTE = "–"
FORMER_NAMES = ("Provincial statistician", "Chuyên viên thống kê cấp tỉnh")
"""By these names of their group, people without a province were kept out before."""


def note_missing_notes(apps, _schema_editor):
    """Give entries that were made without a note one that says so."""
    apps.get_model("sampling", "Objection").objects.filter(note="").update(note=NO_NOTE)


def bind_groups(apps, schema_editor):
    """Give the limiting right to the groups that had its effect, so that nothing is open until roles are set."""
    database = schema_editor.connection.alias
    groups = list(apps.get_model("auth", "Group").objects.using(database).filter(name__in=FORMER_NAMES))
    if not groups:
        return
    types = apps.get_model("contenttypes", "ContentType").objects.using(database)
    content_type, _created = types.get_or_create(app_label="sampling", model="territorymember")
    right, _created = (
        apps.get_model("auth", "Permission")
        .objects.using(database)
        .get_or_create(
            content_type=content_type,
            codename="bound_to_province",
            defaults={"name": "Is bound to one province"},
        )
    )
    for group in groups:
        group.permissions.add(right)


class Migration(migrations.Migration):

    dependencies = [
        ('sampling', '0006_households'),
        ('auth', '0012_alter_user_first_name_max_length'),
        ('contenttypes', '0002_remove_content_type_name'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunPython(note_missing_notes, migrations.RunPython.noop),
        migrations.RunPython(bind_groups, migrations.RunPython.noop),
        migrations.AlterModelOptions(
            name='territorymember',
            options={'permissions': [('bound_to_province', 'Is bound to one province')], 'verbose_name': 'person of a province', 'verbose_name_plural': 'persons of provinces'},
        ),
        migrations.AddField(
            model_name='objection',
            name='channel',
            field=models.CharField(choices=[('letter', 'letter'), ('telephone', 'telephone call'), ('email', 'e-mail message'), ('counter', 'in person at a counter'), ('visit', 'told an enumerator'), ('unknown', 'not recorded')], default='unknown', max_length=16, verbose_name='channel'),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='objection',
            name='recorded_by',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='recorded by'),
        ),
        migrations.AlterField(
            model_name='case',
            name='disposition',
            field=models.CharField(choices=[('0.0', 'not yet tried'), ('1.1', 'complete'), ('1.2', 'partial'), ('2.11', 'refusal'), ('2.112', 'on the do-not-contact list'), ('2.12', 'broken off'), ('2.2', 'not met'), ('2.3', 'other nonresponse'), ('3.0', 'eligibility unknown'), ('4.0', 'not eligible')], db_index=True, default='0.0', max_length=8, verbose_name='disposition'),
        ),
        migrations.AlterField(
            model_name='objection',
            name='note',
            field=models.CharField(help_text='Day and reference of the letter or call, so that it can be found; never whose it was.', max_length=200, verbose_name='how the wish was received'),
        ),
        migrations.AddConstraint(
            model_name='objection',
            constraint=models.CheckConstraint(condition=models.Q(('note', ''), _negated=True), name='objection_has_a_note'),
        ),
    ]
