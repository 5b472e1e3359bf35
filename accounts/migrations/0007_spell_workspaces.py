import re

from django.db import migrations, models

LETTERS = re.compile(r"[^\W\d_]+")
MIXED = re.compile(r"[^\W\d_A-Z][A-Z](?![a-z]{2})|[A-Z]{2,}[a-z]")


def spelled(text):
    trimmed = text.strip(" \t\r\n\v\f\u00a0\u200b\ufeff")
    mixed = len(trimmed) < 4 or any(map(MIXED.search, LETTERS.findall(trimmed)))
    return trimmed if mixed else trimmed.casefold()


def fill(apps, schema_editor):
    """The first of several spellings is the workspace from now on; the others keep what they have."""
    workspaces = apps.get_model("accounts", "Workspace").objects
    taken = set()
    for pk, source, name in workspaces.order_by("pk").values_list("pk", "source_id", "external_id").iterator():
        spelling = spelled(name)
        if (source, spelling) in taken:
            spelling = f"{name} #{pk}"
        taken.add((source, spelling))
        workspaces.filter(pk=pk).update(spelling=spelling)


class Migration(migrations.Migration):
    atomic = False  # the index is made beside those who write
    dependencies = [("accounts", "0006_placeholders")]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS workspace_spelling_unique"
                    " ON accounts_workspace (source_id, spelling) WHERE spelling IS NOT NULL",
                    "DROP INDEX CONCURRENTLY IF EXISTS workspace_spelling_unique",
                )
            ],
            state_operations=[
                migrations.AddConstraint(
                    model_name="workspace",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("spelling__isnull", False)),
                        fields=("source_id", "spelling"),
                        name="workspace_spelling_unique",
                    ),
                )
            ],
        ),
    ]
