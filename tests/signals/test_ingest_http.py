"""The tracking API answers each client as it expects, and says 200 only of what was handed over to be stored."""

import base64
import gzip
import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psycopg
import pytest
from django.core.handlers.wsgi import WSGIRequest
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from pytest_django import Settings

from signals.ingest import http
from signals.ingest.http import IngestMiddleware
from signals.ingest.receive import Receipt, SourceRef
from signals.ingest.wire import Parsed

PAYLOADS = Path(__file__).parent.parent / "payloads"
KEY = "wk_public"
TRACK = {"type": "track", "event": "Item Created", "userId": "ada", "messageId": "m-1"}
BATCH = json.dumps({"batch": [TRACK]}).encode()

Send = Callable[..., HttpResponse]


@dataclass
class Store:
    """Stands for the store: keeps what it is given, or is away."""

    source: SourceRef = field(default_factory=lambda: SourceRef(7, "Boards"))
    kept: list[Parsed] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    failure: Exception | None = None

    def source_for_key(self, key: str) -> SourceRef | None:
        self.asked.append(key)
        return self.source if key == KEY else None

    def receive(self, source: SourceRef, parsed: Parsed, received_at: datetime) -> Receipt:
        assert source is self.source
        if self.failure:
            raise self.failure
        self.kept.append(parsed)
        return Receipt(len(parsed.messages), 0, len(parsed.rejected))

    @property
    def names(self) -> list[tuple[str, str]]:
        return [(message.kind, message.name) for parsed in self.kept for message in parsed.messages]


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Store:
    store = Store()
    monkeypatch.setattr(http, "receive", store.receive)
    monkeypatch.setattr(http, "source_for_key", store.source_for_key)
    monkeypatch.setattr(http, "note_origin", lambda *_: None)
    return store


def passed_on(request: HttpRequest) -> HttpResponse:
    return HttpResponse("passed on")


def basic(user: str, password: str = "") -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


@pytest.fixture
def send(store: Store) -> Send:
    """Sends a body, by default to /v1/batch with a good key in the header."""

    def send(
        body: bytes = BATCH,
        path: str = "/v1/batch",
        *,
        method: str = "POST",
        kind: str = "application/json",
        key: str | None = KEY,
        **headers: str,
    ) -> HttpResponse:
        if key:
            headers.setdefault("Authorization", basic(key))
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        request = RequestFactory().generic(method, path, body, content_type=kind, headers=named)
        return IngestMiddleware(passed_on)(request)

    return send


def error_of(response: HttpResponse) -> tuple[int, str]:
    """Status and code; that there is a message, and no more, is part of the contract."""
    body = json.loads(response.content)
    assert set(body) == {"code", "message"}
    assert response["Content-Type"] == "application/json"
    return response.status_code, body["code"]


def assert_stored(response: HttpResponse) -> None:
    assert (response.status_code, json.loads(response.content)) == (200, {"success": True})


# --- Paths -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/v1/batch", "/v1/import", "/v1/b", "/v1/batch/"])
def test_a_batch_is_taken_on_each_of_its_paths(send: Send, store: Store, path: str) -> None:
    assert_stored(send(BATCH, path))
    assert store.names == [("track", "Item Created")]


SINGLE = {
    "identify": ["identify", "i"],
    "track": ["track", "t"],
    "page": ["page", "p"],
    "screen": ["screen", "s"],
    "group": ["group", "g"],
    "alias": ["alias", "a"],
}


@pytest.mark.parametrize(("kind", "path"), [(kind, path) for kind, paths in SINGLE.items() for path in paths])
def test_a_single_call_is_taken_on_each_of_its_paths(send: Send, store: Store, kind: str, path: str) -> None:
    call = {"userId": "ada", "event": "Item Created", "groupId": "ws-1", "previousId": "anon-1"}
    assert_stored(send(json.dumps(call).encode(), f"/v1/{path}"))
    assert [parsed_kind for parsed_kind, _ in store.names] == [kind]


def test_the_browser_librarys_own_metrics_are_dropped_without_a_key(send: Send, store: Store) -> None:
    assert_stored(send(b"whatever", "/v1/m", key=None))
    assert (store.kept, store.asked) == ([], [])


@pytest.mark.parametrize("path", ["/", "/accounts/1/", "/api/v1/accounts/", "/v1", "/v10/batch"])
def test_other_paths_are_passed_on(send: Send, store: Store, path: str) -> None:
    assert send(path=path).content == b"passed on"
    assert store.asked == []


