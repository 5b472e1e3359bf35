"""The measured shape of the product's code. `python tests/architecture/shape.py` prints it; test_shape.py holds it.

What counts: the Python of accounts, signals, outreach and plgcrm, without migrations.
- A function's length runs from its `def` to its last line, docstring left out.
- Each class counts but `Meta`; an enumeration or state inside another class counts under its dotted name.
- A function is typed when each argument (but self and cls) and what it returns have an annotation.
- Work and queries are the public functions on top level of the folders and modules of WORK, and the named blocks of
  each .sql file; a block's docstring is the comment it begins with.
- A comment is a line with `#` in signals/ and outreach/ that speaks to a reader: pragmas do not count.
"""

import ast
import io
import re
import tokenize
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
APPS = ("plgcrm", "accounts", "signals", "outreach")
COMMENTED = ("signals", "outreach")
LONGEST = 40
# Where work is done and rows are read: subject folders, and the modules beside them that change, lock or find rows.
WORK = (
    "accounts/identity",
    "accounts/rules",
    "accounts/access.py",
    "accounts/ownership.py",
    "accounts/queries.py",
    "accounts/saved_views.py",
    "signals/ingest",
    "signals/measures",
    "signals/rules",
    "signals/scoring",
    "signals/vocabulary",
    "signals/evidence.py",
    "signals/facts.py",
    "signals/measures_load.py",
    "signals/queries.py",
    "signals/versions.py",
    "outreach/messages",
    "outreach/outcomes",
    "outreach/pages",
    "outreach/plays",
    "outreach/queue",
    "outreach/rules",
    "outreach/staff",
    "outreach/team",
    "outreach/access.py",
    "outreach/locks.py",
)
PRAGMA = re.compile(r"#\s*(noqa|type:|fmt:|pragma|ruff:|mypy:)")
BLOCK = re.compile(r"^-- name: (\w+)\s*$", re.MULTILINE)

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Source:
    """One Python file of the product."""

    path: str  # relative to the project
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    def classes(self) -> Iterator[str]:
        yield from _classes(self.tree, "")

    def functions(self) -> list[Function]:
        return [node for node in ast.walk(self.tree) if isinstance(node, Function)]

    def comments(self) -> list[str]:
        tokens = tokenize.generate_tokens(io.StringIO(self.text).readline)
        found = [token.string for token in tokens if token.type == tokenize.COMMENT]
        return [comment for comment in found if not PRAGMA.match(comment)]

    def does_work(self) -> bool:
        return any(self.path == part or self.path.startswith(f"{part}/") for part in WORK)


def _classes(node: ast.AST, within: str) -> Iterator[str]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ClassDef) and child.name != "Meta":
            yield f"{within}{child.name}"
            yield from _classes(child, f"{within}{child.name}.")
        elif not isinstance(child, ast.ClassDef):
            yield from _classes(child, within)


def sources() -> list[Source]:
    paths = sorted(path for app in APPS for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts)
    return [Source(str(path.relative_to(ROOT)), path.read_text()) for path in paths]


def modules_under(app: str) -> list[str]:
    """The modules that lie directly in an app, not in one of its folders."""
    return sorted(path.stem for path in (ROOT / app).glob("*.py") if path.stem != "__init__")


def shared_class_names(found: list[Source]) -> dict[str, list[str]]:
    """Class names that mean more than one class, and the files where they do."""
    places: dict[str, list[str]] = {}
    for source in found:
        for name in source.classes():
            places.setdefault(name, []).append(source.path)
    return {name: paths for name, paths in sorted(places.items()) if len(paths) > 1}


def class_names(found: list[Source]) -> Counter[str]:
    return Counter(name for source in found for name in source.classes())


def length(function: Function) -> int:
    """Lines from `def` to the last, docstring left out."""
    lines = (function.end_lineno or function.lineno) - function.lineno + 1
    if ast.get_docstring(function) is None:
        return lines
    docstring = function.body[0]
    return lines - ((docstring.end_lineno or docstring.lineno) - docstring.lineno + 1)


def long_functions(found: list[Source]) -> list[str]:
    return [
        f"{source.path}:{function.lineno} {function.name} {length(function)}"
        for source in found
        for function in source.functions()
        if length(function) > LONGEST
    ]


def is_typed(function: Function) -> bool:
    given = function.args
    arguments = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]
    named = [argument for argument in arguments if argument and argument.arg not in ("self", "cls")]
    return function.returns is not None and all(argument.annotation for argument in named)


def untyped_functions(found: list[Source]) -> list[str]:
    return [
        f"{source.path}:{function.lineno} {function.name}"
        for source in found
        for function in source.functions()
        if not is_typed(function)
    ]


def work_functions(found: list[Source]) -> dict[str, bool]:
    """Each public function on top level of a module that does work, and whether it has a docstring."""
    return {
        f"{source.path}:{node.lineno} {node.name}": bool(ast.get_docstring(node))
        for source in found
        if source.does_work()
        for node in source.tree.body
        if isinstance(node, Function) and not node.name.startswith("_")
    }


def queries() -> dict[str, bool]:
    """Each named block of a .sql file, and whether it begins with a comment that says what it answers."""
    blocks: dict[str, bool] = {}
    for path in sorted(file for app in APPS for file in (ROOT / app).rglob("*.sql")):
        parts = BLOCK.split(path.read_text())
        for name, text in zip(parts[1::2], parts[2::2], strict=True):
            blocks[f"{path.relative_to(ROOT)} {name}"] = text.lstrip().startswith(("--", "/*"))
    return blocks


def without_docstring(found: list[Source]) -> list[str]:
    return [name for name, said in (work_functions(found) | queries()).items() if not said]


def comment_density(found: list[Source], app: str) -> float:
    """Comments per 100 lines of an app."""
    of_app = [source for source in found if source.path.startswith(f"{app}/")]
    lines = sum(len(source.text.splitlines()) for source in of_app)
    return 100 * sum(len(source.comments()) for source in of_app) / lines


def report() -> str:
    """The shape as text: each figure, and below it what is too much."""
    found = sources()
    names, shared = class_names(found), shared_class_names(found)
    functions = sum(len(source.functions()) for source in found)
    long, untyped, silent = long_functions(found), untyped_functions(found), without_docstring(found)
    work, blocks = work_functions(found), queries()
    lines = [f"modules directly under {app}/: {len(modules_under(app))}" for app in COMMENTED]
    lines += [f"class names with more than one class: {len(shared)} of {len(names)}"]
    lines += [f"    {name}: {', '.join(paths)}" for name, paths in shared.items()]
    lines += [f"functions over {LONGEST} lines: {len(long)} of {functions}", *(f"    {each}" for each in long)]
    lines += [f"functions not typed: {len(untyped)} of {functions}", *(f"    {each}" for each in untyped)]
    lines += [f"work functions and queries without docstring: {len(silent)} of {len(work)} and {len(blocks)}"]
    lines += [f"    {each}" for each in silent]
    lines += [f"comments per 100 lines in {app}/: {comment_density(found, app):.1f}" for app in COMMENTED]
    return "\n".join(lines)


if __name__ == "__main__":
    print(report())
