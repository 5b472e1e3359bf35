"""What happens, as Segment messages: the console's browser library, and the API's own servers."""

from __future__ import annotations

from datetime import UTC, datetime

from plgcrm.demo.companies.api.customers import ApiCustomers, ApiOrganization, ApiUser
from plgcrm.demo.companies.pack import Message, PlannedMessage

_BROWSER = {"name": "analytics.js", "version": "next-1.70.0"}
_SERVER = {"name": "analytics-node", "version": "2.2.0"}
_BY_SERVER = ("request.", "first_request.", "subscription.", "invoice.", "support.", "quota.", "trial.")
_VISITOR_MIX = 0x9E3779B97F4A7C15


class ApiWriter:
    """Writes the messages of one sample; ids of people and organizations are numbers."""

    def __init__(self, sample: ApiCustomers) -> None:
        self.sample = sample
        self.contexts: list[tuple[Message, Message]] = []
        for organization in sample.organizations:
            self.know(organization)

    def know(self, organization: ApiOrganization) -> None:
        """Take up the next organization of the sample."""
        browser: Message = {"groupId": organization.id, "library": _BROWSER}
        self.contexts.append((browser, {"groupId": organization.id, "library": _SERVER}))

    def message(self, planned_message: PlannedMessage, message_id: str) -> Message:
        at, kind, name = planned_message.at, planned_message.kind, planned_message.name
        head: Message = {"messageId": message_id, "timestamp": _clock(at)}
        if kind == "visit":
            return head | self._visit(planned_message)
        user = self.sample.users[planned_message.person]
        by_server = kind == "group" or name.startswith(_BY_SERVER)
        head |= {"type": kind, "userId": user.id, "context": self.contexts[user.organization][by_server]}
        if not by_server:
            head["anonymousId"] = user.anonymous_id
        return head | self._content(planned_message, user)

    def _content(self, planned_message: PlannedMessage, user: ApiUser) -> Message:
        properties = planned_message.properties or {}
        if planned_message.kind == "track":
            return {"event": planned_message.name, "properties": properties}
        if planned_message.kind == "identify":
            return {"traits": self._user_traits(user) | properties}
        if planned_message.kind == "group":
            return {"groupId": self.sample.organizations[user.organization].id, "traits": properties}
        return {"name": planned_message.name, "properties": properties}

    def _visit(self, planned_message: PlannedMessage) -> Message:
        visitor, name = planned_message.person, planned_message.name
        known = self.sample.users[visitor].anonymous_id if visitor >= 0 else None
        return {
            "type": "page",
            "anonymousId": known or f"{-visitor * _VISITOR_MIX % 2**64:016x}",
            "name": name,
            "properties": {"path": "/" if name == "Home" else f"/{name.lower()}"},
            "context": {"library": _BROWSER},
        }

    def _user_traits(self, user: ApiUser) -> Message:
        customer = self.sample.customer_of(user.organization)
        traits = {
            "email": user.email, "firstName": user.first_name, "lastName": user.last_name, "jobTitle": user.title,
            "department": user.department, "accountRole": user.role, "useCase": user.use_case,
            "signupSource": user.source, "company": customer.name if customer and user.tells_company else "",
        }  # fmt: skip
        return {key: value for key, value in traits.items() if value} | {"emailVerified": user.id % 9 > 0}


def _clock(at: float) -> str:
    return f"{datetime.fromtimestamp(at, UTC).isoformat(timespec='milliseconds')[:23]}Z"
