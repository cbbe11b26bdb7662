"""Alerts: each problem is found, told once by mail and webhook, told again only after it ended, and never lost."""

import email
import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.message import Message
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from experiments import alerts
from experiments.alerts.digest import digest, letter
from experiments.analysis import analyze
from experiments.errors import DefinitionError, KeepersError
from experiments.inbox.batches import MICRO
from experiments.registry import alerts as stored_alerts
from experiments.registry.models import InboxRow
from experiments.settings import Mail, Settings

pytestmark = pytest.mark.slow

LAUNCH = datetime(2026, 1, 5, tzinfo=UTC)
CATALOG = "measures: {o: {event: order}}\nmetrics: {ordered: {kind: proportion, measure: o, window_days: 1}}"
PLAN = """
key: checkout
title: A calmer <checkout>
owner: ada@example.com
variants: [{key: control, weight: 0.5}, {key: calm, weight: 0.5}]
goals: [{metric: ordered, worthwhile: 0.02}]
"""


@dataclass
class Received:
    """What a mail server and a webhook received; `status` is what the webhook answers."""

    mails: list[Message] = field(default_factory=list)
    posts: list[dict[str, Any]] = field(default_factory=list)
    status: int = 200

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd calls it so
        self.mails.append(email.message_from_bytes(envelope.content))
        return "250 OK"


@pytest.fixture
def received() -> Received:
    return Received()


@pytest.fixture
def told(home: Any, received: Received) -> Iterator[Settings]:
    """Settings of an installation whose alerts go to a real mail server and a real webhook."""

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if received.status == 200:
                received.posts.append(json.loads(body))
            self.send_response(received.status)
            self.end_headers()

        def log_message(self, *_: Any) -> None: ...

    hook = HTTPServer(("127.0.0.1", 0), Hook)
    thread = threading.Thread(target=hook.serve_forever)
    thread.start()
    with socket.socket() as probe:  # aiosmtpd tries its own address, so it cannot be told to choose a port
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    mail = Controller(received, hostname="127.0.0.1", port=port)
    mail.start()
    server = Mail(f"smtp://127.0.0.1:{port}", "keepers@example.com", ("team@example.com",))
    webhook = f"http://127.0.0.1:{hook.server_port}/hook"
    yield replace(home.settings, mail=server, webhook=webhook, address="https://keepers.example.com")
    mail.stop()
    hook.shutdown()
    thread.join()
    hook.server_close()


