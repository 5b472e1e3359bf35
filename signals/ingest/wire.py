"""What clients send, turned into checked messages. Pure: no Django, no database, no clock of its own.

Nothing here trusts its input. A body that is no JSON object is a `WireError`, and the sender is told.
A message that is wrong is `Rejected` alone, with a reason, and its neighbours never notice.
"""

import hashlib
import math
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Any

import msgspec

from accounts.rules.placeholders import MESSAGE, is_nothing
from signals.ingest.clock import MISSING, UNREADABLE, Arrival, arrival_of, time_of
from signals.rules.message_types import NAMED_BY_EVENT, NAMED_BY_NAME, NUMBERS

# The limits, all of them. docs/howto/send-events.md repeats them for senders.
MAX_MESSAGES = 2_500  # in one batch
MAX_MESSAGE_BYTES = 32 * 1024  # one message, as sent
MAX_DEPTH = 32  # nested objects and arrays, the message itself being the first
MAX_ID_LENGTH = 200  # userId, anonymousId, previousId, groupId, messageId
LONGEST_NULL = 16  # of messageId: longer ones, which nearly all are, are not looked at
MAX_NAME_LENGTH = 200  # event of track, name or category of page and screen
MAX_TOKENS = 600_000  # looked at while salvaging a broken batch: about 5 MB of events
MAX_KEPT_BYTES = 64 * 1024  # of a rejected message
BAD_SHAPE = "Send a JSON object with a list named batch, or one message with its type."
EXACT_FLOAT = 2**53  # above it a float has lost digits, so it cannot be an id


@dataclass(slots=True)
class WireMessage:
    kind: str
    message_id: str
    user_id: str | None
    anonymous_id: str | None
    previous_id: str | None
    group_id: str | None  # the workspace: groupId of group, context.groupId of the others
    name: str  # event of track; name, or else category, of page and screen
    timestamp: datetime  # UTC, when it happened
    clock: str  # how that was found: one of clock.CLOCKS
    traits: bytes | None
    properties: bytes | None
    raw: bytes  # as sent but for the write key; Postgres takes it as json
    address: str | None = None  # of the person, as context.traits has it beside what the message itself says


@dataclass(slots=True)
class Rejected:
    stage: str  # of FailedEvent.Stage
    reason: str  # says what to do
    raw: bytes  # as sent, with the type that the path gave, cut at MAX_KEPT_BYTES; may be any bytes at all
    sent_at: datetime | None = None  # as the batch said


@dataclass(slots=True)
class Parsed:
    messages: list[WireMessage] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    write_key: str | None = None  # as found in the body


