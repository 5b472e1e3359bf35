"""What clients send is read right, and what they should not send is refused alone, with a reason."""

import gzip
import json
import time
import zlib
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signals.ingest.wire import Parsed, Rejected, WireError, WireMessage, decode_body, parse

PAYLOADS = Path(__file__).parent.parent / "payloads"
NOW = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
GOOD = {"type": "track", "event": "Item Created", "userId": "ada", "messageId": "m-1", "timestamp": NOW.isoformat()}
SHORT_PATHS = {"i": "identify", "t": "track", "p": "page", "s": "screen", "g": "group", "a": "alias"}


def track(**fields: Any) -> dict[str, Any]:
    return {**GOOD, **fields}


def batch(*messages: Any, **envelope: Any) -> Parsed:
    return parse(json.dumps({"batch": messages, **envelope}).encode(), None, NOW)


def batch_of(*texts: bytes) -> Parsed:
    """A batch of messages given as text, for what json.dumps would not write."""
    return parse(b'{"batch": [' + b",".join(texts) + b'], "sentAt": "2026-01-01T12:00:00Z"}', None, NOW)


def one(**fields: Any) -> WireMessage:
    parsed = batch(track(**fields))
    assert parsed.rejected == []
    return parsed.messages[0]


def refused(**fields: Any) -> Rejected:
    parsed = batch(track(**fields))
    assert parsed.messages == []
    return parsed.rejected[0]


def text_of(**fields: Any) -> bytes:
    return json.dumps(track(**fields)).encode()


# --- What real libraries send ------------------------------------------------------------------------------


def recorded(name: str) -> list[WireMessage]:
    """All that a library sent, in the order of its calls."""
    messages: list[WireMessage] = []
    for request in json.loads((PAYLOADS / f"{name}.json").read_text())["requests"]:
        kind = SHORT_PATHS.get(request["path"].rpartition("/")[2])
        parsed = parse(request["body"].encode(), kind, datetime(2026, 11, 21, 20, 20, tzinfo=UTC))
        assert parsed.rejected == []
        messages += parsed.messages
    assert messages
    return messages


LIBRARIES = ["segment_python", "segment_node", "segment_browser", "rudderstack_python", "rudderstack_node"]


@pytest.mark.parametrize("library", LIBRARIES)
def test_all_seven_recorded_calls_of_a_library_are_read(library: str) -> None:
    kinds = sorted(message.kind for message in recorded(library))
    assert kinds == ["alias", "group", "identify", "page", "screen", "track", "track"]


@pytest.mark.parametrize("library", LIBRARIES)
def test_traits_of_a_recorded_identify_are_found_wherever_they_stand(library: str) -> None:
    identify = next(message for message in recorded(library) if message.kind == "identify")
    assert identify.user_id == "ada-1"
    assert identify.traits is not None
    assert json.loads(identify.traits)["email"] == "ada@lovelace.example"


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_recorded_track_keeps_its_workspace_and_its_properties(library: str) -> None:
    track = next(message for message in recorded(library) if message.name == "Item Created")
    assert (track.user_id, track.group_id, track.clock) == ("ada-1", "ws-7", "")
    assert track.properties is not None
    assert json.loads(track.properties)["big"] == 2**53
    assert json.loads(track.properties)["note"] == "zwölf ☕ \u2028"


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_recorded_page_and_alias_are_read(library: str) -> None:
    by_kind = {message.kind: message for message in recorded(library)}
    assert by_kind["page"].name == "Pricing"
    assert (by_kind["alias"].previous_id, by_kind["alias"].user_id) == ("anon-1", "ada-1")
    assert by_kind["group"].group_id == "ws-7"


@pytest.mark.parametrize("library", LIBRARIES)
def test_every_recorded_message_has_an_id_of_its_own(library: str) -> None:
    assert len({message.message_id for message in recorded(library)}) == 7


# --- Envelope ----------------------------------------------------------------------------------------------


def test_the_raw_text_is_kept_as_it_was_sent() -> None:
    text = b'{ "type":"track","event" : "A","userId":7,"big":123456789012345678901234567890 }'
    assert batch_of(text).messages[0].raw == text


def test_an_empty_batch_is_no_error() -> None:
    assert batch() == Parsed()


