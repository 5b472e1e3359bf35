"""Finding accounts and people by what somebody remembers of them."""

from dataclasses import dataclass
from typing import Any

from plgcrm.common.sql import queries, rows

SQL = queries("accounts/sql/search.sql")
FOUND = 50
PEOPLE_FOUND = 9
SHORTEST_INNER = 3  # letters; a trigram index finds no less inside a word


@dataclass(frozen=True, slots=True)
class FoundPerson:
    id: int
    name: str
    email: str
    title: str
    account_id: int
    account: str


def found_accounts(text: str, *, limit: int = FOUND) -> list[int]:
    """Ids of accounts whose name or domain holds the text, or one of whose people does; best first."""
    params = _params(text, limit)
    return [row[0] for row in rows(SQL["found"], params)] if params else []


def found_people(text: str, *, limit: int = PEOPLE_FOUND) -> list[FoundPerson]:
    """People whose name or address holds the text; best first."""
    params = _params(text, limit)
    return [FoundPerson(*row) for row in rows(SQL["people"], params)] if params else []


def _params(text: str, limit: int) -> dict[str, Any] | None:
    wanted = " ".join(text.replace("\0", " ").split())[:100]
    if not wanted:
        return None
    pattern = _escaped(wanted.upper())
    inner = f"%{pattern}%" if len(wanted) >= SHORTEST_INNER else f"{pattern}%"
    return {"inner": inner, "start": f"{pattern}%", "limit": limit}


def _escaped(text: str) -> str:
    for sign in ("\\", "%", "_"):
        text = text.replace(sign, f"\\{sign}")
    return text
