"""The sample companies there are. Their code is loaded when one is asked for: NumPy takes its time."""

from importlib import import_module

from plgcrm.demo.companies.pack import CompanyPack
from plgcrm.demo.people import COMPANIES


def pack_of(company: str) -> CompanyPack:
    """The pack of one of COMPANIES."""
    if company not in COMPANIES:
        raise ValueError(f"There is no sample company {company}; there are {', '.join(COMPANIES)}")
    pack: CompanyPack = import_module(f"plgcrm.demo.companies.{company}.pack").PACK
    return pack