@pytest.mark.parametrize(
    "path", ["/v1/", "/v1/nothing", "/v1/batch/more", "/v1/projects/x", "/v1/projects/a/b/settings"]
)
def test_unknown_paths_of_the_api_are_told_so_in_json(send: Send, path: str) -> None:
    assert error_of(send(path=path)) == (404, "not_found")


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH"])
def test_only_post_sends_events(send: Send, store: Store, method: str) -> None:
    response = send(method=method)
    assert error_of(response) == (405, "method_not_allowed")
    assert response["Allow"] == "POST, OPTIONS"
    assert store.kept == []


# --- What recorded clients sent ----------------------------------------------------------------------------

CLIENTS = sorted(path.stem for path in PAYLOADS.glob("*.json"))


def resend(send: Send, request: dict[str, Any]) -> HttpResponse:
    headers = {name.title().replace("-", "_"): value for name, value in request["headers"].items()}
    headers["Authorization"] = basic(KEY)
    body = request["body"].encode()
    body = gzip.compress(body, mtime=0) if request["gzip"] else body
    return send(body, request["path"], kind=headers.pop("Content_Type"), key=None, **headers)


@pytest.mark.parametrize("client", CLIENTS)
def test_what_a_real_client_sent_is_stored_whole(send: Send, store: Store, client: str) -> None:
    for request in json.loads((PAYLOADS / f"{client}.json").read_text())["requests"]:
        assert_stored(resend(send, request))
    assert len(store.names) == 7
    assert [parsed.rejected for parsed in store.kept] == [[]] * len(store.kept)


# --- Who sends ---------------------------------------------------------------------------------------------


def test_the_key_may_be_the_user_name_of_basic_authentication(send: Send) -> None:
    assert_stored(send(key=None, Authorization=basic(KEY)))
    assert_stored(send(key=None, Authorization=basic(KEY, "ignored")))
    assert_stored(send(key=None, Authorization=basic(KEY).replace("Basic", "basic")))


@pytest.mark.parametrize("value", [KEY, f"{KEY}:secret"])
def test_the_key_may_stand_in_a_header_of_its_own(send: Send, value: str) -> None:
    assert_stored(send(key=None, X_Write_Key=value))


@pytest.mark.parametrize("name", ["writeKey", "api_key"])
def test_the_key_may_stand_in_the_body(send: Send, name: str) -> None:
    assert_stored(send(json.dumps({"batch": [TRACK], name: KEY}).encode(), key=None))
    assert_stored(send(json.dumps({**TRACK, name: KEY}).encode(), "/v1/track", key=None))


def test_where_two_keys_disagree_the_header_wins(send: Send, store: Store) -> None:
    other = json.dumps({"batch": [TRACK], "writeKey": "wk_other"}).encode()
    assert_stored(send(other, Authorization=basic(KEY)))
    ours = json.dumps({"batch": [TRACK], "writeKey": KEY}).encode()
    assert error_of(send(ours, Authorization=basic("wk_other"))) == (401, "unknown_write_key")
    assert store.asked == [KEY, "wk_other"]


@pytest.mark.parametrize("header", ["Basic Og==", "Basic", "Basic !!!", "Basic /w==", "Bearer abc", "Token abc", ""])
def test_an_authorisation_that_names_nobody_leaves_it_to_the_body(send: Send, header: str) -> None:
    body = json.dumps({"batch": [TRACK], "writeKey": KEY}).encode()
    assert_stored(send(body, key=None, Authorization=header))


def test_no_key_and_an_unknown_key_are_told_so(send: Send, store: Store) -> None:
    assert error_of(send(key=None)) == (401, "unknown_write_key")
    assert error_of(send(key="wk_other")) == (401, "unknown_write_key")
    assert error_of(send(key=None, X_Write_Key="wk_other")) == (401, "unknown_write_key")
    assert store.kept == []


@pytest.mark.parametrize("key", ["\0", "é", "x" * 201, "\ud83d\ude00", 7, {"a": 1}])
def test_a_key_that_can_be_none_of_ours_is_not_even_looked_up(send: Send, store: Store, key: Any) -> None:
    body = json.dumps({"batch": [TRACK], "writeKey": key}).encode()
    assert error_of(send(body, key=None)) == (401, "unknown_write_key")
    assert store.asked == []


def test_the_write_key_is_handed_on_in_no_message(send: Send, store: Store) -> None:
    send(json.dumps({**TRACK, "writeKey": KEY}).encode(), "/v1/track", key=None)
    assert KEY.encode() not in store.kept[0].messages[0].raw


