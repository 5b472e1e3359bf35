"""Happenings as Segment messages, as the browser library and a server library send them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from plgcrm.demo.companies.boards.company import SampleCompany, SamplePerson, SampleWorkspace
from plgcrm.demo.companies.boards.life import Happening

Message = dict[str, Any]

_BROWSER = {"name": "analytics.js", "version": "2.11.1"}
_SERVER = {"name": "analytics-python", "version": "2.3.4"}
_BY_SERVER = frozenset({"Subscription Started", "Subscription Cancelled", "Ticket Opened", "Ticket Solved"})
_VISITOR_MIX = 0x9E3779B97F4A7C15


class Writer:
    """Writes the messages of one company; keeps one context per workspace and library."""

    def __init__(self, company: SampleCompany) -> None:
        self.company = company
        self.contexts: list[tuple[Message, Message]] = []
        for workspace in company.workspaces:
            self.know(workspace)

    def know(self, workspace: SampleWorkspace) -> None:
        """Take up the next workspace of the company."""
        browser: Message = {"groupId": workspace.id, "library": _BROWSER}
        self.contexts.append((browser, {"groupId": workspace.id, "library": _SERVER}))

    def message(self, happening: Happening, message_id: str) -> Message:
        at = datetime.fromtimestamp(happening.at, UTC).isoformat(timespec="milliseconds")
        head: Message = {"messageId": message_id, "timestamp": f"{at[:23]}Z"}
        if happening.kind == "visit":
            return head | self._visit(happening)
        person = self.company.people[happening.person]
        by_server = person.robot or happening.name in _BY_SERVER
        head["type"], head["userId"] = happening.kind, person.user_id
        head["context"] = self.contexts[person.workspace][by_server]
        if not by_server:
            head["anonymousId"] = person.anonymous_id
        self._fill(head, happening, person)
        return head

    def _visit(self, happening: Happening) -> Message:
        visitor = happening.person
        known = self.company.people[visitor].anonymous_id if visitor >= 0 else None
        return {
            "type": "page",
            "anonymousId": known or f"anon-{-visitor * _VISITOR_MIX % 2**64:016x}",
            "name": happening.name,
            "properties": {"path": f"/{happening.name.lower()}"},
            "context": {"library": _BROWSER},
        }

    def _fill(self, message: Message, happening: Happening, person: SamplePerson) -> None:
        if happening.kind == "track":
            message["event"], message["properties"] = happening.name, happening.properties or {}
        elif happening.kind == "identify":
            message["traits"] = person_traits(person) | (happening.properties or {})
        elif happening.kind == "group":
            message["groupId"] = self.company.workspaces[person.workspace].id
            message["traits"] = happening.properties
        else:
            message["name"], message["properties"] = happening.name, {"path": f"/{happening.name.lower()}"}


def person_traits(person: SamplePerson) -> Message:
    traits = {
        "email": person.email, "firstName": person.first_name, "lastName": person.last_name, "title": person.title,
        "department": person.department, "role": person.role, "useCase": person.use_case,
    }  # fmt: skip
    return {key: value for key, value in traits.items() if value}
