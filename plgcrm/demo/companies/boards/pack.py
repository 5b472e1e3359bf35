"""The boards product: teams that plan their work on boards, and pay by the seat."""

from datetime import datetime

from plgcrm.demo.companies.boards.company import SEED, sample_company
from plgcrm.demo.companies.boards.history import history_messages
from plgcrm.demo.companies.boards.traffic import Traffic
from plgcrm.demo.companies.pack import CompanyPack


def _traffic(history_ended: datetime, rate: float) -> Traffic:
    return Traffic(SEED, sample_company(seed=SEED), history_ended, rate=rate)


PACK = CompanyPack(
    slug="boards",
    product="Boards",
    source="Boards",
    seed=SEED,
    companies=1_500,
    make_history=history_messages,
    make_traffic=_traffic,
)
