import re

from django.db import migrations, models

SLOT = re.compile(r"\{([^{}]*)\}")
CONDITION = re.compile(r"^\s*([\w.-]+)\s*(>=|<=|>|<|=)\s*(\S[^:]*?)\s*$")
RENAMED = {"person": "person.name"}


def in_liquid(text, texts):
    """The lines of a play in Liquid; `texts` are the facts whose value is a text."""
    lines = (line.strip() for line in text.splitlines())
    return "\n".join(_line(line, texts) for line in lines if line)


def _line(line, texts):
    tests = []
    if line.startswith("when "):
        head, _, line = line[5:].partition(":")
        tests = [_condition(piece, texts) for piece in head.split(" and ")]
    said = SLOT.sub(_slot, line.strip())
    return f"{{% if {' and '.join(tests)} %}}{said}{{% endif %}}" if tests else said


def _condition(piece, texts):
    name, op, value = CONDITION.match(piece).groups()
    value = _quoted(value) if name in texts else _number(value)
    return f"{_named(name)} {'==' if op == '=' else op} {value}"


def _number(value):
    """As Liquid reads it: 1e3 was a number too. What is none was never equal to one, and is not now."""
    try:
        return f"{float(value):.9f}".rstrip("0").rstrip(".") if abs(float(value)) < 1e15 else _quoted(value)
    except ValueError:
        return _quoted(value)


def _slot(match):
    name, *words = (word.strip() for word in match[1].split("|"))
    if not words:
        return f"{{{{ {_named(name)} }}}}"
    return f"{{{{ {_named(name)} | counted: {_quoted(words[0])}, {_quoted(words[1])} }}}}"


def _named(name):
    return RENAMED.get(name, name)


def _quoted(text):
    # Liquid knows no escape: a text with both kinds of quotes gets a typographic one.
    if '"' not in text:
        return f'"{text}"'
    return "'{}'".format(text.replace("'", "’"))


def write_in_liquid(apps, schema_editor):
    facts = apps.get_model("signals", "Fact").objects.filter(unit__in=("text", "date"))
    texts = {*facts.values_list("slug", flat=True), "person", "asked", "words", "fullest_limit"}
    plays = apps.get_model("outreach", "Play")
    for play in plays.objects.filter(why_now_lines="").exclude(why_now=""):
        play.why_now_lines = in_liquid(play.why_now, texts)
        play.save(update_fields=["why_now_lines"])


class Migration(migrations.Migration):
    dependencies = [("outreach", "0001_initial"), ("signals", "0007_imports_in_the_browser")]

    operations = [
        migrations.AlterField(
            model_name="play",
            name="why_now",
            field=models.TextField(
                blank=True,
                db_default="",
                default="",
                editable=False,
                help_text="The lines as the version before Liquid reads them; nothing else does",
            ),
        ),
        migrations.AddField(
            model_name="play",
            name="why_now_lines",
            field=models.TextField(
                db_default="",
                default="",
                help_text="Liquid lines, one a row: the first that can be said is the sentence",
            ),
        ),
        # Back again the old lines are still there.
        migrations.RunPython(write_in_liquid, migrations.RunPython.noop),
    ]
