"""The API product: machines read documents through it and use up credits; nobody has a seat."""

from datetime import datetime

from plgcrm.demo.companies.api.customers import SEED, api_customers
from plgcrm.demo.companies.api.history import history_messages
from plgcrm.demo.companies.api.traffic import ApiTraffic
from plgcrm.demo.companies.pack import CompanyPack

COMPANIES = 1_400


def _traffic(history_ended: datetime, rate: float) -> ApiTraffic:
    return ApiTraffic(api_customers(seed=SEED, companies=COMPANIES), history_ended, rate=rate)


PACK = CompanyPack(
    slug="api",
    product="Gleaner",
    source="Gleaner API",
    seed=SEED,
    companies=COMPANIES,
    make_history=history_messages,
    make_traffic=_traffic,
)
