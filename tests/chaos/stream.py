"""What is sent: a small history of the sample company with hands raised in it, cut into batches."""

import json
import random
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from plgcrm.demo.companies.boards.history import history_messages

COMPANIES, SEED = 40, 7
MESSAGES, AT_ONCE = 6_000, 25
HANDS = 40
SENT_AGAIN = 0.3
HAND_RAISES = ("Demo Requested", "Sales Contacted", "Plan Question Asked")

Message = dict[str, Any]


@dataclass(frozen=True)
class Batch:
    messages: list[Message]

    @property
    def body(self) -> bytes:
        return json.dumps({"batch": self.messages}).encode()


def posts(now: datetime, parts: int) -> list[list[Batch]]:
    """The posts of each part of the stream; three batches in ten stand in it twice."""
    messages = _with_hands(_history(now), now)
    batches = [Batch(messages[start : start + AT_ONCE]) for start in range(0, len(messages), AT_ONCE)]
    chance = random.Random(SEED)
    size = -(-len(batches) // parts)
    return [_sent_again(batches[start : start + size], chance) for start in range(0, len(batches), size)]


def _history(now: datetime) -> list[Message]:
    """Whole histories of the smaller workspaces, in order of arrival."""
    every = [json.loads(one.body) for one in history_messages(seed=SEED, now=now, companies=COMPANIES)]
    sizes = Counter(_workspace(message) for message in every)
    kept, room = set(), MESSAGES
    for workspace, size in sorted(sizes.items(), key=lambda pair: (pair[1], pair[0])):
        if size <= room:
            room -= size
            kept.add(workspace)
    return [message for message in every if _workspace(message) in kept]


def _workspace(message: Message) -> str:
    return str(message["context"].get("groupId") or "")


def _with_hands(history: list[Message], now: datetime) -> list[Message]:
    """People who ask for us today, evenly over the stream; some before they were identified."""
    known = [m for m in history if m["type"] == "identify"]
    chance, mixed = random.Random(SEED + 1), list(history)
    for number in range(HANDS):
        requester = chance.choice(known)
        hand = {
            "type": "track",
            "event": HAND_RAISES[number % len(HAND_RAISES)],
            "messageId": f"hand-{number}",
            "timestamp": now.isoformat(),
            "userId": requester["userId"],
            "context": requester["context"],
            "properties": {"message": f"Question {number}"},
        }
        mixed.insert(number * len(mixed) // HANDS, hand)
    return mixed


def _sent_again(batches: list[Batch], chance: random.Random) -> list[Batch]:
    """The second of a pair goes out beside the first, or some posts later."""
    sent = list(batches)
    for batch in batches:
        if chance.random() < SENT_AGAIN:
            sent.insert(sent.index(batch) + chance.choice((1, 1, 4, 9)), batch)
    return sent
