from django.db import migrations

BROAD = [
    "jenkins@*", "renovate@*", "*@users.noreply.github.com", "*@users.noreply.gitlab.com", "*@review.*", "*@ci.*",
    "*@jenkins.*", "*@bots.*", "*@bot.*", "*@lists.*", "*@list.*", "*@noreply.*", "*@bounces.*",
]  # fmt: skip
NARROW = [
    "jenkins-ci@*", "build@ci.*", "builds@ci.*", "deploy@ci.*", "robot@ci.*", "runner@ci.*", "*@noreply.*.*",
    "*@bounces.*.*", "*@bots.*.*", "*@lists.*.*", "*@list.*.*",
]  # fmt: skip


class Migration(migrations.Migration):
    """The shipped patterns that took people for robots give way to narrower ones. Where an admin has deleted a broad one
    before, it stays deleted."""

    dependencies = [
        ('accounts', '0010_kinds_of_hosts'),
    ]

    operations = [
        migrations.RunSQL(
            [
                "INSERT INTO accounts_exclusion (pattern, reason, created_at) "
                f"SELECT unnest(ARRAY{NARROW}), 'robot', now() WHERE EXISTS "
                f"(SELECT 1 FROM accounts_exclusion WHERE reason = 'robot' AND pattern = ANY(ARRAY{BROAD})) "
                "ON CONFLICT DO NOTHING",
                f"DELETE FROM accounts_exclusion WHERE reason = 'robot' AND pattern = ANY(ARRAY{BROAD})",
            ],
            migrations.RunSQL.noop,
        ),
        # Whoever was kept out by a broad one waits for this, and whoever has an address at a host that is listed now.
        migrations.RunSQL(
            "INSERT INTO accounts_identityversion AS v (id, version, derive_from) "
            "SELECT 1, 0, 0 WHERE EXISTS (SELECT 1 FROM accounts_person) "
            "ON CONFLICT (id) DO UPDATE SET derive_from = 0",
            migrations.RunSQL.noop,
        ),
    ]