def exposures(first: int, last: int, at: datetime, *, lost: int = 0) -> list[dict[str, Any]]:
    """One exposure a unit, half to each variant; every `lost`-th one of the treatment is missing."""
    rows = [
        {"type": "exposure", "id": f"e{i}", "experiment": "checkout", "units": {"user": f"u{i}"},
         "at": at.timestamp(), "variant": ("control", "calm")[i % 2]}
        for i in range(first, last)
    ]  # fmt: skip
    return [r for i, r in enumerate(rows) if not (lost and i % 2 and i // 2 % lost == 0)]


def keys(problems: list[alerts.Problem]) -> list[str]:
    return [p.key for p in problems]


def test_nothing_is_wrong_where_nothing_runs(home: Any) -> None:
    assert alerts.watch(home.settings) == []


def test_events_that_wait_are_told_once_until_they_are_loaded_and_again_the_next_time(
    home: Any, told: Settings, received: Received
) -> None:
    late = datetime.now(UTC) + timedelta(hours=3)
    home.post({"type": "event", "id": "a", "name": "order", "units": {"user": "u"}, "at": late.timestamp() - 20_000})
    assert keys(alerts.watch(told, late)) == ["load"]
    assert keys(alerts.watch(told, late)) == ["load"]
    assert len(received.mails) == len(received.posts) == 1
    assert received.mails[0]["Subject"] == "Events wait to be loaded"
    body = received.mails[0].get_payload()
    for words in ("Since: ", "How bad: act today", "What to do: ", "Owner: ", "https://keepers.example.com/events"):
        assert words in body

    home.arrived([])  # loads what waits
    assert alerts.watch(told, late) == []
    home.post({"type": "event", "id": "b", "name": "order", "units": {"user": "u"}, "at": late.timestamp() - 20_000})
    alerts.watch(told, late)
    assert len(received.mails) == len(received.posts) == 2


def test_a_message_that_could_not_be_sent_is_sent_at_the_next_run(
    home: Any, told: Settings, received: Received
) -> None:
    with home.inbox.database.begin() as session:
        session.add(InboxRow(id="x", environment="production", received=int(LAUNCH.timestamp() * MICRO), body=b"{}"))
    received.status = 503
    with pytest.raises(KeepersError, match=r"'Events wait to be loaded' could not be sent by webhook .*503"):
        alerts.watch(told, LAUNCH + timedelta(days=1))
    assert (len(received.mails), received.posts) == (1, []), "the mail went out although the webhook is down"
    with pytest.raises(KeepersError, match="by webhook"):
        alerts.watch(told, LAUNCH + timedelta(days=1))
    received.status = 200
    alerts.watch(told, LAUNCH + timedelta(days=1))
    assert (len(received.mails), len(received.posts)) == (1, 1), "who has it is not told again"
    assert stored_alerts.untold(home.db) == []


def test_a_letter_that_one_channel_took_is_sent_again_by_the_other_alone(
    home: Any, told: Settings, received: Received
) -> None:
    received.status = 503
    for _ in range(2):
        with pytest.raises(KeepersError, match=r"'Experiments this week: .* could not be sent by webhook"):
            digest(told, LAUNCH)
    received.status = 200
    digest(told, LAUNCH)
    assert (len(received.mails), len(received.posts)) == (1, 1)
    received.status = 503
    with pytest.raises(KeepersError, match="by webhook"):
        digest(told, LAUNCH + timedelta(days=7))
    assert len(received.mails) == 2, "the next week's is another letter"
    received.status = 200
    digest(told, LAUNCH + timedelta(days=14))
    digest(told, LAUNCH + timedelta(days=14))
    assert (len(received.mails), len(received.posts)) == (4, 3), "whoever asks for it once more gets it"


def test_a_running_experiment_that_meets_nobody_is_noticed_on_the_next_day(home: Any) -> None:
    home.launched(CATALOG, PLAN, LAUNCH)
    home.arrived(exposures(0, 10, LAUNCH + timedelta(hours=1)))
    assert keys(alerts.found(home.settings, LAUNCH + timedelta(hours=30))) == ["collect"], "it met ten yesterday"
    problems = alerts.found(home.settings, LAUNCH + timedelta(days=2, hours=7))
    silent = next(p for p in problems if p.key == "silent:checkout")
    assert silent.owner == "ada@example.com"
    assert silent.since == LAUNCH + timedelta(days=1)


def test_days_that_are_not_rolled_up_or_analysed_are_named(home: Any) -> None:
    home.launched(CATALOG, PLAN, LAUNCH)
    for i in range(4):
        home.arrived(exposures(10 * i, 10 * i + 10, LAUNCH + timedelta(days=i, hours=1)))
    noon = LAUNCH + timedelta(days=4, hours=12)
    (behind,) = alerts.found(home.settings, noon)
    assert (behind.key, behind.since) == ("collect", LAUNCH + timedelta(days=1, hours=6)), "since the first morning"
    home.rolled(day=(LAUNCH + timedelta(days=3)).date())
    assert keys(alerts.found(home.settings, noon)) == ["analyze:checkout"]
    analyze(home.settings, "checkout")
    assert alerts.found(home.settings, noon) == []


def test_a_split_that_leans_is_told_before_the_day_has_closed(home: Any, told: Settings, received: Received) -> None:
    home.launched(CATALOG, PLAN, LAUNCH)
    home.arrived(exposures(0, 1_000, LAUNCH + timedelta(hours=1)))
    home.rolled(day=LAUNCH.date())
    morning = LAUNCH + timedelta(days=1, hours=3)
    assert alerts.found(home.settings, morning) == []
    home.arrived(exposures(1_000, 3_000, morning - timedelta(hours=1), lost=3))
    (lean,) = alerts.watch(told, morning)
    assert lean.key == "split:checkout"
    assert lean.detail.startswith("1,500 in control, 1,166 in calm; planned 50 / 50.")
    assert received.posts[0]["text"].startswith("*The split of 'checkout' is not as planned*")


def test_a_verdict_to_decide_on_is_told_once_however_many_days_it_lasts(
    home: Any, told: Settings, received: Received
) -> None:
    home.launched(CATALOG, PLAN, LAUNCH)
    for i in range(3):
        home.arrived(exposures(2_000 * i, 2_000 * i + 2_000, LAUNCH + timedelta(days=i, hours=1), lost=3))
    for i in range(3):
        home.rolled(day=(LAUNCH + timedelta(days=i)).date())
        analyze(home.settings, "checkout")
        alerts.watch(told, LAUNCH + timedelta(days=i + 1, hours=7))
    titles = sorted(str(m["Subject"]) for m in received.mails)
    assert titles == ["A calmer <checkout>: invalid", "The split of 'checkout' is not as planned"]
    chat = next(p["text"] for p in received.posts if "invalid" in p["text"])
    assert chat.startswith("*A calmer &lt;checkout&gt;: invalid*"), "a title cannot mention a channel"


def test_the_letter_says_what_waits_runs_and_is_wrong(home: Any, told: Settings, received: Received) -> None:
    home.launched(CATALOG, PLAN, LAUNCH)
    home.arrived(exposures(0, 2_000, LAUNCH + timedelta(hours=1), lost=3))
    home.rolled(day=LAUNCH.date())
    analyze(home.settings, "checkout")
    now = LAUNCH + timedelta(days=1, hours=7)
    alerts.watch(told, now)
    text = digest(told, now)
    assert received.mails[-1]["Subject"] == "Experiments this week: one experiment waits for a decision"
    for words in ("To decide\n- A calmer <checkout>: invalid.", "Running\n- A calmer <checkout>: day 1 of 14", "Not in order\n- "):
        assert words in text
    assert "Decided this week" not in text, "a section without anything to say is left out"


def test_a_quiet_week_says_so(home: Any) -> None:
    title, text = letter(home.settings, LAUNCH)
    assert title == "Experiments this week: no experiments wait for a decision"
    assert text == "No experiment runs, and nothing was decided."


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        ({"KEEPERS_SMTP": "mail.example.com"}, "KEEPERS_SMTP is no mail server; write smtp://HOST:PORT"),
        ({"KEEPERS_SMTP": "smtp://mail"}, "KEEPERS_MAIL_TO is not: name who shall read"),
        ({"KEEPERS_WEBHOOK": "ftp://chat"}, "KEEPERS_WEBHOOK begins with 'ftp'; it must be an http"),
    ],
)
def test_wrong_channels_are_refused_at_once(tmp_path: Any, environ: dict[str, str], message: str) -> None:
    with pytest.raises(DefinitionError, match=message):
        Settings.load({"KEEPERS_HOME": str(tmp_path), **environ})
