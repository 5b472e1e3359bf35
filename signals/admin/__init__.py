"""The admin of what comes in and what it means: one module a subject."""

from signals.admin import events, meanings, models, rules, sources, studio

__all__ = ["events", "meanings", "models", "rules", "sources", "studio"]