# --- What is sent ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "kind",
    [
        "application/json",
        "text/plain",
        "text/plain;charset=UTF-8",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "",
    ],
)
@pytest.mark.parametrize("encoding", ["", "gzip"])
def test_the_body_is_read_whatever_its_type_is_called(send: Send, store: Store, kind: str, encoding: str) -> None:
    body = gzip.compress(BATCH, mtime=0) if encoding else BATCH
    assert_stored(send(body, kind=kind, Content_Encoding=encoding))
    assert store.names == [("track", "Item Created")]


def test_a_packed_body_is_read_without_a_header_and_a_plain_one_in_spite_of_it(send: Send, store: Store) -> None:
    assert_stored(send(gzip.compress(BATCH, mtime=0)))
    assert_stored(send(BATCH, Content_Encoding="gzip"))
    assert len(store.names) == 2


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "empty_body"),
        (b"event=Item+Created", "not_json"),
        (b"[]", "bad_shape"),
        (b'{"batch": 1}', "bad_shape"),
        (json.dumps({"batch": [TRACK] * 2501}).encode(), "too_many_messages"),
        (gzip.compress(BATCH, mtime=0)[:-9], "bad_encoding"),
    ],
)
def test_what_can_never_be_read_is_a_bad_request(send: Send, store: Store, body: bytes, code: str) -> None:
    assert error_of(send(body)) == (400, code)
    assert store.kept == []


def test_good_messages_of_a_partly_bad_batch_are_stored_and_the_bad_ones_kept(send: Send, store: Store) -> None:
    bad = b'{"type": "track", "event": "a\\u0000", "userId": "x"}, {"type": "track", "userId": NaN}'
    good = json.dumps(TRACK).encode()
    assert_stored(send(b'{"batch": [' + good + b"," + bad + b"," + good + b"]}"))
    assert (len(store.kept[0].messages), len(store.kept[0].rejected)) == (2, 2)


def test_a_single_call_that_is_rejected_is_kept_and_answered_200(send: Send, store: Store) -> None:
    assert_stored(send(b'{"userId": "ada"}', "/v1/track"))
    assert [rejected.stage for rejected in store.kept[0].rejected] == ["validate"]


def test_an_empty_batch_is_answered_without_asking_the_store(send: Send, store: Store) -> None:
    assert_stored(send(b'{"batch": []}'))
    assert store.kept == []


def padded(size: int) -> bytes:
    return BATCH + b" " * (size - len(BATCH))


@pytest.mark.parametrize("encoding", ["", "gzip"])
@pytest.mark.parametrize(("size", "status"), [(9_999, 200), (10_000, 200), (10_001, 413)])
def test_an_unpacked_body_may_be_as_large_as_the_limit(
    send: Send, settings: Settings, encoding: str, size: int, status: int
) -> None:
    settings.INGEST_MAX_INFLATED_BYTES = 10_000
    body = gzip.compress(padded(size), mtime=0) if encoding else padded(size)
    assert send(body, Content_Encoding=encoding).status_code == status


@pytest.mark.parametrize(("size", "status"), [(9_999, 200), (10_000, 200), (10_001, 413)])
def test_a_body_may_be_as_large_as_the_limit(
    send: Send, store: Store, settings: Settings, size: int, status: int
) -> None:
    settings.INGEST_MAX_BODY_BYTES = 10_000
    response = send(padded(size))
    assert response.status_code == status
    assert len(store.kept) == (status == 200)


def test_four_megabytes_are_accepted(send: Send, store: Store) -> None:
    message = {**TRACK, "properties": {"p": "x" * 30_000}}
    body = json.dumps({"batch": [message] * 138}).encode()
    assert 4_000_000 < len(body) < 4 * 1024 * 1024
    assert_stored(send(body))
    assert len(store.names) == 138


def test_a_bomb_is_refused(send: Send, store: Store) -> None:
    bomb = gzip.compress(b"[" * 50_000_000, compresslevel=6, mtime=0)
    assert len(bomb) < 204_000
    assert error_of(send(bomb, Content_Encoding="gzip")) == (413, "too_large")


def test_a_chunked_body_is_read_though_it_has_no_length(store: Store) -> None:
    request = RequestFactory().post(
        "/v1/batch", BATCH, content_type="application/json", headers={"Authorization": basic(KEY)}
    )
    request.META.pop("CONTENT_LENGTH")
    request.environ["wsgi.input"] = io.BytesIO(BATCH)
    request.META["HTTP_TRANSFER_ENCODING"] = "chunked"
    assert_stored(IngestMiddleware(passed_on)(request))
    assert store.names == [("track", "Item Created")]


