"""Tells each problem once: found, stored, sent, and noted as sent. What could not be sent is tried at the next run."""

from datetime import UTC, datetime

from experiments.alerts import channels
from experiments.alerts.problems import Problem, found
from experiments.errors import KeepersError
from experiments.registry import Database, alerts
from experiments.registry.alerts import Alert, Found
from experiments.settings import Settings


def watch(settings: Settings, now: datetime | None = None) -> list[Problem]:
    """Look for problems, tell those that are new, and return all that stand.

    KeepersError if a message could not be sent; the others were.
    """
    at = now or datetime.now(UTC)
    problems, db = found(settings, at), Database(settings.registry)
    stored = {p.key: Found(p.experiment, p.title, _text(settings, p)) for p in problems}
    alerts.keep(db, stored, at, [key for p in problems for key in p.unseen])
    failed = [e for alert in alerts.untold(db) if (e := _tell(settings, db, alert, at)) is not None]
    if failed:
        raise KeepersError("\n".join(failed))
    return problems


def _tell(settings: Settings, db: Database, alert: Alert, now: datetime) -> str | None:
    try:
        channels.send(settings, db, f"alert {alert.id}", title=alert.title, text=alert.text)
    except KeepersError as error:
        return str(error)
    alerts.told(db, alert, now)
    return None


def _text(settings: Settings, problem: Problem) -> str:
    if not settings.address:
        return problem.text
    page = f"/experiments/{problem.experiment}" if problem.experiment else "/events"
    return f"{problem.text}\n{settings.address}{page}"
