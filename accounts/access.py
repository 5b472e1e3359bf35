"""Who may see and who may change: the one place that knows what a role means."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from django.contrib.auth.models import AnonymousUser, User
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django_htmx.http import HttpResponseClientRedirect

REP: Final = "rep"
MANAGER: Final = "manager"
ADMIN: Final = "admin"
READ_ONLY: Final = "read-only"
ROLES: Final = (ADMIN, MANAGER, REP, READ_ONLY)  # of several groups the first here counts
CHANGING: Final = frozenset({ADMIN, MANAGER, REP})
SEEING_ALL: Final = frozenset({ADMIN, MANAGER, READ_ONLY})
LEADING: Final = CHANGING & SEEING_ALL  # assign and reassign the work of others, and take over what they hold

View = Callable[..., HttpResponse]
AnyUser = User | AnonymousUser


def role(user: AnyUser) -> str | None:
    """What the user is here, by group; a superuser is an admin. None: may see nothing."""
    if not user.is_authenticated or not user.is_active:
        return None
    if user.is_superuser:
        return ADMIN
    if not hasattr(user, "_role"):
        names = {group.name for group in user.groups.all()}  # a list of people has read them all at once
        remember_role(user, next((name for name in ROLES if name in names), None))
    found: str | None = user._role  # type: ignore[attr-defined]
    return found


def remember_role(user: AnyUser, found: str | None) -> None:
    """For who has read it together with something else."""
    user._role = found  # type: ignore[union-attr]


def display_name(user: User) -> str:
    """How a colleague is called: first and last name, else the user name; `user_name` in accounts/sql/users.sql."""
    return user.get_full_name() or user.get_username()


def may_change(user: AnyUser) -> bool:
    """Whether this role changes anything at all; read-only users do not."""
    return role(user) in CHANGING


def leads(user: AnyUser) -> bool:
    """May assign, reassign and take over the work of others."""
    return role(user) in LEADING


def sees_all(user: AnyUser) -> bool:
    """Whether this role sees every team's work, not only its own."""
    return role(user) in SEEING_ALL


def open_to(*roles: str) -> Callable[[View], View]:
    """A page for these roles: strangers log in first, anybody else is told why not."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return ask_to_log_in(request)
            if role(request.user) not in roles:
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def ask_to_log_in(request: HttpRequest) -> HttpResponse:
    """HTMX would put the log-in form into a corner of the page: send the whole page there, and back to itself."""
    if request.headers.get("HX-Request"):
        path = request.htmx.current_url_abs_path or "/"  # type: ignore[attr-defined]  # by django-htmx's middleware
        return HttpResponseClientRedirect(redirect_to_login(path).url)
    return redirect_to_login(request.get_full_path() if request.method == "GET" else "/")
