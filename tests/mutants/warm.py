"""What a warm process needs: functions whose code can be swapped, and forks that run tests and tell how it went."""

import ast
import gc
import os
import signal
from collections import Counter, defaultdict
from collections.abc import Callable
from functools import _lru_cache_wrapper
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

import pytest
from _pytest.runner import runtestprotocol
from django.db import connections

Tell = Callable[[str], None]


class Functions:
    """The functions of some files as they are loaded, wherever they hang: wrapped and nested ones among them."""

    def __init__(self, root: Path, files: tuple[str, ...]) -> None:
        self.root = root
        self.files = {str(root / file): file for file in files}
        self.sources = {file: (root / file).read_text() for file in files}
        self.found: dict[tuple[str, str, int], list[FunctionType]] = defaultdict(list)
        self.remembering: list[_lru_cache_wrapper[Any]] = []

    def find(self) -> None:
        """Again, when more may have been loaded or made."""
        self.found.clear()
        every = gc.get_objects()
        self.remembering = [one for one in every if type(one) is _lru_cache_wrapper and self._is_ours(one)]
        for one in every:
            if type(one) is FunctionType and one.__code__.co_filename in self.files:  # isinstance trips over proxies
                code = one.__code__
                self.found[self.files[code.co_filename], code.co_qualname, code.co_firstlineno].append(one)

    def _is_ours(self, remembering: "_lru_cache_wrapper[Any]") -> bool:
        code = getattr(remembering.__wrapped__, "__code__", None)
        return code is not None and code.co_filename.startswith(str(self.root))

    def forget(self) -> None:
        """What functools remembers of the project's functions: another's code may have answered."""
        for remembering in self.remembering:
            remembering.cache_clear()

    def swap(self, file: str, text: str | ast.Module) -> None:
        """Every function of the file gets the code that it has in `text`; whoever imported it has it at once."""
        path = str(self.root / file)
        other = code_by_place(compile(text, path, "exec"))
        for place, code in code_by_place(compile(self.sources[file], path, "exec")).items():
            for function in self.found.get((file, code.co_qualname, code.co_firstlineno), ()):
                if place in other and len(function.__code__.co_freevars) == len(other[place].co_freevars):
                    function.__code__ = other[place]
        self.forget()


def code_by_place(code: CodeType) -> dict[tuple[str, int], CodeType]:
    """The code of every function below, by its full name and its turn among those of the name."""
    found: dict[tuple[str, int], CodeType] = {}
    turns: Counter[str] = Counter()
    waiting = [code]
    while waiting:
        one = waiting.pop(0)
        found[one.co_qualname, turns[one.co_qualname]] = one
        turns[one.co_qualname] += 1
        waiting += [const for const in one.co_consts if isinstance(const, CodeType)]
    return found


def fails(item: pytest.Item) -> bool:
    """Run a test; what the session shares stays set up."""
    item.config.option.verbose = -1
    reports = runtestprotocol(item, log=False, nextitem=item.session)  # type: ignore[arg-type]
    return any(report.failed for report in reports)


def forked(act: Callable[[Tell], None], patience: float) -> tuple[str, bool]:
    """What the fork told, and whether it was killed: it is, after so many seconds."""
    connections.close_all()
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        os.close(reader)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, patience)
        _in_fork(act, writer)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        told = pipe.read()
    _, status = os.waitpid(child, 0)
    return told, os.WIFSIGNALED(status)


def _in_fork(act: Callable[[Tell], None], writer: int) -> None:
    """Never returns: nothing of the parent is finished twice."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)

    def tell(text: str) -> None:
        os.write(writer, text.encode())

    try:
        act(tell)
    finally:
        os._exit(0)
