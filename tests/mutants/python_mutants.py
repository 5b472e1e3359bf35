"""Faulty copies of Python functions: one small change each, made by mutmut's operators.

mutmut itself leaves out decorated functions, and most of ours are (`@transaction.atomic`, `@property`); and it would
start the tests anew for each fault. So its operators are used here, and the running is our own (`run.py`).
"""

import ast
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha1
from itertools import groupby
from pathlib import Path
from textwrap import dedent

import libcst as cst
from libcst.metadata import CodeRange, MetadataWrapper, PositionProvider
from mutmut.mutation.mutators import mutation_operators

LEAST = 10  # characters of a name
STATEMENTS = (cst.SimpleStatementLine, cst.BaseCompoundStatement)
NEVER_CALLS = {"len", "isinstance", "cast", "zip"}  # of zip only `strict` could be changed, which checks ourselves


@dataclass(frozen=True, slots=True)
class Mutant:
    """One fault. `line`: where its statement begins; of SQL, 0."""

    name: str
    file: str
    function: str
    before: str
    after: str
    text: str  # of the whole file, or of the whole block
    line: int = 0


def mutants_of(root: Path, file: str) -> Iterator[Mutant]:
    """Every fault of every function of a file, in the order of the lines."""
    source = (root / file).read_text()
    wrapper = MetadataWrapper(cst.parse_module(source))
    finder = _Finder()
    wrapper.visit(finder)
    yield from named(_mutants(file, source, wrapper.module, finder.found))


def named(mutants: Iterable[Mutant]) -> Iterator[Mutant]:
    """With a name that stays as long as the function does: the place in the file is not part of it."""
    seen: Counter[str] = Counter()
    for one in mutants:
        key = "\n".join([one.file, one.function, one.name, one.before, one.after])
        seen[key] += 1
        name = sha1(f"{key}\n{seen[key]}".encode(), usedforsecurity=False).hexdigest()[:LEAST]
        yield Mutant(name, one.file, one.function, one.before, one.after, one.text, one.line)


def changed_lines(old: str, new: str) -> tuple[str, str]:
    """What was, and what is instead."""
    gone, come = old.splitlines(), new.splitlines()
    while gone and come and gone[0] == come[0]:
        gone, come = gone[1:], come[1:]
    while gone and come and gone[-1] == come[-1]:
        gone, come = gone[:-1], come[:-1]
    return " ".join(line.strip() for line in gone), " ".join(line.strip() for line in come)


@dataclass(frozen=True, slots=True)
class _Fault:
    function: str
    whole: cst.ClassDef | cst.FunctionDef  # at the left margin
    original: cst.CSTNode
    mutated: cst.CSTNode
    line: int


def _mutants(file: str, source: str, module: cst.Module, found: list[_Fault]) -> Iterator[Mutant]:
    for whole, faults in groupby(found, key=lambda fault: fault.whole):  # one is rendered sooner than the file
        sound = module.code_for_node(whole)
        said = spoken(sound)
        for fault in faults:
            faulty = module.code_for_node(whole.deep_replace(fault.original, fault.mutated))  # type: ignore[arg-type]
            if faulty != sound and _compiles(faulty):
                before, after = changed_lines(sound, faulty)
                text = source.replace(sound, faulty, 1)
                yield Mutant(said, file, fault.function, before, after, text, fault.line)


def spoken(function: str) -> str:
    """The code alone: a fault keeps its name when a comment or a docstring changes."""
    tree = ast.parse(dedent(function))
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return ast.unparse(tree)


def _compiles(function: str) -> bool:
    try:
        compile(dedent(function), "mutant", "exec")
    except SyntaxError:
        return False
    return True


class _Finder(cst.CSTVisitor):
    """Collects the faults of all functions, decorated ones too; defaults, annotations and docstrings are left alone."""

    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self) -> None:
        self.found: list[_Fault] = []
        self._nodes: list[cst.ClassDef | cst.FunctionDef] = []
        self._statements: list[int] = []

    def on_visit(self, node: cst.CSTNode) -> bool:
        if isinstance(node, cst.Annotation | cst.Decorator | cst.Param) or _left_alone(node):
            return False
        if isinstance(node, STATEMENTS):
            self._statements.append(self._line_of(node))
        if isinstance(node, cst.ClassDef | cst.FunctionDef):
            self._nodes.append(node)
        elif any(isinstance(one, cst.FunctionDef) for one in self._nodes):
            self._collect(node)
        return True

    def on_leave(self, original_node: cst.CSTNode) -> None:
        if isinstance(original_node, STATEMENTS):
            self._statements.pop()
        if isinstance(original_node, cst.ClassDef | cst.FunctionDef):
            self._nodes.pop()

    def _collect(self, node: cst.CSTNode) -> None:
        for kind, operator in mutation_operators:
            if isinstance(node, kind):
                for mutated in _chosen(node, operator(node)):
                    name = ".".join(one.name.value for one in self._nodes)
                    self.found.append(_Fault(name, self._nodes[0], node, mutated, self._statements[-1]))

    def _line_of(self, node: cst.CSTNode) -> int:
        place = self.get_metadata(PositionProvider, node, None)
        return place.start.line if isinstance(place, CodeRange) else 0


def _chosen(node: cst.CSTNode, made: Iterable[cst.CSTNode]) -> list[cst.CSTNode]:
    """One change of each text: what notices XXtextXX notices capitals too."""
    return list(made)[: 1 if isinstance(node, cst.BaseString) else None]


def _left_alone(node: cst.CSTNode) -> bool:
    if isinstance(node, cst.Call) and isinstance(node.func, cst.Name):
        return node.func.value in NEVER_CALLS
    return isinstance(node, cst.Expr) and isinstance(node.value, cst.SimpleString)
