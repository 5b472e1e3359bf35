"""Which of the traits said of somebody are the address."""

from collections.abc import Mapping

from accounts.rules.domains import parse_address

SENT_ALONG = "context.email"  # of context.traits, with any call: counts where no better address was ever said
USUAL = frozenset({"email"})  # the name of an address, until an admin says another


def addresses_among(said: Mapping[str, str], told: frozenset[str]) -> list[str]:
    """Under the names that an admin says are addresses; where there are none, under the usual one."""
    names = told & said.keys() or USUAL & said.keys()
    return [address for name in sorted(names) if (address := parse_address(said[name]).email)]
