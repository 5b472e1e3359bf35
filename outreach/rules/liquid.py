"""Message templates: Liquid, locked down, rendered to parts that say which facts stand in them.

What is left of the language: output, `if unless case assign comment #`, the filters in FILTERS. No loops, no loader, no
other template, plain values only, everything bounded. Each node runs at most once, so the source bounds the work.

An unknown variable is an error when a template is saved. A value that is not known when it is rendered makes a gap:
`default` fills it, a condition takes it as not so, and anything else leaves it in `Rendered.missing`.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, TextIO

from liquid import BoundTemplate, Environment, RenderContext
from liquid.builtin.expressions import Path
from liquid.builtin.output import Output, OutputNode
from liquid.builtin.tags.assign_tag import AssignNode, AssignTag
from liquid.builtin.tags.case_tag import CaseNode, CaseTag, MultiExpressionBlockNode
from liquid.exceptions import LiquidError, UndefinedError
from liquid.expression import Expression
from liquid.static_analysis import TemplateAnalysis
from liquid.token import Token
from liquid.undefined import Undefined

from outreach.rules.liquid_direct import RenderedPart, Writer
from outreach.rules.liquid_filters import FILTERS, AtLeast, Share, Text, reads_as_nothing, shown
from outreach.rules.liquid_words import TAGS, MessageError, in_words, line_at, no_filter, no_tag, no_variable

__all__ = [
    "FILTERS",
    "TAGS",
    "AtLeast",
    "MessageError",
    "Rendered",
    "RenderedPart",
    "Scope",
    "Share",
    "Value",
    "check",
    "parsed",
    "render",
]

Value = str | int | float | bool | date | None
LONGEST_SOURCE = 10_000  # bytes
LONGEST_EXPRESSION = 600
DEEPEST_BLOCKS = 12
_INNER = ("content", "output", "illegal")  # what the parser itself needs
_OPEN, _GAP, _TEXT, _CLOSE, _NOTHING = "\ue000", "\ue001", "\ue002", "\ue003", "\ue004"
_MARKS = re.compile(f"[{_OPEN}-{_NOTHING}]")
_MARKED = re.compile(f"{_OPEN}([^{_TEXT}]*){_TEXT}([^{_CLOSE}]*){_CLOSE}")
_TRAILING = re.compile(r"[ \t]+(?=\n)")
_EMPTY_LINES = re.compile(r"\n{3,}")
_BEGIN = re.compile(r"\{[{%]")
_TOO_MUCH = "It cannot be evaluated: an expression is too deep, or a number too large."
_RAW = re.compile(r"\{%-?\s*(raw|endraw|doc|enddoc)\b")


@dataclass(frozen=True, slots=True)
class Rendered:
    parts: tuple[RenderedPart, ...]

    @property
    def text(self) -> str:
        return "".join(part.text for part in self.parts)

    @property
    def missing(self) -> tuple[str, ...]:
        """The variables that were needed and are not known, each once."""
        return tuple(dict.fromkeys(name for part in self.parts if part.missing for name in part.names))


def check(source: str, known_names: Collection[str]) -> None:
    """Raise MessageError for what could not be rendered, or speaks of a variable that does not exist."""
    template = _template(source)
    try:
        found = template.analyze(include_partials=False)
    except RecursionError as error:
        raise MessageError(_TOO_MUCH) from error
    for index, words in _mistakes(found, known_names):
        raise MessageError(f"{line_at(source, index)}: {words}")


def _mistakes(found: TemplateAnalysis, known: Collection[str]) -> Iterator[tuple[int, str]]:
    """Where, and what is wrong there."""
    roots = {name.partition(".")[0] for name in known}
    yield from ((at[0].index, no_filter(name)) for name, at in found.filters.items() if name not in FILTERS)
    for name, uses in found.locals.items():
        if name in roots:
            yield uses[0].span.index, f"“{name}” is a fact: assign to another name."
    for use in (use for uses in found.globals.values() for use in uses):
        if str(use) not in known:
            yield use.span.index, no_variable(str(use), known)


def render(source: str, values: Mapping[str, Value]) -> Rendered:
    """The text of a template for these values, by dotted name; None is a value that is not known."""
    template, scope = _template(source), Scope()
    for name, value in values.items():
        scope.add(name, value)
    with _told(source):
        return Rendered(tuple(_marked_parts(template, scope.nested)))


class Scope:
    """What is known of one account, for several templates one after another."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}

    def add(self, name: str, value: Value) -> None:
        """A dotted name; what is not known is left out."""
        # Empty is unknown: no greeting may begin with nothing. And nobody forges a mark.
        if value is not None and value != "":
            self.values[name] = Text(_MARKS.sub("", value)) if isinstance(value, str) else value

    def parts(self, template: BoundTemplate, source: str, write: Writer | None) -> Sequence[RenderedPart]:
        """What `render` would give; `write` is the direct_writer of the template, where there is one."""
        with _told(source):
            return write(self.values) if write else list(_marked_parts(template, self.nested))

    @property
    def nested(self) -> dict[str, Any]:
        """Dotted names as the dictionaries that Liquid walks."""
        nested: dict[str, Any] = {}
        for name, value in self.values.items():
            *path, last = name.split(".")
            place = nested
            for step in path:
                place = place.setdefault(step, {})
            place[last] = value
        return nested


