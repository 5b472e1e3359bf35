"""Who works at the sample company's desk. Plain data: the demo shows it before Django is there."""

from dataclasses import dataclass

DOMAIN = "boards.example"


@dataclass(frozen=True)
class Colleague:
    username: str
    first_name: str
    last_name: str
    role: str
    time_zone: str = "UTC"


STAFF = (
    Colleague("mara", "Mara", "Lindqvist", "rep", "Europe/Stockholm"),
    Colleague("tomas", "Tomás", "Ibarra", "rep", "Europe/Madrid"),
    Colleague("priya", "Priya", "Raman", "rep", "Asia/Kolkata"),
    Colleague("jonas", "Jonas", "Weber", "rep", "Europe/Berlin"),
    Colleague("aisha", "Aisha", "Bello", "rep", "Europe/London"),
    Colleague("wen", "Wen", "Zhao", "rep", "America/New_York"),
    Colleague("helen", "Helen", "Okafor", "manager", "Europe/London"),
    Colleague("admin", "Ruth", "Castell", "admin"),
)


def shown_logins() -> dict[str, str]:
    """The user name that the demo prints for each role: the first who has it."""
    shown: dict[str, str] = {}
    for colleague in STAFF:
        shown.setdefault(colleague.role, colleague.username)
    return shown
