"""The sample companies and who works at their desk. Plain data: the demo shows it before Django is there."""

from dataclasses import dataclass

# The sample companies by the name of their pack, with the domain that their staff has addresses at.
DOMAINS = {"boards": "boards.example", "api": "gleaner.example"}
COMPANIES = tuple(DOMAINS)
USUAL_COMPANY = "boards"


@dataclass(frozen=True)
class StaffMember:
    username: str
    first_name: str
    last_name: str
    role: str
    time_zone: str = "UTC"


STAFF = (
    StaffMember("mara", "Mara", "Lindqvist", "rep", "Europe/Stockholm"),
    StaffMember("tomas", "Tomás", "Ibarra", "rep", "Europe/Madrid"),
    StaffMember("priya", "Priya", "Raman", "rep", "Asia/Kolkata"),
    StaffMember("jonas", "Jonas", "Weber", "rep", "Europe/Berlin"),
    StaffMember("aisha", "Aisha", "Bello", "rep", "Europe/London"),
    StaffMember("wen", "Wen", "Zhao", "rep", "America/New_York"),
    StaffMember("helen", "Helen", "Okafor", "manager", "Europe/London"),
    StaffMember("admin", "Ruth", "Castell", "admin"),
)


def shown_logins() -> dict[str, str]:
    """The user name that the demo prints for each role: the first who has it."""
    shown: dict[str, str] = {}
    for colleague in STAFF:
        shown.setdefault(colleague.role, colleague.username)
    return shown