@contextmanager
def _told(source: str) -> Iterator[None]:
    """Whatever goes wrong while a template is filled is told in words."""
    try:
        yield
    except LiquidError as error:
        raise in_words(error, source) from error
    except (ArithmeticError, RecursionError, TypeError, ValueError) as error:
        raise MessageError(_TOO_MUCH) from error


def _marked_parts(template: BoundTemplate, values: Mapping[str, Any]) -> Iterator[RenderedPart]:
    marked = template.render(values)
    return _parts(_EMPTY_LINES.sub("\n\n", _TRAILING.sub("", marked)).strip())


def parsed(source: str) -> BoundTemplate:
    """A template, read anew; MessageError where it cannot be."""
    _bounded(source)
    try:
        return _ENVIRONMENT.from_string(source)
    except LiquidError as error:
        raise in_words(error, source) from error


# More than an installation has: each template is read once for as long as it stays as it is.
_template = lru_cache(maxsize=4096)(parsed)


def _bounded(source: str) -> None:
    """What the parser would take long over, or let pass."""
    if len(source.encode()) > LONGEST_SOURCE:
        raise MessageError(f"It is {len(source.encode()):,} bytes long; the limit is {LONGEST_SOURCE:,}.")
    if found := _MARKS.search(source):
        raise MessageError(
            f"{line_at(source, found.start())}: it contains a character that is reserved for marking facts."
        )
    # Inside of raw, what looks like output would be sent to a customer as braces.
    if found := _RAW.search(source):
        raise MessageError(f"{line_at(source, found.start())}: {no_tag(found[1])}")
    # The parser looks for the end through the whole text, again for each beginning: quadratic, if let.
    for begin in _BEGIN.finditer(source):
        closing = "}}" if begin[0] == "{{" else "%}"
        if source.find(closing, begin.end(), begin.end() + LONGEST_EXPRESSION) < 0:
            raise MessageError(f"{line_at(source, begin.start())}: “{begin[0]}” is not closed by “{closing}”.")


def _parts(marked: str) -> Iterator[RenderedPart]:
    pieces = _MARKED.split(marked)
    for own, names, said in zip(pieces[::3], [*pieces[1::3], ""], [*pieces[2::3], ""], strict=True):
        if own:
            yield RenderedPart(own)
        if names:
            of = tuple(names.strip(f"{_GAP}{_NOTHING}").split(","))
            yield RenderedPart(said, of, names.startswith(_GAP), names.startswith(_NOTHING))


# --- Nodes that keep track of facts ------------------------------------------------------------------------


class _Unknown(Undefined):
    """A value that is not known: not so in a condition, filled by `default`, an error anywhere else."""

    __slots__ = ()
    force_liquid_default = True

    def _refuse(self, *args: object) -> Any:
        raise UndefinedError(self.name, token=self.token)

    __str__ = __len__ = __iter__ = __int__ = __reversed__ = _refuse

    def __eq__(self, other: object) -> bool:
        return other is None or isinstance(other, Undefined)

    def __hash__(self) -> int:
        return hash(self.name)

    def __bool__(self) -> bool:
        return False


