"""Late usage with the day on which it became known, and views of usage as it was known on a day."""

import django.db.models.deletion
from django.db import migrations, models

KEPT = """
CREATE FUNCTION signals_keep_value() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO signals_valueusagebefore (actor_id, day, definition_id, property, events, readable, total, largest,
                                          last_at, last, known_on, until)
    VALUES (OLD.actor_id, OLD.day, OLD.definition_id, OLD.property, OLD.events, OLD.readable, OLD.total, OLD.largest,
            OLD.last_at, OLD.last, coalesce(OLD.known_on, OLD.day), NEW.known_on);
    RETURN NEW;
END $$;
CREATE TRIGGER keep_before BEFORE UPDATE ON signals_valueusage FOR EACH ROW
WHEN (coalesce(OLD.known_on, OLD.day) < NEW.known_on) EXECUTE FUNCTION signals_keep_value();

CREATE FUNCTION signals_keep_case() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO signals_caseusagebefore (actor_id, day, definition_id, property, "case", last_at, known_on, until)
    VALUES (OLD.actor_id, OLD.day, OLD.definition_id, OLD.property, OLD."case", OLD.last_at,
            coalesce(OLD.known_on, OLD.day), NEW.known_on);
    RETURN NEW;
END $$;
CREATE TRIGGER keep_before BEFORE UPDATE ON signals_caseusage FOR EACH ROW
WHEN (coalesce(OLD.known_on, OLD.day) < NEW.known_on) EXECUTE FUNCTION signals_keep_case();

CREATE FUNCTION signals_keep_source() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO signals_sourcebefore (source_id, listening_since, until)
    VALUES (OLD.id, OLD.listening_since, plgcrm_known_day()) ON CONFLICT DO NOTHING;
    RETURN NEW;
END $$;
CREATE TRIGGER keep_before BEFORE UPDATE ON signals_source FOR EACH ROW
WHEN (OLD.listening_since IS DISTINCT FROM NEW.listening_since) EXECUTE FUNCTION signals_keep_source();
"""

# Each of the columns that are read of its table: the same queries read the one and the other.
VIEWS = """
CREATE VIEW as_known.signals_usage AS
SELECT u.actor_id, u.day, u.definition_id, u.count - late.count AS count
FROM signals_usage u
CROSS JOIN LATERAL (
    SELECT coalesce(sum(l.count), 0)::int AS count FROM signals_lateusage l
    WHERE l.actor_id = u.actor_id AND l.day = u.day AND l.definition_id = u.definition_id
      AND l.known_on > plgcrm_as_known()
) late
WHERE u.count > late.count;

CREATE VIEW as_known.signals_valueusage AS
SELECT v.actor_id, v.day, v.definition_id, v.property, v.events, v.readable, v.total, v.largest, v.last_at, v.last,
       v.known_on
FROM signals_valueusage v WHERE coalesce(v.known_on, v.day) <= plgcrm_as_known()
UNION ALL
SELECT b.actor_id, b.day, b.definition_id, b.property, b.events, b.readable, b.total, b.largest, b.last_at, b.last,
       b.known_on
FROM signals_valueusagebefore b WHERE b.known_on <= plgcrm_as_known() AND b.until > plgcrm_as_known();

CREATE VIEW as_known.signals_caseusage AS
SELECT c.actor_id, c.day, c.definition_id, c.property, c."case", c.last_at, c.known_on
FROM signals_caseusage c WHERE coalesce(c.known_on, c.day) <= plgcrm_as_known()
UNION ALL
SELECT b.actor_id, b.day, b.definition_id, b.property, b."case", b.last_at, b.known_on
FROM signals_caseusagebefore b WHERE b.known_on <= plgcrm_as_known() AND b.until > plgcrm_as_known();
"""

GONE = """
DROP VIEW as_known.signals_usage, as_known.signals_valueusage, as_known.signals_caseusage;
DROP TRIGGER keep_before ON signals_valueusage;
DROP TRIGGER keep_before ON signals_caseusage;
DROP TRIGGER keep_before ON signals_source;
DROP FUNCTION signals_keep_value, signals_keep_case, signals_keep_source;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0014_what_was_known'),
        ('signals', '0012_requests_of_browser_keys'),
    ]

    operations = [
        migrations.AddField(
            model_name='caseusage',
            name='known_on',
            field=models.DateField(help_text='Since when it is so; empty: its day', null=True),
        ),
        migrations.AddField(
            model_name='signaldefinition',
            name='first_known_on',
            field=models.DateField(editable=False, help_text='The day on which its first event arrived; empty: it is not known', null=True),
        ),
        migrations.AddField(
            model_name='valueusage',
            name='known_on',
            field=models.DateField(help_text='Since when it is so; empty: its day', null=True),
        ),
        migrations.CreateModel(
            name='CaseUsageBefore',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('known_on', models.DateField(help_text='Since when it was known so; empty: from the beginning', null=True)),
                ('until', models.DateField(help_text='The day on which something else became known')),
                ('actor_id', models.IntegerField()),
                ('day', models.DateField()),
                ('definition_id', models.IntegerField()),
                ('property', models.CharField(max_length=40)),
                ('case', models.CharField(max_length=200)),
                ('last_at', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(fields=['actor_id', 'day', 'definition_id'], name='case_usage_before_of')],
            },
        ),
        migrations.CreateModel(
            name='ValueUsageBefore',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('known_on', models.DateField(help_text='Since when it was known so; empty: from the beginning', null=True)),
                ('until', models.DateField(help_text='The day on which something else became known')),
                ('actor_id', models.IntegerField()),
                ('day', models.DateField()),
                ('definition_id', models.IntegerField()),
                ('property', models.CharField(max_length=40)),
                ('events', models.IntegerField()),
                ('readable', models.IntegerField()),
                ('total', models.DecimalField(decimal_places=6, max_digits=40)),
                ('largest', models.FloatField(null=True)),
                ('last_at', models.DateTimeField()),
                ('last', models.FloatField(null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['actor_id', 'day', 'definition_id'], name='value_usage_before_of')],
            },
        ),
        migrations.CreateModel(
            name='LateUsage',
            fields=[
                ('pk', models.CompositePrimaryKey('actor_id', 'day', 'definition_id', 'known_on', blank=True, editable=False, primary_key=True, serialize=False)),
                ('day', models.DateField()),
                ('known_on', models.DateField()),
                ('count', models.IntegerField()),
                ('actor', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, to='accounts.actor')),
                ('definition', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, to='signals.signaldefinition')),
            ],
            options={
                'verbose_name_plural': 'late usage',
                'constraints': [models.CheckConstraint(condition=models.Q(('count__gt', 0)), name='late_usage_count_positive'), models.CheckConstraint(condition=models.Q(('known_on__gt', models.F('day'))), name='late_usage_known_later')],
            },
        ),
        migrations.CreateModel(
            name='SourceBefore',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('known_on', models.DateField(help_text='Since when it was known so; empty: from the beginning', null=True)),
                ('until', models.DateField(help_text='The day on which something else became known')),
                ('listening_since', models.DateTimeField(null=True)),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='before', to='signals.source')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('source', 'until'), name='source_before_unique')],
            },
        ),
        migrations.AddField(
            model_name='importedmessage',
            name='known_on',
            field=models.DateField(help_text='The day on which it was stored', null=True),
        ),
        migrations.RunSQL([KEPT, VIEWS], [GONE]),
    ]