# --- When it cannot be stored ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "failure",
    [
        OperationalError("the connection is closed"),
        InterfaceError("connection already closed"),
        psycopg.OperationalError("connection refused"),
        psycopg.errors.DiskFull("no space left on device"),
        psycopg.errors.ReadOnlySqlTransaction("standby"),
        psycopg.errors.TooManyConnections("too many clients"),
    ],
)
def test_when_postgres_is_away_or_full_the_sender_is_told_to_come_back(
    send: Send, store: Store, failure: Exception
) -> None:
    store.failure = failure
    response = send()
    assert error_of(response) == (503, "unavailable")
    assert response["Retry-After"] == "1"


def test_when_the_key_cannot_be_looked_up_the_sender_is_told_to_come_back(
    send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(key: str) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(http, "source_for_key", away)
    assert error_of(send()) == (503, "unavailable")
    assert error_of(send(path=f"/v1/projects/{KEY}/settings", method="GET")) == (503, "unavailable")


def test_a_fault_of_ours_is_a_500_in_json_that_tells_nothing(
    send: Send, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    store.failure = RuntimeError("secret detail")
    response = send()
    assert error_of(response) == (500, "internal")
    assert b"secret" not in response.content
    assert "secret detail" in caplog.text


# --- Browsers ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/v1/batch", "/v1/t", "/v1/m", f"/v1/projects/{KEY}/settings"])
def test_a_browser_may_send_from_any_page(send: Send, path: str) -> None:
    response = send(b"", path, method="OPTIONS", key=None, Origin="https://boards.example")
    assert response.status_code == 200
    assert response["Access-Control-Allow-Origin"] == "https://boards.example"
    assert response["Access-Control-Allow-Credentials"] == "true"
    assert response["Vary"] == "Origin"
    assert "POST" in response["Access-Control-Allow-Methods"]
    for header in ("Authorization", "Content-Type", "X-Retry-Count"):
        assert header in response["Access-Control-Allow-Headers"]


def test_errors_too_may_be_read_by_a_browser(send: Send, store: Store) -> None:
    assert send(key="wk_other")["Access-Control-Allow-Origin"] == "*"
    store.failure = OperationalError("away")
    assert send()["Access-Control-Expose-Headers"] == "Retry-After"


TRACING = "content-type,traceparent,tracestate,sentry-trace,baggage,x-datadog-trace-id,newrelic"


def test_whatever_a_page_asks_to_send_along_is_allowed(send: Send) -> None:
    asked = {"Origin": "null", "Access-Control-Request-Headers": TRACING}
    response = send(b"", method="OPTIONS", key=None, **asked)
    assert (response["Access-Control-Allow-Origin"], response["Access-Control-Allow-Headers"]) == ("null", TRACING)
    near = send(b"", method="OPTIONS", key=None, **{"Access-Control-Request-Private-Network": "true"})
    assert near["Access-Control-Allow-Private-Network"] == "true"


@pytest.mark.parametrize("asked", ["x: y", "a;b", "<script>", "x" * 4_001, ",", "é"])
def test_what_is_no_list_of_headers_is_not_repeated(send: Send, asked: str) -> None:
    response = send(b"", method="OPTIONS", key=None, **{"Access-Control-Request-Headers": asked})
    assert response["Access-Control-Allow-Headers"].startswith("Authorization, Content-Type")


JSON_TEXT = json.dumps({**TRACK, "writeKey": KEY})
BOUNDARY = "--x\r\nContent-Disposition: form-data; name={}\r\n\r\n{}\r\n"


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("text/plain;charset=UTF-8", JSON_TEXT),
        ("application/json", JSON_TEXT),
        ("", JSON_TEXT),
        ("application/octet-stream", JSON_TEXT),
        ("application/x-www-form-urlencoded", JSON_TEXT),
        ("application/x-www-form-urlencoded", urlencode({"data": JSON_TEXT})),
        ("application/x-www-form-urlencoded;charset=UTF-8", urlencode({JSON_TEXT: ""})),
        ("application/x-www-form-urlencoded", urlencode({"v": "1", "data": base64.b64encode(JSON_TEXT.encode())})),
        ("application/x-www-form-urlencoded", urlencode(json.loads(JSON_TEXT))),
        ("multipart/form-data; boundary=x", BOUNDARY.format("v", "1") + BOUNDARY.format("data", JSON_TEXT) + "--x--"),
        ("multipart/form-data; boundary=x", BOUNDARY.format('"payload"; filename="blob"', JSON_TEXT) + "--x--"),
    ],
)
def test_a_beacon_of_every_type_is_stored(send: Send, store: Store, kind: str, body: str) -> None:
    assert_stored(send(body.encode(), kind=kind, key=None, Origin="https://boards.example"))
    assert store.names == [("track", "Item Created")]


