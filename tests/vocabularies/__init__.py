"""What twenty products send and what it means, written down before any code that suggests meanings."""

from functools import cache
from pathlib import Path
from typing import Literal

import msgspec

from plgcrm.demo.companies.truth import Carrier, TrueVocabulary

FOLDER = Path(__file__).parent
Value = str | bool | int | float


class SentValues(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    type: Literal["text", "number", "yes_no"]
    samples: list[Value]


class SentEvent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    kind: Literal["track", "page"]
    per_day: int
    properties: dict[str, SentValues]


class SentTrait(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    of: Carrier
    path: str
    share: float  # of the people or companies who have it
    type: Literal["text", "number", "yes_no"]
    samples: list[Value]


class WrittenVocabulary(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    product: str
    kind: str
    naming: str
    events: list[SentEvent]
    traits: list[SentTrait]
    truth: TrueVocabulary


@cache
def written_vocabularies() -> dict[str, WrittenVocabulary]:
    """The twenty, by the name of their file."""
    return _read(FOLDER)


@cache
def second_vocabularies() -> dict[str, WrittenVocabulary]:
    """Those written later, which no suggestion was ever tuned on."""
    return _read(FOLDER / "second")


@cache
def held_out_vocabularies() -> dict[str, WrittenVocabulary]:
    """Six written before anybody who wrote them had read a suggestion: to measure, never to tune on."""
    return _read(FOLDER / "third")


def _read(folder: Path) -> dict[str, WrittenVocabulary]:
    files = sorted(folder.glob("*.json"))
    return {file.stem: msgspec.json.decode(file.read_bytes(), type=WrittenVocabulary) for file in files}