class WireError(Exception):
    """The whole body is of no use."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


class _RejectedError(Exception):
    def __init__(self, stage: str, reason: str) -> None:
        super().__init__(reason)
        self.stage = stage
        self.reason = reason


@dataclass(slots=True, frozen=True)
class _Arrival:
    """What all messages of one body share."""

    kind: str | None
    clock: Arrival
    is_odd: bool  # some message may hold what cannot be stored
    is_deep: bool  # some message may be nested too deep


class _Envelope(msgspec.Struct, rename={"sent_at": "sentAt", "write_key": "writeKey"}, gc=False):
    batch: list[msgspec.Raw] | None = None
    type: Any = None  # of a message that came alone
    sent_at: msgspec.Raw = msgspec.Raw()
    write_key: Any = None
    api_key: Any = None


class _Keys(msgspec.Struct, rename={"write_key": "writeKey"}, gc=False):
    write_key: Any = None
    api_key: Any = None


class _Of(msgspec.Struct, gc=False):
    email: Any = None


class _Context(msgspec.Struct, rename="camel", gc=False):
    group_id: Any = None
    traits: msgspec.Raw = msgspec.Raw()


class _Wire(msgspec.Struct, rename="camel", gc=False):
    type: Any = None
    event: Any = None
    name: Any = None
    category: Any = None
    message_id: Any = None
    user_id: Any = None
    anonymous_id: Any = None
    previous_id: Any = None
    group_id: Any = None
    timestamp: Any = None
    original_timestamp: Any = None
    sent_at: Any = None
    received_at: Any = None
    traits: msgspec.Raw = msgspec.Raw()
    properties: msgspec.Raw = msgspec.Raw()
    context: _Context | None = None


_decode_envelope = msgspec.json.Decoder(_Envelope).decode
_decode_list = msgspec.json.Decoder(list[msgspec.Raw]).decode
_decode_keys = msgspec.json.Decoder(_Keys).decode
_decode_of = msgspec.json.Decoder(_Of).decode
_decode_wire = msgspec.json.Decoder(_Wire).decode


# --- Bytes ------------------------------------------------------------------------------------------------


def decode_body(body: bytes, *, content_encoding: str, max_inflated: int) -> bytes:
    """The body without its compression, never more than max_inflated bytes of it.

    The bytes decide, not the header: proxies unpack and forget to say so, and one library packs unasked.
    """
    if body[:2] == b"\x1f\x8b" or _is_zlib(body):
        return _inflate(body, zlib.MAX_WBITS | 32, max_inflated)
    if content_encoding.strip().lower() == "deflate" and body.lstrip()[:1] != b"{":
        return _inflate(body, -zlib.MAX_WBITS, max_inflated)
    if len(body) > max_inflated:
        raise _too_large(max_inflated)
    return body


def _is_zlib(body: bytes) -> bool:
    return body[:1] == b"\x78" and len(body) > 1 and int.from_bytes(body[:2]) % 31 == 0


def _inflate(body: bytes, window_bits: int, limit: int) -> bytes:
    inflated = bytearray()
    try:
        while body:
            inflater = zlib.decompressobj(window_bits)
            inflated += inflater.decompress(body, limit + 1 - len(inflated))
            if len(inflated) > limit:
                raise _too_large(limit)
            if not inflater.eof:
                raise WireError(400, "bad_encoding", "The compressed body ends too early. Send all of it.")
            body = inflater.unused_data.lstrip(b"\0")  # gzip may have several members, and padding
    except zlib.error as error:
        raise WireError(400, "bad_encoding", "The body cannot be unpacked. Send gzip or no compression.") from error
    return bytes(inflated)


def _too_large(limit: int) -> WireError:
    return WireError(413, "too_large", f"The body is over {limit:,} bytes unpacked. Send smaller batches.")


# --- Envelope ---------------------------------------------------------------------------------------------


def parse(body: bytes, kind: str | None, received_at: datetime, *, is_delivery: bool = True) -> Parsed:
    """Each message of a body. `kind` is None for a batch, or what the path of a single call says.

    A file whose messages do not say when they arrived is no delivery: its reading tells nothing of a sender's clock.
    """
    body = body.removeprefix(b"\xef\xbb\xbf").strip()
    elements, sent_at, write_key = _elements(body, single=kind is not None)
    is_batch = not (elements and elements[0] is body)
    if len(elements) > MAX_MESSAGES:
        raise WireError(400, "too_many_messages", f"Send at most {MAX_MESSAGES:,} messages in a batch.")
    if write_key and body.count(write_key.encode("utf-8", "replace")) > is_batch:  # once in the envelope
        elements = [_without_key(raw, write_key) for raw in elements]
    parsed = Parsed(write_key=write_key)
    levels = MAX_DEPTH + 2 if is_batch else MAX_DEPTH  # a batch adds its object and its list
    clock = arrival_of(sent_at, received_at, is_delivery=is_delivery)
    arrival = _Arrival(kind, clock, is_odd=_is_odd(body), is_deep=_is_deep(body, levels))
    for raw in elements:
        _add(parsed, raw, arrival)
    return parsed


def _add(parsed: Parsed, raw: bytes, arrival: _Arrival) -> None:
    try:
        parsed.messages.append(_message(raw, arrival))
    except _RejectedError as error:
        parsed.rejected.append(_rejected(raw, arrival, error.stage, error.reason))
    except Exception as error:  # a fault of ours; even so it shall not cost the neighbours
        reason = f"The message cannot be read ({type(error).__name__}). Please report it."
        parsed.rejected.append(_rejected(raw, arrival, "decode", reason))


def _rejected(raw: bytes, arrival: _Arrival, stage: str, reason: str) -> Rejected:
    return Rejected(stage, reason, kept(raw, arrival.kind), arrival.clock.sent_at)


def kept(raw: bytes, kind: str | None) -> bytes:
    """What is kept of a rejected message."""
    return (_with_type(raw, kind) if kind else raw)[:MAX_KEPT_BYTES]


def _with_type(raw: bytes, kind: str) -> bytes:
    """A rejected message must say itself what the path said of it: it is replayed without its path."""
    if b'"type"' in raw:
        return raw
    rest = raw[1:].lstrip()
    return b'{"type":"%s"%s' % (kind.encode(), rest if rest == b"}" else b"," + rest)


def _elements(body: bytes, *, single: bool) -> tuple[list[bytes], Any, str | None]:
    """The text of each message, when the batch was sent, and the write key."""
    if not body:
        raise WireError(400, "empty_body", "The body is empty. Send a JSON object.")
    try:
        if body[:1] == b"[":
            return _from_list(body)
        return _from_envelope(body, _decode_envelope(body), single=single)
    except msgspec.ValidationError as error:
        if single and body[:1] == b"{":  # a message that has something of its own called batch
            keys = _decode_keys(body)
            return [body], None, _first_key(keys.write_key, keys.api_key)
        raise WireError(400, "bad_shape", f"{BAD_SHAPE} {error}.") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _salvage(body, single=single)


def _from_list(body: bytes) -> tuple[list[bytes], Any, str | None]:
    """How forwarders send a batch: a bare list."""
    elements = [bytes(raw) for raw in _decode_list(body)]
    if not elements:
        raise WireError(400, "bad_shape", BAD_SHAPE)
    return elements, None, None


def _from_envelope(body: bytes, envelope: _Envelope, *, single: bool) -> tuple[list[bytes], Any, str | None]:
    """A batch on the path of a single call is a batch, and one message on that of a batch is a message."""
    key = _first_key(envelope.write_key, envelope.api_key)
    if envelope.batch is not None:
        return [bytes(raw) for raw in envelope.batch], _loose(bytes(envelope.sent_at)), key
    if single or envelope.type is not None:
        return [body], None, key
    raise WireError(400, "bad_shape", BAD_SHAPE)


def _first_key(*candidates: object) -> str | None:
    return next((key for key in candidates if isinstance(key, str) and key), None)


def _loose(raw: bytes) -> Any:
    try:
        return msgspec.json.decode(raw) if raw else None
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _without_key(raw: bytes, key: str) -> bytes:
    """Keys are stored nowhere in the clear, so not in raw events either."""
    named = rb'("(?:writeKey|api_key)"\s*:\s*)"' + re.escape(key.encode("utf-8", "replace")) + rb'"'
    return re.sub(named, rb'\1""', raw)


# --- Salvage: a batch that is not JSON because of one message (NaN, half a surrogate, 20,000 brackets) ----

# A string that never ends runs to the end of the body: otherwise each quote in it would start a new search.
_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)|[\[\]{},]', re.DOTALL)
_OPENING = (b"{", b"[")
_CLOSING = (b"}", b"]")


@dataclass(slots=True)
class _Salvaged:
    batch: list[bytes] | None = None
    fields: dict[bytes, bytes] = field(default_factory=dict)  # text fields of the envelope


def _salvage(body: bytes, *, single: bool) -> tuple[list[bytes], Any, str | None]:
    """Finds the messages by brackets and quotes alone; what is inside is judged one by one later."""
    salvaged = _scan(body)
    found = {name: _loose(text) for name, text in salvaged.fields.items()}
    key = _first_key(found.get(b'"writeKey"'), found.get(b'"api_key"'))
    if salvaged.batch is None and (single or b'"type"' in salvaged.fields):
        return [body], None, key
    if salvaged.batch is None:
        raise _not_json()
    return salvaged.batch, found.get(b'"sentAt"'), key


def _scan(body: bytes) -> _Salvaged:
    salvaged, before, cuts = _Salvaged(), b"", []
    for depth, start, text in _tokens(body):
        if depth == 1 and before[:1] == b'"' and text[:1] == b'"':
            salvaged.fields[before] = text
        elif depth == 1 and text == b"[" and before == b'"batch"':
            cuts = [start]
        elif depth == 2 and text == b"," and cuts:
            cuts.append(start)
        elif depth == 1 and text == b"]" and cuts:
            salvaged.batch, cuts = _cut(body, [*cuts, start]), []
        before = text
    return salvaged


def _cut(body: bytes, cuts: list[int]) -> list[bytes]:
    pieces = [body[start + 1 : end].strip() for start, end in pairwise(cuts)]
    return [] if pieces == [b""] else pieces


def _tokens(body: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Each string, bracket and comma with the depth it stands at; refuses what is not one closed object."""
    depth, end = 0, 0
    for count, token in enumerate(_TOKEN.finditer(body)):
        text = token.group()
        if (depth == 0 and (count or text != b"{")) or count > MAX_TOKENS:
            raise _not_json()
        depth -= text in _CLOSING
        yield depth, token.start(), text
        depth += text in _OPENING
        end = token.end()
    if depth or end != len(body) or body[:1] != b"{":
        raise _not_json()


