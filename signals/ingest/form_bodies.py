"""Bodies that a browser sends as a form: sendBeacon with URLSearchParams or FormData. Pure; they become JSON."""

import base64
import binascii
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import HTTP
from urllib.parse import parse_qsl

import msgspec

MOST_FIELDS = 100
SAYS_WHAT = ("type", "event", "userId", "anonymousId")  # a form with one of them is a message itself


def json_of_form(body: bytes, content_type: str) -> bytes:
    """The JSON in a field of a form, or its fields as an object; the body itself where it is no form."""
    kind = content_type.partition(";")[0].strip().lower()
    if body.lstrip()[:1] in (b"{", b"["):
        return body
    if kind == "multipart/form-data":
        return _json_among(dict(_parts(body, content_type)), body)
    if kind == "application/x-www-form-urlencoded":
        return _json_among(_fields(body), body)
    return body


def _fields(body: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=True, max_num_fields=MOST_FIELDS)
    except (ValueError, UnicodeDecodeError):
        return {}
    return dict(pairs)


def _parts(body: bytes, content_type: str) -> Iterator[tuple[str, str]]:
    mail = message_from_bytes(
        b"Content-Type: " + content_type.encode("ascii", "replace") + b"\r\n\r\n" + body, policy=HTTP
    )
    for number, part in enumerate(mail.walk()):
        if number > MOST_FIELDS:
            return
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(content, bytes):
            yield name, content.decode("utf-8", "replace")


def _json_among(fields: dict[str, str], body: bytes) -> bytes:
    found = next((json for text in fields.values() if (json := _json_text(text))), None)
    # {"type": ...}= is JSON that a browser was told is a form.
    found = found or next((json for name in fields if (json := _json_text(name))), None)
    if found is not None:
        return found
    return msgspec.json.encode(fields) if any(fields.get(name) for name in SAYS_WHAT) else body


def _json_text(text: str) -> bytes | None:
    plain = text.strip()
    if plain[:1] in ("{", "["):
        return plain.encode()
    if not plain.startswith(("ey", "W")):  # what { and [ look like in base64
        return None
    try:
        decoded = base64.b64decode(plain.replace(" ", "+"), validate=True)
    except (binascii.Error, ValueError):
        return None
    return decoded if decoded[:1] in (b"{", b"[") else None
