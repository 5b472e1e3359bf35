import pytest

from outreach.models import QueueItem
from outreach.rules.transitions import CLOSED, LIVE, TRANSITIONS, TransitionError, next_state

ALLOWED = {
    ("open", "claim"): "claimed",
    ("open", "snooze"): "snoozed",
    ("open", "dismiss"): "dismissed",
    ("open", "finish"): "done",
    ("open", "reassign"): "open",
    ("open", "expire"): "expired",
    ("claimed", "release"): "open",
    ("claimed", "snooze"): "snoozed",
    ("claimed", "dismiss"): "dismissed",
    ("claimed", "finish"): "done",
    ("claimed", "reassign"): "open",
    ("snoozed", "claim"): "claimed",
    ("snoozed", "snooze"): "snoozed",
    ("snoozed", "wake"): "open",
    ("snoozed", "dismiss"): "dismissed",
    ("snoozed", "finish"): "done",
    ("snoozed", "reassign"): "open",
    ("snoozed", "expire"): "expired",
    ("open", "join"): "expired",
    ("claimed", "join"): "expired",
    ("snoozed", "join"): "expired",
}


@pytest.mark.parametrize("verb", TRANSITIONS)
@pytest.mark.parametrize("state", sorted(LIVE | CLOSED))
def test_each_state_and_verb(state: str, verb: str) -> None:
    if (state, verb) in ALLOWED:
        assert next_state(state, verb) == ALLOWED[state, verb]
    else:
        with pytest.raises(TransitionError, match=f"This item is (already )?{state}"):
            next_state(state, verb)


def test_a_refusal_says_what_cannot_be_done() -> None:
    with pytest.raises(TransitionError, match=r"^This item is already done and can no longer be claimed\.$"):
        next_state("done", "claim")


def test_the_states_are_those_of_the_table() -> None:
    assert set(QueueItem.State.values) == LIVE | CLOSED
    assert set(QueueItem.LIVE) == LIVE


def test_nothing_can_be_done_to_a_closed_item() -> None:
    assert [verb for verb, each in TRANSITIONS.items() if CLOSED & set(each.come_from)] == []
