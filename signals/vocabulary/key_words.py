"""How properties and traits are named that mean a term, and what their values must look like.

Names are tried in order: an earlier one wins over a later one. `value` lists kinds of `samples.LOOKS`, one of which
the samples must be of; `weak` names are never sure.
"""

from dataclasses import dataclass

from signals.vocabulary.naming import plain_words, word_set


@dataclass(frozen=True, slots=True)
class KeyWay:
    """How one term is named, one way after a comma. `known`: words of values that decide where the name does not."""

    names: str
    weak: str = ""
    value: tuple[str, ...] = ()
    without: str = ""
    known: frozenset[str] = frozenset()
    not_known: frozenset[str] = frozenset()


# Whose trait it is, where its name says so.
COMPANY_WORDS = word_set("company organization org account workspace team business customer tenant group employer firm")
PERSON_WORDS = word_set("user person contact member profile lead owner people")
# Beside the name of a property or trait, these say nothing else.
KEY_FILLER = word_set("current value name text the of in my our is has a")
# These make it another thing, whatever stands beside them.
KEY_OTHERWISE = word_set(
    "previous prev old former last first interest interested target id uuid hash url link icon color avatar image"
    " default parent test remaining left delta change diff ratio percent pct score rank index verified updated count_of"
    " max_length wanted requested desired discount tax vat estimated forecast expected competitor preferred next"
)

# Of the product's roles, as values.
ROLE_WORDS = plain_words(
    "admin administrator owner member viewer editor guest user superadmin superuser billing collaborator"
    " readonly reader developer manager creator agent standard"
)
# Terms whose names mean little where the values do not bear them out.
BY_VALUE = frozenset({"seniority", "department", "title", "role"})
