"""A number that changes when anything measured of an account does."""

from collections.abc import Mapping, Sequence
from zlib import crc32

import numpy as np
import numpy.typing as npt

from signals.measures.frame import Column, Flags, Longs

Words = npt.NDArray[np.uint64]
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(29)


def fingerprints(
    subjects: int, columns: Mapping[str, Column], flags: Mapping[str, Flags], versions: Sequence[int]
) -> Longs:
    """One 64-bit number a subject over single-day columns, flags and versions; never 0, which means "none yet"."""
    # The versions go in first: a published change must rewrite even accounts whose measures stand still.
    mixed = np.full(subjects, np.uint64(crc32(repr(sorted(versions)).encode())), np.uint64)
    for key in sorted(columns):
        mixed = _mix(mixed ^ _of_name(key), _bits(columns[key]))
    for name in sorted(flags):
        mixed = _mix(mixed ^ _of_name(name), flags[name].astype(np.uint64))
    signed = mixed.view(np.int64)
    return np.where(signed == 0, 1, signed)


def _of_name(name: str) -> np.uint64:
    return np.uint64(crc32(name.encode()))


def _bits(column: Column) -> Words:
    numbers = column.numbers[:, 0] + 0.0  # -0.0 becomes 0.0
    # NaN has many bit patterns; unknown must have one, and one that no measure can have.
    bits = np.where(np.isnan(numbers), np.float64(-1.7e308), numbers).view(np.uint64)
    if column.at_least is not None:
        bits = bits ^ (column.at_least[:, 0].astype(np.uint64) << np.uint64(2))
    if column.texts is None:
        return bits
    # By the word, not by its place: the vocabulary of the next run may be in another order.
    words = np.array([*(crc32(word.encode()) for word in column.vocabulary), 0], np.uint64)
    return bits ^ (words[column.texts[:, 0]] << np.uint64(1))


def _mix(state: Words, value: Words) -> Words:
    mixed = (state ^ value) * _MULTIPLIER
    return (mixed ^ (mixed >> _SHIFT)) * _MULTIPLIER
