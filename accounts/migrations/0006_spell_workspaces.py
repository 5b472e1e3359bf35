import re

from django.db import migrations

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
    dependencies = [("accounts", "0005_placeholders")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=True)]
