"""Which identities are one person: connected parts of the graph of merges, and which merges a machine may not make."""

from collections.abc import Iterable
from dataclasses import dataclass

TWO_USERS, TWO_COMPANIES, TWO_ADDRESSES, CEILING = "users", "companies", "addresses", "ceiling"
MOST_ROWS = 200  # of one person, with anonymous ids: who has more is a kiosk or a robot, and costs with each id


@dataclass(frozen=True, slots=True)
class Side:
    """A whole person before a merge: the sources of its user ids, one for each; its company's domain; its rows; the
    mailbox that is theirs before anybody else's."""

    head: int
    users: tuple[int, ...] = ()
    domain: str = ""
    rows: int = 1
    mailbox: str = ""

    def joined(self, other: "Side") -> "Side":
        domain, users = self.domain or other.domain, self.users + other.users
        mailbox = self.mailbox or other.mailbox
        return Side(min(self.head, other.head), users, domain, self.rows + other.rows, mailbox)


def why_held(one: Side, other: Side, *, most_users: int) -> str:
    """Why only a person may decide that the two are one; "" where they may be joined at once."""
    if set(one.users) & set(other.users):
        return TWO_USERS  # a source that tells two users apart knows why
    if one.domain and other.domain and one.domain != other.domain:
        return TWO_COMPANIES
    # A visitor without a user id may have typed any address before they logged in.
    if one.users and other.users and one.mailbox and other.mailbox and one.mailbox != other.mailbox:
        return TWO_ADDRESSES
    too_many = len(one.users) + len(other.users) > most_users or one.rows + other.rows > MOST_ROWS
    return CEILING if too_many else ""


def representatives(nodes: Iterable[int], edges: Iterable[tuple[int, int]]) -> dict[int, int]:
    """Each node's representative: the smallest id it is connected with. The order of edges does not matter."""
    parent = {node: node for node in nodes}

    def root(node: int) -> int:
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for left, right in edges:
        a, b = root(left), root(right)
        parent[max(a, b)] = min(a, b)
    return {node: root(node) for node in parent}
