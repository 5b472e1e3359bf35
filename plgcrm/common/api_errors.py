"""The one shape of every refusal of the API: {"code", "message"} and, where input was wrong, {"fields"}."""

import logging
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.signals import got_request_exception
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler, set_rollback

log = logging.getLogger("plgcrm.api")


class ConflictError(exceptions.APIException):
    """What was asked for is well-formed, but the state of things does not allow it."""

    status_code = 409
    default_detail = "That is not possible in the current state."
    default_code = "conflict"


def api_error(error: Exception, context: dict[str, Any]) -> Response:
    """DRF's EXCEPTION_HANDLER."""
    known = _known(error)
    response = exception_handler(known, context)
    if response is None:
        return _unexpected(error, context)
    response.data = _body(known)
    return response


def _known(error: Exception) -> Exception:
    if isinstance(error, Http404):
        return exceptions.NotFound("Not found, or you have no access to it.")
    if isinstance(error, PermissionDenied):
        return exceptions.PermissionDenied()
    return error


def _body(error: Any) -> dict[str, Any]:
    if isinstance(error, exceptions.ValidationError):
        return {"code": "invalid", "message": _summary(error.detail), "fields": _fields(error.detail)}
    return {"code": error.detail.code, "message": str(error.detail)}


def _fields(detail: Any) -> dict[str, Any]:
    return detail if isinstance(detail, dict) else {"non_field_errors": detail}


def _summary(detail: Any) -> str:
    """Every complaint in one line, for those who read only the message."""
    return " ".join(f"{name}: {' '.join(map(str, told))}" for name, told in _fields(detail).items())


def _unexpected(error: Exception, context: dict[str, Any]) -> Response:
    """A fault of ours: logged and told to whoever listens for faults, but not to the caller."""
    set_rollback()
    request = context.get("request")
    log.error("api_fault", exc_info=error)
    got_request_exception.send(sender=api_error, request=getattr(request, "_request", request))
    return Response({"code": "server_error", "message": "Something went wrong on our side."}, status=500)
