"""What rows said before something else became known, kept by triggers, and views of what was known on a day."""

import django.db.models.deletion
from django.db import migrations, models

FUNCTIONS = """
-- The day on which what a transaction writes became known: as it says itself, else today.
CREATE FUNCTION plgcrm_known_day() RETURNS date LANGUAGE sql STABLE AS $$
    SELECT coalesce(nullif(current_setting('plgcrm.known_day', true), '')::date, (now() AT TIME ZONE 'UTC')::date)
$$;
-- The day as of which a transaction reads what was known.
CREATE FUNCTION plgcrm_as_known() RETURNS date LANGUAGE sql STABLE AS $$
    SELECT current_setting('plgcrm.as_known')::date
$$;
"""

KEPT = """
CREATE FUNCTION accounts_keep_account() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO accounts_accountbefore (account_id, joined_into_id, known_on, until)
    VALUES (OLD.id, OLD.joined_into_id, OLD.known_on, plgcrm_known_day());
    NEW.known_on := plgcrm_known_day();
    RETURN NEW;
END $$;
CREATE TRIGGER keep_before BEFORE UPDATE ON accounts_account FOR EACH ROW WHEN (
    OLD.joined_into_id IS DISTINCT FROM NEW.joined_into_id
    AND coalesce(OLD.known_on, '-infinity') < plgcrm_known_day()
) EXECUTE FUNCTION accounts_keep_account();

CREATE FUNCTION accounts_keep_actor() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO accounts_actorbefore (actor_id, person_id, account_id, first_at, account_since, known_on, until)
    VALUES (OLD.id, OLD.person_id, OLD.account_id, OLD.first_at, OLD.account_since,
            coalesce(OLD.known_on, (OLD.first_at AT TIME ZONE 'UTC')::date), plgcrm_known_day());
    NEW.known_on := plgcrm_known_day();
    RETURN NEW;
END $$;
CREATE TRIGGER keep_before BEFORE UPDATE ON accounts_actor FOR EACH ROW WHEN (
    (OLD.person_id, OLD.account_id, OLD.first_at, OLD.account_since)
        IS DISTINCT FROM (NEW.person_id, NEW.account_id, NEW.first_at, NEW.account_since)
    AND coalesce(OLD.known_on, (OLD.first_at AT TIME ZONE 'UTC')::date) < plgcrm_known_day()
) EXECUTE FUNCTION accounts_keep_actor();

CREATE FUNCTION accounts_learn_link() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    NEW.known_on := plgcrm_known_day();
    RETURN NEW;
END $$;
CREATE TRIGGER learn BEFORE INSERT ON accounts_pastlink FOR EACH ROW EXECUTE FUNCTION accounts_learn_link();

CREATE FUNCTION accounts_keep_link() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO accounts_pastlinkbefore (actor_id, account_id, from_day, until_day, known_on, until)
    VALUES (OLD.actor_id, OLD.account_id, OLD.from_day, OLD.until_day, OLD.known_on, plgcrm_known_day());
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    NEW.known_on := plgcrm_known_day();
    RETURN NEW;
END $$;
CREATE TRIGGER keep_before BEFORE UPDATE ON accounts_pastlink FOR EACH ROW WHEN (
    (OLD.account_id, OLD.from_day, OLD.until_day) IS DISTINCT FROM (NEW.account_id, NEW.from_day, NEW.until_day)
    AND coalesce(OLD.known_on, '-infinity') < plgcrm_known_day()
) EXECUTE FUNCTION accounts_keep_link();
CREATE TRIGGER keep_gone BEFORE DELETE ON accounts_pastlink FOR EACH ROW WHEN (
    coalesce(OLD.known_on, '-infinity') < plgcrm_known_day()
) EXECUTE FUNCTION accounts_keep_link();

CREATE FUNCTION accounts_keep_person() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO accounts_personbefore (person_id, merged_into_id, signed_up_at, is_product_admin, known_on, until)
    VALUES (OLD.id, OLD.merged_into_id, OLD.signed_up_at, OLD.is_product_admin, OLD.known_on, plgcrm_known_day());
    NEW.known_on := plgcrm_known_day();
    RETURN NEW;
END $$;
CREATE TRIGGER keep_before BEFORE UPDATE ON accounts_person FOR EACH ROW WHEN (
    (OLD.merged_into_id, OLD.signed_up_at, OLD.is_product_admin)
        IS DISTINCT FROM (NEW.merged_into_id, NEW.signed_up_at, NEW.is_product_admin)
    AND coalesce(OLD.known_on, '-infinity') < plgcrm_known_day()
) EXECUTE FUNCTION accounts_keep_person();

CREATE FUNCTION accounts_keep_workspace() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO accounts_workspacebefore (workspace_id, account_id, signed_up_at, known_on, until)
    VALUES (OLD.id, OLD.account_id, OLD.signed_up_at, OLD.known_on, plgcrm_known_day());
    NEW.known_on := plgcrm_known_day();
    RETURN NEW;
END $$;
CREATE TRIGGER keep_before BEFORE UPDATE ON accounts_workspace FOR EACH ROW WHEN (
    (OLD.account_id, OLD.signed_up_at) IS DISTINCT FROM (NEW.account_id, NEW.signed_up_at)
    AND coalesce(OLD.known_on, '-infinity') < plgcrm_known_day()
) EXECUTE FUNCTION accounts_keep_workspace();

CREATE FUNCTION accounts_keep_attribute() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO accounts_attributebefore
        (subject_kind, subject_id, key_id, origin, day, at, number, text, known_on, until)
    VALUES (OLD.subject_kind, OLD.subject_id, OLD.key_id, OLD.origin, OLD.day, OLD.at, OLD.number, OLD.text,
            coalesce(OLD.known_on, OLD.day), plgcrm_known_day());
    NEW.known_on := plgcrm_known_day();
    RETURN NEW;
END $$;
CREATE TRIGGER keep_before BEFORE UPDATE ON accounts_attribute FOR EACH ROW WHEN (
    (OLD.at, OLD.number, OLD.text) IS DISTINCT FROM (NEW.at, NEW.number, NEW.text)
    AND coalesce(OLD.known_on, OLD.day) < plgcrm_known_day()
) EXECUTE FUNCTION accounts_keep_attribute();
"""

