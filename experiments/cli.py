"""The `keepers` command: what operators, analysts and engineers do from a shell."""

import argparse
import getpass
import os
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from experiments import lifecycle, serving, wording
from experiments.errors import DefinitionError, KeepersError, NotReady
from experiments.inbox import Inbox
from experiments.plan import freeze
from experiments.plan_file import read_catalog, read_plan
from experiments.planning import Baseline
from experiments.registry import Database, keys, metrics, settings_store, snapshots, users
from experiments.settings import Settings
from experiments.snapshot import Snapshot

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


def init(options: argparse.Namespace, settings: Settings) -> None:
    """Make or migrate the registry and the inbox."""
    init_quietly(settings)
    print(f"Ready in {settings.home}")


def add_user(options: argparse.Namespace, settings: Settings) -> None:
    """Add an account; the password is asked for, or read from KEEPERS_PASSWORD."""
    password = os.environ.get("KEEPERS_PASSWORD") or getpass.getpass("Password: ")
    user = users.add(
        Database(settings.registry), email=options.email, name=options.name, password=password, role=options.role
    )
    print(f"{user.email} may sign in as {user.role}.")


def create_key(options: argparse.Namespace, settings: Settings) -> None:
    """Make an API key and print its token, once."""
    key, token = keys.create(Database(settings.registry), name=options.name, environment=options.environment, by=_me())
    print(f"Key '{key.name}' for {key.environment}. It is shown once, keep it now:\n{token}")


def apply_metrics(options: argparse.Namespace, settings: Settings) -> None:
    """Add or change measures and metrics of the catalogue."""
    catalog = read_catalog(_text(options.file), options.file.name)
    changed = metrics.apply(Database(settings.registry), catalog, _me())
    print(f"Changed: {', '.join(changed)}" if changed else "Nothing changed.")


def apply_experiment(options: argparse.Namespace, settings: Settings) -> None:
    """Store a draft from a plan."""
    plan = read_plan(_text(options.file), options.file.name)
    lifecycle.save(Database(settings.registry), plan, _me())
    print(f"'{plan.key}' is a draft. Launch it with: keepers experiment launch {plan.key}")


def plan(options: argparse.Namespace, settings: Settings) -> None:
    """Say what a plan can and cannot tell, before it is launched."""
    from experiments import planning

    db = Database(settings.registry)
    frozen = freeze(read_plan(_text(options.file), options.file.name), metrics.catalog(db))
    measured = list(snapshots.latest_of_all(db).values())
    known = {**planning.baselines(measured), **dict(_stated(b) for b in options.baseline)}
    a_day = options.units_a_day or planning.traffic(measured)
    if a_day is None:
        raise DefinitionError("how many units come in a day? No experiment has measured it: say --units-a-day N.")
    found = planning.odds(frozen, known, a_day)
    for situation, sentence, _ in wording.chances(found, frozen.plan):
        print(f"{situation}: {sentence[0].lower()}{sentence[1:]}")
    print(*wording.reach(found, frozen.plan), sep="\n")


def launch(options: argparse.Namespace, settings: Settings) -> None:
    """Freeze the plan and start serving its split."""
    e = lifecycle.launch(Database(settings.registry), options.key, _me(), at=options.at)
    print(f"'{e.key}' runs since {e.launched_at:%Y-%m-%d %H:%M} UTC. Plan {(e.plan_hash or '')[:12]} is frozen.")


def stop(options: argparse.Namespace, settings: Settings) -> None:
    """Stop an experiment: everyone gets control."""
    lifecycle.stop(Database(settings.registry), options.key, _me(), options.reason)
    print(f"'{options.key}' is stopped; everyone gets control.")


def import_data(options: argparse.Namespace, settings: Settings) -> None:
    """Load a finished experiment from a file, analyse it, and print what was found."""
    from experiments.importing import Finished, import_counts, import_rows, slug
    from experiments.warehouse.files import Columns

    init_quietly(settings)
    key = options.key or slug(Path(options.files[0].split("=")[-1]).name.split(".")[0])
    finished = Finished(
        key=key, title=options.title, control=options.control, goals=tuple(options.goal), unit=options.unit_type,
        weights=dict(_share(w) for w in options.weight),
        worthwhile=options.worthwhile, covariates=tuple(options.covariate), segments=tuple(options.segment), by=_me(),
    )  # fmt: skip
    if options.aggregated:
        paths = dict(_named(f) for f in options.files)
        found = import_counts(settings, paths, options.unit or "", options.outcome, finished, at=options.at)
    else:
        attributes = tuple(dict.fromkeys((*options.covariate, *options.segment)))
        columns = Columns(options.variant, tuple(options.outcome), options.unit, options.time, attributes)
        found = import_rows(settings, Path(options.files[0]), columns, finished, options.at)
    print(summary(found))


def load(options: argparse.Namespace, settings: Settings) -> None:
    """Move accepted events from the inbox to the lake."""
    from experiments.loading import load as run

    print(f"{run(settings).rows} events loaded.")


