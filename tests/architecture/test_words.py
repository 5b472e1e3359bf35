"""The words that people in sales use, on every page, in every document and in every text that a person reads.

Each row of the table: what we used to say, as a pattern; a sentence that it must find; one that it must leave alone.
A word that is ordinary alone (as, told, board, mail, see) stands in the phrases that we used it in.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
APPS = ("plgcrm", "accounts", "signals", "outreach")
DOCUMENTS = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "Makefile", "docs/reference/openapi.yaml")


@dataclass(frozen=True, slots=True)
class Row:
    say: str
    pattern: str
    found: str
    left_alone: str
    exactly: bool = False  # upper and lower case are told apart: names of classes

    def search(self, text: str) -> bool:
        return re.search(self.pattern, text, 0 if self.exactly else re.I) is not None


ROWS = (
    Row(
        "hand-raiser, request",
        r"\braised hands?\b|\bhands? (?:(?:is|was|are|were) )?raised\b"
        r"|\brais(?:es?|ed|ing) (?:(?:a|the|their) )?hands?\b|\bhand raisers?\b",
        "It fires when a hand is raised.",
        "Inbound hand-raisers: signals in a hand-raise category are requests.",
    ),
    Row("outcome", r"\b(?:came|comes?) of it\b|\bwhat came of\b", "Note what came of it.", "What came in last week."),
    Row(
        "from the product",
        r"\btold by (?:an event|a conversion|the product)\b|\b(?:event|product) (?:tells|told|has told)\b",
        "A deal told by an event.",
        "A deal from the product.",
    ),
    Row(
        "log it, type",
        r"\bit came to\b|\bnot(?:e|es|ed|ing) (?:it|by|what|a meeting|a deal|that they)\b",
        "A meeting, noted by Rita.",
        "Add a note: it came today.",
    ),
    Row(
        "undo",
        r"\bt(?:ak(?:e|es|ing|en)|ook) (?:(?:it|this|them|both|all|one) ){0,2}back\b|\bundo takes\b",
        "One click takes it all back.",
        "Go back to the queue and take it.",
    ),
    Row("unassigned", r"\bnobody[’']s\b", "Nobody’s: 3", "Nobody is assigned."),
    Row("distribute", r"\bshar(?:e|es|ed|ing) (?:(?:it|them|items|many) )?out\b", "Sharing out items.", "Share it."),
    Row(
        "reassign", r"\bhand(?:s|ed|ing)?[ -](?:(?:it|them) )?over\b", "Handed over to Sam.", "Over the hands of time."
    ),
    Row(
        "email",
        r"\b(?:log|logs|send|sends|sending|opens?|a|the|in|free|disposable|own) mails?\b(?! server)"
        r"|\bmail (?:programs?|domains?|logged|or a call)\b|\be-mail",
        "Log a mail, or open it in the mail program.",
        "Log an email. Mailing lists and mailboxes are not people.",
    ),
    Row("fix", r"\bmend(?:s|ed|ing)?\b", "Quickly mended.", "We recommend an amendment."),
    Row(
        "no longer qualifies",
        r"\breasons? (?:went|goes|go) away\b|\breasons? (?:is|are) gone\b",
        "Its reason went away.",
        "It no longer qualifies, for this reason.",
    ),
    Row(
        "again, re-checked at", r"\banew\b|\blook(?:ed|s|ing)? at again\b", "It is looked at again.", "Looked at twice."
    ),
    Row("missing", r"\bstill asks? for\b", "It still asks for: plan.", "Someone asks for a demo."),
    Row("not calculated yet", r"\b(?:un)?reckon(?:s|ed|ing)?\b", "Not reckoned yet.", "Not calculated yet."),
    Row("item age", r"\bage of the reason\b", "The age of the reason.", "The age of the numbers."),
    Row(
        "team workload",
        r"\b(?:[Tt]he|manager[’']s|team) board\b|`g` `b`|[\"'/]board/",
        "The board for managers.",
        "They created a board; boards are full.",
    ),
    Row("persona", r"\bin whose words\b|name=\"as\"|[?&]as=", "Choose in whose words to write.", "As of today."),
    Row("in your time zone", r"\bof your (?:time )?zone\b", "Days of your time zone.", "In your time zone."),
    Row(
        "earned",
        r"\bpoints (?:a|the|each) criteri(?:on|a) holds?\b|\bbest-paid\b"
        r"|\bfor how many (?:accounts )?(?:it|each) holds\b",
        "For how many each holds.",
        "The points each criterion earned.",
    ),
    Row("resolve", r"\blearn(?:s|t|ed|ing)? who\b|\blearnt\b|\blessons?\b", "Learning who is who.", "Learned weights."),
    Row(
        "dirty mark", r"\btouch(?:ed)? marks?\b|\bretouch", "A touched mark for each.", "A dirty mark; it was touched."
    ),
    Row(
        "PlayStatus, Gap",
        r"\bStanding\b|\bLack\b",
        "(plays.Standing)",
        "Long-standing customers lack it.",
        exactly=True,
    ),
    Row("TimelineEntry", r"\bHappenings?\b", "(timeline.Happening rows)", "What is happening.", exactly=True),
    Row("blocker, error", r"\bhindrances?\b|\btroubles?\b", "Without hindrance.", "A blocker, an error."),
    Row("fact, immediate", r"\btold at once\b|\btold_by_event\b|\btold facts?\b", "It is told at once.", "As told."),
    Row("requester", r"\baskers?\b", "The asker is Ada.", "The requester is Ada."),
)
each_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.say)


def _documents() -> Iterator[Path]:
    yield from (ROOT / name for name in DOCUMENTS)
    yield from (ROOT / "docs").rglob("*.md")


def _drawn() -> Iterator[Path]:
    folder = ROOT / "templates"
    yield from (path for path in folder.rglob("*") if path.suffix in {".html", ".txt", ".js"})


def _strings(path: Path) -> Iterator[tuple[int, str]]:
    """Texts in code, without docstrings: what a person may read."""
    tree = ast.parse(path.read_text())
    bodies = [node.body for node in ast.walk(tree) if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)]
    docstrings = {id(body[0].value) for body in bodies if body and isinstance(body[0], ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.lineno, node.value


def _quoted(path: Path) -> Iterator[tuple[int, str]]:
    """Texts in SQL, which lie in the rows that a page shows."""
    for place, line in enumerate(path.read_text().splitlines(), 1):
        if not line.lstrip().startswith("--"):
            yield from ((place, text) for text in re.findall(r"'([^']+)'", line))


@cache
def _read() -> tuple[tuple[str, str], ...]:
    """Where and what: lines of documents and templates, strings of code and SQL."""
    files = [*_documents(), *_drawn()]
    lines = [(f"{path.relative_to(ROOT)}:{n}", line) for path in files for n, line in _lines(path)]
    code = [(path, _strings(path)) for app in APPS for path in (ROOT / app).rglob("*.py")]
    code += [(path, _quoted(path)) for app in APPS for path in (ROOT / app).rglob("*.sql")]
    return tuple(lines + [(f"{path.relative_to(ROOT)}:{n}", text) for path, texts in code for n, text in texts])


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """Each line with the beginning of the next, for phrases that a line end parts."""
    lines = path.read_text().splitlines()
    for place, line in enumerate(lines):
        following = lines[place + 1].lstrip("- *>#").split(" ")[:2] if place + 1 < len(lines) else []
        yield place + 1, " ".join([line, *following])


@each_row
def test_a_pattern_finds_what_we_used_to_say_and_leaves_the_rest_alone(row: Row) -> None:
    assert row.search(row.found)
    assert not row.search(row.left_alone)


@each_row
def test_nothing_that_people_read_says_it_the_old_way(row: Row) -> None:
    assert [f"{where}: {text.strip()[:120]}" for where, text in _read() if row.search(text)] == []


def test_the_texts_are_read_at_all() -> None:
    places = {where.split("/")[0].split(":")[0] for where, _ in _read()}
    assert {"README.md", "docs", "templates", *APPS} <= places
    assert len(_read()) > 5_000
