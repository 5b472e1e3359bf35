"""The tracking API: what Segment's clients call, under /v1/.

A middleware, and the first one, because an event needs no session, no CSRF token and no page policy: all
that other middleware would cost several times what the event itself costs.
"""

import base64
import binascii
import contextlib
import logging
import re
import time
from collections.abc import Callable
from typing import Any

import msgspec
from django.conf import settings
from django.core.exceptions import DisallowedHost, RequestDataTooBig
from django.db import InterfaceError, InternalError, OperationalError
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.utils import timezone
from psycopg import errors as pg

from signals.ingest.cors import allow_any_page, preflight_headers
from signals.ingest.flood import address_of
from signals.ingest.form_bodies import json_of_form
from signals.ingest.keys import note_origin
from signals.ingest.receive import SourceRef, receive, source_for_key
from signals.ingest.wire import WireError, decode_body, parse
from signals.rules.message_types import MESSAGE_TYPES

logger = logging.getLogger("plgcrm.ingest")

PREFIX = "/v1/"
# What a path says of its messages: one kind, or None for a batch. The short ones are the browser library's.
KINDS: dict[str, str | None] = {
    **dict.fromkeys(("batch", "import", "b")),
    **{path: each.name for each in MESSAGE_TYPES for path in (each.name, each.short_path)},
}
SETTINGS_PATH = re.compile(r"projects/([^/]+)/settings")
METRICS = "m"  # the browser library about itself
MAX_KEY_LENGTH = 200
SUCCESS = b'{"success": true}'
UNAVAILABLE = (
    OperationalError,
    InterfaceError,
    InternalError,
    pg.OperationalError,
    pg.InterfaceError,
    pg.InternalError,
)
# Of a body that is too large we read on, so that the sender gets to hear so: most read no answer while they write.
MOST_DISCARDED = 64 * 1024 * 1024
LONGEST_DISCARDING = 20.0  # seconds; a slow sender must not hold a thread
KEY_IN_ADDRESS = ("writeKey", "write_key", "api_key")


