"""Migrations neither lock a table for long nor break the version that still runs beside them."""

from pathlib import Path

import pytest
from django_migration_linter import MigrationLinter

ROOT = Path(__file__).resolve().parent.parent.parent
# The last migration of each app that was made for tables nobody had filled yet: before the first release.
BEFORE_FIRST_RELEASE = {"accounts": 1, "signals": 2, "outreach": 1}


def number(migration: Path) -> int:
    return int(migration.name[:4])


def old_migrations() -> list[str]:
    return [
        migration.stem
        for app, last in BEFORE_FIRST_RELEASE.items()
        for migration in (ROOT / app / "migrations").glob("0*.py")
        if number(migration) <= last
    ]


@pytest.mark.django_db(transaction=True)  # indexes made beside writers ask for no transaction round them
def test_migrations_are_safe_beside_a_running_version(capsys: pytest.CaptureFixture[str]) -> None:
    apps = list(BEFORE_FIRST_RELEASE)
    linter = MigrationLinter(include_apps=apps, ignore_name=old_migrations(), no_cache=True)
    linter.lint_all_migrations()
    if linter.has_errors:
        pytest.fail(capsys.readouterr().out)
