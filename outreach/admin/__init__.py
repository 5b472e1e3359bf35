"""The desk in the admin: plays, messages, teams and users."""

from outreach.admin import messages, plays, users, uses

__all__ = ["messages", "plays", "users", "uses"]
