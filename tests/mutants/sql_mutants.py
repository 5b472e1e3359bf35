"""Faulty copies of named blocks of SQL: a condition dropped, `<` for `<=`, JOIN for LEFT JOIN, the order reversed."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from plgcrm.common.sql import queries
from tests.mutants.modules import ROOT
from tests.mutants.python_mutants import Mutant, changed_lines, named

TOKEN = re.compile(
    r"--[^\n]*|'(?:[^']|'')*'|\{\w+\}|%\(\w+\)s|<=|>=|<>|->>|->|@>|<@|=>|\|\||::|\w+|[^\s\w]", re.IGNORECASE
)
TURNED = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}
# What ends a condition or a list to sort by, at the same depth of brackets.
ENDS = {
    "AND", "OR", "GROUP", "ORDER", "LIMIT", "FOR", "RETURNING", "UNION", "JOIN", "LEFT", "CROSS", "WHERE", "THEN",
    "FROM", "ON", "HAVING", "WINDOW", "OFFSET", "SET", "SELECT", "WHEN", "ELSE", "END", "DO", "EXCEPT", ";",
}  # fmt: skip
OPENS, CLOSES = set("(["), set(")]")


@dataclass(frozen=True, slots=True)
class Token:
    word: str
    start: int
    end: int
    depth: int


def mutants_of(file: str, blocks: tuple[str, ...] = ()) -> Iterator[Mutant]:
    """Every fault of the blocks of a file; of all that the product asks for, where none are named."""
    found = queries(file)
    yield from named(one for name in blocks or asked_for(file) for one in _of_block(file, name, found[name]))


def asked_for(file: str) -> list[str]:
    """The blocks of a file that are no pieces: a piece is tried in the queries that it stands in."""
    texts = [path.read_text() for path in ROOT.glob("*/sql/*.sql")]
    using = [text for text in texts if re.search(rf"^-- pieces from:.*{re.escape(file)}", text, re.MULTILINE)]
    pieces = {name for text in [*using, (ROOT / file).read_text()] for name in re.findall(r"\{(\w+)[:}]", text)}
    return [name for name in queries(file) if name not in pieces]


def faults_of(text: str) -> list[str]:
    """The faulty versions of one block."""
    tokens = tokens_of(text)
    makers: tuple[Callable[[str, list[Token]], Iterable[str]], ...] = (_dropped, _turned, _joined, _sorted)
    return list(dict.fromkeys(fault for maker in makers for fault in maker(text, tokens) if fault != text))


def tokens_of(text: str) -> list[Token]:
    """Words and signs with their depth of brackets; comments are left out."""
    depth, found = 0, []
    for match in TOKEN.finditer(text):
        word = match.group()
        if word.startswith("--"):
            continue
        depth -= word in CLOSES
        found.append(Token(word if word.startswith("'") else word.upper(), match.start(), match.end(), depth))
        depth += word in OPENS
    return found


def _of_block(file: str, name: str, text: str) -> Iterator[Mutant]:
    said = " ".join(token.word for token in tokens_of(text))  # without comments
    for fault in faults_of(text):
        before, after = changed_lines(text, fault)
        yield Mutant(said, file, name, before, after, fault)


def _dropped(text: str, tokens: list[Token]) -> Iterator[str]:
    """Each condition of a WHERE, AND or OR as if it were not there."""
    for place, token in enumerate(tokens):
        if token.word in {"WHERE", "AND", "OR"} and not _of_between(tokens, place):
            end = _end(tokens, place + 1, token.depth, ENDS)
            if end == place + 1:
                continue
            follows = tokens[end].word if end < len(tokens) else ""
            kept = "false" if "OR" in (token.word, follows) else "true"
            yield text[: tokens[place + 1].start] + kept + text[tokens[end - 1].end :]


def _of_between(tokens: list[Token], place: int) -> bool:
    """Whether this AND belongs to a BETWEEN, or stands within one."""
    depth = tokens[place].depth
    for token in reversed(tokens[:place]):
        if token.depth < depth or (token.depth == depth and token.word in ENDS):
            return False
        if token.depth == depth and token.word == "BETWEEN":
            return True
    return False


def _end(tokens: list[Token], place: int, depth: int, ends: set[str]) -> int:
    """Where what begins at `place` ends."""
    while place < len(tokens):
        token = tokens[place]
        here = token.depth == depth
        if token.depth < depth or (here and token.word.startswith("{")):
            return place
        if here and token.word in ends and tokens[place - 1].word != "DISTINCT" and not _of_between(tokens, place):
            return place
        place += 1
    return place


def _turned(text: str, tokens: list[Token]) -> Iterator[str]:
    for token in tokens:
        if token.word in TURNED:
            yield text[: token.start] + TURNED[token.word] + text[token.end :]


def _joined(text: str, tokens: list[Token]) -> Iterator[str]:
    for token, following in pairwise(tokens):
        if token.word == "LEFT" and following.word == "JOIN":
            yield text[: token.start] + text[following.start :]


def _sorted(text: str, tokens: list[Token]) -> Iterator[str]:
    """Each thing that is sorted by, the other way round."""
    for place, token in enumerate(tokens):
        if token.word == "BY" and tokens[place - 1].word == "ORDER":
            end = _end(tokens, place + 1, token.depth, ENDS - {"AND", "OR"})
            for last in _lasts(tokens, place + 1, end, token.depth):
                if tokens[last].word in {"DESC", "ASC"}:
                    other = "DESC" if tokens[last].word == "ASC" else "ASC"
                    yield text[: tokens[last].start] + other + text[tokens[last].end :]
                else:
                    yield text[: tokens[last].end] + " DESC" + text[tokens[last].end :]


def _lasts(tokens: list[Token], start: int, end: int, depth: int) -> Iterator[int]:
    """The last word of each item of a list, without NULLS LAST."""
    for place in range(start, end):
        if place + 1 == end or (tokens[place + 1].word == "," and tokens[place + 1].depth == depth):
            yield place - 2 if tokens[place - 1].word == "NULLS" else place
