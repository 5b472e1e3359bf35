"""What a why-now sentence says, read as a person reads it, and held against the truth."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from tests.invented.truth import UNKNOWN, AccountTruth

Claim = tuple[str, Any]
_N = r"(?P<least>[Aa]t least )?(?P<n>[\d,.]+)"
# How it reads -> the fact whose number it is.
NUMBERS: tuple[tuple[str, str], ...] = (
    (rf"{_N} (?:person|people)(?: is| are)? active(?: there)?(?: in 30 days)?", "people_active_30"),
    (rf"{_N} in the 30 before", "people_before_30"),
    (rf"{_N} tickets? about plans, limits or security in 7 days", "commercial_tickets_7"),
    (rf"{_N} tickets? in 7 days", "tickets_7"),
    (rf"{_N} workspaces? in one company", "workspaces"),
    (rf"{_N} seats? in use overall", "seats_used"),
    (rf"[Pp]remium features tried {_N} times? in 30 days", "premium_tries_30"),
    (rf"At a plan limit {_N} times? in 30 days", "limit_hits_30"),
    (rf"Pricing viewed {_N} times? in 30 days", "pricing_views_30"),
    (rf"{_N} core features? in use", "features_30"),
    (rf"{_N} items? created", "items_30"),
    (rf"An import failed {_N} times? in 14 days", "imports_failed_14"),
    (rf"Started {_N} imports? in 14 days", "imports_started_14"),
    (rf"[Ss]igned up {_N} days? ago", "age_days"),
)
SHARE = re.compile(r"([Aa]t least )?(\d+) ?% of the ([\w ]+?) are used")

ASKED = re.compile(r"(?P<who>.+?) (?:wrote “(?P<words>[^”]*)”|made a request: )")


def _asked(truth: AccountTruth, who: str, words: str | None) -> bool:
    """Whether this person of the account asked for something, in these words where it says so."""
    asked = [each for each in truth.heard if each.deed.slug in ("demo-requested", "contacted-sales")]
    theirs = [each for each in asked if who in (each.person.name, each.person.email)]
    return any(words in (None, each.said.get("text")) for each in theirs)


def _is_paying(truth: AccountTruth) -> bool:
    plans = truth.installed.world.product.plans
    return any(plans[place.plan] == "paid" for place in truth.account.workspaces)


def _is_in_trial(truth: AccountTruth) -> bool:
    plans = truth.installed.world.product.plans
    return any(plans[place.plan] == "trial" for place in truth.account.workspaces)


def _nobody_has_value(truth: AccountTruth) -> bool:
    return bool(truth.count(["reached-first-value"], None) == 0)


def _nobody_was_active_before(truth: AccountTruth) -> bool:
    return truth.of("people_before_30") == 0


WORDS: tuple[tuple[str, Callable[[AccountTruth], bool]], ...] = (
    ("not paying", lambda truth: not _is_paying(truth)),
    ("In a trial", _is_in_trial),
    ("has reached first value", _nobody_has_value),
    ("none in the 30 before", _nobody_was_active_before),
)


def wrong_claims(sentence: str, truth: AccountTruth) -> Iterator[Claim]:
    """Each claim of the sentence that is not so, and what it says in numbers that nobody here can read."""
    if (asked := ASKED.match(sentence)) and not _asked(truth, asked["who"], asked["words"]):
        yield "who asked", asked[0]
    said = sentence[asked.end() :] if asked else sentence
    yield from ((words, "is not so") for words, holds in WORDS if words in said and not holds(truth))
    yield from _shares(said, truth)
    yield from _numbers(said, truth)
    plans = re.findall(r"on the (.+?) plan", said)
    yield from (("plan", plan) for plan in plans if truth.wrong("plan", plan, at_least=False))


def _numbers(said: str, truth: AccountTruth) -> Iterator[Claim]:
    said = SHARE.sub("", said).replace("none in the 30 before", "")
    for pattern, name in NUMBERS:
        for match in re.finditer(pattern, said):
            number = float(match["n"].rstrip(".,").replace(",", ""))
            if truth.wrong(name, number, at_least=bool(match["least"])):
                yield name, (number, truth.of(name))
        said = re.sub(pattern, "", said)
    yield from (("a number that no claim explains", number) for number in re.findall(r"\d[\d,.]*", said))


def _shares(said: str, truth: AccountTruth) -> Iterator[Claim]:
    for least, percent, noun in SHARE.findall(said):
        true = truth.of(f"{noun.replace(' ', '_')}_share")
        # In whole percent; a little more is never called less than it is.
        if true is UNKNOWN or truth.wrong(
            f"{noun.replace(' ', '_')}_share", int(percent) / 100, at_least=bool(least), within=0.01
        ):
            yield f"share of {noun}", (percent, true)
