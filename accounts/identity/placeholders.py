"""The placeholders of this installation: the shapes that everybody knows, and what an admin says over them."""

from accounts.models import Placeholder
from accounts.rules.placeholders import Placeholders, Row
from plgcrm.common.cache import Remembered

_CURRENT = Remembered[Placeholders](seconds=5)


def current_placeholders() -> Placeholders:
    """As they stand; an admin's change reaches every process within a few seconds."""
    return _CURRENT.get(_read)


def forget_placeholders() -> None:
    """An admin has changed them just now."""
    _CURRENT.forget()


def _read() -> Placeholders:
    return Placeholders.of(Row(*row) for row in Placeholder.objects.values_list("pattern", "kind", "honest"))
