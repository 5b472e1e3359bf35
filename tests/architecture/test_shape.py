"""The shape of the code stays within its measures; `python tests/architecture/shape.py` prints where it does not."""

import ast

import pytest

from tests.architecture import shape

MOST_MODULES = 16
MOST_SHARED_NAMES = 0.02
FEWEST_COMMENTS, MOST_COMMENTS = 2, 4  # of 100 lines


@pytest.fixture(scope="module")
def found() -> list[shape.Source]:
    return shape.sources()


@pytest.mark.parametrize("app", ["signals", "outreach"])
def test_few_modules_lie_outside_of_a_subject(app: str) -> None:
    assert len(shape.modules_under(app)) <= MOST_MODULES


def test_one_class_name_means_one_thing(found: list[shape.Source]) -> None:
    shared, names = shape.shared_class_names(found), shape.class_names(found)
    assert len(shared) / len(names) <= MOST_SHARED_NAMES, shared


def test_work_functions_and_queries_say_what_they_promise(found: list[shape.Source]) -> None:
    assert shape.without_docstring(found) == []


@pytest.mark.parametrize("app", shape.COMMENTED)
def test_comments_say_why_where_a_reader_would_ask(found: list[shape.Source], app: str) -> None:
    assert FEWEST_COMMENTS <= shape.comment_density(found, app) <= MOST_COMMENTS


def test_no_function_is_longer_than_a_screen(found: list[shape.Source]) -> None:
    assert shape.long_functions(found) == []


def test_every_function_is_typed(found: list[shape.Source]) -> None:
    assert shape.untyped_functions(found) == []


def function(text: str) -> shape.Function:
    found = ast.parse(text).body[0]
    assert isinstance(found, shape.Function)
    return found


def test_length_leaves_the_docstring_out() -> None:
    assert shape.length(function('def f() -> None:\n    """One.\n\n    Two.\n    """\n    return None')) == 2


def test_one_bare_argument_or_result_is_not_typed() -> None:
    assert shape.is_typed(function("def f(self, a: int, *rest: int, **named: int) -> None: ..."))
    assert not shape.is_typed(function("def f(a: int, b) -> None: ..."))
    assert not shape.is_typed(function("def f(a: int): ..."))


def test_a_class_counts_under_its_dotted_name_and_meta_not_at_all() -> None:
    text = "class A:\n    class Meta: ...\n    class State: ...\ndef f():\n    class B: ..."
    assert list(shape.Source("a.py", text).classes()) == ["A", "A.State", "B"]


def test_pragmas_are_no_comments() -> None:
    text = "a = 1  # noqa: S101\n# why\nb = '# no'  # of what\n"
    assert shape.Source("a.py", text).comments() == ["# why", "# of what"]
