"""Which facts a line of Liquid names, and as what: judged in a condition, or stated."""

from collections.abc import Iterator
from dataclasses import dataclass

from liquid import BoundTemplate, Node, RenderContext
from liquid.builtin.expressions import BooleanExpression, FilteredExpression, Path
from liquid.builtin.expressions.logical import (
    EqExpression,
    GeExpression,
    LeExpression,
    LogicalAndExpression,
    LogicalNotExpression,
    LogicalOrExpression,
)
from liquid.builtin.expressions.primitive import FloatLiteral, IntegerLiteral
from liquid.builtin.output import OutputNode
from liquid.builtin.tags.assign_tag import AssignNode
from liquid.expression import Expression

_JOINED = BooleanExpression | LogicalAndExpression | LogicalOrExpression | LogicalNotExpression
_MAY_ASK_FOR_ZERO = EqExpression | GeExpression | LeExpression


@dataclass(frozen=True, slots=True)
class LineNames:
    """The facts of a line, each once in every group."""

    every: tuple[str, ...]
    judged: tuple[str, ...]  # in a condition
    alone: tuple[str, ...]  # in a condition, compared with nothing
    may_be_zero: frozenset[str]  # a condition compares them with zero
    has_default: frozenset[str]  # may be unknown


def names_in(template: BoundTemplate) -> LineNames:
    """What a template names, without what it assigns itself."""
    # A template needs a context to say what stands in it; nothing is looked up there.
    nodes = list(_nodes(template.nodes, RenderContext(template)))
    own = {str(node.name) for node in nodes if isinstance(node, AssignNode)}
    told = [each for node in nodes if isinstance(node, OutputNode | AssignNode) for each in node.expressions()]
    tested = [each for node in nodes if not isinstance(node, OutputNode | AssignNode) for each in node.expressions()]
    judged = [name for each in tested for name in _paths(each) if name not in own]
    stated = [name for each in told for name in _paths(each) if name not in own]
    filled = {name for each in told for name in _filled(each)} - set(judged)
    return LineNames(
        every=tuple(dict.fromkeys([*stated, *judged])),
        judged=tuple(dict.fromkeys(judged)),
        alone=tuple(dict.fromkeys(name for each in tested for name in _untested(each) if name not in own)),
        may_be_zero=frozenset(name for each in tested for name in _asked_for_zero(each)),
        has_default=frozenset(filled),
    )


def _nodes(nodes: list[Node], context: RenderContext) -> Iterator[Node]:
    for node in nodes:
        yield node
        yield from _nodes(list(node.children(context, include_partials=False)), context)


def _paths(expression: Expression) -> Iterator[str]:
    if isinstance(expression, Path):
        yield ".".join(str(segment) for segment in expression.path)
    for child in expression.children():
        yield from _paths(child)


def _filled(expression: Expression) -> Iterator[str]:
    if isinstance(expression, FilteredExpression) and any(each.name == "default" for each in expression.filters or []):
        yield from _paths(expression.left)


def _untested(expression: Expression) -> Iterator[str]:
    """Facts that stand as a condition by themselves: `if a and b > 1` has one."""
    if isinstance(expression, _JOINED):
        for child in expression.children():
            yield from _paths(child) if isinstance(child, Path) else _untested(child)


def _asked_for_zero(expression: Expression) -> Iterator[str]:
    if isinstance(expression, _MAY_ASK_FOR_ZERO):
        for one, other in ((expression.left, expression.right), (expression.right, expression.left)):
            if isinstance(one, Path) and isinstance(other, IntegerLiteral | FloatLiteral) and other.value == 0:
                yield from _paths(one)
    for child in expression.children():
        yield from _asked_for_zero(child)
