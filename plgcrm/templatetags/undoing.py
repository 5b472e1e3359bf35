"""What a notice offers to undo."""

from typing import Any

from django import template

register = template.Library()


@register.filter
def is_address(undo: Any) -> bool:
    """Whether it is the address that undoes, of a batch, rather than the number of one item's change."""
    return str(undo or "").startswith("/")
