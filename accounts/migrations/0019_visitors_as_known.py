from django.db import migrations, models

KEPT = """
CREATE OR REPLACE FUNCTION accounts_keep_person() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO accounts_personbefore
        (person_id, merged_into_id, signed_up_at, is_product_admin, is_visitor, known_on, until)
    VALUES (OLD.id, OLD.merged_into_id, OLD.signed_up_at, OLD.is_product_admin, OLD.is_visitor, OLD.known_on,
            plgcrm_known_day());
    NEW.known_on := plgcrm_known_day();
    RETURN NEW;
END $$;
DROP TRIGGER keep_before ON accounts_person;
CREATE TRIGGER keep_before BEFORE UPDATE ON accounts_person FOR EACH ROW WHEN (
    (OLD.merged_into_id, OLD.signed_up_at, OLD.is_product_admin, OLD.is_visitor)
        IS DISTINCT FROM (NEW.merged_into_id, NEW.signed_up_at, NEW.is_product_admin, NEW.is_visitor)
    AND coalesce(OLD.known_on, '-infinity') < plgcrm_known_day()
) EXECUTE FUNCTION accounts_keep_person();

CREATE OR REPLACE VIEW as_known.accounts_person AS
SELECT p.id, p.merged_into_id, p.signed_up_at, p.is_product_admin, p.known_on, p.is_visitor
FROM accounts_person p WHERE coalesce(p.known_on, '-infinity') <= plgcrm_as_known()
UNION ALL
SELECT b.person_id, b.merged_into_id, b.signed_up_at, b.is_product_admin, b.known_on, b.is_visitor
FROM accounts_personbefore b
WHERE coalesce(b.known_on, '-infinity') <= plgcrm_as_known() AND b.until > plgcrm_as_known();
"""


class Migration(migrations.Migration):
    """Who was a visitor as we knew it: until they said who they are."""

    dependencies = [
        ('accounts', '0018_company_unknown'),
    ]

    operations = [
        migrations.AddField(
            model_name='personbefore',
            name='is_visitor',
            field=models.BooleanField(db_default=False),
        ),
        migrations.RunSQL(KEPT, migrations.RunSQL.noop),
    ]