class IngestMiddleware:
    """Answers /v1/ itself and passes everything else on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(PREFIX):
            return self.get_response(request)
        return allow_any_page(request, _safe_answer(request))


def _safe_answer(request: HttpRequest) -> HttpResponse:
    """Never 200 for what is not stored, never an HTML page for a client that reads JSON."""
    try:
        return _answer(request, request.path_info[len(PREFIX) :].rstrip("/"))
    except WireError as error:
        return _error(error.status, error.code, error.message)
    except UNAVAILABLE as error:
        logger.warning("ingest: not stored, the sender was told to come back: %s", type(error).__name__)
        return _unavailable()
    # Whatever it was, the client must hear that nothing was stored, or the event is lost.
    except Exception:
        logger.exception("ingest: not stored")
        return _error(500, "internal", "Something went wrong here. Send it again later.")


def _answer(request: HttpRequest, path: str) -> HttpResponse:
    if request.method == "OPTIONS":
        return _json(b"{}", headers=preflight_headers(request))
    if settings_of := SETTINGS_PATH.fullmatch(path):
        return _allowing(request, "GET", lambda: _browser_settings(request, settings_of[1]))
    if path == METRICS:
        return _allowing(request, "POST", lambda: _json(SUCCESS))
    if path in KINDS:
        return _allowing(request, "POST", lambda: _ingest(request, KINDS[path]))
    return _error(404, "not_found", "There is no such path. Send to /v1/batch.")


def _allowing(request: HttpRequest, method: str, answer: Callable[[], HttpResponse]) -> HttpResponse:
    if request.method == method:
        return answer()
    response = _error(405, "method_not_allowed", f"Use {method} here.")
    response["Allow"] = f"{method}, OPTIONS"
    return response


def _ingest(request: HttpRequest, kind: str | None) -> HttpResponse:
    received_at = timezone.now()
    key = _header_key(request) or _address_key(request)
    source = _source(key)
    # Before the body is read: who is not known shall cost us no decompressing and no parsing.
    if key and source is None:
        return _unknown_key()
    body = _body(request, is_known=source is not None)
    parsed = parse(json_of_form(body, request.META.get("CONTENT_TYPE", "")), kind, received_at)
    source = source or _source(parsed.write_key)
    if source is None:
        return _unknown_key()
    if "HTTP_ORIGIN" in request.META:
        note_origin(source.id, received_at)
    if parsed.messages or parsed.rejected:
        receive(source.called_from(_address(request)), parsed, received_at)
    return _json(SUCCESS)


# --- Who sends ---------------------------------------------------------------------------------------------


def _header_key(request: HttpRequest) -> str | None:
    """The key of the headers wins over that of the body; some clients send two."""
    scheme, _, credentials = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme.lower() == "basic" and (user := _basic_user(credentials)):
        return user
    key, _, _ = request.META.get("HTTP_X_WRITE_KEY", "").partition(":")
    return key.strip() or None


def _address(request: HttpRequest) -> str | None:
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
    return address_of(request.META.get("REMOTE_ADDR", ""), forwarded, proxies=settings.TRUSTED_PROXIES)


def _address_key(request: HttpRequest) -> str | None:
    """?writeKey=..., for those who can set no header: beacons."""
    if not request.META.get("QUERY_STRING"):
        return None
    return next((key for name in KEY_IN_ADDRESS if (key := request.GET.get(name, "").strip())), None)


def _basic_user(credentials: str) -> str:
    try:
        return base64.b64decode(credentials.strip(), validate=True).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return ""


def _source(key: str | None) -> SourceRef | None:
    if not key or len(key) > MAX_KEY_LENGTH or not (key.isascii() and key.isprintable()):
        return None
    return source_for_key(key)


def _unknown_key() -> HttpResponse:
    message = "The write key is missing or unknown. Send one as the user name of basic authentication."
    return _error(401, "unknown_write_key", message)


# --- What is sent ------------------------------------------------------------------------------------------


def _body(request: HttpRequest, *, is_known: bool) -> bytes:
    """Whatever Content-Type says; request.POST would eat the JSON of clients that call it a form."""
    limit: int = settings.INGEST_MAX_BODY_BYTES
    if _declared_length(request) > limit:
        raise _too_large(request, limit, is_known=is_known)
    body = _read(request, limit)
    # The declared length may be missing or a lie.
    if len(body) > limit:
        raise _too_large(request, limit, is_known=is_known)
    encoding = request.META.get("HTTP_CONTENT_ENCODING", "")
    return decode_body(body, content_encoding=encoding, max_inflated=settings.INGEST_MAX_INFLATED_BYTES)


def _declared_length(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


def _read(request: HttpRequest, limit: int) -> bytes:
    """Django reads nothing of a chunked body, as it has no length; the server has put it together by now."""
    try:
        stream = _stream(request)
        body: bytes = request.body if stream is request else stream.read(limit + 1)
        return body
    except (RequestDataTooBig, UnreadablePostError, OSError) as error:
        raise WireError(400, "incomplete_body", "The body ended before its declared length.") from error


def _stream(request: HttpRequest) -> Any:
    is_chunked = "chunked" in request.META.get("HTTP_TRANSFER_ENCODING", "").lower()
    return request.environ["wsgi.input"] if is_chunked else request  # type: ignore[attr-defined]


def _too_large(request: HttpRequest, limit: int, *, is_known: bool) -> WireError:
    """The answer to a body that is too large; of one who may send here the rest is read and thrown away."""
    if is_known:
        _discard(request)
    return WireError(413, "too_large", f"The body is over {limit:,} bytes. Send smaller batches.")


def _discard(request: HttpRequest) -> None:
    stream, left, until = _stream(request), MOST_DISCARDED, time.monotonic() + LONGEST_DISCARDING
    with contextlib.suppress(OSError):
        while left > 0 and time.monotonic() < until and (piece := stream.read(min(left, 64 * 1024))):
            left -= len(piece)


# --- The browser library's settings ------------------------------------------------------------------------


def _browser_settings(request: HttpRequest, write_key: str) -> HttpResponse:
    """What analytics.js asks for before it sends: to send here, and to load nothing from elsewhere."""
    if _source(write_key) is None:
        return _unknown_key()
    try:
        host = request.get_host()
    except DisallowedHost as error:
        raise WireError(400, "bad_host", "This host is not in ALLOWED_HOSTS.") from error
    return _json(msgspec.json.encode(_settings_for(write_key, f"{host}/v1", request.scheme or "https")))


def _settings_for(write_key: str, api_host: str, protocol: str) -> dict[str, Any]:
    ours = {
        "apiKey": write_key,
        "apiHost": api_host,
        "protocol": protocol,
        "unbundledIntegrations": [],
        "addBundledMetadata": False,
        "maybeBundledConfigIds": {},
    }
    return {
        "integrations": {"Segment.io": ours},
        "plan": {},
        "edgeFunction": {},
        "analyticsNextEnabled": True,
        "middlewareSettings": {},
        "enabledMiddleware": {},
        "metrics": {"sampleRate": 0},
        "legacyVideoPluginsEnabled": False,
        "remotePlugins": [],
    }


# --- Answers -----------------------------------------------------------------------------------------------


def _json(content: bytes, *, status: int = 200, headers: dict[str, str] | None = None) -> HttpResponse:
    response = HttpResponse(content, status=status, content_type="application/json", headers=headers)
    response["Content-Length"] = str(len(content))
    return response


def _error(status: int, code: str, message: str) -> HttpResponse:
    """Clients read `code` and `message`, and break without them."""
    return _json(msgspec.json.encode({"code": code, "message": message}), status=status)


def _unavailable() -> HttpResponse:
    response = _error(503, "unavailable", "Nothing was stored. Send it again in a moment.")
    response["Retry-After"] = "1"
    return response
