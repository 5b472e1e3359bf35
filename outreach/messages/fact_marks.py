"""Facts as a message speaks them: marked in its text, followed through what a rep makes of it, signed to and fro."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core import signing

from outreach.messages.variables import VariableValue, variables
from outreach.rules.liquid import RenderedPart

GAP = re.compile(r"⟦[^⟦⟧]*⟧?")
_WORD_BEFORE, _WORD_AFTER = re.compile(r"(\w+)\W*$"), re.compile(r"^\W*(\w+)")
SHORT = 4  # a fact of fewer characters is recognised in an edited text by its neighbour


@dataclass(frozen=True, slots=True)
class FactMark:
    """A fact as the message says it: the words, and the measured values behind them."""

    name: str
    text: str
    reads: str
    values: dict[str, Any]  # by measure key
    beside: tuple[str, str] = ("", "")  # the words before and after it

    @property
    def measures(self) -> tuple[str, ...]:
        return tuple(sorted(self.values))  # a JSON column does not keep their order

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "text": self.text,
            "reads": self.reads,
            "values": self.values,
            "beside": list(self.beside),
        }

    @classmethod
    def of_json(cls, told: Mapping[str, Any]) -> "FactMark":
        return cls(told["name"], told["text"], told["reads"], told["values"], tuple(told["beside"]))


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the text: plain words, a fact, or a gap."""

    text: str
    fact: FactMark | None = None
    gap: bool = False


def marked(text: str, facts: Sequence[FactMark]) -> list[Piece]:
    """A text with the facts in it, in their order, and its gaps."""
    pieces: list[Piece] = []
    start = 0
    for fact in facts:
        at = _place_of(fact, text, start)
        if at >= 0:
            pieces += [*_plain(text[start:at]), Piece(fact.text, fact)]
            start = at + len(fact.text)
    return [*pieces, *_plain(text[start:])]


def pieces_of(parts: Sequence[RenderedPart], told: Mapping[str, VariableValue]) -> list[Piece]:
    """What was rendered, with each measured part as a fact and each missing one as a gap in plain words."""
    known = variables()
    pieces = []
    for place, part in enumerate(parts):
        # A person's name stands in the text like a fact, and is none: nothing was measured.
        measured = [name for name in part.names if name in known and known[name].is_fact]
        if part.missing:
            reads = " and ".join(known[name].reads if name in known else name for name in part.names)
            pieces.append(Piece(f"⟦{reads}⟧", gap=True))
        elif measured and part.text:
            pieces.append(Piece(part.text, _mark(part.text, measured, told, _beside(parts, place))))
        else:
            pieces.append(Piece(part.text))
    return pieces


def _mark(text: str, names: Sequence[str], told: Mapping[str, VariableValue], beside: tuple[str, str]) -> FactMark:
    facts = [fact for name in names for fact in told[name].of]
    reads = ", ".join(dict.fromkeys(fact.reads for fact in facts))
    return FactMark("+".join(names), text, reads, {fact.measure: fact.value for fact in facts}, beside)


def _beside(parts: Sequence[RenderedPart], place: int) -> tuple[str, str]:
    before = _WORD_BEFORE.search(parts[place - 1].text) if place else None
    after = _WORD_AFTER.search(parts[place + 1].text) if place + 1 < len(parts) else None
    return (before[1] if before else "", after[1] if after else "")


def gaps_in(*texts: str) -> list[str]:
    """What is still missing, each once."""
    return list(dict.fromkeys(gap.strip("⟦⟧ ") for text in texts for gap in GAP.findall(text)))


def blocker_of(subject: str, body: str) -> str:
    """Why this text cannot be sent as it stands, in one sentence; "" when it can."""
    missing = gaps_in(subject, body)
    if missing:
        return f"Missing: {'; '.join(missing)}. Reword that part, or choose another persona."
    return "" if body.strip() else "The message is empty."


def outdated(said: Sequence[FactMark], today: Sequence[FactMark]) -> list[tuple[str, str]]:
    """What a draft says that reads otherwise today; facts of one name are compared in their order."""
    # A list for each name: a template may say one fact twice, rounded in two ways.
    now: dict[str, list[str]] = {}
    for fact in today:
        now.setdefault(fact.name, []).append(fact.text)
    return [(fact.text, others[0]) for fact in said if (others := now.get(fact.name)) and fact.text not in others]


def token_of(facts: Sequence[FactMark], item_id: int) -> str:
    """For a page: the facts as shown come back with what the rep sends, as they were spoken."""
    # Signed: what comes back is stored as what we measured, so nobody may make it up.
    return signing.dumps([fact.to_json() for fact in facts], salt=_salt(item_id), compress=True)


def marks_in(token: str, item_id: int) -> list[FactMark]:
    """The facts that a page has shown; none where the token is not ours."""
    try:
        return [FactMark.of_json(told) for told in signing.loads(token, salt=_salt(item_id))]
    except (signing.BadSignature, KeyError, TypeError):
        return []


def _place_of(fact: FactMark, text: str, start: int) -> int:
    """Where the fact stands as a word of its own; a short one only beside the word it was said with. -1: nowhere."""
    for found in re.finditer(rf"(?<![\w.,]){re.escape(fact.text)}(?!\w|[.,]\d)", text[start:]):
        # “4” stands in any text; that it is our 4 only the word beside it can tell.
        if len(fact.text) >= SHORT or _has_neighbour(fact, text[start:], found.start(), found.end()):
            return start + found.start()
    return -1


def _has_neighbour(fact: FactMark, text: str, begin: int, end: int) -> bool:
    before, after = _WORD_BEFORE.search(text[max(begin - 60, 0) : begin]), _WORD_AFTER.search(text[end : end + 60])
    wanted = fact.beside
    return bool((before and before[1] == wanted[0]) or (after and after[1] == wanted[1])) or wanted == ("", "")


def _plain(text: str) -> Iterator[Piece]:
    start = 0
    for gap in GAP.finditer(text):
        if gap.start() > start:
            yield Piece(text[start : gap.start()])
        yield Piece(gap[0], gap=True)
        start = gap.end()
    if start < len(text):
        yield Piece(text[start:])


def _salt(item_id: int) -> str:
    return f"outreach.message.{item_id}"
