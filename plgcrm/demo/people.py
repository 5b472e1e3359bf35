"""The sample companies and who works at their desk. Plain data: the demo shows it before Django is there."""

from dataclasses import dataclass

# The sample companies by the name of their pack, with the domain that their staff has addresses at.
DOMAINS = {"boards": "boards.example", "api": "gleaner.example", "none": "example.com"}
NO_COMPANY = "none"  # nothing but an admin: for events of one's own
COMPANIES = tuple(company for company in DOMAINS if company != NO_COMPANY)
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


def staff_of(company: str) -> tuple[StaffMember, ...]:
    """Who works at the desk of a sample company; where there is none, only who sets it up."""
    return tuple(each for each in STAFF if company != NO_COMPANY or each.role == "admin")


def shown_logins(company: str) -> dict[str, str]:
    """The user name that the demo prints for each role: the first who has it."""
    shown: dict[str, str] = {}
    for colleague in staff_of(company):
        shown.setdefault(colleague.role, colleague.username)
    return shown
