"""What the sample's people write and run into: questions, tickets, integrations, limits."""

from __future__ import annotations

from random import Random

from plgcrm.demo.companies.pack import Properties

INTEGRATIONS = ("Slack", "GitHub", "Google Drive", "Jira", "Microsoft Teams", "Outlook", "Zapier", "Figma")
PREMIUM_FEATURES = ("Workload view", "Private boards", "Time tracking", "Single sign-on", "Audit log", "Guest access")
POLICY_PAGES = ("Terms", "Privacy", "Security")
LIMITS = (("automations", 100), ("storage_mb", 500), ("guests", 3))
TOPICS = {"howto": 34, "bug": 22, "import": 12, "integrations": 10, "plan": 10, "limits": 7, "security": 5}
SUBJECTS = {
    "howto": ("How do I share a board with a client?", "Can I copy a timeline to another board?"),
    "bug": ("The dashboard does not load since this morning", "Dates jump by one day when I drag an item"),
    "import": ("My spreadsheet stops importing at row 512", "Columns come in empty after an import"),
    "integrations": ("Messages no longer arrive in our channel", "Calendar sync shows everything twice"),
    "plan": ("What changes if we move to the business plan?", "Can we pay by invoice, once a year?"),
    "limits": ("We need more boards for a few weeks", "We ran out of automations in the middle of the month"),
    "security": ("Our security team asks for a data processing agreement", "Do you support single sign-on?"),
}
QUESTIONS = {
    "Demo Requested": (
        "Could you show this to our whole team?",
        "We would like to see the timeline with our own data.",
    ),
    "Sales Contacted": ("We want to roll this out to 40 more people.", "Whom do I ask about a yearly contract?"),
    "Plan Question Asked": ("Does the team plan include automations?", "What does a seat cost from 50 people on?"),
}


def hand_raise(random: Random) -> tuple[str, str]:
    """The event's name and the person's message."""
    name = random.choices(tuple(QUESTIONS), weights=(4, 3, 5))[0]
    return name, random.choice(QUESTIONS[name])


def ticket(random: Random, topic: str, number: str) -> Properties:
    return {"topic": topic, "subject": random.choice(SUBJECTS[topic]), "ticket_id": number}
