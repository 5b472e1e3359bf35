"""Who is a robot by the shipped patterns, and who only looks like one."""

from importlib import import_module

import pytest
from django.db import connection

from accounts.models import Account, Exclusion, Person
from accounts.rules.domains import Exclusions
from accounts.shipped import ROBOTS, ensure_exclusions
from signals.models import Usage
from tests.conftest import Send, group, identify, track

pytestmark = pytest.mark.django_db
excluded = Exclusions.of(ROBOTS).match


@pytest.mark.parametrize(
    "address",
    [
        "jane.roe@ci.minneapolis.mn.us",
        "bo@ci.berkeley.ca.us",
        "8121+octokim@users.noreply.github.com",
        "kim@users.noreply.gitlab.com",
        "jenkins@smithlaw.com",
        "sarah@jenkins.co",
        "ann@review.com",
        "lee@bot.or.th",
        "renovate@elmhomes.com",
        "eve@list.com",
        "noreply.smith@birch.com",
        "abbot@birch.com",
        "ann+noreply@birch.com",
    ],
)
def test_a_person_is_not_taken_for_a_robot(address: str) -> None:
    assert excluded(address) == ""


@pytest.mark.parametrize(
    ("address", "pattern"),
    [
        ("ci-bot@birch.com", "*-bot@*"),
        ("NoReply@birch.com", "noreply@*"),
        ("no-reply@mail.birch.com", "no-reply@*"),
        ("mailer-daemon@googlemail.com", "mailer-daemon@*"),
        ("4969+renovate[bot]@users.noreply.github.com", "*[bot]@*"),
        ("deploy@ci.birch.com", "deploy@ci.*"),
        ("dev@lists.birch.org", "*@lists.*.*"),
        ("updates@noreply.birch.com", "*@noreply.*.*"),
    ],
)
def test_a_robot_stays_shut_out(address: str, pattern: str) -> None:
    assert excluded(address) == pattern


def test_members_with_github_addresses_count_for_their_workspaces_company(send: Send) -> None:
    ensure_exclusions()
    send(identify("u0", "ann@birch.com"), group("u0", "w1"))
    for n in range(1, 7):
        send(identify(f"u{n}", f"{n}9+kim{n}@users.noreply.github.com"), track(f"u{n}", workspace="w1"))
    assert Account.objects.get().domain == "birch.com"
    assert Usage.objects.filter(actor__account__domain="birch.com").count() == 6


def test_an_upgrade_narrows_the_patterns_that_were_shipped_and_no_others(db: None) -> None:
    for pattern, reason in (("*@ci.*", "robot"), ("*@bot.*", "other"), ("*@our-robots.com", "robot")):
        Exclusion.objects.create(pattern=pattern, reason=reason)
    Person.objects.create(email="jane@ci.minneapolis.mn.us", excluded_by="*@ci.*")
    migration = import_module("accounts.migrations.0011_narrow_robots")
    with connection.cursor() as cursor:
        for sql in migration.Migration.operations[0].sql:
            cursor.execute(sql)
    kept = set(Exclusion.objects.values_list("pattern", flat=True))
    assert kept == {"*@bot.*", "*@our-robots.com", *migration.NARROW}
    assert set(migration.NARROW) <= set(ROBOTS)
    assert not set(migration.BROAD) & set(ROBOTS)
