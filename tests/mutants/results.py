"""What is known of each fault, kept as lines of JSON; and the faults that change nothing, each with its reason."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.mutants.python_mutants import Mutant

HERE = Path(__file__).parent
RESULTS = HERE / "results"
EQUIVALENTS = HERE / "equivalents.json"


@dataclass(frozen=True, slots=True)
class Result:
    """A fault and what became of it. `verdict`: killed, survived, or untested where no test goes there."""

    name: str
    file: str
    function: str
    before: str
    after: str
    verdict: str
    by: str = ""

    @property
    def killed(self) -> bool:
        return self.verdict == "killed"


def result_of(mutant: Mutant, verdict: str, by: str) -> Result:
    return Result(mutant.name, mutant.file, mutant.function, mutant.before, mutant.after, verdict, by)


def kept(module: str) -> dict[str, Result]:
    """By the name of the fault; the last word counts."""
    path = RESULTS / f"{module}.jsonl"
    lines = path.read_text().splitlines() if path.exists() else []
    results = [Result(**json.loads(line)) for line in lines]
    return {result.name: result for result in results}


def add(module: str, result: Result) -> None:
    """At once: a run that is stopped goes on from here."""
    RESULTS.mkdir(exist_ok=True)
    with (RESULTS / f"{module}.jsonl").open("a") as file:
        file.write(_line(result))


def tidy(module: str, mutants: Iterable[Mutant]) -> dict[str, Result]:
    """Keep only what is known of faults that can still be made, in their order."""
    known = kept(module)
    results = {one.name: known[one.name] for one in mutants if one.name in known}
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{module}.jsonl").write_text("".join(map(_line, results.values())))
    return results


def _line(result: Result) -> str:
    return json.dumps(asdict(result), ensure_ascii=False) + "\n"


def equivalents() -> dict[tuple[str, str, str, str], str]:
    """The reason by file, function, and line before and after: a fault that moves within its function stays known."""
    rows = json.loads(EQUIVALENTS.read_text())
    return {(row["file"], row["function"], row["before"], row["after"]): row["reason"] for row in rows}


def is_equivalent(result: Result, reasons: dict[tuple[str, str, str, str], str]) -> bool:
    return not result.killed and (result.file, result.function, result.before, result.after) in reasons
