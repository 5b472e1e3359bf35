"""What the API's people write, call and run into."""

from __future__ import annotations

from random import Random

from plgcrm.demo.companies.pack import Properties

# Name, credits a month, price a month in dollars. The largest is agreed on and grows in steps.
PLANS = {"sandbox": (1_000, 0), "trial": (25_000, 0), "starter": (20_000, 49), "growth": (150_000, 290)}
SCALE_CREDITS, SCALE_PRICE = 1_000_000, 1_200
ENDPOINTS = ("/v2/extract", "/v2/classify", "/v2/tables", "/v2/redact")
DOCS = ("quickstart", "authentication", "rate-limits", "webhooks", "errors", "sdks", "pagination")
LANGUAGES = ("python", "node", "go", "java", "ruby")
INTEGRATIONS = ("Zapier", "Airbyte", "Snowflake", "Slack", "Workato", "S3")
PREMIUM = ("Handwriting", "Table extraction", "Redaction", "EU data residency", "Custom models", "Priority queue")
POLICY_PAGES = ("Security", "Privacy Policy", "Terms of Service")
FEATURES = (
    "batch.submitted", "webhook.created", "playground.run", "log.searched", "alert.configured", "template.deployed",
)  # fmt: skip
CATEGORIES = {"howto": 30, "bug": 24, "sdk": 16, "webhooks": 8, "billing": 10, "limits": 8, "security": 4}
COMMERCIAL = ("billing", "limits", "security")
SUBJECTS = {
    "howto": ("How do I send a document of 80 pages?", "Which fields come back for receipts?"),
    "bug": ("Totals are empty since this morning", "Answers take nine seconds instead of one"),
    "sdk": ("The Python client does not retry", "Type error after the upgrade of the Node client"),
    "webhooks": ("Webhooks come twice", "How do I check a webhook's signature?"),
    "billing": ("Can we pay by bank transfer, once a year?", "What does the next plan cost with overage?"),
    "limits": ("We need more credits until the end of the month", "Our rate limit is too low for the nightly run"),
    "security": ("Please sign our data processing agreement", "Where are documents stored, and for how long?"),
}
QUESTIONS = {
    "contact.sales": (
        ("We process two million pages a year and need a contract.", "volume"),
        ("Could we talk about a private deployment?", "deployment"),
    ),
    "demo.requested": (
        ("Could you show custom models on our own claims forms?", "custom models"),
        ("Our data team would like to see batches and webhooks.", "batches"),
    ),
    "pricing.question_asked": (
        ("Are failed requests charged?", "overage"),
        ("Do unused credits carry over to the next month?", "credits"),
    ),
}
SET_UP = ("create_key", "install_sdk", "first_request", "add_webhook")


def request_of(random: Random) -> tuple[str, Properties]:
    """A hand-raise: the event's name and what the person wrote."""
    name = random.choices(tuple(QUESTIONS), weights=(4, 3, 4))[0]
    text, topic = random.choice(QUESTIONS[name])
    return name, {"question" if name == "pricing.question_asked" else "message": text, "topic": topic}


def ticket(random: Random, category: str, number: int, email: str) -> Properties:
    subject = random.choice(SUBJECTS[category])
    return {"ticketId": number, "subject": subject, "category": category, "requesterEmail": email}


def any_category(random: Random) -> str:
    return random.choices(tuple(CATEGORIES), weights=tuple(CATEGORIES.values()))[0]


def plan_for(credits_a_month: float) -> tuple[str, int, int]:
    """The paid plan that holds so many credits: name, credits a month, dollars a month."""
    for name in ("starter", "growth"):
        credits, price = PLANS[name]
        if credits_a_month <= credits:
            return name, credits, price
    steps = 1 + min(int(credits_a_month // SCALE_CREDITS), 7)
    return "scale", steps * SCALE_CREDITS, steps * SCALE_PRICE
