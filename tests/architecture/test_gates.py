"""The shape of the code, held by a machine."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
APPS = ("plgcrm", "accounts", "signals", "outreach")
LONGEST = 400
LONGER_WITH_A_REASON = {
    "accounts/models.py": "one model after another, each short; apart they would hide how they hang together",
    "outreach/models.py": "as those of accounts",
    "plgcrm/demo/companies/boards/life.py": "one walk through a workspace's life; its steps make sense only in order",
    "signals/api.py": "one small view and serializer after another",
    "signals/ingest/wire.py": "the whole wire format in one place",
    "signals/measures/kinds.py": "one small class for each kind of measure",
    "signals/models.py": "as those of accounts",
    "signals/shipped.py": "data: the shipped signals, models and triggers",
}
MARKED_SAFE_WITH_A_REASON = {
    "plgcrm/common/templatetags/charts.py": "one constant",
    "outreach/templatetags/desk.py": "one constant",
    "plgcrm/common/templatetags/words.py": "joins pieces that are escaped one by one",
}
DRAWERS = {"utils", "helpers", "services", "managers", "misc", "common_utils"}
SIGNAL_DECORATOR = re.compile(r"\b(pre|post)_(save|delete|init)\b|\bm2m_changed\b")


def modules() -> list[Path]:
    found = [path for app in APPS for path in (ROOT / app).rglob("*.py")]
    return [path for path in found if "migrations" not in path.parts]


def names(paths: list[Path]) -> list[str]:
    return sorted(str(path.relative_to(ROOT)) for path in paths)


def line_count(path: Path) -> int:
    return len(path.read_text().splitlines())


def test_modules_are_short_or_say_why_not() -> None:
    long = names([path for path in modules() if line_count(path) > LONGEST])
    assert sorted(set(long) - set(LONGER_WITH_A_REASON)) == []


def test_modules_are_named_for_their_subject() -> None:
    assert names([path for path in modules() if path.stem in DRAWERS]) == []


def test_nothing_is_wired_by_django_signals() -> None:
    assert names([path for path in modules() if SIGNAL_DECORATOR.search(path.read_text())]) == []


def test_templates_mark_nothing_as_safe() -> None:
    pages = [*(ROOT / "templates").rglob("*.html"), *(p for app in APPS for p in (ROOT / app).rglob("*.html"))]
    assert names([page for page in pages if re.search(r"\|\s*safe\b|autoescape off", page.read_text())]) == []


def test_code_marks_text_as_safe_only_with_a_reason() -> None:
    marking = names([path for path in modules() if "mark_safe(" in path.read_text()])
    assert sorted(set(marking) - set(MARKED_SAFE_WITH_A_REASON)) == []


def test_each_make_target_has_a_line_of_help() -> None:
    text = (ROOT / "Makefile").read_text()
    phony = text.split(".PHONY:")[1].splitlines()[0].split()
    steps_of_check = {"lint", "types", "imports", "templates", "migrations"}
    for target in set(phony) - steps_of_check:
        assert re.search(rf"^{target}:.*## ", text, re.MULTILINE), target


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "LICENSE"])
def test_the_usual_files_are_there(name: str) -> None:
    assert (ROOT / name).stat().st_size > 200
