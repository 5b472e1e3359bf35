"""When somebody signed up: as we were told, else by having listened for two weeks; and never by one stray event."""

import json
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from accounts.models import Account, Attribute, AttributeKey, Person
from plgcrm.setup_shipped import ensure_shipped_configuration
from signals.ingest import receive
from signals.models import AccountState, Configuration, Signal, Source
from signals.scoring.run import sweep
from signals.vocabulary.definitions import count_all_history, define
from tests.clock import T0
from tests.conftest import Send, group, identify, track

pytestmark = pytest.mark.django_db
IN_2023 = "2023-01-01T00:00:00Z"
DAYS = (T0.date() - T0.date().replace(2023, 1, 1)).days


@pytest.fixture
def neutral(source: receive.SourceRef) -> receive.SourceRef:
    Configuration.objects.get_or_create(pk=1)
    ensure_shipped_configuration()
    return source


def state_of(domain: str) -> dict[str, Any]:
    sweep(T0)
    return AccountState.objects.get(account=Account.objects.get(domain=domain)).measures


def age_of(domain: str) -> tuple[float | None, bool]:
    """In days, and whether it is only known to be at least that."""
    found = state_of(domain)
    return found.get("age_days"), "age_days" in found.get("at_least", [])


@pytest.mark.parametrize("name", ["createdAt", "created_at", "created", "signupDate", "Signed Up At", "memberSince"])
@pytest.mark.parametrize(
    "value",
    [IN_2023, "2023-01-01 00:00:00 UTC", 1672531200, 1672531200000, "1672531200", "Sun, 01 Jan 2023 00:00:00 GMT"],
)
def test_a_workspace_that_says_so_signed_up_then(neutral: Any, send: Send, name: str, value: Any) -> None:
    send(identify("7", "ann@alpha-one.com"), group("7", "42", **{name: value}), track("7", "Import Started"))
    assert age_of("alpha-one.com") == (DAYS, False)


def test_an_account_is_at_least_as_old_as_its_people_say(neutral: Any, send: Send) -> None:
    send(identify("7", "ann@alpha-one.com", traits={"createdAt": IN_2023}), track("7", "Import Started"))
    assert age_of("alpha-one.com") == (DAYS, True)


def test_an_account_that_a_list_or_a_hand_dates_signed_up_then(neutral: Any, send: Send) -> None:
    send(identify("7", "ann@alpha-one.com"), group("7", "42", createdAt="2025-01-01"))
    key, _ = AttributeKey.objects.get_or_create(name="created_at")
    account = Account.objects.get(domain="alpha-one.com").pk
    Attribute.objects.create(subject_kind=3, subject_id=account, key=key, origin=3, day=T0.date(), at=T0, text=IN_2023)
    assert age_of("alpha-one.com") == (DAYS, False)


@pytest.mark.parametrize(("heard", "sure"), [(13, False), (14, True), (15, True)])
def test_who_comes_after_two_weeks_of_listening_is_new(neutral: Any, send: Send, heard: int, sure: bool) -> None:
    Source.objects.update(listening_since=T0 - timedelta(days=heard))
    send(identify("7", "ann@alpha-one.com"), track("7", "Import Started"))
    assert age_of("alpha-one.com") == (0, not sure)


def test_a_sign_up_event_dates_its_person(neutral: Any, send: Send) -> None:
    from plgcrm.common.sql import columns
    from signals.measures_load import SIGNED_UP, SQL

    define(Signal.objects.get(slug=SIGNED_UP), {"any": [{"kinds": ["track"], "names": ["user.joined"]}]})
    count_all_history()
    send(identify("7", "ann@alpha-one.com"), track("7", "user.joined", days=40), track("7", "Opened", days=50))
    [definition] = Signal.objects.get(slug=SIGNED_UP).definitions.filter(state="current").values_list("pk", flat=True)
    params = {"people": [Person.objects.get().pk], "signed_up": definition}
    [at] = columns(SQL["people_signed_up"], ["subject", "at"], params)["at"].tolist()
    assert at // 86_400 == int((T0 - timedelta(days=40)).timestamp()) // 86_400


SIX_DAYS = [track("7", "Opened", days=days) for days in (9, 8, 7, 6, 5, 4)]


@pytest.mark.parametrize("stray", ["2001-01-01T00:00:00Z", "1999-12-31", "2010-01-01T00:00:00Z"])
@pytest.mark.parametrize("who", ["7", "8"])
def test_one_event_dated_long_ago_changes_nothing(neutral: Any, send: Send, stray: str, who: str) -> None:
    send(identify("7", "ann@alpha-one.com", days=9), identify("8", "bob@alpha-one.com", days=3), *SIX_DAYS)
    before = state_of("alpha-one.com")
    assert (before["age_days"], "age_days" in before.get("at_least", [])) == (9, False)
    send(track(who, "Opened") | {"timestamp": stray})
    after = state_of("alpha-one.com")
    changed = {key for key in before if before[key] != after.get(key)}
    assert not {key for key in changed if "ever" not in key}
    assert after["age_days"] == 9


def test_two_days_of_long_ago_are_a_history(neutral: Any, send: Send) -> None:
    send(identify("7", "ann@alpha-one.com", days=9), *SIX_DAYS)
    send(*(track("7", "Opened") | {"timestamp": day} for day in ("2001-01-01", "2001-03-01")))
    assert age_of("alpha-one.com")[0] == (T0.date() - T0.date().replace(2001, 1, 1)).days


def test_one_row_of_a_file_dated_long_ago_does_not_say_that_we_listened(neutral: Any, tmp_path: Path) -> None:
    rows = [track("7", "Opened", days=days) for days in (9, 8)] + [track("7", "Opened") | {"timestamp": "2001-01-01"}]
    path = tmp_path / "old.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)))
    call_command("import_events", str(path), "--source", "History", stdout=StringIO())
    assert Source.objects.get(name="History").listening_since == T0 - timedelta(days=9)
