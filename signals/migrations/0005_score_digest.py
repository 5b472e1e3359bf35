from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("signals", "0004_usage_without_foreign_keys")]

    operations = [
        migrations.AddField(
            model_name="score",
            name="digest",
            field=models.BigIntegerField(
                db_default=0,
                editable=False,
                help_text="Of all that points and breakdown follow from: equal means unchanged",
            ),
        ),
    ]
