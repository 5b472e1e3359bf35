"""An answer kept for a moment inside this process: for what every page asks and may be a second old."""

from collections.abc import Callable
from time import monotonic
from typing import Generic, TypeVar

T = TypeVar("T")
_ALL: list["Remembered[object]"] = []


class Remembered(Generic[T]):
    def __init__(self, *, seconds: float) -> None:
        self.seconds = seconds
        self._kept: dict[object, tuple[float, T]] = {}
        _ALL.append(self)  # type: ignore[arg-type]

    def get(self, make: Callable[[], T], key: object = None) -> T:
        now = monotonic()
        kept = self._kept.get(key)
        if kept is None or now - kept[0] > self.seconds:
            if len(self._kept) > 1_000:
                self._kept.clear()
            kept = self._kept[key] = (now, make())
        return kept[1]

    def forget(self) -> None:
        self._kept.clear()


def forget_all() -> None:
    """For tests, which change rows under our feet."""
    for each in _ALL:
        each.forget()
