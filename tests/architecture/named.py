"""What our documents, comments and docstrings name, and what there is. test_docs.py holds the one against the other."""

import ast
import io
import re
import tokenize
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGES = ("plgcrm", "accounts", "signals", "outreach", "tests", "bench")
PACKED = ("templates", "docs", ".ci")
TICKED = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
SQL_COMMENT = re.compile(r"^\s*--(?! name:)(.*)$", re.MULTILINE)
PAGE_COMMENT = re.compile(r"{#(.*?)#}|{% comment %}(.*?){% endcomment %}", re.DOTALL)
WORD = re.compile(r"[A-Za-z_]\w*")
DOTTED = re.compile(r"\b[A-Za-z_]\w*(?:\.\w+)+\b")


class Saying(NamedTuple):
    """A piece of prose, and the file it stands in."""

    path: str
    text: str

    def ticked(self) -> list[str]:
        return TICKED.findall(self.text)

    def commands(self) -> str:
        """What somebody would type: between backticks, and in fenced blocks."""
        return "\n".join([*self.ticked(), *FENCE.findall(self.text)])


@cache
def files() -> list[Path]:
    """The files of the project: its packages, templates and documents, and what lies beside them."""
    inside = [path for folder in (*PACKAGES, *PACKED) for path in (ROOT / folder).rglob("*") if path.is_file()]
    beside = [path for path in ROOT.iterdir() if path.is_file()]
    return sorted(path for path in (*inside, *beside) if "__pycache__" not in path.parts)


@cache
def paths() -> frozenset[str]:
    """Each file and folder, relative to the project; folders end in a slash."""
    found = {str(path.relative_to(ROOT)) for path in files()}
    return frozenset(found | {f"{folder}/" for name in found for folder in map(str, Path(name).parents)})


def with_ending(*endings: str) -> Iterator[Path]:
    return (path for path in files() if path.suffix in endings)


@cache
def documents() -> list[Saying]:
    """Every page of documentation, whole; but not the list of changes, which speaks of what was."""
    return [_saying(path, path.read_text()) for path in with_ending(".md") if path.name != "CHANGELOG.md"]


@cache
def remarks() -> list[Saying]:
    """The comments and docstrings of the code, its SQL and its templates."""
    found = [remark for path in with_ending(".py") for remark in _of_python(path)]
    found += [_saying(path, text) for path in with_ending(".sql") for text in SQL_COMMENT.findall(path.read_text())]
    for path in with_ending(".html"):
        found += [_saying(path, one or other) for one, other in PAGE_COMMENT.findall(path.read_text())]
    return found


def _saying(path: Path, text: str) -> Saying:
    return Saying(str(path.relative_to(ROOT)), text)


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def _of_python(path: Path) -> Iterator[Saying]:
    for token in tokenize.generate_tokens(io.StringIO(path.read_text()).readline):
        if token.type == tokenize.COMMENT:
            yield _saying(path, token.string)
    for node in _documented(tree_of(path)):
        yield _saying(path, ast.get_docstring(node) or "")


Documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def _documented(tree: ast.Module) -> list[Documented]:
    return [node for node in ast.walk(tree) if isinstance(node, Documented) and ast.get_docstring(node)]


@cache
def code_words() -> frozenset[str]:
    """Every word of the code itself: names, and words inside of texts; comments and docstrings do not count."""
    words: set[str] = set()
    for path in files():
        if path.name == "test_docs.py":  # it tries names that are nowhere
            continue
        if path.suffix == ".py":
            words |= _python_words(tree_of(path))
            words.add(path.stem)
        elif path.suffix == ".sql":
            words |= set(WORD.findall(SQL_COMMENT.sub("", path.read_text())))
        elif path.suffix == ".html":
            words |= set(WORD.findall(PAGE_COMMENT.sub("", path.read_text())))
        elif path.suffix in (".js", ".mjs", ".yaml", ".json", ".toml"):
            words |= set(WORD.findall(path.read_text()))
    return frozenset(words | {folder.rstrip("/").split("/")[-1] for folder in paths()})


def _python_words(tree: ast.Module) -> set[str]:
    docstrings = {id(node.body[0].value) for node in _documented(tree) if isinstance(node.body[0], ast.Expr)}
    return {word for node in ast.walk(tree) if id(node) not in docstrings for word in _words_of(node)}


def _words_of(node: ast.AST) -> Iterable[str]:
    if isinstance(node, ast.Constant):
        value = node.value.decode("latin-1") if isinstance(node.value, bytes) else node.value
        return [*WORD.findall(value), *DOTTED.findall(value)] if isinstance(value, str) else ()
    names = (getattr(node, name, None) for name in ("id", "attr", "name", "arg", "module", "asname"))
    return [word for name in names if isinstance(name, str) for word in name.split(".")]


@cache
def definitions() -> dict[str, frozenset[str]]:
    """Dotted module, package or class -> the names that stand in it."""
    found: dict[str, set[str]] = {}
    for path in with_ending(".py"):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        _define(found, module, tree_of(path).body)
        package, _, name = module.rpartition(".")
        found.setdefault(package, set()).add(name)
    return {name: frozenset(names) for name, names in found.items()}


def _define(found: dict[str, set[str]], place: str, body: list[ast.stmt]) -> None:
    names = found.setdefault(place, set())
    for node in body:
        names |= set(_bound(node))
        if isinstance(node, ast.ClassDef):
            _define(found, f"{place}.{node.name}", node.body)


def _bound(node: ast.stmt) -> Iterator[str]:
    """What a statement gives a name to."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.Import | ast.ImportFrom):
        yield from (alias.asname or alias.name for alias in node.names)
    elif isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        yield from (name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name))
