"""The sample companies: each keeps its promises to the demo, and its truth speaks of all that it sends."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest

from plgcrm.demo import command
from plgcrm.demo.companies.pack import CompanyPack
from plgcrm.demo.companies.packs import pack_of
from plgcrm.demo.people import COMPANIES, DOMAINS, NO_COMPANY
from plgcrm.demo.run import Demo, DemoRefusedError, Options
from plgcrm.demo.state import State
from signals.ingest.wire import parse
from signals.vocabulary.terms import MEANING_TERMS, PROPERTY_TERMS, SIGNAL_TERMS

NOW = datetime(2026, 3, 11, 14, 30, tzinfo=UTC)
Message = dict[str, Any]
CARRIER = {"identify": "person", "group": "company"}


@pytest.fixture(params=COMPANIES)
def pack(request: pytest.FixtureRequest) -> CompanyPack:
    return pack_of(request.param)


@cache
def messages_of(slug: str) -> list[Message]:
    return [msgspec.json.decode(each.body) for each in pack_of(slug).history(NOW, companies=250)]


def paths(value: Message, before: str = "") -> Iterator[str]:
    for key, inner in value.items():
        yield from paths(inner, f"{before}{key}.") if isinstance(inner, dict) else [before + key]


def names_of(messages: list[Message]) -> Counter[str]:
    names = (each.get("event") or each.get("name") for each in messages)
    return Counter(name for name in names if name)


def at(message: Message, path: str) -> Any:
    value: Any = message
    for key in path.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    return value


# --- What each pack promises --------------------------------------------------------------------------------


def test_the_same_moment_gives_the_same_bytes_and_another_seed_others(pack: CompanyPack) -> None:
    def made(seed: int) -> list[tuple[datetime, bytes]]:
        return list(pack.make_history(seed=seed, now=NOW, companies=40))

    assert made(1) == made(1)
    assert made(1) != made(2)


def test_the_parser_of_the_endpoint_takes_every_message(pack: CompanyPack) -> None:
    for each in pack.history(NOW, companies=120):
        parsed = parse(b'{"batch":[' + each.body + b"]}", None, each.received_at)
        assert (len(parsed.messages), parsed.rejected) == (1, [])


def test_messages_arrive_in_order_and_by_now(pack: CompanyPack) -> None:
    received = [each.received_at for each in pack.history(NOW, companies=60)]
    assert received == sorted(received)
    assert received[-1] <= NOW


def test_fresh_traffic_goes_on_and_the_parser_takes_it(pack: CompanyPack) -> None:
    traffic = pack.traffic(NOW, rate=3.0)
    sent = traffic.next_messages(datetime(2026, 3, 11, 14, 30, 20, tzinfo=UTC))
    assert 40 <= len(sent) <= 90
    parsed = parse(msgspec.json.encode({"batch": sent}), None, NOW)
    assert (len(parsed.messages), parsed.rejected) == (len(sent), [])


def test_each_company_has_staff_of_its_own_address() -> None:
    assert [pack_of(company).slug for company in COMPANIES] == list(COMPANIES)
    addresses = {DOMAINS[company] for company in COMPANIES} - {DOMAINS[NO_COMPANY]}
    assert len(addresses) == len({pack_of(company).source for company in COMPANIES}) == len(COMPANIES)


def test_a_company_that_is_not_there_is_named() -> None:
    with pytest.raises(ValueError, match="no sample company toys; there are boards"):
        pack_of("toys")


# --- What is true of its vocabulary -------------------------------------------------------------------------


def test_the_truth_judges_every_name_that_is_sent_and_no_other(pack: CompanyPack) -> None:
    assert set(pack.truth.signals) == set(names_of(messages_of(pack.slug)))
    assert set(pack.truth.signals.values()) - {None} <= {term.slug for term in SIGNAL_TERMS if not term.of}


def test_the_truth_judges_every_trait_that_is_sent_and_no_other(pack: CompanyPack) -> None:
    sent: dict[str, set[str]] = {"person": set(), "company": set()}
    for message in messages_of(pack.slug):
        if message["type"] in CARRIER:
            sent[CARRIER[message["type"]]].update(paths(message["traits"]))
    assert {of: set(judged) for of, judged in pack.truth.meanings.items()} == sent
    meant = {slug for judged in pack.truth.meanings.values() for slug in judged.values() if slug}
    assert meant <= {term.slug for term in MEANING_TERMS}


def test_each_true_property_is_sent(pack: CompanyPack) -> None:
    sent: dict[str, set[str]] = {}
    for message in messages_of(pack.slug):
        sent.setdefault(message.get("event") or message.get("name") or "", set()).update(
            paths(message.get("properties") or {})
        )
    terms = {(term.signal, term.slug) for term in PROPERTY_TERMS}
    for name, judged in pack.truth.properties.items():
        assert set(judged) <= sent[name], name
        assert {(pack.truth.signals[name], slug) for slug in judged.values()} <= terms, name


def test_plans_roles_topics_and_features_are_those_that_are_sent(pack: CompanyPack) -> None:
    assert set(pack.truth.plans) == values(pack, "plan")
    assert set(pack.truth.admin_roles) < values(pack, "role")
    topics = {
        (name, path) for name, of in pack.truth.properties.items() for path, slug in of.items() if slug == "topic"
    }
    opened = [(name, path) for name, path in topics if pack.truth.signals[name] == "ticket-opened"]
    said = {
        each["properties"][path]
        for name, path in opened
        for each in messages_of(pack.slug)
        if each.get("event") == name
    }
    assert set(pack.truth.commercial_topics) < said
    assert {pack.truth.signals[name] for name in pack.truth.core_features} == {None}


def test_what_is_used_of_a_limit_and_what_is_allowed_come_together(pack: CompanyPack) -> None:
    for limit in pack.truth.limits:
        groups = [each["traits"] for each in messages_of(pack.slug) if CARRIER.get(each["type"]) == limit.of]
        both = [each for each in groups if at(each, limit.used) is not None and at(each, limit.allowed) is not None]
        assert len(both) > 100


def values(pack: CompanyPack, meaning: str) -> set[str]:
    found = set()
    for message in messages_of(pack.slug):
        judged = pack.truth.meanings.get(CARRIER.get(message["type"], ""), {})  # type: ignore[call-overload]
        found |= {str(at(message["traits"], path)) for path, slug in judged.items() if slug == meaning}
    return found - {"None"}


# --- One folder for each ------------------------------------------------------------------------------------


def test_a_folder_from_before_there_were_two_holds_the_boards_company(tmp_path: Path) -> None:
    assert State(tmp_path).company == "boards"
    State(tmp_path).note_company("api")
    assert State(tmp_path).company == "api"


def test_each_company_has_a_folder_of_its_own() -> None:
    assert [command.usual_folder(company).name for company in ("boards", "api")] == ["demo", "demo-api"]


def test_a_folder_of_another_company_is_refused_before_anything_starts(tmp_path: Path) -> None:
    State(tmp_path).note_generation()
    with pytest.raises(DemoRefusedError, match=r"holds the sample company boards, not api. Give another folder"):
        Demo(Options(state=tmp_path, company="api")).run()
    assert State(tmp_path).company == "boards"