def _not_json() -> WireError:
    return WireError(400, "not_json", "The body is not a JSON object. Send one, in UTF-8.")


# --- What JSON allows and Postgres or a reader of it does not ---------------------------------------------

_LONE_EXPONENT = bytes.maketrans(b"E[,]{} \t\r\n", b"e:::::::::")
_ANY_DIGIT = bytes.maketrans(b"123456789", b"000000000")
_ROUND = bytes.maketrans(b"[]", b"{}")
_NO_BRACKET = bytes(set(range(256)) - set(b"[]{}"))
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_NUMBER = re.compile(rb"-?\d[\d.]*(?:[eE][+-]?\d+)?")
_MANTISSA_DIGIT = re.compile(rb"^[-0.]*[1-9]")
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


# Two questions about a body as a whole, which is cheap, spare each of its messages the exact checks.


def _is_odd(body: bytes) -> bool:
    return _has_odd_text(body) or _has_odd_number(body)


def _is_deep(body: bytes, levels: int) -> bool:
    """Takes off one level after the other; brackets in strings at worst cost a second look."""
    brackets = body.translate(_ROUND, _NO_BRACKET)
    for _ in range(levels):
        if not brackets:
            return False
        brackets = brackets.replace(b"{}", b"")
    return bool(brackets)


