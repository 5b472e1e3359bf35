"""Finding accounts by what somebody remembers of them."""

from plgcrm.common.sql import queries, rows

SQL = queries("accounts/sql/search.sql")
FOUND = 50
SHORTEST_INNER = 3  # letters; a trigram index finds no less inside a word


def found_accounts(text: str, *, limit: int = FOUND) -> list[int]:
    """Ids of accounts whose name or domain holds the text, or one of whose people does; best first."""
    wanted = " ".join(text.replace("\0", " ").split())[:100]
    if not wanted:
        return []
    pattern = _escaped(wanted.upper())
    inner = f"%{pattern}%" if len(wanted) >= SHORTEST_INNER else f"{pattern}%"
    params = {"inner": inner, "start": f"{pattern}%", "limit": limit}
    return [row[0] for row in rows(SQL["found"], params)]


def _escaped(text: str) -> str:
    for sign in ("\\", "%", "_"):
        text = text.replace(sign, f"\\{sign}")
    return text
