"""Thousands of hostile requests to a real gunicorn: no 5xx, nothing told of the inside, no acknowledged event lost.

`make fuzz-web` sends 10,000, KEEPERS_FUZZ_SEED=8 others of them; the suite sends 600.
"""

import gzip
import http.client
import json
import os
import random
import re
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import select

from experiments import lifecycle
from experiments.plan_file import read_catalog, read_plan
from experiments.registry import keys, metrics, users
from experiments.registry.models import InboxRow

pytestmark = pytest.mark.slow
CATALOG = "measures: {orders: {event: purchase}}\nmetrics: {ordered: {kind: proportion, measure: orders, window_days: 7}}"
PLAN = """
key: checkout
variants: [{key: control, weight: 0.5}, {key: calm, weight: 0.5}]
goals: [{metric: ordered, worthwhile: 0.02}]
"""
REQUESTS = int(os.environ.get("KEEPERS_FUZZ_WEB", "600"))
SEED = int(os.environ.get("KEEPERS_FUZZ_SEED", "7"))
LEAKS = (
    b"Traceback", b'File "', b"site-packages", b"sqlite", b"sqlalchemy", b"psycopg", b"SELECT ", b"werkzeug", b"/web/", b".py\"",
)  # fmt: skip
PATHS = (
    "/experiments", "/experiments/{}", "/experiments/{}/edit", "/experiments/{}/decide", "/experiments/{}/report.{}",
    "/experiments?q={}&state={}&sort={}", "/experiments/new?from={}", "/metrics/{}", "/metrics/{}?check={}", "/events?text={}&kind={}",
    "/keys", "/learnings?q={}", "/audit?who={}&before={}", "/audit/export.{}", "/shared/{}", "/sign-in?next={}", "/static/{}", "/{}", "/v1/{}",
    "/api/v1/experiments/{}", "/api/v1/{}?limit={}", "/api/v1/experiments?state={}&limit={}", "/experiments/{}?snapshot={}", "/-/metrics",
)  # fmt: skip
POSTS = (
    "/sign-in", "/experiments", "/experiments/new", "/experiments/{}/edit", "/experiments/{}/decide", "/experiments/{}/stop",
    "/experiments/{}/launch", "/experiments/{}/comment", "/experiments/{}/share", "/keys", "/keys/{}/revoke", "/api/v1/experiments",
    "/api/v1/experiments/{}/{}", "/v1/events", "/v1/config", "/{}",
)  # fmt: skip
METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "get", "X" * 30, "GET\t", "M-SEARCH")
VALUES = (
    "", "a", "-1", "0", "1e999", "9" * 40, "NaN", "%00", "%ff%fe", "%F0%9F%92%A9", "..", "../../../../etc/passwd", "..%2f..%2fetc%2fpasswd",
    "%2e%2e/%2e%2e", "' or 1=1 --", "%27%20or%201=1--", '"><script>alert(1)</script>', "{{7*7}}", "${jndi:ldap://x}", "%s%s%n", "\\..\\x",
    "//example.com", "%E2%80%AE", "a" * 3000, "checkout", "checkout", "checkout", "checkout", "checkout", "checkout", "[]", "%5B%5D=", "null", "true", "pdf", "xlsx", "=cmd|' /c calc'!A0", "%0d%0aX-Evil:1",
    "%ED%A0%80", "²", "１２", "\u202e",
)  # fmt: skip
NAMES = ("name", "key", "title", "email", "password", "next", "reason", "word", "hypothesis", "days", "environment", "role", "csrf_token", "x")
BOMB = gzip.compress(b"[" * 9_000_000, mtime=0)
HEADERS = (
    ("Host", "evil.example"), ("Host", ""), ("SCRIPT_NAME", "/x"), ("SCRIPT_NAME", "/experiments"), ("PATH_INFO", "/keys"), ("X-Forwarded-For", "1.2.3.4, ' or 1=1"), ("X-Forwarded-Proto", "https"), ("Accept", "\xff\xfe"),
    ("Cookie", "session=" + "A" * 900), ("Cookie", "session=eyJ9.x.y; remember_token=1|x"), ("Authorization", "Bearer "), ("Authorization", "Basic Og=="),
    ("Authorization", "Bearer \xff\xff"), ("If-None-Match", '"' + "x" * 500), ("Range", "bytes=0-,9-1"), ("Expect", "100-continue"),
    ("Content-Encoding", "br"), ("Content-Encoding", "gzip, gzip"), ("Content-Type", "application/json; charset=utf-99"), ("Content-Type", "\x01"),
    ("Content-Type", "multipart/form-data; boundary=\xff"), ("Transfer-Encoding", "chunked, identity"), ("Accept-Encoding", "*;q=-1"),
    ("X-Request-Id", "a\tb"), ("Referer", "https://evil.example/"), ("Content-Length", "-5"), ("Content-Length", "99999999999999999999"),
    ("If-Modified-Since", "Mon, 99 Foo 10000 99:99:99 GMT"), ("Upgrade", "h2c"), ("X-Long", "y" * 9000), ("Bad Name", "1"), ("X-HTTP-Method-Override", "DELETE"),
)  # fmt: skip


