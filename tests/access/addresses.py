"""Every address that the URLconf knows, with what goes into it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.urls import URLPattern, URLResolver, get_resolver

API = "api/v1/"


@dataclass(frozen=True, slots=True)
class Address:
    """A pattern of the URLconf. `key`: its name with namespace, or its route where it has no name."""

    key: str
    route: str
    parameters: tuple[str, ...]

    @property
    def is_api(self) -> bool:
        return self.route.startswith(API)

    @property
    def model(self) -> str:
        """`signals_source` for the admin pages of one."""
        if not self.route.startswith("admin/"):
            return ""
        names = {f"{model._meta.app_label}_{model._meta.model_name}" for model in admin.site._registry}
        return next((name for name in names if self.route.startswith(f"admin/{name.replace('_', '/', 1)}/")), "")


def addresses() -> list[Address]:
    return list(_walk(get_resolver(), "", ""))


def _walk(resolver: Any, before: str, namespace: str) -> Iterator[Address]:
    for pattern in resolver.url_patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern, route, f"{pattern.namespace}:" if pattern.namespace else namespace)
        elif isinstance(pattern, URLPattern):
            yield _address(pattern, route, namespace)


def _address(pattern: URLPattern, route: str, namespace: str) -> Address:
    names = tuple(pattern.pattern.converters) or tuple(pattern.pattern.regex.groupindex)
    return Address(f"{namespace}{pattern.name}" if pattern.name else route, route, names)
