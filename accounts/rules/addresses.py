"""Which of the traits said of somebody are the address."""

from collections.abc import Mapping

from accounts.rules.domains import parse_address

SENT_ALONG = "context.email"  # of context.traits, with any call: counts where no better address was ever said
USUAL = frozenset({"email"})  # the name of an address, until an admin says another


# Where many read, a tag tells them apart.
_MANY_READ = frozenset({
    "info", "hello", "contact", "support", "help", "helpdesk", "service", "sales", "marketing", "office", "team",
    "admin", "administrator", "billing", "accounts", "accounting", "finance", "invoices", "hr", "jobs", "careers",
    "legal", "press", "media", "news", "dev", "devs", "developers", "engineering", "it", "ops", "security",
    "abuse", "webmaster", "root", "web", "api", "bot", "robot", "reply", "replies", "notifications", "alerts",
    "orders", "shop", "all", "everyone", "group",
})  # fmt: skip


def mailbox_of(email: str) -> str:
    """ann+test@acme.com is delivered to ann@acme.com; "" where there is no tag, or it may tell people apart."""
    local, _, host = email.rpartition("@")
    box, tagged, _ = local.partition("+")
    if not box or not tagged or box in _MANY_READ or parse_address(email).kind not in ("corporate", "free"):
        return ""
    return f"{box}@{host}"


def all_tags(email: str) -> str:
    """What stands for an address with whatever tag."""
    local, _, host = email.rpartition("@")
    return f"{local.partition('+')[0]}+@{host}"


def looked_up_with(email: str) -> list[str]:
    """Under which other addresses whoever has this one may be known."""
    return [all_tags(email), *filter(None, [mailbox_of(email)])]


def claimed_with(email: str, *, doubted: bool) -> list[str]:
    """What nobody else may have, for somebody to have this address: of a browser's word, with any tag."""
    return [email, *looked_up_with(email)] if doubted and email else [email]


def addresses_among(said: Mapping[str, str], told: frozenset[str]) -> list[str]:
    """Under the names that an admin says are addresses; where there are none, under the usual one."""
    names = told & said.keys() or USUAL & said.keys()
    return [address for name in sorted(names) if (address := parse_address(said[name]).email)]
