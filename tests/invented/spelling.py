"""Ways in which developers write the name of one thing."""

from collections.abc import Callable, Sequence
from random import Random

Words = Sequence[str]


def _camel(words: Words) -> str:
    return words[0] + "".join(word.title() for word in words[1:])


def _pascal(words: Words) -> str:
    return "".join(word.title() for word in words)


def _blanks(words: Words) -> str:
    return " ".join(words)


def _title(words: Words) -> str:
    return " ".join(word.title() for word in words)


STYLES: dict[str, Callable[[Words], str]] = {
    "camelCase": _camel,
    "PascalCase": _pascal,
    "snake_case": "_".join,
    "SCREAMING_SNAKE": lambda words: "_".join(words).upper(),
    "kebab-case": "-".join,
    "with blanks": _blanks,
    "Title Case": _title,
    "dot.ted": lambda words: words[0] + "." + "_".join(words[1:]) if len(words) > 1 else words[0],
}
OF_TRAITS = ("camelCase", "PascalCase", "snake_case", "kebab-case", "with blanks", "Title Case")


def spelled(words: str, style: str) -> str:
    """The words in one style."""
    return STYLES[style](words.split())


def gibberish(rng: Random) -> str:
    """A name that says nothing to anybody from outside."""
    return "".join(rng.choice(("ka", "ru", "ze", "mo", "ti", "wen", "dor")) for _ in range(3))