@dataclass
class Sender:
    """Sends to one server, reads what it answers, and remembers which events it acknowledged."""

    port: int
    token: str
    api_token: str
    cookie: str
    csrf: str
    rng: random.Random
    acknowledged: list[str] = field(default_factory=list)

    def ask(self, sent: bytes, *, more: bool = True) -> tuple[int, bytes]:
        """Send bytes as they are; return status and answer, 0 if the server hung up without one."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as s:
            try:
                s.sendall(sent)
                if not more:
                    s.shutdown(socket.SHUT_WR)
            except OSError:
                pass  # it answered before all was sent
            answer = _read(s)
        found = re.match(rb"HTTP/1\.[01] (\d{3})", answer)
        return (int(found[1]) if found else 0), answer

    def pick(self, *choices: Any) -> Any:
        """One of these."""
        return self.rng.choice(choices)

    def address(self, chosen: tuple[str, ...]) -> str:
        """An address with hostile parts."""
        return re.sub(r"\{\}", lambda _: self.rng.choice(VALUES), self.rng.choice(chosen))


def _read(s: socket.socket) -> bytes:
    parts = []
    try:
        while part := s.recv(1 << 16):
            parts.append(part)
    except OSError:
        pass
    return b"".join(parts)


def request(method: str, address: str, headers: list[tuple[str, str]], body: bytes = b"") -> bytes:
    """One HTTP request, well formed only if its parts are."""
    own = [] if any(n in ("Content-Length", "Transfer-Encoding") for n, _ in headers) else [("Content-Length", str(len(body)))]
    own += [] if any(n == "Host" for n, _ in headers) else [("Host", "127.0.0.1")]
    lines = [f"{method} {address} HTTP/1.1", *(f"{n}: {v}" for n, v in [*headers, *own, ("Connection", "close")])]
    return "\r\n".join(lines).encode("utf-8", "replace") + b"\r\n\r\n" + body


def good(s: Sender) -> bytes:
    name = f"good-{s.rng.getrandbits(60):x}"
    event = {"type": "event", "id": name, "name": "purchase", "units": {"user": "u"}, "at": "2025-11-22T08:26:45Z"}
    s.acknowledged.append(name)
    return collected(s, json.dumps({"events": [event, {"type": "event", "id": name + "x", "units": None}]}).encode())


def collected(s: Sender, body: bytes, *headers: tuple[str, str]) -> bytes:
    known = [("Authorization", f"Bearer {s.token}"), ("Content-Type", "application/json"), *headers]
    return request("POST", "/v1/events", known, body)


def odd_batch(s: Sender) -> bytes:
    """A batch of nonsense, as JSON, as something near to it, or as a bomb."""
    value = s.pick(None, 1e308, -0.0, 2**70, "\ud83d", "\0", "x" * 5000, [], {"a": {}}, True, "9999-99-99", "=1+1", "<b>")
    event = {"type": "event", "id": f"odd-{s.rng.random()}", "name": "n", "at": 1763800010, "units": {"user": "u"}, "experiment": "checkout"}
    for name in s.rng.sample(("type", "id", "name", "at", "units", "value", "properties", "version", "variant", "attributes"), 2):
        event[name] = s.pick(value, {"user": value}, {str(value)[:50]: value})
    batch = {"events": s.pick([event], [event, event], [event] * 600, event, value)}
    batch |= s.pick({}, {"lost": [{"count": value}]}, {"lost": value}, {"sent_at": value}, {"sdk": value})
    body = json.dumps(batch).encode()
    cut = body[: s.rng.randrange(len(body))]
    noise = bytes(s.rng.randrange(256) for _ in range(200))
    plain: tuple[tuple[str, str], ...] = ()
    packed = (("Content-Encoding", "gzip"),)
    chosen, headers = s.pick(
        (body, plain), (cut, plain), (noise, plain), (BOMB, packed), (gzip.compress(body, mtime=0), packed), (cut, packed),
        (gzip.compress(body, mtime=0)[:-6], packed), (b"[" * 50_000, plain), (body + noise, plain), (b" " * 1_100_000, plain),
    )  # fmt: skip
    return collected(s, chosen, *headers)


def odd_page(s: Sender) -> bytes:
    """A page that is read with hostile parts by somebody who is signed in, or by nobody."""
    return request(s.pick("GET", "GET", "HEAD"), s.address(PATHS), s.pick([], [("Cookie", s.cookie)], [("Cookie", s.cookie)]))


def odd_form(s: Sender) -> bytes:
    fields = {s.rng.choice(NAMES): s.rng.choice(VALUES) for _ in range(6)} | s.pick({}, {"csrf_token": s.csrf})
    body = "&".join(f"{n}={v}" for n, v in fields.items()).encode("utf-8", "replace")
    kind = s.pick("application/x-www-form-urlencoded", "application/x-www-form-urlencoded", "multipart/form-data", "text/plain")
    return request("POST", s.address(POSTS), [("Cookie", s.cookie), ("Content-Type", kind)], body)


def odd_call(s: Sender) -> bytes:
    body = s.pick(b"", b"{}", b"null", b"[" * 9000, b'{"key": "\\u0000"}', b'{"key": 1e999}', json.dumps({s.pick(*NAMES): s.pick(*VALUES)}).encode())
    known = [("Authorization", f"Bearer {s.api_token}"), ("Content-Type", "application/json")]
    address = s.address(tuple(p for p in PATHS + POSTS if p.startswith("/api")))
    return request(s.pick("GET", "POST", "PUT", "DELETE"), address, known, body)


def odd_head(s: Sender) -> bytes:
    headers = [s.rng.choice(HEADERS) for _ in range(s.rng.randrange(1, 4))]
    return request(s.rng.choice(METHODS), s.address(PATHS + POSTS), headers, s.pick(b"", b"x=1", b"5\r\nhello\r\n0\r\n\r\n"))


def oversized(s: Sender) -> bytes:
    many = [(f"X-{n}", "v") for n in range(s.pick(50, 200))]
    return s.pick(
        request("GET", "/" + "a" * s.pick(4000, 9000, 70_000), []), request("GET", "/experiments", many),
        request("POST", "/sign-in", [("Content-Type", "application/x-www-form-urlencoded")], b"a=" + b"b" * 1_200_000),
        request("POST", "/sign-in", [("Content-Type", "application/x-www-form-urlencoded")], b"a=1&" * 5000),
        request("POST", "/keys", [("Content-Type", "multipart/form-data; boundary=b"), ("Cookie", s.cookie)], b"--b\r\nContent-Disposition: form-data; name=x\r\n\r\n\r\n" * 3000),
    )  # fmt: skip


def no_http(s: Sender) -> bytes:
    noise = bytes(s.rng.randrange(256) for _ in range(60))
    return s.pick(
        noise + b"\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"GET\r\n\r\n", b"\r\n\r\n\r\n\r\n", b"\x16\x03\x01" + noise, b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        b"POST /v1/events HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\nzz\r\n",
        b"POST /v1/events HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\nFFFFFFFFFFFFFFFFFF\r\n",
        b"GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
    )  # fmt: skip


def half(s: Sender) -> bytes:
    """A client that stops in the middle."""
    whole = s.pick(good, odd_batch, odd_form)(s)
    s.acknowledged[:] = [name for name in s.acknowledged if name.encode() not in whole]
    return whole[: s.rng.randrange(1, len(whole))]


KINDS: tuple[Callable[[Sender], bytes], ...] = (
    good, odd_batch, odd_batch, odd_page, odd_page, odd_page, odd_form, odd_form, odd_call, odd_call, odd_head, odd_head, oversized, no_http, half,
)  # fmt: skip


@pytest.fixture(scope="module")
def home(install: Any) -> Any:
    with install("hostile", KEEPERS_LIMITS="off", KEEPERS_SHARE_LINKS="on") as made:
        metrics.apply(made.db, read_catalog(CATALOG), "test")
        lifecycle.save(made.db, read_plan(PLAN), "test")
        yield made


def sender(home: Any) -> Sender:
    """Somebody who is signed in as administrator, and holds keys of both kinds."""
    users.add(home.db, email="ad@example.com", name="Ad", password="correct horse battery", role="administrator")
    port = int(home.address.rpartition(":")[2])
    c = http.client.HTTPConnection("127.0.0.1", port)
    c.request("GET", "/sign-in")
    page = c.getresponse()
    cookie, text = str(page.getheader("Set-Cookie")).partition(";")[0], page.read().decode()
    csrf = str(re.search(r'name="csrf_token" value="([^"]+)"', text)[1])  # type: ignore[index]
    form = f"csrf_token={csrf}&email=ad%40example.com&password=correct+horse+battery"
    c.request("POST", "/sign-in", form, {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"})
    entered = c.getresponse()
    entered.read()
    assert entered.status == 303
    cookie = str(entered.getheader("Set-Cookie")).partition(";")[0]
    c.request("GET", "/keys", headers={"Cookie": cookie})
    csrf = str(re.search(r'name="csrf_token" value="([^"]+)"', c.getresponse().read().decode())[1])  # type: ignore[index]
    c.close()
    api = keys.create(home.db, name="api", role="experimenter")[1]
    return Sender(port, home.token, api, cookie, csrf, random.Random(SEED))


def test_hostile_requests_get_no_5xx_and_no_inside_and_lose_no_acknowledged_event(home: Any) -> None:
    s, statuses = sender(home), dict.fromkeys(range(6), 0)
    for number in range(REQUESTS):
        kind = s.rng.choice(KINDS)
        sent = kind(s)
        status, answer = s.ask(sent, more=kind not in (half, no_http))
        about = f"request {number} ({kind.__name__}): {sent[:300]!r} -> {answer[:600]!r}"
        assert status < 500, about
        told = [leak for leak in (*LEAKS, str(home.settings.home).encode()) if leak in answer and leak not in sent]
        assert not told, f"{told}: {about}"
        assert kind is not good or status == 202, about
        statuses[status // 100] += 1
    with home.inbox.database.read() as session:
        kept = set(session.scalars(select(InboxRow.id)))
    assert set(s.acknowledged) <= kept
    assert min(statuses[n] for n in (2, 3, 4)) > REQUESTS // 50, statuses
