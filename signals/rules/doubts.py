"""What looks wrong in a rule although it can be read: said where it stands, with what was probably meant."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from plgcrm.common.text import listed

NEAR = 0.75  # of get_close_matches: one letter of four may differ
SHOWN = 4


@dataclass(frozen=True, slots=True)
class Doubt:
    """It stops nobody. Where `field` is given, `value` is what was probably meant for it."""

    words: str
    field: str = ""
    value: str = ""


def nearest(name: str, names: Iterable[str]) -> str:
    """The one of the names that was probably meant; "" where none is near."""
    bare = {_bare(each): each for each in names}
    found = get_close_matches(_bare(name), bare, n=1, cutoff=NEAR)
    return bare[found[0]] if found else ""


def meant(words: str, field: str, typed: str, names: Iterable[str]) -> Doubt:
    """The doubt about a name, with the nearest of those that there are."""
    near = nearest(typed, names)
    return Doubt(f"{words} Did you mean {near}?", field, near) if near else Doubt(words)


def such_as(samples: Iterable[str]) -> str:
    """free, growth and scale"""
    return listed([shortened(sample) for sample in list(samples)[:SHOWN]])


def shortened(text: str, most: int = 40) -> str:
    """The text, cut where it is longer than may stand in a sentence."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _bare(name: str) -> str:
    return "".join(sign for sign in name.casefold() if sign.isalnum()) or name.casefold()
