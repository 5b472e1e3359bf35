"""The message of a queue item: the template that fits the person, filled with what is true of their team today.

Everything that was measured is a FactMark fact: marked in the text, with the measures behind it. What a template needs
and nobody knows stands as a gap, ⟦like this⟧, and a message with a gap is not sent. docs/explain/messages.md
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from urllib.parse import quote

from outreach.access import Viewer
from outreach.messages.fact_marks import FactMark, Piece, blocker_of, gaps_in, marked, outdated, pieces_of, token_of
from outreach.messages.variables import Material, variable_values
from outreach.models import Persona
from outreach.pages.account import AccountPerson, Head
from outreach.plays.contacts import NO_BUYER
from outreach.queue.list import Opened
from outreach.rules.liquid import MessageError, render
from outreach.rules.personas import part_played

Template = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Recipient:
    id: int
    name: str
    email: str
    title: str
    excluded_by: str = ""
    is_admin: bool = False

    @property
    def label(self) -> str:
        return self.name or self.email or "Unidentified person"

    @property
    def has_address(self) -> bool:
        return bool(re.fullmatch(r"[^\s@<>,;:\"]+@[^\s@<>,;:\"]+", self.email))


@dataclass(frozen=True, slots=True)
class WantedMessage:
    """Whom, and for which persona, the address of the page asks; 0 and "" where it does not."""

    to: int = 0
    persona: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    persona: str
    person: Recipient | None
    choices: list[Recipient]
    subject: list[Piece]
    body: list[Piece]
    note: str = ""  # why this person, where it needs saying
    error: str = ""  # why there is no text
    is_draft: bool = False
    changed_at: datetime | None = None
    outdated: list[tuple[str, str]] = field(default_factory=list)  # as the draft says, as it is today
    item_id: int = 0
    is_chosen: bool = False  # the persona was asked for; else it is what the person is

    @property
    def subject_text(self) -> str:
        return "".join(piece.text for piece in self.subject)

    @property
    def body_text(self) -> str:
        return "".join(piece.text for piece in self.body)

    @property
    def facts(self) -> list[FactMark]:
        return [piece.fact for piece in (*self.subject, *self.body) if piece.fact]

    @property
    def gaps(self) -> list[str]:
        return gaps_in(self.subject_text, self.body_text)

    @property
    def blocker(self) -> str:
        """Why it cannot be sent as it stands, in one sentence; "" when it can."""
        if self.error:
            return self.error
        if self.person is None:
            return f"{NO_BUYER}, or choose someone to write to."
        if self.person.excluded_by:
            return f"{self.person.label} is excluded ({self.person.excluded_by}) and cannot be contacted."
        return blocker_of(self.subject_text, self.body_text)

    @property
    def token(self) -> str:
        return token_of(self.facts, self.item_id)

    @property
    def mailto(self) -> str:
        """An address for the email app; everything in it is quoted, so nothing adds a header or another address."""
        if self.person is None or not self.person.has_address or self.blocker:
            return ""
        # Mail programs want CRLF, and some drop the line breaks that are not.
        body = self.body_text.replace("\r\n", "\n").replace("\n", "\r\n")
        asked = f"subject={quote(self.subject_text, safe='')}&body={quote(body, safe='')}"
        return f"mailto:{quote(self.person.email, safe='@')}?{asked}"


def message_for(
    item: Opened, viewer: Viewer, head: Head, members: Sequence[AccountPerson], asked: WantedMessage
) -> Message:
    """The draft of the item where it is for the same person and persona; else the template, filled today."""
    desk = item.desk
    known = {told["id"]: _recipient(told) for told in desk["people"] or []}
    draft = desk["draft"]
    person, note = _whom(item, known, members, asked, draft)
    # A draft's persona counts only for the person it was written to.
    persona = _persona(item, person, members, asked, draft if not asked.to else None)
    material = _material(item, viewer, head, person)
    fresh = _filled(item, person, str(persona), material)
    message = replace(fresh, choices=_choices(known, members), item_id=item.id)
    message = replace(message, note=message.note or note, is_chosen=asked.persona in Persona.values)
    # Somebody else or another persona was asked for: then the draft stays where it is, unseen.
    if draft and draft["person"] == (person.id if person else None) and draft["persona"] == persona:
        return _as_drafted(message, draft)
    return message


def composed(template: Template, material: Material, *, persona: str = "", person: Recipient | None = None) -> Message:
    """A template filled; MessageError where it cannot be."""
    told = variable_values(material)
    values = {name: each.value for name, each in told.items()}
    subject = pieces_of(render(template[0], values).parts, told)
    body = pieces_of(render(template[1], values).parts, told)
    # A line break in a subject would end the header, and begin another one.
    one_line = [replace(piece, text=re.sub(r"\s*\n\s*", " ", piece.text)) for piece in subject]
    return Message(persona, person, [], one_line, body)


def drafted(subject: str, body: str, facts: Sequence[FactMark], **given: Any) -> Message:
    """A text as a rep wrote it, with those facts marked that still stand in it."""
    in_subject = marked(subject, facts)
    # Facts come in the order of the text: those of the subject are used up before the body begins.
    used = sum(1 for piece in in_subject if piece.fact)
    return Message(subject=in_subject, body=marked(body, facts[used:]), **{"choices": [], **given})


def _recipient(told: Mapping[str, Any]) -> Recipient:
    return Recipient(**told)


def _choices(known: Mapping[int, Recipient], members: Sequence[AccountPerson]) -> list[Recipient]:
    shown = {member.id: _of_member(member) for member in members if member.name or member.email}
    return list((dict(known) | shown).values())


def _of_member(member: AccountPerson) -> Recipient:
    return Recipient(member.id, member.name, member.email, member.title)


def _whom(
    item: Opened,
    known: Mapping[int, Recipient],
    members: Sequence[AccountPerson],
    asked: WantedMessage,
    draft: Mapping[str, Any] | None,
) -> tuple[Recipient | None, str]:
    """Who is asked for, of the draft, of the item; where no buyer is known, the one who can name them."""
    wanted = [asked.to, (draft["person"] or 0) if draft and not asked.persona else 0, item.person_id]
    for person_id in wanted:
        if person_id and person_id in known:
            return known[person_id], ""
    # Somebody without name and address cannot be asked for.
    best = next((member for member in members if member.name or member.email), None)
    if item.persona == Persona.BUYER and best:
        return _of_member(best), f"{NO_BUYER}, or ask {best.name or best.email}, the most active person there."
    return (_of_member(best), "") if best else (None, "")


def _persona(
    item: Opened,
    person: Recipient | None,
    members: Sequence[AccountPerson],
    asked: WantedMessage,
    draft: Mapping[str, Any] | None,
) -> str:
    """As whom to speak to them: as asked, as in the draft, as what they are, else as the play says."""
    if asked.persona in Persona.values:
        return asked.persona
    if draft:
        return str(draft["persona"])
    if person is None:
        return item.persona
    listed = next((member.part for member in members if member.id == person.id), None)
    part = listed or part_played(person.title, is_admin=person.is_admin)
    if part.persona != Persona.USER:
        return part.persona
    if person.id == item.person_id:
        return item.persona
    return Persona.CHAMPION if item.persona == Persona.BUYER and not item.person_id else Persona.USER


def _material(item: Opened, viewer: Viewer, head: Head, person: Recipient | None) -> Material:
    said = {name: str(item.facts.get(name, {}).get("value") or "") for name in ("asked", "words")}
    return Material(
        account=head.name,
        rep=viewer.name,
        facts=head.facts,
        person=person.name if person else "",
        title=person.title if person else "",
        features=item.desk["features"] or (),
        # What one person wrote is quoted to that person and to nobody else.
        by_them=bool(said["asked"] and person and person.id == item.person_id),
        **said,
    )


def _filled(item: Opened, person: Recipient | None, persona: str, material: Material) -> Message:
    templates = item.desk["templates"] or {}
    template = templates.get(persona)
    if template is None:
        # Not an error: a rep can write without one.
        words = f"{item.play} has no template for the {persona} persona yet: write your own, or ask an admin for one."
        return Message(persona, person, [], [], [], error="", note=words)
    try:
        return composed((template["subject"], template["body"]), material, persona=persona, person=person)
    except MessageError as error:
        words = f"The template has an error that an admin needs to fix. {error}"
        return Message(persona, person, [], [], [], error=words)


def _as_drafted(fresh: Message, draft: Mapping[str, Any]) -> Message:
    kept = [FactMark.of_json(told) for told in draft["facts"]]
    own = drafted(draft["subject"], draft["body"], kept, persona=fresh.persona, person=fresh.person)
    return replace(
        fresh,
        subject=own.subject,
        body=own.body,
        error="",
        is_draft=True,
        changed_at=datetime.fromisoformat(draft["at"]),
        outdated=outdated(own.facts, fresh.facts),
    )
