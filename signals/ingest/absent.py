"""Ids that stand for nobody count as absent, before anything is looked up by them."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

from accounts.identity.placeholders import current_placeholders
from accounts.models import Identity, Workspace
from accounts.rules.placeholders import ANONYMOUS, GROUP, USER
from signals.ingest.wire import Rejected, WireMessage, kept, what_is_missing

SHOWN = 40  # letters of a placeholder in the reason
_IDS = (("user_id", "userId", USER), ("anonymous_id", "anonymousId", ANONYMOUS), ("group_id", "groupId", GROUP))


class Present(NamedTuple):
    """Messages that name somebody, with their times of arrival; and those that do not."""

    messages: list[WireMessage]
    received: list[datetime]
    rejected: list[Rejected]


def without_placeholders(messages: Sequence[WireMessage], received: Sequence[datetime]) -> Present:
    """Take placeholder ids off these messages, in place; what is left without an id that it needs is rejected."""
    present, has = Present([], [], []), current_placeholders().has
    for message, at in zip(messages, received, strict=True):
        found = _take_off(message, has)
        if found and (missing := what_is_missing(message)):
            reason = f"{found} is a placeholder and counts as absent. {missing}"
            present.rejected.append(Rejected("validate", reason, kept(message.raw, message.kind)))
        else:
            present.messages.append(message)
            present.received.append(at)
    return present


def as_it_was_taken(source_id: int, message: WireMessage) -> None:
    """The same for a message that is stored: an id that somebody is known by was no placeholder when it came."""
    known = Identity.objects.filter(source_id=source_id, person__isnull=False)
    for field, _, kind in _IDS:
        text = getattr(message, field)
        if text is None or not current_placeholders().has(text, kind):
            continue
        rows = (
            Workspace.objects.filter(source_id=source_id, external_id=text)
            if kind == GROUP
            else known.filter(kind=Identity.Kind.USER if kind == USER else Identity.Kind.ANONYMOUS, value=text)
        )
        if not rows.exists():
            setattr(message, field, None)


def _take_off(message: WireMessage, has: Callable[[str, str], bool]) -> str:
    """Which of its ids is a placeholder, in words; "" where none is."""
    found = ""
    for field, label, kind in _IDS:
        text = getattr(message, field)
        if text is not None and has(text, kind):
            setattr(message, field, None)
            found = found or f"{label} “{text[:SHOWN]}”"
    # An alias joins a user with whoever had the other id, known or not.
    text = message.previous_id
    if text is not None and (has(text, USER) or has(text, ANONYMOUS)):
        message.previous_id = None
        found = found or f"previousId “{text[:SHOWN]}”"
    return found
