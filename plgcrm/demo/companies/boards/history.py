"""The sample's whole history as Segment messages, in order of arrival."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import numpy as np

from plgcrm.demo.companies.arrival import arriving
from plgcrm.demo.companies.boards.company import sample_company
from plgcrm.demo.companies.boards.life import Life, everyday, simulate
from plgcrm.demo.companies.boards.messages import Writer
from plgcrm.demo.companies.boards.staging import stage
from plgcrm.demo.companies.pack import PlannedMessage, SampleMessage


def history_messages(*, seed: int, now: datetime, companies: int = 1500) -> Iterator[SampleMessage]:
    """The same messages for the same arguments; all received at `now` or before."""
    company = sample_company(seed=seed, companies=companies)
    life = simulate(company, now=now)
    planned = [*life.planned, *stage(life), *_strangers(life), *everyday(life)]
    return arriving(planned, Writer(company).message, seed=seed, now=now)


def _strangers(life: Life) -> list[PlannedMessage]:
    """Visitors who look at a page or two and never sign up."""
    rng = np.random.default_rng([life.company.seed, 3])
    count = len(life.company.accounts) // 3
    at = rng.uniform(life.calendar.start, life.calendar.end - 1, count).tolist()
    pages = rng.choice(["Home", "Templates", "Pricing", "Customers"], count).tolist()
    return [PlannedMessage(moment, -1 - place, "visit", pages[place]) for place, moment in enumerate(at)]
