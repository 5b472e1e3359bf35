"""One way to name a signal, as the lists of event names are made of."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Way:
    """One way to name a signal. `allow` lists words that change nothing here, `without` those that rule it out."""

    words: str
    rank: int = 1
    sure: bool = True
    allow: str = ""
    without: str = ""
    kinds: tuple[str, ...] = ("track",)


def ways(*names: str, rank: int = 1, sure: bool = True, allow: str = "", without: str = "") -> tuple[Way, ...]:
    """Several names of one rank, for track calls."""
    return tuple(Way(words, rank, sure and rank == 1, allow, without) for words in names)


def pages(*names: str, rank: int = 1, allow: str = "", without: str = "") -> tuple[Way, ...]:
    """The same for pages and screens."""
    return tuple(Way(words, rank, rank == 1, allow, without, ("page", "screen")) for words in names)


VIEWING = "view visit open see load read show display page screen"
