"""`make mutants ARGS=access` makes every fault of one module and says which no test notices; without ARGS, the sums."""

import sys
from itertools import chain

from tests.mutants import python_mutants, results, sql_mutants
from tests.mutants.modules import MODULES, ROOT, Module
from tests.mutants.python_mutants import Mutant
from tests.mutants.run import Verdict, run

USAGE = f"make mutants ARGS='MODULE [again]', where MODULE is one of: {', '.join(MODULES)}"


def main(words: list[str]) -> int:
    if not words:
        return summary()
    if words[0] not in MODULES or words[1:] not in ([], ["again"]):
        print(USAGE)
        return 2
    return try_module(words[0], again=words[1:] == ["again"])


def try_module(name: str, *, again: bool) -> int:
    """Tries what was not killed before; all of it where asked again. 1 where something survives."""
    module = MODULES[name]
    mutants = list(mutants_of(module))
    known = {} if again else results.kept(name)
    reasons = results.equivalents()

    def found(mutant: Mutant, verdict: Verdict) -> None:
        result = results.result_of(mutant, verdict.verdict, verdict.by)
        results.add(name, result)
        if not result.killed:
            print(_words(result), f"   {verdict.tests} tests, {verdict.seconds:.1f} s", sep="\n", flush=True)

    waiting = [one for one in mutants if not (one.name in known and _settled(known[one.name], reasons))]
    if waiting:
        run(module, waiting, found)
    after = results.tidy(name, mutants)
    print(_row(name, list(after.values())))
    return int(any(not _settled(result, reasons) for result in after.values()))


def mutants_of(module: Module) -> list[Mutant]:
    """All faults of a module: of its functions, then of its SQL."""
    python = (python_mutants.mutants_of(ROOT, file) for file in module.python)
    blocks = (sql_mutants.mutants_of(file, names) for file, names in module.sql.items())
    return list(chain.from_iterable(chain(python, blocks)))


def _settled(result: results.Result, reasons: dict[tuple[str, str, str, str], str]) -> bool:
    return result.killed or results.is_equivalent(result, reasons)


def summary() -> int:
    """What is known of each module; then every fault that survives."""
    print(f"{'module':<12} {'faults':>7} {'killed':>7} {'same':>5} {'survive':>8} {'killed of those that differ':>28}")
    everything = {name: list(results.kept(name).values()) for name in MODULES}
    for name, found in everything.items():
        print(_row(name, found) if found else f"{name:<12} not run")
    for result in chain.from_iterable(everything.values()):
        if not _settled(result, results.equivalents()):
            print(_words(result))
    return 0


def _row(name: str, found: list[results.Result]) -> str:
    reasons = results.equivalents()
    killed = sum(result.killed for result in found)
    same = sum(results.is_equivalent(result, reasons) for result in found)
    share = killed / max(len(found) - same, 1)
    return f"{name:<12} {len(found):>7} {killed:>7} {same:>5} {len(found) - killed - same:>8} {share:>28.1%}"


def _words(result: results.Result) -> str:
    return f"{result.verdict.upper()} {result.file} {result.function}\n - {result.before}\n + {result.after}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
