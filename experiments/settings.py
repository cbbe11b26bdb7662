"""Where one installation keeps its things: one configuration for the web, the DAGs and the command line."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from experiments.errors import DefinitionError


@dataclass(frozen=True)
class Settings:
    """Addresses and paths of one installation.

    `registry` and `inbox` are SQLAlchemy URLs; `lake` is a folder; `time_zone` names the zone in which days begin.
    """

    home: Path
    registry: str
    inbox: str
    lake: Path
    secret: bytes
    time_zone: str = "UTC"

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
            time_zone=_zone(environ.get("KEEPERS_TIME_ZONE", "UTC")),
        )

    @property
    def zone(self) -> ZoneInfo:
        """The reporting time zone."""
        return ZoneInfo(self.time_zone)


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
