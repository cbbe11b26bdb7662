"""Where messages go: mail by SMTP, and a webhook that takes what Slack's takes. Standard library only."""

import ipaddress
import json
import smtplib
import socket
import ssl
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime
from email.message import EmailMessage
from functools import partial
from urllib.parse import unquote, urlsplit

from experiments.errors import KeepersError
from experiments.registry import Database, sendings
from experiments.settings import Mail, Settings

SECONDS = 20.0
LARGEST_ANSWER = 1 << 16  # bytes; nobody reads it
METADATA = ("100.100.100.200", "fd00:ec2::254", "192.0.0.192")  # of clouds that do not use 169.254.169.254


def send(settings: Settings, db: Database, message: str, *, title: str, text: str) -> None:
    """Send one message by every channel that is set and has not taken it yet; `message` names it until all have.

    KeepersError names the channels that failed, after all were tried: one that is down never silences the other, nor
    lets the other repeat itself when the message is sent again.
    """
    failed, took = [], sendings.took(db, message)
    for name, post in _channels(settings).items():
        if name in took:
            continue
        try:
            post(title, text)
        except (OSError, smtplib.SMTPException) as error:
            failed.append(f"{name} ({type(error).__name__}: {error})")
        else:
            sendings.note(db, message, name, datetime.now(UTC))
    if failed:
        raise KeepersError(f"'{title}' could not be sent by {' and '.join(failed)}. It is tried again at the next run.")
    sendings.complete(db, message)


def _channels(settings: Settings) -> dict[str, Callable[[str, str], None]]:
    """What takes a title and a text, by name, of all channels that are set."""
    found: dict[str, Callable[[str, str], None]] = {}
    if settings.mail:
        found["mail"] = partial(_mail, settings.mail)
    if settings.webhook:
        found["webhook"] = partial(_webhook, settings.webhook)
    return found


def _mail(mail: Mail, title: str, text: str) -> None:
    message = EmailMessage()
    message["Subject"], message["From"] = " ".join(title.split()), mail.sender
    message["To"] = ", ".join(mail.to)
    message.set_content(text)
    with _server(mail) as server:
        server.send_message(message)


def _server(mail: Mail) -> smtplib.SMTP:
    url = urlsplit(mail.server)
    host = url.hostname or ""
    if url.scheme == "smtps":
        context = ssl.create_default_context()
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, url.port or 465, timeout=SECONDS, context=context)
    else:
        server = smtplib.SMTP(host, url.port or 25, timeout=SECONDS)
    if url.username:
        server.login(unquote(url.username), unquote(url.password or ""))
    return server


def _webhook(address: str, title: str, text: str) -> None:
    body = json.dumps({"text": f"*{_escaped(title)}*\n{_escaped(text)}"}).encode()
    allowed(address)
    request = urllib.request.Request(address, body, {"Content-Type": "application/json"})
    with _opener.open(request, timeout=SECONDS) as answer:
        answer.read(LARGEST_ANSWER)


def allowed(url: str) -> None:
    """Refuse what a webhook must not reach: OSError for link-local, metadata and other special addresses of any name.

    By http only this machine itself; private networks are allowed, as chats are hosted there.
    """
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or (80 if parts.scheme == "http" else 443)
    for found in {entry[4][0] for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}:
        ip = ipaddress.ip_address(str(found).partition("%")[0])
        ip = getattr(ip, "ipv4_mapped", None) or ip
        special = ip.is_link_local or ip.is_multicast or ip.is_unspecified or ip.is_reserved or str(ip) in METADATA
        if special and not ip.is_loopback:
            raise OSError(f"{host} is {ip}, an address that no webhook may have")
        if parts.scheme != "https" and not ip.is_loopback:
            raise OSError(f"{host} is not this machine, so the webhook's address must begin with https")


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A webhook that leads elsewhere has failed: who answers must not choose whom we ask next."""

    def redirect_request(self, *arguments: object) -> None:
        return None


_opener = urllib.request.build_opener(_NoRedirect)


def _escaped(text: str) -> str:
    """Slack reads these three as markup: a title must not be able to mention a whole channel."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
