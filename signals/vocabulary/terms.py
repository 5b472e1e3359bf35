"""What a product may have, in the trade's own terms: the signals, properties and meanings that everything shipped
speaks of. Which events and traits these are at one company is said on its vocabulary page, and only there.
"""

from dataclasses import dataclass
from typing import Literal

Reading = Literal["text", "number", "money", "date", "yes_no", "range", "plan", "role"]
Holder = Literal["person", "company"]  # a company's trait may be sent with a group call or beside a person
Kind = Literal["track", "page"]


@dataclass(frozen=True, slots=True)
class SignalTerm:
    """Something that people do in a product. `kinds`: by which calls it usually comes."""

    slug: str
    name: str
    category: str
    asks: str  # what the vocabulary page asks an admin
    kinds: tuple[Kind, ...] = ("track",)
    of: str = ""  # follows from this signal and what its properties mean; nobody maps it


@dataclass(frozen=True, slots=True)
class PropertyTerm:
    """What a property of a signal's events says."""

    signal: str
    slug: str
    name: str
    reading: Reading = "text"
    identifies: bool = False  # whether it says which case an event belongs to


@dataclass(frozen=True, slots=True)
class MeaningTerm:
    """What a trait says of a person or of a company."""

    slug: str
    name: str
    holder: Holder
    reading: Reading
    asks: str


HAND_RAISE, CONVERSION, CORE_FEATURES = "hand-raise", "conversion", "core-features"

# slug, name
CATEGORIES = (
    (HAND_RAISE, "Hand raise"),
    ("limits", "Limits and paywalls"),
    ("spread", "Team spread"),
    ("depth", "Depth and velocity"),
    (CORE_FEATURES, "Core features"),
    ("people", "People"),
    ("fit", "Fit"),
    ("support", "Support"),
    (CONVERSION, "Conversion"),
)

SIGNAL_TERMS = (
    SignalTerm("signed-up", "Signed up", "people", "Someone creates an account"),
    SignalTerm("reached-first-value", "Reached first value", "depth", "Someone gets the first real result"),
    SignalTerm("set-up-step", "Finished a set-up step", "depth", "Someone finishes one step of set-up"),
    SignalTerm("invited", "Invited someone", "spread", "Someone invites a colleague"),
    SignalTerm("connected-integration", "Connected an integration", "depth", "Someone connects another tool"),
    SignalTerm("created-item", "Created an item", "depth", "Someone creates what your product is for"),
    SignalTerm("import-started", "Started an import", "depth", "Someone brings data in"),
    SignalTerm("import-failed", "Import failed", "depth", "An import does not go through"),
    SignalTerm("hit-limit", "Hit a limit", "limits", "Someone reaches a limit of their plan"),
    SignalTerm("viewed-pricing", "Viewed pricing", "limits", "Someone looks at prices", ("page", "track")),
    SignalTerm("compared-plans", "Compared plans", "limits", "Someone compares your plans", ("track", "page")),
    SignalTerm("tried-premium", "Tried a premium feature", "limits", "Someone tries what a higher plan includes"),
    SignalTerm("started-checkout", "Started checkout", "limits", "Someone begins to pay"),
    SignalTerm("entered-payment-details", "Entered payment details", "limits", "Someone adds a card"),
    SignalTerm("payment-failed", "Payment failed", "limits", "A payment does not go through"),
    SignalTerm("trial-started", "Trial started", "limits", "A trial begins"),
    SignalTerm("subscribed", "Subscribed", CONVERSION, "A company starts to pay"),
    SignalTerm("invoice-paid", "Invoice paid", "limits", "A company pays an invoice"),
    SignalTerm("unsubscribed", "Canceled", "limits", "A company stops paying"),
    SignalTerm("demo-requested", "Demo requested", HAND_RAISE, "Someone asks for a demo"),
    SignalTerm("contacted-sales", "Contacted sales", HAND_RAISE, "Someone asks to talk to sales"),
    SignalTerm("asked-about-plan", "Asked about a plan", HAND_RAISE, "Someone asks a question about plans or prices"),
    SignalTerm("ticket-opened", "Opened a ticket", "support", "Someone asks support for help"),
    SignalTerm("ticket-solved", "Ticket solved", "support", "Support solves a ticket"),
    SignalTerm("ticket-rated", "Rated a ticket", "support", "Someone rates the help they got"),
    SignalTerm("commercial-ticket", "Ticket about plans, limits or security", "support", "", of="ticket-opened"),
    SignalTerm("bad-rating", "Bad ticket rating", "support", "", of="ticket-rated"),
    SignalTerm("viewed-terms", "Read terms", "people", "Someone reads the terms of use", ("page", "track")),
    SignalTerm("viewed-privacy", "Read privacy", "people", "Someone reads the privacy policy", ("page", "track")),
    SignalTerm("viewed-security", "Read security", "people", "Someone reads about security", ("page", "track")),
)

