"""Reading JSON that somebody wrote: every refusal says where, what is wrong, and what to do."""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

SHOWN = 40
LARGEST = 1e15


class InputError(ValueError):
    """`path` says where (`all[2].measure.days`), `problem` what is wrong and `remedy` what to do."""

    def __init__(self, path: str, problem: str, remedy: str) -> None:
        super().__init__(f"{path}: {problem}. {remedy}." if path else f"{problem}. {remedy}.")
        self.path = path
        self.problem = problem
        self.remedy = remedy


def shown(value: object) -> str:
    """A value as it may stand in a sentence: short, and a text in quotes."""
    text = f"“{value}”" if isinstance(value, str) else _plain(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def _plain(value: object) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, list | tuple):
        return "a list"
    return "a huge number" if isinstance(value, int) and abs(value) > LARGEST else str(value)


def listed(names: Collection[str]) -> str:
    """Allowed names, for the remedy of an error message."""
    return ", ".join(names)


@dataclass(frozen=True, slots=True)
class JsonPlace:
    """Where in the JSON we are, and which error to raise there."""

    error: type[InputError]
    path: str = ""

    def key(self, name: str) -> "JsonPlace":
        return JsonPlace(self.error, f"{self.path}.{name}" if self.path else name)

    def item(self, index: int) -> "JsonPlace":
        return JsonPlace(self.error, f"{self.path}[{index}]")

    def refusal(self, problem: str, remedy: str) -> InputError:
        return self.error(self.path, problem, remedy)

    def mapping(self, value: object, allowed: Collection[str], required: Collection[str] = ()) -> dict[str, object]:
        if not isinstance(value, dict):
            raise self.refusal(f"{shown(value)} is not an object", f"Give an object with {listed(allowed)}")
        for name in value:
            if name not in allowed:
                raise self.key(str(name)[:SHOWN]).refusal(
                    f"{shown(name)} is unknown here", _suggest(str(name), allowed, "Use one of")
                )
        for name in required:
            if name not in value:
                raise self.key(name).refusal(f"“{name}” is missing", "Add it")
        return value

    def items(self, value: object, least: int, most: int) -> list[object]:
        if not isinstance(value, list | tuple):
            raise self.refusal(f"{shown(value)} is not a list", f"Give a list of {least} to {most} entries")
        if not least <= len(value) <= most:
            raise self.refusal(f"{len(value)} entries", f"Give {least} to {most} entries")
        return list(value)

    def text(self, value: object, longest: int) -> str:
        if not isinstance(value, str) or not value.strip() or len(value) > longest:
            raise self.refusal(f"{shown(value)} does not fit", f"Give a text of 1 to {longest} characters")
        if "\x00" in value:
            raise self.refusal("a text with a zero character", "Leave that character out")
        return value

    def whole(self, value: object, least: int, most: int) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise self.refusal(f"{shown(value)} does not fit", f"Give a whole number from {least} to {most}")
        return value

    def number(self, value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.refusal(f"{shown(value)} is not a number", "Give a number")
        if not math.isfinite(value) or abs(value) > LARGEST:
            raise self.refusal(f"{shown(value)} is too large", "Give a number that is nearer to 0")
        return value

    def flag(self, value: object) -> bool:
        if not isinstance(value, bool):
            raise self.refusal(f"{shown(value)} is neither true nor false", "Give true or false")
        return value

    def choice(self, value: object, choices: Collection[str]) -> str:
        if not isinstance(value, str) or value not in choices:
            raise self.refusal(f"{shown(value)} is unknown", _suggest(str(value), choices, "Choose one of"))
        return value

    def known(self, name: str, names: Collection[str] | None, what: str) -> str:
        """`name` if it is among `names`, or if nobody said which there are."""
        if names is not None and name not in names:
            raise self.refusal(
                f"there is no {what} {shown(name)}", _suggest(name, names, "Create it, or choose one of")
            )
        return name


def _suggest(name: str, choices: Collection[str], lead: str) -> str:
    near = get_close_matches(name, choices, n=1)
    if near:
        return f"Did you mean “{near[0]}”"
    some = sorted(choices)
    return f"{lead} {listed(some[:20])}" if some else "There are none yet"