class _FactNode(OutputNode):
    __slots__ = ("fills", "own")

    def __init__(self, token: Token, expression: Expression) -> None:
        super().__init__(token, expression)
        # Read from the expression once: a node is drawn as often as there are accounts.
        self.own = tuple(dict.fromkeys(_paths(expression)))
        self.fills = "default" in str(expression)

    def part(self, context: RenderContext) -> RenderedPart:
        """What it writes, and of which facts that was made."""
        assigned = "made_of" in context.tag_namespace
        names = _names(self.expression, context) if assigned else self.own
        try:
            value = self.expression.evaluate(context)
            text = shown(value)
        except UndefinedError:
            unknown = [name for name in names if not _is_known(name, context)] or names
            return RenderedPart("", tuple(unknown), missing=True)
        # Where nothing is filled in, nothing could be written while one of them was unknown.
        if assigned or self.fills:
            names = [name for name in names if _is_known(name, context)]
        return RenderedPart(text, tuple(names), is_nothing=reads_as_nothing(value))

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        part = self.part(context)
        if not part.names:
            return buffer.write(part.text)
        kind = _GAP if part.missing else _NOTHING if part.is_nothing else ""
        return buffer.write(f"{_OPEN}{kind}{','.join(part.names)}{_TEXT}{part.text}{_CLOSE}")


class _FactOutput(Output):
    node_class = _FactNode


class _AssignNode(AssignNode):
    """Remembers of which facts the value was made."""

    def render_to_output(self, context: RenderContext, _: TextIO) -> int:
        names = _names(self.expression, context)
        try:
            value = self.expression.evaluate(context)
        except UndefinedError as error:
            value = context.env.undefined(str(self.name), token=error.token)
        # So that {{ seats }} is still known as a fact after {% assign %} gave it another name.
        context.tag_namespace.setdefault("made_of", {})[str(self.name)] = names
        context.assign(self.name, value)
        return 0


class _Assign(AssignTag):
    node_class = _AssignNode


class _CaseNode(CaseNode):
    """The first `when` that fits, once: the library draws a block as often as it fits, nested to any power."""

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        for block in self.blocks:
            if not isinstance(block, MultiExpressionBlockNode):
                return block.render(context, buffer)
            if any(block.expression.evaluate(context)):
                return block.block.render(context, buffer)
        return 0


class _Case(CaseTag):
    node_class = _CaseNode


def _names(expression: Expression, context: RenderContext) -> list[str]:
    """The variables an expression is made of, each once; of a name that was assigned, those behind it."""
    made_of = context.tag_namespace.get("made_of", {})
    found: list[str] = []
    for path in _paths(expression):
        found += made_of.get(path, [path])
    return list(dict.fromkeys(found))


def _paths(expression: Expression) -> Iterator[str]:
    if isinstance(expression, Path):
        yield ".".join(str(segment) for segment in expression.path)
    for child in expression.children():
        yield from _paths(child)


def _is_known(name: str, context: RenderContext) -> bool:
    found = context.get(list(name.split(".")), token=None, default=None)
    return found is not None and not isinstance(found, Undefined)


class _Locked(Environment):
    block_nesting_limit = DEEPEST_BLOCKS
    context_depth_limit = 4
    loop_iteration_limit = 1
    local_namespace_limit = 20_000
    output_stream_limit = 20_000

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        super().setup_tags_and_filters(extra=False)
        self.add_tag(_Assign)
        self.add_tag(_Case)
        self.tags = {name: tag for name, tag in self.tags.items() if name in TAGS + _INNER} | {
            "output": _FactOutput(self)
        }
        # Ours only: among those of the library are some that a hostile argument makes slow.
        self.filters = dict(FILTERS)


_ENVIRONMENT = _Locked(undefined=_Unknown, autoescape=False, strict_filters=True)
