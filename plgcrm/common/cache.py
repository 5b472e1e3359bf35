"""What a process remembers of the database. Every memory of the project is one of these, so that tests can empty all.

`Remembered` holds answers that may be some seconds old, `Learned` what never changes once it is known. Answers that
follow from their arguments alone are no memory of the database: functools serves for them.
"""

from collections.abc import Callable, Mapping
from time import monotonic
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")
T = TypeVar("T")
_FORGETTERS: list[Callable[[], object]] = []


def forgotten_with_all(forget: Callable[[], object]) -> None:
    """Have `forget_all` call this too."""
    _FORGETTERS.append(forget)


def forget_all() -> None:
    """This process has just begun: for tests, which change rows under our feet."""
    for forget in _FORGETTERS:
        forget()


class Remembered(Generic[T]):
    """Answers by key, each for some seconds (None: until forgotten), in a memory of `most` answers."""

    def __init__(
        self, *, seconds: float | None = None, most: int = 1_000, clock: Callable[[], float] = monotonic
    ) -> None:
        self.seconds = seconds
        self._most = most
        self._clock = clock
        self._kept: dict[object, tuple[float, T]] = {}
        forgotten_with_all(self.forget)

    def get(self, make: Callable[[], T], key: object = None) -> T:
        """The answer as it was kept, or a new one that is kept from now on."""
        kept = self._kept.get(key)
        if kept is not None and self._is_fresh(kept[0]):
            return kept[1]
        return self.keep(make(), key)

    def keep(self, answer: T, key: object = None) -> T:
        # Emptied whole: what is asked for often comes back with the next question, and no answer needs an age.
        if len(self._kept) >= self._most:
            self._kept.clear()
        self._kept[key] = (self._clock(), answer)
        return answer

    def holds(self, key: object = None) -> bool:
        """Whether there is an answer that is still good."""
        kept = self._kept.get(key)
        return kept is not None and self._is_fresh(kept[0])

    def forget(self) -> None:
        self._kept.clear()

    def _is_fresh(self, since: float) -> bool:
        return self.seconds is None or self._clock() - since < self.seconds


class Learned(dict[K, V]):
    """Rows that never change, read many at a time: a plain dict, as fast as one, emptied when it outgrows `most`."""

    def __init__(self, *, most: int | None = None) -> None:
        super().__init__()
        self._most = most
        forgotten_with_all(self.clear)

    def learn(self, found: Mapping[K, V]) -> None:
        """Add these. Where the memory was full, they are all that it holds afterwards."""
        if self._most is not None and len(self) > self._most:
            self.clear()
        self.update(found)
