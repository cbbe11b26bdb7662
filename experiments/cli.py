"""The `keepers` command: what operators, analysts and engineers do from a shell."""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from experiments import administering, commands
from experiments.errors import KeepersError, NotReady
from experiments.registry import Database, keys, users
from experiments.reports import FORMATS
from experiments.settings import Settings

MAKERS = (*commands.MAKERS, administering.restore_backup)
Command = Callable[[argparse.Namespace, Settings], None]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 if it did what was asked, 1 if it could not, with the reason on standard error."""
    options = parser().parse_args(arguments)
    try:
        settings = Settings.load()
        if options.run not in MAKERS and not Database(settings.registry).exists():
            raise NotReady(
                f"there is no installation in {settings.home}. Run 'keepers init', or name it in KEEPERS_HOME."
            )
        options.run(options, settings)
    except KeepersError as error:
        print(*str(error).splitlines(), sep="\n", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def parser() -> argparse.ArgumentParser:
    """Return the parser of all commands; its result has `run`, the command."""
    parser = argparse.ArgumentParser(prog="keepers", description="Which feature enhancements to keep.")
    top = parser.add_subparsers(required=True, metavar="COMMAND")
    _add(top, "init", commands.init)
    _serving(top)
    _administering(top)
    catalogue = _group(top, "metric", "the catalogue")
    _add(catalogue, "apply", commands.apply_metrics).add_argument("file", type=Path)
    _add(catalogue, "check", commands.check_metrics).add_argument("key", nargs="?", help="default: every metric")
    planned = _add(top, "plan", commands.plan)
    planned.add_argument("file", type=Path)
    planned.add_argument("--units-a-day", type=float, help="new ones; default: as the lake shows")
    planned.add_argument(
        "--baseline", action="append", default=[], metavar="METRIC=MEAN,SD", help="if not yet measured"
    )
    _experiments(_group(top, "experiment", "plans and their lives"))
    finished = _group(top, "import", "bring data in")
    _importing(_add(finished, "data", commands.import_data))
    _switchback(_add(finished, "switchback", commands.import_switchback))
    _growthbook(_add(finished, "growthbook", commands.import_growthbook))
    _sources(_group(top, "source", "data that is logged elsewhere"))
    _pipeline(top)
    return parser


def _administering(top: Any) -> None:
    _add(top, "forget", administering.forget_unit).add_argument("unit", help="its id, as your senders send it")
    _add(top, "backup", administering.make_backup).add_argument("file", type=Path)
    _add(top, "restore", administering.restore_backup).add_argument("file", type=Path)
    people = _group(top, "user", "accounts")
    _add(people, "reset", administering.reset_user).add_argument("email")
    user = _add(people, "add", administering.add_user)
    user.add_argument("email")
    user.add_argument("--name", default="")
    user.add_argument("--role", default="experimenter", choices=users.ROLES)
    api_keys = _group(top, "key", "API keys")
    key = _add(api_keys, "create", administering.create_key)
    key.add_argument("name")
    key.add_argument("--environment", default="production", choices=keys.ENVIRONMENTS)
    kinds = ("client", "server", "reporting", *keys.ROLES[1:])
    key.add_argument("--role", default="", choices=kinds, help="what it may do; default: client, for an SDK")
    rotated = _add(api_keys, "rotate", administering.rotate_key)
    rotated.add_argument("number", type=int, help="as 'keepers key list' shows it")
    rotated.add_argument("--hours", type=int, default=24, help="for how long the old one works on (default 24)")
    _add(api_keys, "list", administering.list_keys)
    log = _group(top, "audit", "the audit log")
    verified = _add(log, "verify", administering.verify_audit)
    verified.add_argument("--noted", default="", metavar="NUMBER:HASH", help="what an earlier one printed")
    exported = _add(log, "export", administering.export_audit)
    exported.add_argument("--format", default="csv", choices=tuple(administering.EXPORTS))
    exported.add_argument("--experiment", default="", help="only this one's rows")
    exported.add_argument("--who", default="", help="only this person's rows")


def _serving(top: Any) -> None:
    server = _add(top, "serve", commands.serve)
    server.add_argument("--host", default="127.0.0.1")
    server.add_argument("--port", type=int, default=8080)
    server.add_argument("--workers", type=int, default=2)
    shop = _add(top, "demo", commands.demo)
    shop.add_argument("--check", action="store_true", help="request every page, check the verdicts, and stop")
    shop.add_argument("--port", type=int, default=8080)


def _experiments(group: Any) -> None:
    _add(group, "apply", commands.apply_experiment).add_argument("file", type=Path)
    launched = _add(group, "launch", commands.launch)
    launched.add_argument("key")
    launched.add_argument("--at", type=_moment, help="a time in the past, to replay what happened since")
    approved = _add(group, "approve", administering.approve)
    approved.add_argument("key")
    approved.add_argument("--note", default="")
    _add(group, "replay", commands.replay).add_argument("key")
    changed = _add(group, "phase", commands.change_phase)
    changed.add_argument("key")
    changed.add_argument("--weight", action="append", default=[], metavar="VARIANT=SHARE", help="repeat for more")
    changed.add_argument("--coverage", type=float, metavar="SHARE")
    changed.add_argument("--targeting", type=json.loads, metavar="JSON", help="a condition; {} is everyone")
    changed.add_argument("--fresh", action="store_true", help="draw everyone anew")
    changed.add_argument("--reason", required=True)
    changed.add_argument("--at", type=_moment, help="a time in the past, to replay what happened since")
    stopped = _add(group, "stop", commands.stop)
    stopped.add_argument("key")
    stopped.add_argument("--reason", required=True)


def _sources(group: Any) -> None:
    _add(group, "apply", commands.apply_sources).add_argument("file", type=Path)
    _add(group, "check", commands.check_source).add_argument("name")
    pulled = _add(group, "load", commands.load_source)
    pulled.add_argument("name", nargs="?", help="default: every source")
    pulled.add_argument("--from", dest="first", type=date.fromisoformat, metavar="DAY", help="default: three days ago")
    pulled.add_argument("--to", dest="last", type=date.fromisoformat, metavar="DAY", help="default: yesterday")


def _importing(data: argparse.ArgumentParser) -> None:
    data.add_argument("files", nargs="+", help="CSV or Parquet; with --aggregated one VARIANT=FILE each")
    data.add_argument("--key", help="the experiment's key (default: the file's name)")
    data.add_argument("--title", default="")
    data.add_argument("--variant", default="variant", help="column of the variant")
    data.add_argument("--outcome", action="append", required=True, help="column of an outcome; repeat for more")
    whole = data.add_mutually_exclusive_group()
    whole.add_argument("--unit", help="column of the unit, or of the number of units with --aggregated")
    whole.add_argument("--cluster", help="column of the group that was randomised as a whole: a store, a school")
    data.add_argument("--time", help="column of the time; without it all happened at one instant")
    data.add_argument("--covariate", action="append", default=[], help="column known before exposure")
    data.add_argument("--segment", action="append", default=[], help="column to look at apart")
    said = "leaves out units with this value in their first row, such as internal = true; repeat for more"
    data.add_argument("--filter", action="append", default=[], metavar="COLUMN=VALUE", help=said)
    data.add_argument("--goal", action="append", default=[], help="outcome that decides (default: all)")
    data.add_argument("--weight", action="append", default=[], metavar="VARIANT=SHARE", help="planned (default: equal)")
    data.add_argument("--control", help="name of the control variant")
    data.add_argument("--worthwhile", type=float, default=0.02, help="least worthwhile change, a share (default .02)")
    data.add_argument("--unit-type", help="default: user, or the name of the --cluster column")
    data.add_argument("--at", type=_moment, help="when it happened, or began, if no column says so")
    data.add_argument("--aggregated", action="store_true", help="rows are days: units, and how many had each outcome")


def _switchback(data: argparse.ArgumentParser) -> None:
    data.add_argument("file", help="CSV or Parquet: a row for each region and period, or several, whose mean counts")
    data.add_argument("--region", required=True, help="column of the region")
    data.add_argument("--period", required=True, help="column of the period, such as an hour; sorted, it is the order")
    data.add_argument("--variant", default="variant", help="column of the side that the region was on")
    data.add_argument("--outcome", required=True, help="column of the outcome")
    data.add_argument("--block", type=int, required=True, help="periods between two draws of a region's side")
    data.add_argument("--washout", type=int, required=True, help="periods that an earlier side still matters")
    data.add_argument("--share", type=float, default=0.5, help="chance of the treatment at each draw (default .5)")
    data.add_argument("--control", help="name of the control side")
    data.add_argument("--out", type=Path, help="also write what was found to this file, as JSON")


def _growthbook(data: argparse.ArgumentParser) -> None:
    data.add_argument("file", type=Path, help="what GrowthBook's SDK endpoint answers: JSON with features")
    data.add_argument("--goal", action="append", required=True, help="metric that decides; repeat for more")
    data.add_argument("--worthwhile", type=float, default=0.02, help="least worthwhile change, a share (default .02)")
    data.add_argument("--out", type=Path, help="write plans into this folder instead of storing drafts")


def _pipeline(top: Any) -> None:
    _add(top, "load", commands.load)
    _add(top, "collect", commands.collect).add_argument("--day", type=date.fromisoformat, help="up to this day")
    analysis = _add(top, "analyze", commands.analyze)
    analysis.add_argument("key", nargs="?")
    analysis.add_argument("--cutoff", type=date.fromisoformat, help="up to the close of this day")
    analysis.add_argument("--full", action="store_true", help="recount from raw events first")
    _add(top, "watch", commands.watch)
    _add(top, "digest", commands.digest)
    _add(top, "selfcheck", commands.selfcheck).add_argument("key", nargs="?", help="default: this week's sample")
    past = _add(top, "backfill", commands.backfill)
    past.add_argument("key")
    past.add_argument("--from", dest="first", type=date.fromisoformat, required=True, metavar="DAY")
    past.add_argument("--to", dest="last", type=date.fromisoformat, metavar="DAY", help="default: the same day")
    past.add_argument("--what", default="full", choices=("full", "metric", "statistics"))
    reports = _add(top, "report", commands.report)
    reports.add_argument("key")
    reports.add_argument("--format", default="html", choices=tuple(FORMATS))
    reports.add_argument("--out", type=Path)


def _group(top: Any, name: str, about: str) -> Any:
    return top.add_parser(name, help=about).add_subparsers(required=True, metavar="COMMAND")


def _add(group: Any, name: str, run: Command) -> argparse.ArgumentParser:
    about = (run.__doc__ or "").splitlines()[0]
    parser: argparse.ArgumentParser = group.add_parser(name, help=about, description=about)
    parser.set_defaults(run=run)
    return parser


def _moment(text: str) -> datetime:
    when = datetime.fromisoformat(text)
    return when if when.tzinfo else when.replace(tzinfo=UTC)
