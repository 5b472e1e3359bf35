"""Whether a change is only tried: made in a transaction that is rolled back as soon as its configuration was read."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_TRIED: ContextVar[bool] = ContextVar("tried", default=False)


@contextmanager
def trying() -> Iterator[None]:
    """What is done in here is rolled back."""
    token = _TRIED.set(True)
    try:
        yield
    finally:
        _TRIED.reset(token)


def is_only_tried() -> bool:
    """Whether orders to workers need not be written: they would lock rows that workers are at, for nothing."""
    return _TRIED.get()
