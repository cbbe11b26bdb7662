"""Where one installation keeps its things: one configuration for the web, the DAGs and the command line."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from experiments.errors import DefinitionError
from experiments.privacy import PLAIN, Privacy


@dataclass(frozen=True)
class Mail:
    """Where mail is handed in, as smtp://USER:PASSWORD@HOST:PORT (smtps:// for TLS), from whom and to whom."""

    server: str
    sender: str
    to: tuple[str, ...]


@dataclass(frozen=True)
class SingleSignOn:
    """The OpenID Connect provider whose people may sign in: those with a verified address of one of `domains`.

    Who comes for the first time gets the role `role`.
    """

    issuer: str
    client_id: str
    client_secret: bytes
    domains: tuple[str, ...]
    role: str


@dataclass(frozen=True)
class Limits:
    """Requests a minute that one worker of the server answers: to one key of the collector, to one key of the API,
    to one address whose sign-ins fail, and to one address whose keys are unknown.
    """

    collector: int = 12_000
    api: int = 1_200
    sign_in: int = 20
    refused: int = 120


@dataclass(frozen=True)
class Settings:
    """Addresses and paths of one installation.

    `registry` and `inbox` are SQLAlchemy URLs; `lake` is a folder; `time_zone` names the zone in which days begin.
    `address` is where people open the pages; alerts go to `mail` and `webhook`, each only if it is set.
    `warehouse` is "lake:", a SQLAlchemy URL of PostgreSQL, or a Spark master's address, whose workers read the lake.
    With `review` a launch needs a second person's approval of the plan.
    With `share_links` a report may be shown to people without an account.
    `keep_raw_days` is for how many days raw exposures and events are kept at least; None keeps them for good.
    `limits` are None where nobody counts requests; so many `proxies` of our own stand before the server and say whence
    a request came; `log` is text or json. `privacy` says what becomes of ids.
    `cores` is how many of them a query in the lake takes: None all.
    """

    home: Path
    registry: str
    inbox: str
    lake: Path
    secret: bytes
    time_zone: str = "UTC"
    address: str = ""
    mail: Mail | None = None
    webhook: str = ""
    warehouse: str = "lake:"
    share_links: bool = False
    keep_raw_days: int | None = None
    review: bool = False
    single_sign_on: SingleSignOn | None = None
    limits: Limits | None = Limits()
    proxies: int = 0
    log: str = "text"
    privacy: Privacy = PLAIN
    cores: int | None = None

    @classmethod
    def load(cls, environ: Mapping[str, str] = os.environ) -> "Settings":
        """Read KEEPERS_HOME (default ./var) and its companions; make the home and its secret if missing."""
        home = Path(environ.get("KEEPERS_HOME", "var")).resolve()
        home.mkdir(parents=True, exist_ok=True)
        return cls(
            home=home,
            registry=environ.get("KEEPERS_REGISTRY", f"sqlite:///{home / 'registry.sqlite'}"),
            inbox=environ.get("KEEPERS_INBOX", f"sqlite:///{home / 'inbox.sqlite'}"),
            lake=Path(environ.get("KEEPERS_LAKE", home / "lake")).resolve(),
            secret=_secret(Path(environ.get("KEEPERS_SECRET_FILE", home / "secret"))),
            warehouse=environ.get("KEEPERS_WAREHOUSE", "lake:"),
            time_zone=_zone(environ.get("KEEPERS_TIME_ZONE", "UTC")),
            address=environ.get("KEEPERS_ADDRESS", "").rstrip("/"),
            mail=_mail(environ),
            webhook=_webhook(environ.get("KEEPERS_WEBHOOK", "")),
            share_links=_switch("KEEPERS_SHARE_LINKS", environ.get("KEEPERS_SHARE_LINKS", "off")),
            keep_raw_days=_days(environ.get("KEEPERS_KEEP_RAW_DAYS", "")),
            review=_review(environ.get("KEEPERS_REVIEW", "off")),
            single_sign_on=_single_sign_on(environ),
            limits=_limits(environ.get("KEEPERS_LIMITS", "")),
            proxies=_proxies(environ.get("KEEPERS_PROXIES", "0")),
            privacy=_privacy(environ, home),
            log=_choice("KEEPERS_LOG", environ.get("KEEPERS_LOG", "text"), ("text", "json")),
        )

    @property
    def zone(self) -> ZoneInfo:
        """The reporting time zone."""
        return ZoneInfo(self.time_zone)

    @property
    def beside_others(self) -> "Settings":
        """The same for one of many looks that are taken at once: spread over all cores, each would take more in sum."""
        return replace(self, cores=1)


def _secret(path: Path) -> bytes:
    """Read the secret that signs sessions; make it once, readable by its owner only."""
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(48))
    return path.read_bytes().strip()


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise DefinitionError(
            f"KEEPERS_TIME_ZONE is '{name}', which is not a time zone. Use a name such as UTC or Europe/Berlin."
        ) from None
    return name