def test_a_single_call_takes_its_kind_from_the_path() -> None:
    parsed = parse(b'{"userId":"ada","traits":{"plan":"team"},"groupId":"ws-1"}', "group", NOW)
    message = parsed.messages[0]
    assert (message.kind, message.group_id, message.traits) == ("group", "ws-1", b'{"plan":"team"}')


@pytest.mark.parametrize("field", ["writeKey", "api_key"])
def test_the_write_key_is_found_in_a_batch_and_in_a_single_call(field: str) -> None:
    assert batch(GOOD, **{field: "wk_1"}).write_key == "wk_1"
    assert parse(text_of(**{field: "wk_1"}), "track", NOW).write_key == "wk_1"


def test_the_write_key_is_kept_in_no_message() -> None:
    inside = batch(track(writeKey="wk_1", properties={"plan": "wk_1"}), writeKey="wk_1").messages[0]
    single = parse(text_of(writeKey="wk_1"), "track", NOW).messages[0]
    assert json.loads(inside.raw)["writeKey"] == ""
    assert json.loads(inside.raw)["properties"] == {"plan": "wk_1"}
    assert json.loads(single.raw)["writeKey"] == ""


def test_the_write_key_is_kept_in_no_rejected_message() -> None:
    parsed = parse(text_of(writeKey="wk_1", event=""), "track", NOW)
    assert parsed.write_key == "wk_1"
    assert b"wk_1" not in parsed.rejected[0].raw


def test_a_rejected_single_call_says_its_type_so_that_it_can_be_replayed() -> None:
    rejected = parse(b'{"event":"A"}', "track", NOW).rejected[0]
    assert rejected.raw == b'{"type":"track","event":"A"}'
    assert parse(b"{}", "page", NOW).rejected[0].raw == b'{"type":"page"}'


def test_a_byte_order_mark_and_blanks_around_the_body_are_skipped() -> None:
    assert len(parse(b'\xef\xbb\xbf \n{"batch":[' + text_of() + b"]} \n", None, NOW).messages) == 1


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "empty_body"),
        (b" \n", "empty_body"),
        (b"hello", "not_json"),
        (b"batch=1&x=2", "not_json"),
        (b"<batch/>", "not_json"),
        (b'{"batch": [', "not_json"),
        (b'{"batch": [{"type": "track"}', "not_json"),
        (b'{"batch": []}}', "not_json"),
        (b'{"batch": [NaN]}{"batch": []}', "not_json"),
        (b'{"other": NaN}', "not_json"),
        (b"NaN", "not_json"),
        (b"\xff\xfe{\x00}\x00", "not_json"),
        (b"[]", "bad_shape"),
        (b"42", "bad_shape"),
        (b"null", "bad_shape"),
        (b"{}", "bad_shape"),
        (b'{"batch": {}}', "bad_shape"),
        (b'{"batch": null}', "bad_shape"),
        (b'{"batch": "[]"}', "bad_shape"),
    ],
)
def test_a_body_that_is_no_batch_is_an_error(body: bytes, code: str) -> None:
    with pytest.raises(WireError) as caught:
        parse(body, None, NOW)
    assert (caught.value.status, caught.value.code) == (400, code)


@pytest.mark.parametrize("body", [b"hello", b"[]", b"42", b'{"event": "A"', b""])
def test_a_single_call_that_is_no_object_is_an_error(body: bytes) -> None:
    with pytest.raises(WireError) as caught:
        parse(body, "track", NOW)
    assert caught.value.status == 400


def test_as_many_messages_as_the_limit_are_read_and_one_more_is_an_error() -> None:
    assert len(batch(*[GOOD] * 2499).messages) == 2499
    assert len(batch(*[GOOD] * 2500).messages) == 2500
    with pytest.raises(WireError) as caught:
        batch(*[GOOD] * 2501)
    assert (caught.value.status, caught.value.code) == (400, "too_many_messages")


# --- One bad message never hurts its neighbours ------------------------------------------------------------

