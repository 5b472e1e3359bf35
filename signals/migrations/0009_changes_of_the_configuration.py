from django.conf import settings
from django.db import migrations, models
from django.db.models.functions import Now


def give_drafts_tiers(apps, schema_editor):
    """Drafts without tiers could not be scored; the tiers are those of signals.versions at this time."""
    tiers = [{"slug": "not-yet", "name": "Not yet", "from": 0}, {"slug": "qualified", "name": "Qualified", "from": 65}]
    apps.get_model("signals", "ScoringModelVersion").objects.filter(state="draft", tiers=[]).update(tiers=tiers)


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("signals", "0008_failed_events_to_correct"),
    ]

    operations = [
        migrations.CreateModel(
            name="ConfigurationChange",
            fields=[
                ("id", models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=20)),
                ("object_id", models.BigIntegerField()),
                ("name", models.CharField(max_length=100)),
                ("before", models.JSONField(help_text="Empty: it is new", null=True)),
                ("after", models.JSONField()),
                ("at", models.DateTimeField(db_default=Now())),
                ("undone_at", models.DateTimeField(blank=True, null=True)),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=models.SET_NULL,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-at", "-pk"],
                "indexes": [
                    models.Index(fields=["kind", "object_id", "-at"], name="configuration_change_of_row"),
                ],
            },
        ),
        migrations.RunPython(give_drafts_tiers, migrations.RunPython.noop),
    ]
