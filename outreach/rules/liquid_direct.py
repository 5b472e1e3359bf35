"""The plain part of Liquid as functions: text, facts with filters, and `if` over comparisons.

A why-now line is drawn for every item whenever its account is measured. Nearly all lines are of this shape, and so need
no context, no buffer and no marks. What is of any other shape is drawn by the library; the values are the same.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from liquid import Node
from liquid.builtin.content import ContentNode
from liquid.builtin.expressions import BooleanExpression, FilteredExpression, Path
from liquid.builtin.expressions import logical as of_library
from liquid.builtin.expressions.arguments import PositionalArgument
from liquid.builtin.expressions.filtered import Filter
from liquid.builtin.expressions.primitive import FloatLiteral, IntegerLiteral, StringLiteral
from liquid.builtin.output import OutputNode
from liquid.builtin.tags.if_tag import IfNode
from liquid.exceptions import UndefinedError
from liquid.expression import Expression

from outreach.rules.liquid_filters import FILTERS, reads_as_nothing, shown

_LITERAL = IntegerLiteral | FloatLiteral | StringLiteral
_PLAIN_FILTERS = ("counted", "date", "divided_by", "minus", "plus", "round", "times")

Values = Mapping[str, Any]
Test = Callable[[Values], bool]
Operand = Callable[[Values], Any]


@dataclass(frozen=True, slots=True)
class RenderedPart:
    """A piece of text; `names` are the variables it was made of, none for the template's own words."""

    text: str
    names: tuple[str, ...] = ()
    missing: bool = False
    is_nothing: bool = False  # a number that reads as zero or less


Writer = Callable[[Values], Sequence[RenderedPart]]


def direct_writer(nodes: Sequence[Node]) -> Writer | None:
    """What these nodes write of values by dotted name, all of them known; None where only the library can."""
    writers = [_writer(node) for node in nodes]
    known = [writer for writer in writers if writer is not None]
    if len(known) < len(writers):
        return None
    return known[0] if len(known) == 1 else partial(_all, known)


def _writer(node: Node) -> Writer | None:
    if isinstance(node, ContentNode):
        return partial(_same, (RenderedPart(node.text),))
    if isinstance(node, OutputNode):
        return _fact(node.expression)
    if isinstance(node, IfNode) and not node.alternatives and node.default is None:
        test, inner = _test(node.condition), direct_writer(node.consequence.nodes)
        return partial(_if, test, inner) if test and inner else None
    return None


def _same(parts: Sequence[RenderedPart], values: Values) -> Sequence[RenderedPart]:
    return parts


def _all(writers: Sequence[Writer], values: Values) -> Sequence[RenderedPart]:
    return [part for writer in writers for part in writer(values)]


def _if(test: Test, inner: Writer, values: Values) -> Sequence[RenderedPart]:
    return inner(values) if test(values) else ()


def _fact(expression: Expression) -> Writer | None:
    if not isinstance(expression, FilteredExpression) or not isinstance(expression.left, Path):
        return None
    filters = [_filter(each) for each in expression.filters or []]
    name, known = _name(expression.left), [each for each in filters if each is not None]
    return partial(_said, name, (name,), known) if len(known) == len(filters) else None


def _said(name: str, names: tuple[str, ...], filters: Sequence[Callable[[Any], Any]], values: Values) -> Any:
    try:
        value = values[name]
        for each in filters:
            value = each(value)
        return (RenderedPart(shown(value), names, False, reads_as_nothing(value)),)
    except UndefinedError:
        return (RenderedPart("", names, missing=True),)


def _filter(one: Filter) -> Callable[[Any], Any] | None:
    positional = [arg.value for arg in one.args if isinstance(arg, PositionalArgument)]
    given = [value.value for value in positional if isinstance(value, _LITERAL)]
    if one.name not in _PLAIN_FILTERS or len(given) < len(one.args):
        return None
    run = FILTERS[one.name]
    return lambda value: run(value, *given)


def _name(path: Path) -> str:
    return ".".join(str(segment) for segment in path.path)


def _test(expression: Expression) -> Test | None:
    """A condition, compared by the library's own comparisons."""
    if isinstance(expression, BooleanExpression):
        return _test(expression.expression)
    if isinstance(expression, of_library.LogicalAndExpression):
        first, second = _test(expression.left), _test(expression.right)
        return partial(_both, first, second) if first and second else None
    compare = _COMPARISONS.get(type(expression))
    if compare is None:
        return None
    left, right = _operand(expression.left), _operand(expression.right)  # type: ignore[attr-defined]
    return partial(compare, left, right) if left and right else None


def _both(first: Test, second: Test, values: Values) -> bool:
    return first(values) and second(values)


def _operand(expression: Expression) -> Operand | None:
    if isinstance(expression, Path):
        return partial(_value, _name(expression))
    return partial(_constant, expression.value) if isinstance(expression, _LITERAL) else None


def _value(name: str, values: Values) -> Any:
    return values[name]


def _constant(value: Any, values: Values) -> Any:
    return value


def _eq(left: Operand, right: Operand, values: Values) -> bool:
    return of_library._eq(left(values), right(values))


def _le(left: Operand, right: Operand, values: Values) -> bool:
    return of_library._le(left(values), right(values))


def _ge(left: Operand, right: Operand, values: Values) -> bool:
    return of_library._le(right(values), left(values))


def _lt(left: Operand, right: Operand, values: Values) -> bool:
    return of_library._lt(None, left(values), right(values))  # type: ignore[arg-type]


def _gt(left: Operand, right: Operand, values: Values) -> bool:
    return of_library._lt(None, right(values), left(values))  # type: ignore[arg-type]


_COMPARISONS: dict[type[Expression], Callable[[Operand, Operand, Values], bool]] = {
    of_library.EqExpression: _eq,
    of_library.LeExpression: _le,
    of_library.GeExpression: _ge,
    of_library.LtExpression: _lt,
    of_library.GtExpression: _gt,
}