HOSTILE = {
    "nul escape": (b'{"type":"track","event":"a\\u0000b","userId":"x"}', "validate"),
    "nul escape in a property": (b'{"type":"track","event":"a","userId":"x","properties":{"\\u0000":1}}', "validate"),
    "nul byte": (b'{"type":"track","event":"a\x00b","userId":"x"}', "decode"),
    "lone high surrogate": (b'{"type":"track","event":"a\\ud800","userId":"x"}', "decode"),
    "lone low surrogate": (b'{"type":"track","event":"a","userId":"x","properties":{"p":"\\udc00 "}}', "decode"),
    "surrogate bytes": (b'{"type":"track","event":"a\xed\xa0\x80","userId":"x"}', "decode"),
    "latin-1": (b'{"type":"track","event":"caf\xe9","userId":"x"}', "decode"),
    "latin-1 in a property": (b'{"type":"track","event":"a","userId":"x","properties":{"p":"caf\xe9"}}', "decode"),
    "NaN": (b'{"type":"track","event":"a","userId":"x","properties":{"p":NaN}}', "decode"),
    "Infinity": (b'{"type":"track","event":"a","userId":"x","properties":{"p":-Infinity}}', "decode"),
    "1e400": (b'{"type":"track","event":"a","userId":"x","properties":{"p":1e400}}', "validate"),
    "-1E+400": (b'{"type":"track","event":"a","userId":"x","properties":{"p":[-1.5E+400 ]}}', "validate"),
    "1e-400": (b'{"type":"track","event":"a","userId":"x","unknown":{"p": 1e-400}}', "validate"),
    "400 digits": (b'{"type":"track","event":"a","userId":"x","p":' + b"9" * 400 + b"}", "validate"),
    "20,000 brackets": (
        b'{"type":"track","event":"a","userId":"x","p":' + b"[" * 10_000 + b"]" * 10_000 + b"}",
        "validate",
    ),
    "not JSON at all": (b"{oops}", "decode"),
    "trailing comma": (b'{"type":"track","event":"a","userId":"x",}', "decode"),
    "control character": (b'{"type":"track","event":"a\x01","userId":"x"}', "decode"),
    "a number": (b"42", "decode"),
    "null": (b"null", "decode"),
    "a list": (b"[]", "decode"),
    "no type": (b'{"event":"a","userId":"x"}', "validate"),
    "unknown type": (b'{"type":"trakc","event":"a","userId":"x"}', "validate"),
    "type is an object": (b'{"type":{},"event":"a","userId":"x"}', "validate"),
    "context is a text": (b'{"type":"track","event":"a","userId":"x","context":"web"}', "decode"),
    "properties are a text": (b'{"type":"track","event":"a","userId":"x","properties":"p"}', "validate"),
    "traits are a list": (b'{"type":"identify","userId":"x","traits":[1]}', "validate"),
    "id is an object": (b'{"type":"track","event":"a","userId":{"id":1}}', "validate"),
    "id is true": (b'{"type":"track","event":"a","userId":true}', "validate"),
    "id is a float too large": (b'{"type":"track","event":"a","userId":12345678901234567890.0}', "validate"),
}


