"""The admin of what comes in and what it means: one module a subject."""

from signals.admin import events, facts, imports, meanings, models, rules, sources, studio

__all__ = ["events", "facts", "imports", "meanings", "models", "rules", "sources", "studio"]
