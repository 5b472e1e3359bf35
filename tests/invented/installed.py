"""An invented product's installation: its messages taken in, its vocabulary said by the code that customers use."""

import json
from dataclasses import dataclass
from random import Random
from typing import Any

from accounts.identity.corrections import derive_waiting
from outreach.plays import decide
from plgcrm.common.cache import forget_all
from signals.ingest.receive import SourceRef, receive
from signals.ingest.wire import parse
from signals.models import Source
from signals.scoring.run import sweep
from signals.vocabulary.catalogue import look
from signals.vocabulary.definitions import count_all_history, forget_matcher
from signals.vocabulary.meanings import everything_said, say_all
from signals.vocabulary.proposals import accept
from tests.clock import T0
from tests.invented.life import World
from tests.invented.product import TOPICS, Product

BAD_RATING = 2
Said = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Installed:
    """The world, and all that was said of its vocabulary."""

    world: World
    said: Said
    by_hand: frozenset[str]


def install(world: World, source: Source, rng: Random) -> Installed:
    """Everything between an event and the queue, for one company that installs PLGCRM."""
    forget_all()
    forget_matcher()
    Source.objects.filter(pk=source.pk).update(listening_since=world.since)
    take_in(world, source)
    while look(T0).sampled:
        pass
    accepted = set(accept(T0))
    by_hand = {term: value for term, value in true_vocabulary(world.product) if rng.random() < 0.6}
    # Somebody who says a thing by hand says it rightly, also of what had been accepted.
    say_all((term, value) for term, value in by_hand.items() if term not in accepted or rng.random() < 0.3)
    count_all_history()
    derive_waiting(seconds=60)
    forget_all()
    sweep(T0)
    decide.advance(T0)
    for _ in range(3):
        decide.decide(T0)
    return Installed(world, everything_said(), frozenset(by_hand))


def take_in(world: World, source: Source) -> None:
    """As a client library sends it, each message when it happened."""
    messages = list(world.messages())
    parsed = parse(json.dumps({"batch": messages}).encode(), None, T0)
    receipt = receive(SourceRef(source.pk, source.name), parsed, T0)
    assert receipt.accepted == len(messages)


def true_vocabulary(product: Product) -> list[tuple[str, dict[str, Any]]]:
    """What somebody who knows the product says: signals first, then what hangs on them."""
    said: list[tuple[str, dict[str, Any]]] = []
    for slug, deed in product.deeds.items():
        said.append((f"signal:{slug}", {"matches": deed.matches}))
    for slug, deed in product.deeds.items():
        for term, path in deed.paths.items():
            said.append((f"property:{slug}.{term}", {"paths": [path], "options": _options(term)}))
    for slug, sent in product.traits.items():
        if slug not in ("limit", "limit_used"):
            said.append((f"meaning:{slug}", {"paths": [{"of": sent.of, "path": sent.path}], "options": sent.options}))
    if "limit" in product.traits and "limit_used" in product.traits:
        paths = {part: {"of": "company", "path": product.traits[slug].path}
                 for part, slug in (("allowed", "limit"), ("used", "limit_used"))}  # fmt: skip
        said.append((f"limit:{product.limit}s", {"one": product.limit, "many": f"{product.limit}s"} | paths))
    return said


def _options(term: str) -> dict[str, Any]:
    if term == "topic":
        return {"commercial": [topic for topic, commercial in TOPICS.items() if commercial]}
    return {"bad_at_most": BAD_RATING} if term == "rating" else {}
