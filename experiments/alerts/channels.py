"""Where messages go: mail by SMTP, and a webhook that takes what Slack's takes. Standard library only."""

import json
import smtplib
import ssl
import urllib.request
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from experiments.errors import KeepersError
from experiments.settings import Mail, Settings

SECONDS = 20.0


def send(settings: Settings, title: str, text: str) -> None:
    """Send one message by every channel that is set.

    KeepersError names the channels that failed, after all were tried: one that is down never silences the other.
    """
    failed = []
    for name, post in (("mail", _mail), ("webhook", _webhook)):
        try:
            post(settings, title, text)
        except (OSError, smtplib.SMTPException) as error:
            failed.append(f"{name} ({type(error).__name__}: {error})")
    if failed:
        raise KeepersError(f"'{title}' could not be sent by {' and '.join(failed)}. It is tried again at the next run.")


def _mail(settings: Settings, title: str, text: str) -> None:
    if settings.mail is None:
        return
    message = EmailMessage()
    message["Subject"], message["From"] = " ".join(title.split()), settings.mail.sender
    message["To"] = ", ".join(settings.mail.to)
    message.set_content(text)
    with _server(settings.mail) as server:
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


def _webhook(settings: Settings, title: str, text: str) -> None:
    if not settings.webhook:
        return
    body = json.dumps({"text": f"*{_escaped(title)}*\n{_escaped(text)}"}).encode()
    request = urllib.request.Request(settings.webhook, body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=SECONDS) as answer:
        answer.read()


def _escaped(text: str) -> str:
    """Slack reads these three as markup: a title must not be able to mention a whole channel."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