def _days(text: str) -> int | None:
    if text and not (text.isascii() and text.isdigit() and int(text) > 0):
        raise DefinitionError(
            f"KEEPERS_KEEP_RAW_DAYS is '{text}'; write a whole number of days from 1 on, or unset it to keep them all."
        )
    return int(text) if text else None


def _mail(environ: Mapping[str, str]) -> Mail | None:
    server, to = environ.get("KEEPERS_SMTP", ""), environ.get("KEEPERS_MAIL_TO", "")
    if not server:
        return None
    if urlsplit(server).scheme not in {"smtp", "smtps"} or not urlsplit(server).hostname:
        raise DefinitionError("KEEPERS_SMTP is no mail server; write smtp://HOST:PORT, or smtps://USER:PASSWORD@HOST.")
    if not to:
        raise DefinitionError("KEEPERS_SMTP is set, and KEEPERS_MAIL_TO is not: name who shall read the alerts.")
    sender = environ.get("KEEPERS_MAIL_FROM", "keepers@localhost")
    return Mail(server, sender, tuple(a.strip() for a in to.split(",") if a.strip()))


def _switch(name: str, value: str) -> bool:
    if value not in ("on", "off"):
        raise DefinitionError(f"{name} is '{value}'; it must be on or off.")
    return value == "on"


def _review(value: str) -> bool:
    if value not in ("required", "off"):
        raise DefinitionError(f"KEEPERS_REVIEW is '{value}'; it must be required or off.")
    return value == "required"


def _single_sign_on(environ: Mapping[str, str]) -> SingleSignOn | None:
    issuer = environ.get("KEEPERS_OIDC_ISSUER", "").rstrip("/")
    if not issuer:
        return None
    parts, local = urlsplit(issuer), {"127.0.0.1", "localhost"}
    if not (parts.scheme == "https" and parts.hostname) and not (parts.scheme == "http" and parts.hostname in local):
        raise DefinitionError(f"KEEPERS_OIDC_ISSUER is '{issuer}'; it must be an https address.")
    names = ("KEEPERS_OIDC_CLIENT_ID", "KEEPERS_OIDC_CLIENT_SECRET_FILE", "KEEPERS_OIDC_DOMAINS")
    missing = [name for name in names if not environ.get(name)]
    if missing:
        raise DefinitionError(f"KEEPERS_OIDC_ISSUER is set, and {' and '.join(missing)} not: set all of them.")
    role, secret = environ.get("KEEPERS_OIDC_ROLE", "viewer"), Path(environ[names[1]])
    if role not in ("viewer", "experimenter", "reviewer"):
        raise DefinitionError(f"KEEPERS_OIDC_ROLE is '{role}'; it must be viewer, experimenter or reviewer.")
    if not secret.is_file():
        raise DefinitionError(f"{names[1]} is '{secret}', which is no file; put the client's secret into it.")
    domains = tuple(d.strip().lower() for d in environ[names[2]].split(",") if d.strip())
    return SingleSignOn(issuer, environ[names[0]], secret.read_bytes().strip(), domains, role)


def _privacy(environ: Mapping[str, str], home: Path) -> Privacy:
    """The salt of ids is not the secret of sessions: that one may be changed, and ids must stay what they are."""
    hashing = _switch("KEEPERS_HASH_UNITS", environ.get("KEEPERS_HASH_UNITS", "off"))
    salt = _secret(Path(environ.get("KEEPERS_UNIT_SALT_FILE", home / "unit-salt"))) if hashing else b""
    return Privacy(_switch("KEEPERS_CHECK_IDS", environ.get("KEEPERS_CHECK_IDS", "off")), salt)


def _choice(name: str, value: str, known: tuple[str, ...]) -> str:
    if value not in known:
        raise DefinitionError(f"{name} is '{value}'; it must be {' or '.join(known)}.")
    return value


def _proxies(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) < 10):
        raise DefinitionError(f"KEEPERS_PROXIES is '{text}'; write how many proxies stand before the server: 0 to 9.")
    return int(text)


def _limits(text: str) -> Limits | None:
    """Read 'collector=12000,api=1200,sign_in=20,refused=120', any part of it, or 'off'."""
    if text == "off":
        return None
    names = Limits.__dataclass_fields__
    found = dict(part.strip().partition("=")[::2] for part in text.split(",") if part.strip())
    wrong = [f"{k}={v}" for k, v in found.items() if k not in names or not (v.isascii() and v.isdigit() and int(v))]
    if wrong:
        raise DefinitionError(
            f"KEEPERS_LIMITS holds '{wrong[0]}'; write requests a minute from 1 on, as {next(iter(names))}=12000, "
            f"for any of {', '.join(names)}; or off."
        )
    return Limits(**{name: int(value) for name, value in found.items()})


def _webhook(url: str) -> str:
    if url and urlsplit(url).scheme not in {"http", "https"}:
        raise DefinitionError(f"KEEPERS_WEBHOOK begins with '{url.split(':')[0]}'; it must be an http(s) address.")
    return url
