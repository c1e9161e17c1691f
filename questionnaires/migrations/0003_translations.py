import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('questionnaires', '0002_rules_media_and_comparisons'),
    ]

    operations = [
        migrations.CreateModel(
            name='QuestionnaireTranslation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('language', models.CharField(max_length=20, verbose_name='language')),
                ('texts', models.JSONField(blank=True, default=dict, help_text='By key: the text, and the Vietnamese text it was translated from.', verbose_name='texts')),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='changed')),
                ('questionnaire', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='translations', to='questionnaires.questionnaire', verbose_name='questionnaire')),
            ],
            options={
                'verbose_name': 'translation of a questionnaire',
                'verbose_name_plural': 'translations of questionnaires',
                'constraints': [models.UniqueConstraint(fields=('questionnaire', 'language'), name='translation_language_once')],
            },
        ),
    ]
