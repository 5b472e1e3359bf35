"""What is wrong in a template, in words: the line, and what to do."""

import re
from collections.abc import Collection
from difflib import get_close_matches

from liquid.exceptions import LiquidError

from outreach.rules.liquid_filters import FILTERS

TAGS = ("if", "unless", "case", "assign", "comment", "#")


class MessageError(ValueError):
    """A template that cannot be used; the message names the line and what to do."""


_FILTER_REFUSED = re.compile(r"unknown filter '(.*)'", re.DOTALL)
_TAG_REFUSED = re.compile(r"unexpected tag '(.*)'", re.DOTALL)


def in_words(error: LiquidError, source: str) -> MessageError:
    """The library's error as ours."""
    text = str(error.args[0]) if error.args else ""
    if match := _FILTER_REFUSED.match(text):
        text = no_filter(match[1])
    elif match := _TAG_REFUSED.match(text):
        text = no_tag(match[1])
    start = error.token.start_index if error.token else -1
    return MessageError(f"{line_at(source, start)}: {text}" if start >= 0 else f"{text[:1].upper()}{text[1:]}.")


def no_filter(name: str) -> str:
    """That there is no filter of this name, and which there are."""
    return f"there is no filter “{name[:60]}”. Use one of {', '.join(sorted(FILTERS))}."


def no_tag(name: str) -> str:
    """That there is no tag of this name, and which there are; of one that closes, that nothing is open."""
    if name.startswith("end") or name in ("else", "elsif", "when"):
        return f"“{name[:60]}” has nothing to close."
    return f"there is no tag “{name[:60]}”. Use one of {', '.join(TAGS)}."


def no_variable(name: str, known: Collection[str]) -> str:
    """That there is no variable of this name, and which it may be, or which there are."""
    # {{ person }} alone is a group of variables: its members are what was meant.
    inner = sorted(each for each in known if each.startswith(f"{name}."))
    near = inner[:3] or get_close_matches(name, known, 3, 0.6)
    advice = f"Did you mean {' or '.join(near)}?" if near else f"There are {', '.join(sorted(known))}."
    return f"there is no variable “{name[:60]}”. {advice}"


def line_at(source: str, index: int) -> str:
    """“Line 3”, for a place in a text."""
    return f"Line {source.count(chr(10), 0, max(index, 0)) + 1}"
