from django.db import migrations, models


class Migration(migrations.Migration):
    """Everybody is derived again in the background: who is a visitor follows from their ids."""

    dependencies = [
        ('accounts', '0016_when_merges_were_said'),
    ]

    operations = [
        migrations.AddField(
            model_name='person',
            name='is_visitor',
            field=models.BooleanField(
                db_default=False, help_text='Neither a user id nor a real address is known'
            ),
        ),
        migrations.RunSQL(
            'INSERT INTO accounts_identityversion AS v (id, version, derive_from) '
            'SELECT 1, 0, 0 WHERE EXISTS (SELECT 1 FROM accounts_person) '
            'ON CONFLICT (id) DO UPDATE SET derive_from = 0',
            migrations.RunSQL.noop,
        ),
    ]