@pytest.mark.parametrize(("text", "stage"), HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_message_is_rejected_and_its_neighbours_are_read(text: bytes, stage: str) -> None:
    parsed = batch_of(text_of(messageId="before"), text, text_of(messageId="after"))
    assert [message.message_id for message in parsed.messages] == ["before", "after"]
    assert [(rejected.stage, rejected.raw) for rejected in parsed.rejected] == [(stage, text)]


@pytest.mark.parametrize(("text", "stage"), HOSTILE.values(), ids=HOSTILE.keys())
def test_each_rejection_says_what_to_do(text: bytes, stage: str) -> None:
    reason = batch_of(text).rejected[0].reason
    assert reason.endswith(".")
    assert len(reason) < 300


def test_all_hostile_messages_in_one_batch_leave_the_good_ones_alone() -> None:
    texts = [part for text, _ in HOSTILE.values() for part in (text, text_of())]
    parsed = batch_of(*texts)
    assert (len(parsed.messages), len(parsed.rejected)) == (len(HOSTILE), len(HOSTILE))


def test_a_salvaged_batch_keeps_its_key_and_its_clock() -> None:
    head = b'{"writeKey": "wk_1", "sentAt": "2026-01-01T10:00:00Z", "context": {"batch": [1, 2]}, "batch": ['
    at_ten = text_of(timestamp="2026-01-01T10:00:00Z")
    parsed = parse(head + at_ten + b', {"p": NaN}, ' + at_ten + b"]}", None, NOW)
    assert (len(parsed.messages), len(parsed.rejected), parsed.write_key) == (2, 1, "wk_1")
    assert (parsed.messages[0].timestamp, parsed.messages[0].clock) == (NOW, "corrected")


def test_brackets_and_quotes_inside_text_do_not_mislead_the_salvage() -> None:
    tricky = text_of(event='a "quoted\\" ],[{ \\', properties={"batch": "],["})
    parsed = batch_of(tricky, b'{"p": NaN}', tricky)
    assert [message.raw for message in parsed.messages] == [tricky, tricky]


def test_a_single_call_with_a_broken_value_is_rejected_not_refused() -> None:
    parsed = parse(b'{"event": "a", "userId": "x", "writeKey": "wk_1", "properties": {"p": NaN}}', "track", NOW)
    assert (len(parsed.messages), len(parsed.rejected), parsed.write_key) == (0, 1, "wk_1")


@pytest.mark.parametrize("filler", [b"[", b'"', b'\\"', b"{}", b",", b"NaN "])
def test_four_megabytes_of_rubbish_end_soon(filler: bytes) -> None:
    body = b'{"batch": [{"p": NaN}, ' + filler * (4_000_000 // len(filler)) + b"]}"
    started = time.process_time()
    with suppress(WireError):
        parse(body, None, NOW)
    assert time.process_time() - started < 10


def test_a_number_of_more_than_64_bits_is_kept_to_the_digit() -> None:
    text = (
        b'{"type":"track","event":"a","userId":123456789012345678901234567890,"properties":{"n":98765432109876543210}}'
    )
    message = batch_of(text).messages[0]
    assert message.user_id == "123456789012345678901234567890"
    assert message.properties == b'{"n":98765432109876543210}'


def test_of_a_key_that_stands_twice_the_last_wins() -> None:
    message = batch_of(b'{"type":"track","event":"a","event":"b","userId":"x","userId":"y"}').messages[0]
    assert (message.name, message.user_id) == ("b", "y")


@pytest.mark.parametrize("text", ["\\u0000 written out", "1e400", ": 1e400,", "half [[[ {{{ a bracket", "\U0001f600"])
def test_text_that_only_looks_hostile_is_read(text: str) -> None:
    assert one(event=text).name == text
    assert one(properties={"p": [text, 1e-5, 1.5e300, True, None]}).properties is not None


def test_a_pair_of_surrogate_escapes_is_a_character() -> None:
    assert batch_of(b'{"type":"track","event":"\\ud83d\\ude00","userId":"x"}').messages[0].name == "\U0001f600"


# --- Limits, at the limit and one to either side -----------------------------------------------------------


@pytest.mark.parametrize("field", ["userId", "anonymousId", "messageId"])
def test_an_id_may_have_200_characters(field: str) -> None:
    for length in (199, 200):
        assert len(one(**{field: "x" * length}).raw) > length
    assert refused(**{field: "x" * 201}).reason == f"{field} has 201 characters. Send at most 200."


def test_an_event_name_may_have_200_characters() -> None:
    assert [len(one(event="x" * length).name) for length in (199, 200)] == [199, 200]
    assert refused(event="x" * 201).stage == "validate"


def test_group_and_previous_id_and_page_name_are_bounded_too() -> None:
    assert "groupId" in refused(type="group", groupId="x" * 201).reason
    assert "context.groupId" in refused(context={"groupId": "x" * 201}).reason
    assert "previousId" in refused(type="alias", previousId="x" * 201).reason
    assert "name" in refused(type="page", name="x" * 201).reason


@pytest.mark.parametrize(("size", "kept"), [(32 * 1024 - 1, 1), (32 * 1024, 1), (32 * 1024 + 1, 0)])
def test_a_message_may_have_32_kilobytes(size: int, kept: int) -> None:
    filler = "x" * (size - len(text_of(properties={"p": ""})))
    parsed = batch_of(text_of(properties={"p": filler}), text_of())
    assert len(parsed.messages) == kept + 1


def nested(depth: int) -> Any:
    """A value that makes its message that deep, the message and its properties being the first two levels."""
    value: Any = 1
    for _ in range(depth - 2):
        value = [value]
    return {"p": value}


@pytest.mark.parametrize(("depth", "kept"), [(31, 1), (32, 1), (33, 0)])
def test_a_message_may_be_nested_32_deep(depth: int, kept: int) -> None:
    assert len(batch(track(properties=nested(depth)), GOOD).messages) == kept + 1
    assert len(parse(text_of(properties=nested(depth)), "track", NOW).messages) == kept


def test_many_brackets_side_by_side_are_not_deep() -> None:
    assert one(properties={"p": [{} for _ in range(1000)]}).name == "Item Created"


def test_what_is_kept_of_a_rejected_message_is_bounded() -> None:
    parsed = batch_of(text_of(properties={"p": "x" * 200_000}))
    assert len(parsed.rejected[0].raw) == 64 * 1024


# --- What a message must hold ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fields",
    [
        {"event": None},
        {"event": ""},
        {"event": "  "},
        {"userId": None},
        {"userId": ""},
        {"type": "identify", "userId": None},
        {"type": "page", "userId": None},
        {"type": "group", "userId": None, "groupId": "ws-1"},
        {"type": "group"},
        {"type": "alias"},
        {"type": "alias", "previousId": "anon-1", "userId": None, "anonymousId": "anon-2"},
    ],
)
def test_an_incomplete_message_is_rejected(fields: dict[str, Any]) -> None:
    assert refused(**fields).stage == "validate"


def test_an_anonymous_id_is_enough() -> None:
    message = one(userId=None, anonymousId="anon-1")
    assert (message.user_id, message.anonymous_id) == (None, "anon-1")


@pytest.mark.parametrize(("sent", "read"), [(7, "7"), (0, "0"), (7.0, "7"), (1.5, "1.5"), ("7", "7"), (" a ", " a ")])
def test_ids_may_be_numbers(sent: Any, read: str) -> None:
    assert one(userId=sent).user_id == read
    assert one(context={"groupId": sent}).group_id == read


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"type": "page", "name": "Pricing", "category": "Docs"}, "Pricing"),
        ({"type": "page", "name": None, "category": "Docs"}, "Docs"),
        ({"type": "screen", "name": "Home"}, "Home"),
        ({"type": "page"}, ""),
        ({"type": "identify", "name": "Ada"}, ""),
    ],
)
def test_page_and_screen_are_named_by_name_or_category(fields: dict[str, Any], name: str) -> None:
    assert one(**fields).name == name