@pytest.mark.parametrize("body", ["a=1&b=2", "--x--", "data=ey&x=1"])
@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
def test_a_form_without_a_message_is_a_bad_request(send: Send, store: Store, kind: str, body: str) -> None:
    assert error_of(send(body.encode(), kind=kind)) == (400, "not_json")


@pytest.mark.parametrize("name", ["writeKey", "write_key", "api_key"])
def test_the_key_may_stand_in_the_address(send: Send, store: Store, name: str) -> None:
    assert_stored(send(path=f"/v1/batch?{name}={KEY}", key=None))
    assert error_of(send(path=f"/v1/batch?{name}=wk_other", key=None)) == (401, "unknown_write_key")
    assert error_of(send(path=f"/v1/batch?{name}={KEY}", key="wk_other")) == (401, "unknown_write_key")


@pytest.mark.parametrize("path", ["/v1/batch", "/v1/import", "/v1/track", "/v1/identify", "/v1/i", "/v1/page"])
def test_every_message_may_go_to_every_path(send: Send, store: Store, path: str) -> None:
    identify = {"type": "identify", "userId": "ada", "traits": {"email": "ada@alpha-one.com"}}
    bodies: list[Any] = [identify, TRACK | {"type": "Track"}, {"batch": [TRACK, identify]}, [identify, TRACK]]
    for body in bodies:
        assert_stored(send(json.dumps(body).encode(), path))
    assert [kind for kind, _ in store.names] == ["identify", "track", "track", "identify", "identify", "track"]
    assert not any(parsed.rejected for parsed in store.kept)


def test_a_message_alone_on_the_path_of_a_batch_is_checked_like_any_other(send: Send, store: Store) -> None:
    deep: Any = 1
    for _ in range(32):
        deep = {"x": deep}
    assert_stored(send(json.dumps({**TRACK, "properties": deep}).encode()))
    assert_stored(send(b'{"type": "track", "event": NaN}'))
    assert [len(parsed.rejected) for parsed in store.kept] == [1, 1]


def test_a_message_with_something_of_its_own_called_batch_is_a_message(send: Send, store: Store) -> None:
    assert_stored(send(json.dumps({**TRACK, "batch": 7}).encode(), "/v1/track"))
    assert store.names == [("track", "Item Created")]


def too_large(key: str, stream: io.BytesIO, *, said: int) -> tuple[HttpRequest, io.BytesIO]:
    request = RequestFactory().post("/v1/batch", headers={"Authorization": basic(key)})
    environ = request.environ | {"wsgi.input": stream, "CONTENT_LENGTH": str(said)}
    return WSGIRequest(environ), stream


def test_the_rest_of_a_too_large_body_is_read_of_those_who_may_send_here(store: Store) -> None:
    for key, left in ((KEY, b""), ("wk_other", b"x" * 5_000_000)):
        request, stream = too_large(key, io.BytesIO(b"x" * 5_000_000), said=5_000_000)
        status, _ = error_of(IngestMiddleware(passed_on)(request))
        assert (status, stream.read()) == (413 if key == KEY else 401, left)


def test_of_a_body_without_end_only_so_much_is_read(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "MOST_DISCARDED", 100_000)
    request, stream = too_large(KEY, io.BytesIO(b"x" * 150_000), said=10**12)
    assert error_of(IngestMiddleware(passed_on)(request)) == (413, "too_large")
    assert len(stream.read()) == 50_000


def test_the_browser_library_is_told_to_send_here(send: Send) -> None:
    response = send(b"", f"/v1/projects/{KEY}/settings", method="GET", key=None)
    ours = json.loads(response.content)["integrations"]["Segment.io"]
    assert (ours["apiKey"], ours["apiHost"], ours["protocol"]) == (KEY, "testserver/v1", "http")


def test_the_settings_of_an_unknown_key_are_nobodys(send: Send) -> None:
    assert error_of(send(b"", "/v1/projects/wk_other/settings", method="GET", key=None)) == (401, "unknown_write_key")


def test_a_forged_host_is_not_repeated(send: Send) -> None:
    response = send(b"", f"/v1/projects/{KEY}/settings", method="GET", key=None, Host="evil.example")
    assert error_of(response) == (400, "bad_host")


def test_the_settings_are_only_for_reading(send: Send) -> None:
    response = send(b"{}", f"/v1/projects/{KEY}/settings")
    assert error_of(response) == (405, "method_not_allowed")
    assert response["Allow"] == "GET, OPTIONS"
