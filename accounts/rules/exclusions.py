"""Who is no customer: by address, domain, user id, trait, workspace, IP address or user agent."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import NamedTuple

from accounts.rules.domains import Exclusions, globbed
from accounts.rules.traits import trait_name

ADDRESS, DOMAIN, USER, TRAIT, WORKSPACE, IP, AGENT = "", "domain", "user", "trait", "workspace", "ip", "agent"
TRAFFIC = "excluded-traffic:"  # with the number of the exclusion: the anonymous id of what it keeps out


class ExclusionRow(NamedTuple):
    id: int
    kind: str
    pattern: str
    words: str


@dataclass(frozen=True, slots=True)
class ExclusionRules:
    """All of them, by what they ask."""

    addresses: Exclusions
    users: tuple[ExclusionRow, ...] = ()
    traits: tuple[ExclusionRow, ...] = ()
    workspaces: tuple[ExclusionRow, ...] = ()
    traffic: Mapping[str, str] | None = None  # words by anonymous id

    @classmethod
    def of(cls, rows: Iterable[ExclusionRow]) -> "ExclusionRules":
        every = tuple(rows)
        by_kind = {kind: tuple(row for row in every if row.kind == kind) for kind in (USER, TRAIT, WORKSPACE)}
        traffic = {f"{TRAFFIC}{row.id}": row.words for row in every if row.kind in (IP, AGENT)}
        named = [pair for row in every for pair in _address_patterns(row)]
        return cls(Exclusions.named(named), by_kind[USER], by_kind[TRAIT], by_kind[WORKSPACE], traffic)


def _address_patterns(row: ExclusionRow) -> list[tuple[str, str]]:
    if row.kind == ADDRESS:
        return [(row.words, row.pattern)]
    return [(row.words, f"*@{row.pattern}"), (row.words, f"*@*.{row.pattern}")] if row.kind == DOMAIN else []


def first_match(rows: Iterable[ExclusionRow], *texts: str) -> str:
    """The words of the first whose pattern one of these texts is; "" for none."""
    cleaned = [text.strip().lower() for text in texts]
    return next((row.words for row in rows if any(map(globbed(row.pattern).match, cleaned))), "")


def trait_of(pattern: str) -> tuple[str, str]:
    """department = QA* -> the name of the trait, the pattern of its value; "" for both where it says none."""
    name, sign, value = pattern.partition("=")
    return (trait_name(name.strip()), value.strip()) if sign and name.strip() and value.strip() else ("", "")


def network(pattern: str) -> IPv4Network | IPv6Network | None:
    """10.0.0.0/8, one address, or None for what is neither."""
    try:
        return ip_network(pattern.strip(), strict=False)
    except ValueError:
        return None


def is_within(text: str, net: IPv4Network | IPv6Network) -> bool:
    """Whether an address as it was sent is of the range; IPv4 within IPv6 is IPv4."""
    try:
        found = ip_address(text.strip())
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None) or found
    return mapped in net