PROPERTY_TERMS = (
    PropertyTerm("demo-requested", "text", "What they wrote"),
    PropertyTerm("demo-requested", "topic", "Topic"),
    PropertyTerm("contacted-sales", "text", "What they wrote"),
    PropertyTerm("contacted-sales", "topic", "Topic"),
    PropertyTerm("asked-about-plan", "text", "What they wrote"),
    PropertyTerm("asked-about-plan", "topic", "Topic"),
    PropertyTerm("hit-limit", "limit", "Which limit"),
    PropertyTerm("hit-limit", "used", "Amount used", "number"),
    PropertyTerm("hit-limit", "allowed", "Amount allowed", "number"),
    PropertyTerm("import-failed", "file", "File"),
    PropertyTerm("import-failed", "reason", "Reason"),
    PropertyTerm("set-up-step", "step", "Which step"),
    PropertyTerm("set-up-step", "of", "Of how many", "number"),
    PropertyTerm("ticket-opened", "ticket", "Ticket number", identifies=True),
    PropertyTerm("ticket-opened", "subject", "Subject"),
    PropertyTerm("ticket-opened", "topic", "Topic"),
    PropertyTerm("ticket-opened", "requester", "Requester"),
    PropertyTerm("ticket-solved", "ticket", "Ticket number", identifies=True),
    PropertyTerm("ticket-solved", "rating", "Rating", "number"),
    PropertyTerm("ticket-rated", "ticket", "Ticket number", identifies=True),
    PropertyTerm("ticket-rated", "rating", "Rating", "number"),
    PropertyTerm("tried-premium", "feature", "Feature"),
    PropertyTerm("compared-plans", "plans", "Plans"),
    PropertyTerm("subscribed", "plan", "Plan"),
    PropertyTerm("subscribed", "amount", "Amount", "money"),
    PropertyTerm("subscribed", "currency", "Currency"),
    PropertyTerm("subscribed", "period", "Period"),
    PropertyTerm("invoice-paid", "amount", "Amount", "money"),
    PropertyTerm("invoice-paid", "currency", "Currency"),
    PropertyTerm("invoice-paid", "period", "Period"),
)

MEANING_TERMS = (
    MeaningTerm("company_name", "Company name", "company", "text", "The company's name"),
    MeaningTerm("website", "Website", "company", "text", "The company's website or domain"),
    MeaningTerm("plan", "Plan", "company", "plan", "The plan they are on"),
    MeaningTerm("paying", "Paying", "company", "yes_no", "Whether they pay"),
    MeaningTerm("monthly_revenue", "Monthly revenue", "company", "money", "What they pay a month"),
    MeaningTerm("currency", "Currency", "company", "text", "The currency they pay in"),
    MeaningTerm("seats", "Seats", "company", "number", "How many seats they may use"),
    MeaningTerm("seats_used", "Seats used", "company", "number", "How many seats are in use"),
    MeaningTerm("employees", "Employees", "company", "range", "How many people work there"),
    MeaningTerm("industry", "Industry", "company", "text", "The industry they are in"),
    MeaningTerm("country", "Country", "company", "text", "The country they are in"),
    MeaningTerm("company_created_at", "Company created", "company", "date", "When the company signed up"),
    MeaningTerm("trial_ends", "Trial ends", "company", "date", "When their trial ends"),
    MeaningTerm("renewal", "Renewal", "company", "date", "When their contract renews"),
    MeaningTerm("tools", "Tools in use", "company", "text", "Which other tools they use"),
    MeaningTerm("person_name", "Name", "person", "text", "A person's full name"),
    MeaningTerm("first_name", "First name", "person", "text", "A person's first name"),
    MeaningTerm("last_name", "Last name", "person", "text", "A person's last name"),
    MeaningTerm("email", "Email address", "person", "text", "A person's email address"),
    MeaningTerm("title", "Job title", "person", "text", "A person's job title"),
    MeaningTerm("department", "Department", "person", "text", "The department a person works in"),
    MeaningTerm("seniority", "Seniority", "person", "text", "How senior a person is"),
    MeaningTerm("role", "Role in the product", "person", "role", "What a person may do in the product"),
    MeaningTerm("created_at", "Signed up", "person", "date", "When a person signed up"),
    MeaningTerm("phone", "Phone", "person", "text", "A person's phone number"),
    MeaningTerm("profile_url", "Profile address", "person", "text", "A person's public profile"),
    MeaningTerm("use_case", "Use case", "person", "text", "What they want to use it for"),
    MeaningTerm("sign_up_source", "Sign-up source", "person", "text", "Where a sign-up came from"),
)