def test_the_workspace_is_that_of_the_context_and_of_group_its_own() -> None:
    assert one(context={"groupId": "ws-1"}, groupId="ws-2").group_id == "ws-1"
    assert one(groupId="ws-2").group_id == "ws-2"
    assert one(type="group", context={"groupId": "ws-1"}, groupId="ws-2").group_id == "ws-2"


def test_traits_of_the_context_stand_in_for_missing_ones_but_not_for_a_group() -> None:
    person = {"context": {"traits": {"email": "ada@lovelace.example"}}}
    assert one(type="identify", **person).traits == b'{"email": "ada@lovelace.example"}'
    assert one(type="identify", traits={"a": 1}, **person).traits == b'{"a": 1}'
    assert one(type="identify", traits={}, **person).traits == b'{"email": "ada@lovelace.example"}'
    assert one(type="group", groupId="ws-1", **person).traits is None


@pytest.mark.parametrize("empty", [None, {}, []])
def test_empty_traits_and_properties_are_none(empty: Any) -> None:
    message = one(traits=empty, properties=empty)
    assert (message.traits, message.properties) == (None, None)


# --- The id of a message that has none ---------------------------------------------------------------------


def test_a_message_without_id_gets_the_same_one_at_each_retry() -> None:
    text = text_of(messageId=None)
    later = parse(b'{"batch":[' + text + b"]}", None, NOW + timedelta(minutes=3)).messages[0]
    assert batch_of(text).messages[0].message_id == later.message_id
    assert later.message_id.startswith("auto-")


def test_a_message_with_neither_id_nor_time_is_a_new_event_each_time() -> None:
    text = b'{"userId":"ada","event":"Item Created"}'
    first, second = (parse(text, "track", NOW + timedelta(seconds=s)).messages[0] for s in (0, 1))
    assert first.message_id != second.message_id