def _has_odd_text(body: bytes) -> bool:
    if b"\\" in body and b"\\u0000" in body:
        return True
    return not body.isascii() and not _is_utf8(body)


def _has_odd_number(body: bytes) -> bool:
    """Any number with an exponent, or of 300 digits and more.

    Without digits, points and signs `1e400` is an e that stands alone. A run of 300 digits shows in
    every 50th byte as six digits in a row.
    """
    bare = body.translate(_LONE_EXPONENT, b"0123456789.+-")
    return b":e:" in bare or b"000000" in body[::50].translate(_ANY_DIGIT)


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


def _refuse_unstorable(raw: bytes) -> None:
    if not _is_utf8(raw):
        raise _RejectedError("decode", "The message is not UTF-8. Send UTF-8.")
    if _NUL.search(raw):
        raise _RejectedError("validate", "The message holds a NUL character (\\u0000). Send text without it.")
    if any(map(_is_out_of_range, _NUMBER.findall(_STRING.sub(b"", raw)))):
        raise _RejectedError("validate", "A number is out of the range of a double. Send it as text.")


def _is_out_of_range(number: bytes) -> bool:
    try:
        value = float(number)
    except ValueError:  # 1.2.3, which the decoder will refuse in its own words
        return False
    return math.isinf(value) or (value == 0 and bool(_MANTISSA_DIGIT.match(number)))


def _depth(raw: bytes) -> int:
    depth = deepest = 0
    for token in _TOKEN.finditer(raw):
        text = token.group()
        depth += (text in _OPENING) - (text in _CLOSING)
        deepest = max(deepest, depth)
    return deepest


# --- One message ------------------------------------------------------------------------------------------


def _message(raw: bytes, arrival: _Arrival) -> WireMessage:
    _refuse_unfit(raw, arrival)
    wire = _decoded(raw)
    kind = _kind(wire.type, arrival.kind)
    timestamp, clock = time_of(wire, arrival.clock)
    message = WireMessage(
        kind,
        _message_id(wire.message_id) or _derived_id(raw, timestamp, clock),
        _id(wire.user_id, "userId"),
        None if wire.anonymous_id is None else _id(wire.anonymous_id, "anonymousId"),
        None if wire.previous_id is None else _id(wire.previous_id, "previousId"),
        _group_id(wire, kind),
        _name(wire, kind),
        timestamp,
        clock,
        _traits(wire, kind),
        _object(wire.properties, "properties") if wire.properties else None,
        raw,
        _address(wire),
    )
    _refuse_incomplete(message)
    return message


def _refuse_unfit(raw: bytes, arrival: _Arrival) -> None:
    if len(raw) > MAX_MESSAGE_BYTES:
        reason = f"The message has {len(raw):,} bytes. Send at most {MAX_MESSAGE_BYTES:,}."
        raise _RejectedError("validate", reason)
    if arrival.is_deep and _depth(raw) > MAX_DEPTH:
        raise _RejectedError("validate", f"The message is nested over {MAX_DEPTH} deep. Send it less nested.")
    if arrival.is_odd:
        _refuse_unstorable(raw)


def _decoded(raw: bytes) -> _Wire:
    try:
        return _decode_wire(raw)
    except msgspec.ValidationError as error:
        raise _RejectedError("decode", f"The message has the wrong shape. {error}.") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _RejectedError("decode", f"The message is not JSON. {error}.") from error


