"""What may be done to a queue item in which state, and which state follows."""

from dataclasses import dataclass

LIVE = frozenset({"open", "claimed", "snoozed"})
CLOSED = frozenset({"done", "dismissed", "expired"})


@dataclass(frozen=True, slots=True)
class Transition:
    come_from: frozenset[str]
    to: str
    words: str


def _transition(come_from: set[str] | frozenset[str], to: str, words: str) -> Transition:
    return Transition(frozenset(come_from), to, words)


TRANSITIONS = {
    "claim": _transition({"open", "snoozed"}, "claimed", "claimed"),
    "release": _transition({"claimed"}, "open", "released"),
    "snooze": _transition(LIVE, "snoozed", "snoozed"),
    "wake": _transition({"snoozed"}, "open", "woken"),
    "dismiss": _transition(LIVE, "dismissed", "dismissed"),
    "finish": _transition(LIVE, "done", "finished"),
    "reassign": _transition(LIVE, "open", "reassigned"),
    # Never under the hands of the rep who holds it: a claimed item gets a note instead.
    "expire": _transition({"open", "snoozed"}, "expired", "expired"),
    # Of two items of one play on accounts that are one company now, even if both are held.
    "join": _transition(LIVE, "expired", "closed"),
}


class TransitionError(ValueError):
    """This cannot be done to an item in this state; the message says so in plain words."""


def next_state(state: str, verb: str) -> str:
    """The state after this; TransitionError where it may not be done in this state."""
    transition = TRANSITIONS[verb]
    if state in transition.come_from:
        return transition.to
    # Two wordings, for two readers: one came too late, the other asked for what never goes.
    if state in CLOSED:
        raise TransitionError(f"This item is already {state} and can no longer be {transition.words}.")
    raise TransitionError(f"This item is {state} and cannot be {transition.words}.")