# Each of the columns of its table, in their order: the same queries read the one and the other.
VIEWS = """
CREATE SCHEMA as_known;

CREATE VIEW as_known.accounts_account AS
SELECT c.id, c.joined_into_id, c.known_on FROM accounts_account c
WHERE coalesce(c.known_on, '-infinity') <= plgcrm_as_known()
UNION ALL
SELECT b.account_id, b.joined_into_id, b.known_on FROM accounts_accountbefore b
WHERE coalesce(b.known_on, '-infinity') <= plgcrm_as_known() AND b.until > plgcrm_as_known();

CREATE VIEW as_known.accounts_actor AS
SELECT a.id, a.profile_id, a.workspace_id, a.first_at, a.grouped_at, a.person_id, a.account_id, a.account_since,
       a.known_on
FROM accounts_actor a WHERE coalesce(a.known_on, (a.first_at AT TIME ZONE 'UTC')::date) <= plgcrm_as_known()
UNION ALL
SELECT a.id, a.profile_id, a.workspace_id, b.first_at, a.grouped_at, b.person_id, b.account_id, b.account_since,
       b.known_on
FROM accounts_actorbefore b JOIN accounts_actor a ON a.id = b.actor_id
WHERE b.known_on <= plgcrm_as_known() AND b.until > plgcrm_as_known();

CREATE VIEW as_known.accounts_pastlink AS
SELECT l.actor_id, l.account_id, l.from_day, l.until_day, l.known_on
FROM accounts_pastlink l WHERE coalesce(l.known_on, '-infinity') <= plgcrm_as_known()
UNION ALL
SELECT b.actor_id, b.account_id, b.from_day, b.until_day, b.known_on
FROM accounts_pastlinkbefore b
WHERE coalesce(b.known_on, '-infinity') <= plgcrm_as_known() AND b.until > plgcrm_as_known();

CREATE VIEW as_known.accounts_person AS
SELECT p.id, p.merged_into_id, p.signed_up_at, p.is_product_admin, p.known_on
FROM accounts_person p WHERE coalesce(p.known_on, '-infinity') <= plgcrm_as_known()
UNION ALL
SELECT b.person_id, b.merged_into_id, b.signed_up_at, b.is_product_admin, b.known_on
FROM accounts_personbefore b
WHERE coalesce(b.known_on, '-infinity') <= plgcrm_as_known() AND b.until > plgcrm_as_known();

CREATE VIEW as_known.accounts_workspace AS
SELECT w.id, w.account_id, w.signed_up_at, w.known_on
FROM accounts_workspace w WHERE coalesce(w.known_on, '-infinity') <= plgcrm_as_known()
UNION ALL
SELECT b.workspace_id, b.account_id, b.signed_up_at, b.known_on
FROM accounts_workspacebefore b
WHERE coalesce(b.known_on, '-infinity') <= plgcrm_as_known() AND b.until > plgcrm_as_known();

CREATE VIEW as_known.accounts_attribute AS
SELECT a.subject_kind, a.subject_id, a.key_id, a.origin, a.day, a.at, a.number, a.text, a.known_on
FROM accounts_attribute a WHERE coalesce(a.known_on, a.day) <= plgcrm_as_known()
UNION ALL
SELECT b.subject_kind, b.subject_id, b.key_id, b.origin, b.day, b.at, b.number, b.text, b.known_on
FROM accounts_attributebefore b WHERE b.known_on <= plgcrm_as_known() AND b.until > plgcrm_as_known();
"""

