"""One real small change of each sort that is made often, kept as a patch with its own test.

A patch is a unified diff below a head that says what it does, which row of CONTRIBUTING's table “To add” it follows
and which tests prove it. How many files it takes, beside tests and migrations, says how well the code is cut.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

HERE = Path(__file__).resolve().parent / "patches"
ROOT = HERE.parents[2]
# The most files, beside tests and migrations, that a change of this sort may take.
LIMITS = {
    "play-trigger": 2,
    "guard": 3,
    "message-variable": 3,
    "item-line": 4,
    "report-number": 4,
    "measure-kind": 3,
    "message-type": 3,
    "permission": 3,
}
HUNK = re.compile(r"^@@ -(\d+)(?:,\d+)? \+\d+(?:,\d+)? @@.*$", re.MULTILINE)


class StaleError(Exception):
    """A patch that says too little, or that no longer fits the code."""


@dataclass(frozen=True)
class Hunk:
    """Lines that stand together, as they are and as they become; `line` is where they stood, from 0."""

    line: int
    before: list[str]
    after: list[str]


@dataclass(frozen=True)
class Change:
    """One patch."""

    name: str
    text: str

    @cached_property
    def row(self) -> str:
        """The row of CONTRIBUTING's table that this is an example of."""
        return self._head("To add")

    @cached_property
    def tests(self) -> list[str]:
        return self._head("Proved by").split()

    @cached_property
    def hunks(self) -> dict[str, list[Hunk]]:
        """By path; a file that the patch makes has one, with nothing before."""
        pieces = re.split(r"^--- (?=a/|/dev/null).*\n\+\+\+ b/(\S+)\n", self.text, flags=re.MULTILINE)
        return {path: list(_hunks(text)) for path, text in zip(pieces[1::2], pieces[2::2], strict=True)}

    @property
    def files(self) -> list[str]:
        """What it changes beside tests and migrations."""
        return [path for path in self.hunks if not path.startswith("tests/") and "/migrations/" not in path]

    @property
    def limit(self) -> int:
        return LIMITS[self.name]

    def applied(self, root: Path) -> dict[str, str]:
        """Each file as it becomes; StaleError where the patch does not fit what is below `root`."""
        return {path: self._patched(root / path, hunks) for path, hunks in self.hunks.items()}

    def _patched(self, path: Path, hunks: list[Hunk]) -> str:
        made = not any(hunk.before for hunk in hunks)
        if made == path.exists():
            raise StaleError(f"{self.name}: {path.name} is {'there already' if made else 'not there'}")
        lines = [] if made else path.read_text().splitlines(keepends=True)
        for hunk in reversed(hunks):  # from below, so that the numbers of the lines above stay true
            place = self._place(lines, hunk, path)
            lines[place : place + len(hunk.before)] = hunk.after
        return "".join(lines)

    def _place(self, lines: list[str], hunk: Hunk, path: Path) -> int:
        """Where the hunk fits: of several places the one nearest to where it stood."""
        size = len(hunk.before)
        places = [place for place in range(len(lines) - size + 1) if lines[place : place + size] == hunk.before]
        if not places:
            raise StaleError(f"{self.name} no longer fits {path.name} near line {hunk.line + 1}: make it again")
        return min(places, key=lambda place: abs(place - hunk.line))

    def _head(self, label: str) -> str:
        found = re.search(rf"^{label}: (.+)$", self.text, re.MULTILINE)
        if not found:
            raise StaleError(f"{self.name}: write “{label}: ...” above the patch")
        return found[1]


def _hunks(text: str) -> Iterator[Hunk]:
    pieces = HUNK.split(text)
    for first, body in zip(pieces[1::2], pieces[2::2], strict=True):
        lines = [line for line in body.removeprefix("\n").splitlines(keepends=True) if line[0] in " +-\n"]
        before = [line[1:] if line[0] != "\n" else line for line in lines if line[0] != "+"]
        after = [line[1:] if line[0] != "\n" else line for line in lines if line[0] != "-"]
        yield Hunk(max(int(first) - 1, 0), before, after)


def changes() -> list[Change]:
    """All of them, in the order of LIMITS; one that has no limit comes last."""
    found = [Change(path.stem, path.read_text()) for path in sorted(HERE.glob("*.patch"))]
    order = list(LIMITS)
    return sorted(found, key=lambda change: order.index(change.name) if change.name in order else len(order))