def test_the_same_message_sent_to_two_sources_keeps_its_id() -> None:
    assert one().message_id == "m-1"


# --- Clock -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sent",
    [
        "2026-01-01T11:30:00+00:00",
        "2026-01-01T11:30:00.000Z",
        "2026-01-01T11:30:00.000+00:00",
        "2026-01-01T11:30:00.000000+00:00",
        "2026-01-01T11:30:00.000000000Z",
        "2026-01-01T11:30:00Z",
        "2026-01-01T11:30:00",
        "2026-01-01 11:30:00",
        "2026-01-01T13:30:00+02:00",
        "2026-01-01T06:00:00-05:30",
        "20260101T113000Z",
        1767267000,
        1767267000.0,
        1767267000000,
        "1767267000",
        "1767267000000",
    ],
)
def test_every_shape_of_a_timestamp_is_read(sent: Any) -> None:
    message = one(timestamp=sent)
    assert (message.timestamp, message.clock) == (datetime(2026, 1, 1, 11, 30, tzinfo=UTC), "")
    assert message.timestamp.tzinfo is UTC


@pytest.mark.parametrize(
    "sent",
    [
        "yesterday",
        "10000-01-01T00:00:00Z",
        "+010000-01-01T00:00:00.000Z",
        "9999-12-31T23:59:59-14:00",
        "2026-02-30T00:00:00Z",
        "2026-01-01T25:00:00Z",
        True,
        {"at": 1},
        253402300800000,
        10**30,
        1.7e308,
        "９" * 400,
    ],
)
def test_a_timestamp_that_is_no_date_costs_no_message(sent: Any) -> None:
    message = one(timestamp=sent)
    assert (message.timestamp, message.clock) == (NOW, "unreadable")


def test_an_explicit_timestamp_goes_before_the_original_one() -> None:
    assert one(originalTimestamp="2026-01-01T08:00:00Z", timestamp="2026-01-01T09:00:00Z").timestamp.hour == 9


@pytest.mark.parametrize("sent", [None, ""])
def test_without_a_timestamp_the_time_of_arrival_counts(sent: Any) -> None:
    message = one(timestamp=sent)
    assert (message.timestamp, message.clock) == (NOW, "missing")


@pytest.mark.parametrize("hours", [-24 * 365 * 25, -2, 2, 24 * 365])
def test_a_clock_that_is_wrong_is_corrected(hours: int) -> None:
    sent = NOW + timedelta(hours=hours)
    happened = (sent - timedelta(minutes=5)).isoformat()
    message = batch(track(timestamp=happened), sentAt=sent.isoformat()).messages[0]
    assert (message.timestamp, message.clock) == (NOW - timedelta(minutes=5), "corrected")


@pytest.mark.parametrize(("seconds", "clock"), [(59, ""), (60, ""), (61, "corrected"), (-60, ""), (-61, "corrected")])
def test_a_minute_between_the_clocks_is_left_alone(seconds: int, clock: str) -> None:
    happened = NOW - timedelta(minutes=5)
    sent = NOW - timedelta(seconds=seconds)
    message = batch(track(timestamp=happened.isoformat()), sentAt=sent.isoformat()).messages[0]
    shift = timedelta(seconds=seconds) if clock else timedelta()
    assert (message.timestamp, message.clock) == (happened + shift, clock)


def test_when_a_message_says_when_it_was_sent_that_counts() -> None:
    message = batch(track(sentAt=NOW.isoformat()), sentAt="2025-01-01T00:00:00Z").messages[0]
    assert (message.timestamp, message.clock) == (NOW, "")


@pytest.mark.parametrize("sent_at", [None, "", "soon", {}, "10000-01-01T00:00:00Z", True, [1]])
def test_a_sending_time_that_is_no_date_is_passed_over(sent_at: Any) -> None:
    message = batch(GOOD, sentAt=sent_at).messages[0]
    assert (message.timestamp, message.clock) == (NOW, "")


@pytest.mark.parametrize(("seconds", "clock"), [(59, ""), (60, ""), (61, "clamped")])
def test_an_event_of_the_future_is_clamped(seconds: int, clock: str) -> None:
    sent = NOW + timedelta(seconds=seconds)
    message = one(timestamp=sent.isoformat())
    assert (message.timestamp, message.clock) == (NOW if clock else sent, clock)