def _kind(sent: Any, of_path: str | None) -> str:
    """What the message says it is goes before what its path says."""
    if type(sent) is str and sent in NUMBERS:
        return sent
    said = sent.strip().lower() if isinstance(sent, str) else ""
    if said in NUMBERS:
        return said
    if of_path is not None:
        return of_path
    raise _RejectedError("validate", f"type is missing or unknown. Send one of {', '.join(sorted(NUMBERS))}.")


def _refuse_incomplete(message: WireMessage) -> None:
    if missing := what_is_missing(message):
        raise _RejectedError("validate", missing)
    if message.kind == "track" and not message.name:
        raise _RejectedError("validate", "track needs event. Send the name of what happened.")


def what_is_missing(message: WireMessage) -> str:
    """Which id a message cannot do without and does not have; "" where it has what it needs."""
    kind = message.kind
    if kind == "alias":
        return "" if message.user_id and message.previous_id else "alias needs previousId and userId. Send both."
    if not (message.user_id or message.anonymous_id):
        return f"{kind} needs userId or anonymousId. Send at least one."
    return "group needs groupId. Send the id of the workspace." if kind == "group" and not message.group_id else ""


def _group_id(wire: _Wire, kind: str) -> str | None:
    if kind != "group" and wire.context is not None:
        inherited = _id(wire.context.group_id, "context.groupId")
        return inherited or _id(wire.group_id, "groupId")
    return _id(wire.group_id, "groupId")


def _name(wire: _Wire, kind: str) -> str:
    if kind in NAMED_BY_EVENT:
        return _text(wire.event, "event", MAX_NAME_LENGTH) or ""
    if kind in NAMED_BY_NAME:
        own = _text(wire.name, "name", MAX_NAME_LENGTH)
        return own or _text(wire.category, "category", MAX_NAME_LENGTH) or ""
    return ""


def _id(value: Any, label: str) -> str | None:
    """What is no id at all, as true or an empty object, is none: the message may have another."""
    return None if type(value) is bool or value == {} or value == [] else _text(value, label)


def _message_id(value: Any) -> str | None:
    """One "undefined" on all messages would make repetitions of all but the first."""
    text = _id(value, "messageId")
    return None if text is not None and len(text) <= LONGEST_NULL and is_nothing(text, MESSAGE) else text


def _text(value: Any, label: str, limit: int = MAX_ID_LENGTH) -> str | None:
    """Ids come as text or as numbers; blank is the same as absent."""
    if value is None:
        return None
    text = value if type(value) is str else _number_as_text(value, label)
    if len(text) > limit:
        raise _RejectedError("validate", f"{label} has {len(text)} characters. Send at most {limit}.")
    return text if text and not text.isspace() else None


def _number_as_text(value: Any, label: str) -> str:
    if type(value) is int:
        return str(value)
    if type(value) is not float:
        raise _RejectedError("validate", f"{label} is neither text nor a number. Send text.")
    if abs(value) > EXACT_FLOAT:
        raise _RejectedError("validate", f"{label} is too large a number to be exact. Send it as text.")
    return str(int(value)) if value.is_integer() else str(value)


def _traits(wire: _Wire, kind: str) -> bytes | None:
    """Of group its own only: there context.traits speak of the person."""
    if wire.traits and (own := _object(wire.traits, "traits")):
        return own
    if wire.context is None or kind == "group" or not wire.context.traits:
        return None
    return _object(wire.context.traits, "context.traits")


def _address(wire: _Wire) -> str | None:
    """Libraries for apps send along in context.traits who somebody is, with any call."""
    sent = bytes(wire.context.traits) if wire.context is not None else b""
    if b"@" not in sent or sent[:1] != b"{":
        return None
    text = _decode_of(sent).email
    return text.strip() or None if type(text) is str and len(text) <= MAX_ID_LENGTH and "@" in text else None


def _object(raw: msgspec.Raw, label: str) -> bytes | None:
    text = bytes(raw)
    if text[:1] == b"{":
        return None if text == b"{}" else text
    if text in (b"null", b"[]"):  # an empty list is how PHP writes an empty object
        return None
    raise _RejectedError("validate", f"{label} is not an object. Send an object.")


def _derived_id(raw: bytes, timestamp: datetime, clock: str) -> str:
    """The same for each retry of a message that says when it happened.

    One that does not is told from its next like by the time of arrival: two equal calls are two events.
    """
    arrival = timestamp.isoformat().encode() if clock in (MISSING, UNREADABLE) else b""
    return "auto-" + hashlib.sha256(raw + arrival).hexdigest()
