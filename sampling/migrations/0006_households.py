import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('sampling', '0005_approximate_probabilities'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name='draw',
            name='stage',
            field=models.CharField(choices=[('district', 'districts'), ('commune', 'communes'), ('village', 'villages'), ('household', 'households'), ('person', 'adults'), ('dossier', 'settled dossiers')], max_length=16, verbose_name='stage'),
        ),
        migrations.AlterField(
            model_name='listsubmission',
            name='stage',
            field=models.CharField(choices=[('district', 'districts'), ('commune', 'communes'), ('village', 'villages'), ('household', 'households'), ('person', 'adults'), ('dossier', 'settled dossiers')], max_length=16, verbose_name='stage'),
        ),
        migrations.AlterField(
            model_name='samplingframe',
            name='stage',
            field=models.CharField(choices=[('district', 'districts'), ('commune', 'communes'), ('village', 'villages'), ('household', 'households'), ('person', 'adults'), ('dossier', 'settled dossiers')], max_length=16, verbose_name='stage'),
        ),
        migrations.AlterField(
            model_name='selectionlist',
            name='stage',
            field=models.CharField(choices=[('district', 'districts'), ('commune', 'communes'), ('village', 'villages'), ('household', 'households'), ('person', 'adults'), ('dossier', 'settled dossiers')], max_length=16, verbose_name='stage'),
        ),
        migrations.CreateModel(
            name='Household',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rule', models.CharField(choices=[('listed_adults', 'listed adults and the sealed number'), ('last_birthday', 'last birthday')], max_length=16, verbose_name='rule for the adult')),
                ('seal', models.CharField(editable=False, max_length=64, verbose_name='sealed number')),
                ('seal_digest', models.CharField(max_length=64, verbose_name='SHA-256 of the sealed number')),
                ('n_adults', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='number of adults')),
                ('chosen', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='line of the adult to ask')),
                ('is_quasi_random', models.BooleanField(default=False, verbose_name='chosen without drawn randomness')),
                ('listed_at', models.DateTimeField(blank=True, null=True, verbose_name='adults listed')),
                ('case', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='household', to='sampling.case', verbose_name='case')),
                ('listed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='listed by')),
            ],
            options={
                'verbose_name': 'household',
                'verbose_name_plural': 'households',
            },
        ),
        migrations.CreateModel(
            name='HouseholdAdult',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('line', models.PositiveSmallIntegerField(verbose_name='line')),
                ('name', models.CharField(blank=True, max_length=120, verbose_name='name or initials')),
                ('sex', models.CharField(blank=True, max_length=8, verbose_name='sex')),
                ('age', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='age in years')),
                ('birth_month', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='month of birth')),
                ('birth_day', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='day of birth')),
                ('household', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='adults', to='sampling.household', verbose_name='household')),
            ],
            options={
                'verbose_name': 'adult of a household',
                'verbose_name_plural': 'adults of households',
            },
        ),
        migrations.AddConstraint(
            model_name='household',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('listed_at__isnull', True), ('n_adults__isnull', True)), models.Q(('listed_at__isnull', False), ('n_adults__isnull', False)), _connector='OR'), name='adults_are_known_once_listed'),
        ),
        migrations.AddConstraint(
            model_name='household',
            constraint=models.CheckConstraint(condition=models.Q(('chosen__isnull', True), models.Q(('chosen__gte', 1), ('chosen__lte', models.F('n_adults'))), _connector='OR'), name='chosen_adult_is_listed'),
        ),
        migrations.AddConstraint(
            model_name='householdadult',
            constraint=models.UniqueConstraint(fields=('household', 'line'), name='one_adult_per_line'),
        ),
    ]
