import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Usage of a day belongs to the account of that day."""

    dependencies = [
        ('accounts', '0012_corrections_by_hand'),
    ]

    operations = [
        migrations.AddField(
            model_name='actor',
            name='account_since',
            field=models.DateField(editable=False, help_text='Usage before this day is of its past links; empty: none', null=True),
        ),
        migrations.AddField(
            model_name='person',
            name='company_since',
            field=models.DateField(editable=False, help_text='When the address moved to this company; empty: it never moved', null=True),
        ),
        migrations.AddField(
            model_name='workspace',
            name='past_companies',
            field=models.JSONField(editable=False, help_text='Domains with the day on which each ended', null=True),
        ),
        migrations.CreateModel(
            name='PastLink',
            fields=[
                ('id', models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('from_day', models.DateField(blank=True, help_text='Empty: since ever', null=True)),
                ('until_day', models.DateField(help_text='The first day that is of the next account')),
                ('known_day', models.DateField()),
                ('account', models.ForeignKey(blank=True, help_text='None: it counted nowhere', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='past_links', to='accounts.account')),
                ('actor', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='past_links', to='accounts.actor')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('actor', 'until_day'), name='past_link_unique'), models.CheckConstraint(condition=models.Q(('from_day', None), ('from_day__lt', models.F('until_day')), _connector='OR'), name='past_link_ends_after_start')],
            },
        ),
        migrations.AlterField(
            model_name='factbefore',
            name='kind',
            field=models.SmallIntegerField(choices=[(1, 'identity'), (2, 'actor'), (3, 'attribute'), (4, 'workspace'), (5, 'account'), (6, 'owner'), (7, 'group call')]),
        ),
        migrations.CreateModel(
            name='GroupCall',
            fields=[
                ('pk', models.CompositePrimaryKey('actor', 'day', blank=True, editable=False, primary_key=True, serialize=False)),
                ('day', models.DateField()),
                ('at', models.DateTimeField()),
                ('actor', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='group_calls', to='accounts.actor')),
            ],
        ),
        # Of group calls that came before only the latest of each person and workspace is known.
        migrations.RunSQL(
            "INSERT INTO accounts_groupcall (actor_id, day, at) "
            "SELECT id, (grouped_at AT TIME ZONE 'UTC')::date, grouped_at FROM accounts_actor "
            "WHERE grouped_at IS NOT NULL ON CONFLICT DO NOTHING",
            migrations.RunSQL.noop,
        ),
        # Everybody is derived again by what is known of their days.
        migrations.RunSQL(
            "INSERT INTO accounts_identityversion AS v (id, version, derive_from) "
            "SELECT 1, 0, 0 WHERE EXISTS (SELECT 1 FROM accounts_person) "
            "ON CONFLICT (id) DO UPDATE SET derive_from = 0",
            migrations.RunSQL.noop,
        ),
    ]
