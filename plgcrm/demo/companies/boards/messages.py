"""Happenings as Segment messages, as the browser library and a server library send them."""

from __future__ import annotations

from datetime import UTC, datetime

from plgcrm.demo.companies.boards.company import SampleCompany, SamplePerson, SampleWorkspace
from plgcrm.demo.companies.pack import Message, PlannedMessage

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

    def message(self, planned_message: PlannedMessage, message_id: str) -> Message:
        at = datetime.fromtimestamp(planned_message.at, UTC).isoformat(timespec="milliseconds")
        head: Message = {"messageId": message_id, "timestamp": f"{at[:23]}Z"}
        if planned_message.kind == "visit":
            return head | self._visit(planned_message)
        person = self.company.people[planned_message.person]
        by_server = person.robot or planned_message.name in _BY_SERVER
        head["type"], head["userId"] = planned_message.kind, person.user_id
        head["context"] = self.contexts[person.workspace][by_server]
        if not by_server:
            head["anonymousId"] = person.anonymous_id
        self._fill(head, planned_message, person)
        return head

    def _visit(self, planned_message: PlannedMessage) -> Message:
        visitor = planned_message.person
        known = self.company.people[visitor].anonymous_id if visitor >= 0 else None
        return {
            "type": "page",
            "anonymousId": known or f"anon-{-visitor * _VISITOR_MIX % 2**64:016x}",
            "name": planned_message.name,
            "properties": {"path": f"/{planned_message.name.lower()}"},
            "context": {"library": _BROWSER},
        }

    def _fill(self, message: Message, planned_message: PlannedMessage, person: SamplePerson) -> None:
        if planned_message.kind == "track":
            message["event"], message["properties"] = planned_message.name, planned_message.properties or {}
        elif planned_message.kind == "identify":
            message["traits"] = person_traits(person) | (planned_message.properties or {})
        elif planned_message.kind == "group":
            message["groupId"] = self.company.workspaces[person.workspace].id
            message["traits"] = planned_message.properties
        else:
            message["name"], message["properties"] = planned_message.name, {"path": f"/{planned_message.name.lower()}"}


def person_traits(person: SamplePerson) -> Message:
    traits = {
        "email": person.email, "firstName": person.first_name, "lastName": person.last_name, "title": person.title,
        "department": person.department, "role": person.role, "useCase": person.use_case,
    }  # fmt: skip
    return {key: value for key, value in traits.items() if value}
