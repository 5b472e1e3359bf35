"""The sample's whole history as Segment messages, in order of arrival."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

import msgspec
import numpy as np

from plgcrm.demo.companies.boards.company import Floats, Ints, SampleCompany, sample_company
from plgcrm.demo.companies.boards.life import Life, PlannedMessage, everyday, simulate
from plgcrm.demo.companies.boards.messages import Writer
from plgcrm.demo.companies.boards.staging import stage

_LATE, _REPEATED = 0.03, 0.01


class SampleMessage(NamedTuple):
    received_at: datetime
    body: bytes  # one Segment message, as JSON


def history_messages(*, seed: int, now: datetime, companies: int = 1500) -> Iterator[SampleMessage]:
    """The same messages for the same arguments; all received at `now` or before."""
    company = sample_company(seed=seed, companies=companies)
    life = simulate(company, now=now)
    planned = [*life.planned, *stage(life), *_strangers(life), *everyday(life)]
    return _arriving(company, planned, now=now)


def _strangers(life: Life) -> list[PlannedMessage]:
    """Visitors who look at a page or two and never sign up."""
    rng = np.random.default_rng([life.company.seed, 3])
    count = len(life.company.accounts) // 3
    at = rng.uniform(life.calendar.start, life.calendar.end - 1, count).tolist()
    pages = rng.choice(["Home", "Templates", "Pricing", "Customers"], count).tolist()
    return [PlannedMessage(moment, -1 - place, "visit", pages[place]) for place, moment in enumerate(at)]


def _arriving(company: SampleCompany, planned: list[PlannedMessage], *, now: datetime) -> Iterator[SampleMessage]:
    rng = np.random.default_rng([company.seed, 4, int(now.timestamp())])
    received, source = _arrivals(planned, now.timestamp(), rng)
    ids, writer, encode = rng.bytes(12 * len(planned)).hex(), Writer(company), msgspec.json.Encoder().encode
    for index in np.argsort(received, kind="stable").tolist():
        place = int(source[index])
        message = writer.message(planned[place], f"ajs-{ids[24 * place : 24 * place + 24]}")
        yield SampleMessage(datetime.fromtimestamp(received[index], UTC), encode(message))


def _arrivals(planned: list[PlannedMessage], end: float, rng: np.random.Generator) -> tuple[Floats, Ints]:
    """When each message comes in, and whose it is: some hours or days late, some a second time."""
    at = np.array([planned_message.at for planned_message in planned])
    count = len(at)
    late = np.where(rng.random(count) < _LATE, rng.exponential(14 * 3600, count), 0)
    received = at + 0.05 + rng.exponential(0.4, count) + late
    # What would come after the end comes a moment before it instead.
    received = np.where(received > end, at + (end - at) * rng.uniform(0.1, 0.9, count), received)
    again = np.flatnonzero(rng.random(count) < _REPEATED)
    second = received[again] + rng.exponential(2400, len(again))
    again, second = again[second <= end], second[second <= end]
    return np.concatenate([received, second]), np.concatenate([np.arange(count), again])