@pytest.mark.parametrize("sent", ["1989-12-31T23:59:59Z", "0001-01-01T00:00:00Z", -1, 0, "1970-01-01T00:00:00Z"])
def test_an_event_before_1990_is_clamped(sent: Any) -> None:
    message = one(timestamp=sent)
    assert (message.timestamp, message.clock) == (NOW, "clamped")


def test_a_correction_that_leaves_the_calendar_is_clamped() -> None:
    message = batch(track(timestamp="9999-12-31T00:00:00Z"), sentAt="1990-01-01T00:00:00Z").messages[0]
    assert (message.timestamp, message.clock) == (NOW, "clamped")


def test_daylight_saving_and_leap_days_are_only_offsets_and_dates() -> None:
    zone = timezone(timedelta(hours=2))
    assert one(timestamp=datetime(2025, 3, 30, 3, 30, tzinfo=zone).isoformat()).timestamp.hour == 1
    assert one(timestamp="2024-02-29T23:59:59Z").timestamp.day == 29


# --- Compression -------------------------------------------------------------------------------------------

BODY = b'{"batch": []}'


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (BODY, ""),
        (BODY, "identity"),
        (gzip.compress(BODY, mtime=0), "gzip"),
        (gzip.compress(BODY, mtime=0), ""),
        (BODY, "gzip"),
        (gzip.compress(BODY[:5], mtime=0) + gzip.compress(BODY[5:], mtime=0), "gzip"),
        (zlib.compress(BODY), "deflate"),
        (raw_deflate(BODY), "deflate"),
    ],
)
def test_a_body_is_unpacked_by_what_it_is(body: bytes, encoding: str) -> None:
    assert decode_body(body, content_encoding=encoding, max_inflated=1000) == BODY


@pytest.mark.parametrize("pack", [bytes, gzip.compress, zlib.compress])
def test_a_body_may_unpack_to_the_limit_and_no_further(pack: Any) -> None:
    for size in (999, 1000):
        assert len(decode_body(pack(b"{" * size), content_encoding="", max_inflated=1000)) == size
    with pytest.raises(WireError) as caught:
        decode_body(pack(b"{" * 1001), content_encoding="", max_inflated=1000)
    assert (caught.value.status, caught.value.code) == (413, "too_large")


def test_a_bomb_is_defused_before_it_unfolds() -> None:
    bomb = gzip.compress(b"0" * 200_000_000, compresslevel=1, mtime=0)
    started = time.process_time()
    with pytest.raises(WireError, match="unpacked"):
        decode_body(bomb, content_encoding="gzip", max_inflated=16 * 1024 * 1024)
    assert time.process_time() - started < 1


@pytest.mark.parametrize(
    "body", [gzip.compress(BODY, mtime=0)[:-9], b"\x1f\x8b\x08 rubbish", gzip.compress(BODY, mtime=0) + b"x"]
)
def test_a_broken_archive_is_an_error(body: bytes) -> None:
    with pytest.raises(WireError) as caught:
        decode_body(body, content_encoding="gzip", max_inflated=1000)
    assert (caught.value.status, caught.value.code) == (400, "bad_encoding")


# --- Whatever comes ----------------------------------------------------------------------------------------

MIDDLE = b'{"type":"track","event":"a","userId":"x","timestamp":1767267000,"properties":{"p":[1,"\\u00e9"]}}'
BITS = [b"", b'"', b"\\", b"{", b"]", b",", b"\\u0000", b"\\ud800", b"\xff", b"1e999", b"NaN", b"null", b"-1", b"true"]


@given(start=st.integers(0, len(MIDDLE)), length=st.integers(0, 9), bits=st.lists(st.sampled_from(BITS), max_size=4))
def test_any_damage_is_an_error_a_rejection_or_a_message_that_can_be_stored(
    start: int, length: int, bits: list[bytes]
) -> None:
    damaged = MIDDLE[:start] + b"".join(bits) + MIDDLE[start + length :]
    try:
        parsed = batch_of(text_of(), damaged)
    except WireError:
        return
    assert not any("Please report it" in rejected.reason for rejected in parsed.rejected)
    for message in parsed.messages:
        assert "\0" not in json.dumps(json.loads(message.raw.decode()), ensure_ascii=False)