def collect(options: argparse.Namespace, settings: Settings) -> None:
    """Roll up every closed day whose events changed."""
    from experiments.rollup import collect as run

    days = run(settings, options.day)
    print(f"Rolled up: {', '.join(d.isoformat() for d in days) or 'nothing had changed'}")


def analyze(options: argparse.Namespace, settings: Settings) -> None:
    """Analyse one experiment, or all with a newly closed day; a failure never stops the others."""
    from experiments import analysis

    failed = 0
    for key in [options.key] if options.key else analysis.due(settings):
        try:
            print(summary(analysis.analyze(settings, key, options.cutoff)))
        except KeepersError as error:
            failed += 1
            print(f"{key}: {error}", file=sys.stderr)
    if failed:
        raise KeepersError(f"{failed} could not be analysed; the others are done. Mend the cause, then run this again.")


def watch(options: argparse.Namespace, settings: Settings) -> None:
    """Look for problems now, tell those that are new, and print all that stand."""
    from experiments import alerts

    problems = alerts.watch(settings)
    print("\n\n".join(p.text for p in problems) or "Nothing is wrong, and nothing waits for a decision.")


def digest(options: argparse.Namespace, settings: Settings) -> None:
    """Write the letter of the week, send it where mail or a webhook is set, and print it."""
    from experiments.alerts.digest import digest as run

    print(run(settings))


def backfill(options: argparse.Namespace, settings: Settings) -> None:
    """Look at past days of one experiment again; the new snapshots are not official."""
    from experiments.backfill import backfill as run

    for snapshot in run(settings, options.key, (options.first, options.last or options.first), options.what):
        print(f"{snapshot.cutoff}: r{snapshot.number}, {snapshot.verdict.word}")


def report(options: argparse.Namespace, settings: Settings) -> None:
    """Write the report of the newest snapshot."""
    from experiments.registry import experiments
    from experiments.reports import FORMATS, Report

    db = Database(settings.registry)
    snapshot = snapshots.latest(db, options.key)
    if snapshot is None:
        raise KeepersError(f"'{options.key}' has no snapshot yet. Run: keepers analyze {options.key}")
    data = FORMATS[options.format](Report(experiments.get(db, options.key), snapshot))
    out = options.out or Path(f"{options.key}-r{snapshot.number}.{options.format}")
    out.write_bytes(data)
    print(out)


def serve(options: argparse.Namespace, settings: Settings) -> None:
    """Serve the UI and the collector until interrupted."""
    init_quietly(settings)
    serving.replace_process(options.host, options.port, options.workers)


def demo(options: argparse.Namespace, settings: Settings) -> None:
    """Fill a demonstration shop and serve it, or check it and stop."""
    from experiments.demo import run

    run(check=options.check, port=options.port)


def init_quietly(settings: Settings) -> None:
    """Make or migrate the databases without a word."""
    db = Database(settings.registry)
    db.migrate()
    Inbox(settings.inbox).migrate()
    settings_store.propose_time_zone(db, settings.time_zone)


def summary(snapshot: Snapshot) -> str:
    """Return the verdict and each goal in a line."""
    from experiments.wording import words_of

    lines = [f"{snapshot.experiment} r{snapshot.number}: {snapshot.verdict.word}. {snapshot.verdict.sentence}"]
    for m in snapshot.metrics:
        shown = words_of(m.effect, m.absolute) if snapshot.verdict.word != "invalid" else "not shown"
        lines.append(f"  {m.treatment} · {m.title} ({m.role}): {m.reading}; {shown}")
    return "\n".join(lines)


MAKERS = (init, serve, demo, import_data)  # these make the databases where there are none


def parser() -> argparse.ArgumentParser:
    """Return the parser of all commands; its result has `run`, the command."""
    parser = argparse.ArgumentParser(prog="keepers", description="Which feature enhancements to keep.")
    top = parser.add_subparsers(required=True, metavar="COMMAND")
    _add(top, "init", init)
    _serving(top)
    user = _add(_group(top, "user", "accounts"), "add", add_user)
    user.add_argument("email")
    user.add_argument("--name", default="")
    user.add_argument("--role", default="experimenter", choices=users.ROLES)
    key = _add(_group(top, "key", "API keys"), "create", create_key)
    key.add_argument("name")
    key.add_argument("--environment", default="production", choices=keys.ENVIRONMENTS)
    _add(_group(top, "metric", "the catalogue"), "apply", apply_metrics).add_argument("file", type=Path)
    planned = _add(top, "plan", plan)
    planned.add_argument("file", type=Path)
    planned.add_argument("--units-a-day", type=float, help="default: of the busiest experiment so far")
    planned.add_argument(
        "--baseline", action="append", default=[], metavar="METRIC=MEAN,SD", help="if not yet measured"
    )
    _experiments(_group(top, "experiment", "plans and their lives"))
    _importing(_add(_group(top, "import", "bring data in"), "data", import_data))
    _pipeline(top)
    return parser


