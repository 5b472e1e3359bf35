from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models

TO_PLAIN = """
ALTER TABLE accounts_person ALTER COLUMN is_product_admin DROP EXPRESSION;
UPDATE accounts_person SET is_product_admin = false WHERE is_product_admin IS NULL;
ALTER TABLE accounts_person ALTER COLUMN is_product_admin SET DEFAULT false;
ALTER TABLE accounts_person ALTER COLUMN is_product_admin SET NOT NULL;
"""


class Migration(migrations.Migration):
    """Whether somebody runs a workspace follows what an admin says of roles, and no longer a fixed list."""

    dependencies = [("accounts", "0004_derive_again")]

    operations = [
        migrations.AddField(
            model_name="identityversion",
            name="admin_roles",
            field=ArrayField(
                base_field=models.CharField(max_length=40),
                null=True,
                help_text="Roles that run a workspace; empty: the usual",
                size=None,
            ),
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(TO_PLAIN, migrations.RunSQL.noop)],
            state_operations=[
                migrations.RemoveField(model_name="person", name="is_product_admin"),
                migrations.AddField(
                    model_name="person", name="is_product_admin", field=models.BooleanField(db_default=False)
                ),
            ],
        ),
        # Roles were said on the vocabulary page before they counted.
        migrations.RunSQL(
            "UPDATE accounts_identityversion SET derive_from = 0 WHERE derive_from IS NULL", migrations.RunSQL.noop
        ),
    ]
