"""The API's whole history as Segment messages, in order of arrival."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from random import Random

from plgcrm.demo.companies.api.customers import api_customers
from plgcrm.demo.companies.api.life import simulate
from plgcrm.demo.companies.api.messages import ApiWriter
from plgcrm.demo.companies.api.organization import ApiLife
from plgcrm.demo.companies.api.staging import stage
from plgcrm.demo.companies.arrival import arriving
from plgcrm.demo.companies.pack import PlannedMessage, SampleMessage


def history_messages(*, seed: int, now: datetime, companies: int) -> Iterator[SampleMessage]:
    """The same messages for the same arguments; all received at `now` or before."""
    sample = api_customers(seed=seed, companies=companies)
    life = simulate(sample, now=now)
    staged = stage(life)  # first: it leaves out what would contradict it
    planned = [*life.planned, *staged, *_strangers(life)]
    return arriving(planned, ApiWriter(sample).message, seed=seed, now=now)


def _strangers(life: ApiLife) -> list[PlannedMessage]:
    """Visitors who look at a page and never sign up."""
    random = Random(f"strangers {life.sample.seed}")
    begins, ends = life.calendar.start, life.calendar.end - 1
    pages = ("Home", "Docs", "Docs", "Pricing", "Customers")
    return [
        PlannedMessage(random.uniform(begins, ends), -1 - place, "visit", random.choice(pages))
        for place in range(len(life.sample.customers) // 2)
    ]
