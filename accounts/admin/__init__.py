"""Who is who, in the admin."""

from accounts.admin import people, suggestions

__all__ = ["people", "suggestions"]
