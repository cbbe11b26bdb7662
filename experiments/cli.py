"""The `keepers` command: what operators, analysts and engineers do from a shell."""

import argparse
import getpass
import os
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from experiments import lifecycle, serving
from experiments.errors import DefinitionError, KeepersError, NotReady
from experiments.inbox import Inbox
from experiments.plan import freeze
from experiments.plan_file import read_catalog, read_plan
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


def check_metrics(options: argparse.Namespace, settings: Settings) -> None:
    """Replay metrics on real units split at random: whether they are calibrated, and what a cap would bring."""
    from experiments.terminal import metric_texts

    for text in metric_texts(settings, Database(settings.registry), options.key):
        print(text, end="\n\n")


def apply_experiment(options: argparse.Namespace, settings: Settings) -> None:
    """Store a draft from a plan."""
    plan = read_plan(_text(options.file), options.file.name)
    lifecycle.save(Database(settings.registry), plan, _me())
    print(f"'{plan.key}' is a draft. Launch it with: keepers experiment launch {plan.key}")


def plan(options: argparse.Namespace, settings: Settings) -> None:
    """Say what a plan can and cannot tell, before it is launched."""
    from experiments import planning, priors, traffic
    from experiments.forecast import forecast
    from experiments.terminal import plan_text

    db = Database(settings.registry)
    frozen = freeze(read_plan(_text(options.file), options.file.name), metrics.catalog(db))
    known = planning.baselines(snapshots.latest_of_all(db).values()) | dict(map(planning.stated, options.baseline))
    planning.check_known(frozen, known)
    a_day = options.units_a_day
    comes = traffic.measured(settings, db, frozen.plan) if a_day is None else traffic.stated(a_day)
    print(plan_text(forecast(frozen, known, comes, priors.learnt(db))))


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
    unit_type = options.unit_type or (slug(options.cluster) if options.cluster else "user")
    finished = Finished(
        key=key, title=options.title, control=options.control, goals=tuple(options.goal), unit=unit_type,
        weights=dict(_share(w) for w in options.weight),
        worthwhile=options.worthwhile, covariates=tuple(options.covariate), segments=tuple(options.segment),
        clusters=options.cluster is not None, by=_me(),
    )  # fmt: skip
    if options.aggregated:
        paths = dict(_named(f) for f in options.files)
        found = import_counts(settings, paths, options.unit or "", options.outcome, finished, at=options.at)
    else:
        attributes = tuple(dict.fromkeys((*options.covariate, *options.segment)))
        unit = options.cluster or options.unit
        columns = Columns(options.variant, tuple(options.outcome), unit, options.time, attributes)
        found = import_rows(settings, Path(options.files[0]), columns, finished, options.at)
    print(summary(found))


def import_switchback(options: argparse.Namespace, settings: Settings) -> None:
    """Analyse a finished switchback from a file, and print what was found and assumed; nothing is stored."""
    from experiments import switchbacks

    layout = switchbacks.Layout(options.region, options.period, options.variant, options.outcome)
    design = switchbacks.design(options.block, options.washout, options.share)
    found = switchbacks.analyse(Path(options.file), layout, design, options.control)
    print(*switchbacks.sentences(found), sep="\n")
    if options.out:
        options.out.write_text(switchbacks.as_json(found), encoding="utf-8")


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
    from experiments import analysis, recount

    look = recount.analyze if options.full else analysis.analyze
    failed = 0
    for key in [options.key] if options.key else analysis.due(settings):
        try:
            print(summary(look(settings, key, options.cutoff)))
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


MAKERS = (init, serve, demo, import_data, import_switchback)  # these need no databases, or make them


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
    catalogue = _group(top, "metric", "the catalogue")
    _add(catalogue, "apply", apply_metrics).add_argument("file", type=Path)
    _add(catalogue, "check", check_metrics).add_argument("key", nargs="?", help="default: every metric")
    planned = _add(top, "plan", plan)
    planned.add_argument("file", type=Path)
    planned.add_argument("--units-a-day", type=float, help="new ones; default: as the lake shows")
    planned.add_argument(
        "--baseline", action="append", default=[], metavar="METRIC=MEAN,SD", help="if not yet measured"
    )
    _experiments(_group(top, "experiment", "plans and their lives"))
    finished = _group(top, "import", "bring data in")
    _importing(_add(finished, "data", import_data))
    _switchback(_add(finished, "switchback", import_switchback))
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
    whole = data.add_mutually_exclusive_group()
    whole.add_argument("--unit", help="column of the unit, or of the number of units with --aggregated")
    whole.add_argument("--cluster", help="column of the group that was randomised as a whole: a store, a school")
    data.add_argument("--time", help="column of the time; without it all happened at one instant")
    data.add_argument("--covariate", action="append", default=[], help="column known before exposure")
    data.add_argument("--segment", action="append", default=[], help="column to look at apart")
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


def _pipeline(top: Any) -> None:
    _add(top, "load", load)
    _add(top, "collect", collect).add_argument("--day", type=date.fromisoformat, help="up to this day")
    analysis = _add(top, "analyze", analyze)
    analysis.add_argument("key", nargs="?")
    analysis.add_argument("--cutoff", type=date.fromisoformat, help="up to the close of this day")
    analysis.add_argument("--full", action="store_true", help="recount from raw events first")
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


def _moment(text: str) -> datetime:
    when = datetime.fromisoformat(text)
    return when if when.tzinfo else when.replace(tzinfo=UTC)


def _me() -> str:
    """Who changes something from the shell: the person's account on this machine."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "command line"
