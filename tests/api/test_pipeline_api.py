"""The figures of the pipeline."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Account, DirtyMark, Person
from signals.ingest.keys import ensure_source
from signals.ingest.receive import SourceRef, receive
from signals.ingest.wire import parse
from signals.queries import pipeline_figures


def send(*messages: str) -> datetime:
    source, now = ensure_source("Web app"), timezone.now()
    body = f'{{"batch": [{",".join(messages)}]}}'.encode()
    receive(SourceRef(source.pk, source.name), parse(body, None, now), now)
    return now


def track(message_id: str) -> str:
    return f'{{"type": "track", "event": "Item Created", "userId": "u1", "messageId": "{message_id}"}}'


def test_figures_of_an_empty_house_are_zero(as_rep: APIClient) -> None:
    answer = as_rep.get("/api/v1/pipeline/").json()
    assert answer.pop("oldest_unscored_seconds") is None
    assert answer.pop("last_event_at") is None
    assert set(answer.values()) == {0}


@pytest.mark.django_db
def test_figures_tell_stored_repeated_and_failed_apart() -> None:
    received_at = send(track("m1"), track("m2"), '{"type": "track"}')
    send(track("m2"))
    figures = pipeline_figures()
    assert (figures.events, figures.duplicates, figures.failed) == (2, 1, 1)
    assert (figures.people, figures.events_last_minute) == (1, 2)
    assert figures.last_event_at is not None
    assert figures.last_event_at == received_at


@pytest.mark.django_db
def test_merged_rows_count_as_one_person_and_excluded_ones_are_told() -> None:
    person = Person.objects.create(name="Ada")
    Person.objects.create(merged_into=person)
    Person.objects.create(email="ci@acme.example", excluded_by="ci@*")
    Account.objects.create(name="Acme")
    figures = pipeline_figures()
    assert (figures.people, figures.excluded_people, figures.accounts) == (2, 1, 1)


@pytest.mark.django_db
def test_lag_is_the_age_of_the_oldest_mark() -> None:
    now = datetime(2026, 5, 4, 12, tzinfo=UTC)
    DirtyMark.objects.create(accounts=[1], at=now - timedelta(seconds=90))
    DirtyMark.objects.create(accounts=[1], at=now - timedelta(seconds=5))
    figures = pipeline_figures(now)
    assert (figures.unscored, figures.lag_seconds, figures.oldest_unscored_seconds) == (2, 90.0, 90.0)


def test_figures_cost_a_handful_of_queries(django_assert_max_num_queries: object, as_rep: APIClient) -> None:
    with django_assert_max_num_queries(11):  # type: ignore[operator]
        as_rep.get("/api/v1/pipeline/")