GONE = """
DROP SCHEMA as_known CASCADE;
DROP TRIGGER keep_before ON accounts_account;
DROP TRIGGER keep_before ON accounts_actor;
DROP TRIGGER learn ON accounts_pastlink;
DROP TRIGGER keep_before ON accounts_pastlink;
DROP TRIGGER keep_gone ON accounts_pastlink;
DROP TRIGGER keep_before ON accounts_person;
DROP TRIGGER keep_before ON accounts_workspace;
DROP TRIGGER keep_before ON accounts_attribute;
DROP FUNCTION accounts_keep_account, accounts_keep_actor, accounts_keep_person, accounts_keep_workspace,
    accounts_keep_attribute, accounts_learn_link, accounts_keep_link;
DROP FUNCTION plgcrm_known_day, plgcrm_as_known;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0013_dated_links'),
    ]

    operations = [
        migrations.AddField(
            model_name='account',
            name='known_on',
            field=models.DateField(editable=False, help_text='Since when what `AccountBefore` keeps is so', null=True),
        ),
        migrations.CreateModel(
            name='AccountBefore',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('known_on', models.DateField(help_text='Since when it was known so; empty: from the beginning', null=True)),
                ('until', models.DateField(help_text='The day on which something else became known')),
                ('joined_into_id', models.IntegerField(null=True)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='before', to='accounts.account')),
            ],
            options={
                'indexes': [models.Index(fields=['joined_into_id'], name='account_before_joined_into')],
            },
        ),
        migrations.AddField(
            model_name='actor',
            name='known_on',
            field=models.DateField(editable=False, help_text='Since when it is so; empty: its first event', null=True),
        ),
        migrations.AddField(
            model_name='attribute',
            name='known_on',
            field=models.DateField(editable=False, help_text='Where that is later than its day', null=True),
        ),
        migrations.AddField(
            model_name='pastlink',
            name='known_on',
            field=models.DateField(editable=False, help_text='Since when it is so; written by a trigger', null=True),
        ),
        migrations.CreateModel(
            name='PastLinkBefore',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('known_on', models.DateField(help_text='Since when it was known so; empty: from the beginning', null=True)),
                ('until', models.DateField(help_text='The day on which something else became known')),
                ('actor_id', models.IntegerField()),
                ('account_id', models.IntegerField(null=True)),
                ('from_day', models.DateField(null=True)),
                ('until_day', models.DateField()),
            ],
            options={
                'indexes': [models.Index(fields=['actor_id'], name='past_link_before_actor'), models.Index(fields=['account_id'], name='past_link_before_account')],
            },
        ),
        migrations.AddField(
            model_name='person',
            name='known_on',
            field=models.DateField(editable=False, help_text='Since when what `PersonBefore` keeps is so', null=True),
        ),
        migrations.AddField(
            model_name='workspace',
            name='known_on',
            field=models.DateField(editable=False, help_text='Since when what `WorkspaceBefore` keeps is so', null=True),
        ),
        migrations.CreateModel(
            name='AttributeBefore',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('known_on', models.DateField(help_text='Since when it was known so; empty: from the beginning', null=True)),
                ('until', models.DateField(help_text='The day on which something else became known')),
                ('subject_kind', models.SmallIntegerField()),
                ('subject_id', models.IntegerField()),
                ('key_id', models.IntegerField()),
                ('origin', models.SmallIntegerField()),
                ('day', models.DateField()),
                ('at', models.DateTimeField()),
                ('number', models.FloatField(null=True)),
                ('text', models.CharField(max_length=1000)),
            ],
            options={
                'indexes': [models.Index(fields=['subject_kind', 'subject_id', 'key_id'], name='attribute_before_subject')],
            },
        ),
        migrations.CreateModel(
            name='ActorBefore',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('known_on', models.DateField(help_text='Since when it was known so; empty: from the beginning', null=True)),
                ('until', models.DateField(help_text='The day on which something else became known')),
                ('person_id', models.IntegerField()),
                ('account_id', models.IntegerField(null=True)),
                ('first_at', models.DateTimeField()),
                ('account_since', models.DateField(null=True)),
                ('actor', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='before', to='accounts.actor')),
            ],
            options={
                'indexes': [models.Index(fields=['account_id'], name='actor_before_account')],
            },
        ),
        migrations.CreateModel(
            name='PersonBefore',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('known_on', models.DateField(help_text='Since when it was known so; empty: from the beginning', null=True)),
                ('until', models.DateField(help_text='The day on which something else became known')),
                ('merged_into_id', models.IntegerField(null=True)),
                ('signed_up_at', models.DateTimeField(null=True)),
                ('is_product_admin', models.BooleanField()),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='before', to='accounts.person')),
            ],
            options={
                'indexes': [models.Index(fields=['merged_into_id'], name='person_before_merged_into')],
            },
        ),
        migrations.CreateModel(
            name='WorkspaceBefore',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('known_on', models.DateField(help_text='Since when it was known so; empty: from the beginning', null=True)),
                ('until', models.DateField(help_text='The day on which something else became known')),
                ('account_id', models.IntegerField(null=True)),
                ('signed_up_at', models.DateTimeField(null=True)),
                ('workspace', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='before', to='accounts.workspace')),
            ],
            options={
                'indexes': [models.Index(fields=['account_id'], name='workspace_before_account')],
            },
        ),
        migrations.RunSQL([FUNCTIONS, KEPT, VIEWS], [GONE]),
        migrations.AddField(
            model_name='factbefore',
            name='known_on',
            field=models.DateField(null=True),
        ),
        migrations.AlterField(
            model_name='factbefore',
            name='known_on',
            field=models.DateField(db_default=models.Func(function='plgcrm_known_day', output_field=models.DateField()), null=True),
        ),
    ]