def _serving(top: Any) -> None:
    server = _add(top, "serve", serve)
    server.add_argument("--host", default="127.0.0.1")
    server.add_argument("--port", type=int, default=8080)
    server.add_argument("--workers", type=int, default=2)
    shop = _add(top, "demo", demo)
    shop.add_argument("--check", action="store_true", help="request every page, check the verdicts, and stop")
    shop.add_argument("--port", type=int, default=8080)


def _experiments(group: Any) -> None:
    _add(group, "apply", apply_experiment).add_argument("file", type=Path)
    launched = _add(group, "launch", launch)
    launched.add_argument("key")
    launched.add_argument("--at", type=_moment, help="a time in the past, to replay what happened since")
    stopped = _add(group, "stop", stop)
    stopped.add_argument("key")
    stopped.add_argument("--reason", required=True)


def _importing(data: argparse.ArgumentParser) -> None:
    data.add_argument("files", nargs="+", help="CSV or Parquet; with --aggregated one VARIANT=FILE each")
    data.add_argument("--key", help="the experiment's key (default: the file's name)")
    data.add_argument("--title", default="")
    data.add_argument("--variant", default="variant", help="column of the variant")
    data.add_argument("--outcome", action="append", required=True, help="column of an outcome; repeat for more")
    data.add_argument("--unit", help="column of the unit, or of the number of units with --aggregated")
    data.add_argument("--time", help="column of the time; without it all happened at one instant")
    data.add_argument("--covariate", action="append", default=[], help="column known before exposure")
    data.add_argument("--segment", action="append", default=[], help="column to look at apart")
    data.add_argument("--goal", action="append", default=[], help="outcome that decides (default: all)")
    data.add_argument("--weight", action="append", default=[], metavar="VARIANT=SHARE", help="planned (default: equal)")
    data.add_argument("--control", help="name of the control variant")
    data.add_argument("--worthwhile", type=float, default=0.02, help="least worthwhile change, a share (default .02)")
    data.add_argument("--unit-type", default="user")
    data.add_argument("--at", type=_moment, help="when it happened, or began, if no column says so")
    data.add_argument("--aggregated", action="store_true", help="rows are days: units, and how many had each outcome")


def _pipeline(top: Any) -> None:
    _add(top, "load", load)
    _add(top, "collect", collect).add_argument("--day", type=date.fromisoformat, help="up to this day")
    analysis = _add(top, "analyze", analyze)
    analysis.add_argument("key", nargs="?")
    analysis.add_argument("--cutoff", type=date.fromisoformat, help="up to the close of this day")
    _add(top, "watch", watch)
    _add(top, "digest", digest)
    past = _add(top, "backfill", backfill)
    past.add_argument("key")
    past.add_argument("--from", dest="first", type=date.fromisoformat, required=True, metavar="DAY")
    past.add_argument("--to", dest="last", type=date.fromisoformat, metavar="DAY", help="default: the same day")
    past.add_argument("--what", default="full", choices=("full", "metric", "statistics"))
    reports = _add(top, "report", report)
    reports.add_argument("key")
    reports.add_argument("--format", default="html", choices=("html", "csv", "json"))
    reports.add_argument("--out", type=Path)


def _group(top: Any, name: str, about: str) -> Any:
    return top.add_parser(name, help=about).add_subparsers(required=True, metavar="COMMAND")


def _add(group: Any, name: str, run: Command) -> argparse.ArgumentParser:
    about = (run.__doc__ or "").splitlines()[0]
    parser: argparse.ArgumentParser = group.add_parser(name, help=about, description=about)
    parser.set_defaults(run=run)
    return parser


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DefinitionError(f"{path} cannot be read: {error}.") from None


def _named(text: str) -> tuple[str, Path]:
    name, _, path = text.partition("=")
    if not path:
        raise DefinitionError(f"'{text}' names no variant; with --aggregated write VARIANT=FILE, e.g. control={text}.")
    return name, Path(path)


def _share(text: str) -> tuple[str, float]:
    name, _, share = text.rpartition("=")
    try:
        return name, float(share)
    except ValueError:
        raise DefinitionError(f"'{text}' is no weight; write VARIANT=SHARE, for instance control=0.9.") from None


def _stated(text: str) -> tuple[str, Baseline]:
    try:
        name, numbers = text.split("=")
        mean, sd = (float(n) for n in numbers.split(","))
    except ValueError:
        raise DefinitionError(f"'{text}' is no baseline; write METRIC=MEAN,SD, for instance ordered=0.2,0.4.") from None
    return name, Baseline(mean, sd)


def _moment(text: str) -> datetime:
    when = datetime.fromisoformat(text)
    return when if when.tzinfo else when.replace(tzinfo=UTC)


def _me() -> str:
    """Who changes something from the shell: the person's account on this machine."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "command line"
