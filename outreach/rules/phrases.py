"""Numbers and lists in the words of a message: "twelve people", "up from four", "47 of 50 seats"."""

import re

from plgcrm.common.text import percent

WORDS = ["none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
CLOSE = 0.9  # from here on a limit is near, as in the shipped trigger


def number_in_words(number: float) -> str:
    """Up to twelve as a word, above in digits."""
    whole = int(number)
    return WORDS[whole] if 0 <= whole < len(WORDS) else f"{whole:,}"


def counted(number: object, one: str, many: str) -> str:
    """twelve people; "" for none and for what is not known: a message does not speak of nothing."""
    if isinstance(number, bool) or not isinstance(number, int | float) or round(number) < 1:
        return ""
    return f"{number_in_words(round(number))} {one if round(number) == 1 else many}"


def grown(now: object, before: object) -> str:
    """up from four; "" unless there are more than before, and were some before."""
    if not isinstance(now, int | float) or not isinstance(before, int | float) or not 1 <= before < now:
        return ""
    return f"up from {number_in_words(before)}"


def is_near(share: object) -> bool:
    """Whether a share is close enough to its limit to be spoken of."""
    return isinstance(share, int | float) and share >= CLOSE


def of_all(used: object, limit: object, noun: str) -> str:
    """47 of 50 seats"""
    if not isinstance(used, int | float) or not isinstance(limit, int | float):
        return ""
    return f"{int(used):,} of {int(limit):,} {noun}"


def in_the_fullest(share: float, noun: str, *, workspaces: object) -> str:
    """94 % of the seats, and where, if there are several places."""
    return f"{percent(share)} of the {noun}" + ("" if workspaces == 1 else " in the fullest workspace")


def first_name(name: str) -> str:
    """How to address somebody; "" where the name is none, such as an address."""
    family, comma, given = name.partition(",")
    words = (given if comma and given.strip() else family).split()
    return words[0] if words and not re.search(r"[@\d/:<>]", words[0]) else ""
