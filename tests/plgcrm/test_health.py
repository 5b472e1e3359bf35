"""What load balancers and operators ask."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import OperationalError, connection
from django.test import Client
from pytest_django import Settings

from accounts.models import DirtyMark
from plgcrm import doctor, health

T0 = datetime(2026, 5, 20, 12, tzinfo=UTC)


def test_healthz_asks_no_database() -> None:
    answer = Client().get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")


@pytest.mark.django_db
def test_readyz_is_200_when_the_database_has_every_table() -> None:
    answer = Client().get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {"ready": True, "database": "ok", "migrations": "ok"}


def test_readyz_is_503_while_the_database_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> None:
        raise OperationalError("away")

    monkeypatch.setattr(connection, "cursor", away)
    answer = Client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {"ready": False, "database": "does not answer"}


def test_readyz_is_503_while_a_migration_is_pending(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_database", lambda: "ok")
    monkeypatch.setattr(health, "pending_migrations", lambda: ["signals.0009_more"])
    answer = Client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["migrations"] == "1 pending"


@pytest.mark.django_db
def test_the_doctor_finds_a_prepared_installation_well(settings: Settings) -> None:
    from signals.ingest import partitions

    settings.SECRET_KEY = "k" * 50
    partitions.ensure_ahead(T0)
    findings = doctor.examine(T0)
    assert findings
    assert [finding for finding in findings if not finding.fine] == []


@pytest.mark.django_db
def test_the_doctor_sees_that_scoring_stands_still() -> None:
    DirtyMark.objects.create(accounts=[1], at=T0 - timedelta(minutes=5))
    finding = doctor.scoring(T0)
    assert (finding.fine, finding.text) == (False, "the oldest change has waited 300 s")


def test_the_doctor_never_prints_a_password(settings: Settings) -> None:
    settings.REDIS_URL = "redis://:hunter2@127.0.0.1:1/0"
    assert "hunter2" not in doctor.broker().text


def test_the_doctor_says_what_to_do_about_each_bad_setting(settings: Settings) -> None:
    settings.SECRET_KEY = "short"
    settings.DEBUG = True
    settings.SITE_URL = "https://plg.example.com"
    found = [doctor.secret_key(), doctor.debug(), doctor.address()]
    assert [finding.advice.split()[0] for finding in found] == ["Set", "Unset", "Add"]
