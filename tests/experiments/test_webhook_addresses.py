"""A webhook reaches its own address and nothing else: no metadata service, no redirect, no plain text over the net."""

import http.server
import threading
from dataclasses import replace

import pytest

from experiments.alerts import channels
from experiments.errors import KeepersError

FORBIDDEN = [
    "http://169.254.169.254/latest/meta-data/", "https://169.254.169.254/", "https://[fe80::1]/", "https://0.0.0.0/", "https://224.0.0.1/",
    "https://100.100.100.200/", "https://[fd00:ec2::254]/", "https://[::ffff:169.254.169.254]/", "https://2852039166/", "http://10.0.0.7/hook",
    "http://203.0.113.9/hook", "https://0xa9fea9fe/",
]  # fmt: skip


@pytest.mark.parametrize("url", FORBIDDEN)
def test_an_address_that_no_webhook_may_have_is_refused_before_anything_is_sent(url):
    with pytest.raises(OSError, match=r"no webhook may have|must begin with https"):
        channels.allowed(url)


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/x", "https://10.0.0.7/hook", "https://203.0.113.9/hook", "http://[::1]:9/x"])
def test_this_machine_and_any_https_address_are_allowed(url):
    channels.allowed(url)


def test_a_name_is_judged_by_what_it_resolves_to(monkeypatch):
    monkeypatch.setattr("socket.getaddrinfo", lambda *a, **k: [(2, 1, 6, "", ("93.184.216.34", 443)), (2, 1, 6, "", ("169.254.169.254", 443))])
    with pytest.raises(OSError, match=r"169\.254\.169\.254"):
        channels.allowed("https://harmless.example/")


def test_a_redirect_is_a_failure_and_is_not_followed(home):
    asked = []

    class Elsewhere(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            asked.append(self.path)
            self.send_response(307)
            self.send_header("Location", f"http://127.0.0.1:{self.server.server_port}/inside")
            self.end_headers()

        do_GET = do_POST  # noqa: N815  # named by http.server

        def log_message(self, *arguments):
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Elsewhere) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings = replace(home.settings, webhook=f"http://127.0.0.1:{server.server_port}/hook")
        with pytest.raises(KeepersError, match=r"webhook.*307"):
            channels.send(settings, home.db, "x", title="A title", text="A text")
        server.shutdown()
    assert asked == ["/hook"]
