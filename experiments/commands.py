"""What each command of the shell does: thin, printing what the packages below it found."""

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from experiments import lifecycle, phases, serving
from experiments.administering import me as _me
from experiments.errors import DefinitionError, KeepersError, Refused
from experiments.inbox import Inbox
from experiments.plan import freeze
from experiments.plan_file import plan_yaml, read_catalog, read_plan, read_sources
from experiments.registry import Database, metrics, settings_store, snapshots, users
from experiments.settings import Settings
from experiments.snapshot import Snapshot


def init(options: argparse.Namespace, settings: Settings) -> None:
    """Make or migrate the registry and the inbox."""
    init_quietly(settings)
    print(f"Ready in {settings.home}")


def apply_metrics(options: argparse.Namespace, settings: Settings) -> None:
    """Add or change measures and metrics of the catalogue."""
    catalog = read_catalog(_text(options.file), options.file.name)
    changed = metrics.apply(Database(settings.registry), catalog, _me())
    print(f"Changed: {', '.join(changed)}" if changed else "Nothing changed.")


def check_metrics(options: argparse.Namespace, settings: Settings) -> None:
    """Replay metrics on real units split at random: whether they are calibrated, and what a cap would bring."""
    from experiments.planning.terminal import metric_texts

    for text in metric_texts(settings, Database(settings.registry), options.key):
        print(text, end="\n\n")


def apply_experiment(options: argparse.Namespace, settings: Settings) -> None:
    """Store a draft from a plan."""
    plan = read_plan(_text(options.file), options.file.name)
    lifecycle.save(Database(settings.registry), plan, _me())
    print(f"'{plan.key}' is a draft. Launch it with: keepers experiment launch {plan.key}")


def plan(options: argparse.Namespace, settings: Settings) -> None:
    """Say what a plan can and cannot tell, before it is launched."""
    from experiments.planning import odds as planning
    from experiments.planning import priors, traffic
    from experiments.planning.forecast import forecast
    from experiments.planning.terminal import plan_text

    db = Database(settings.registry)
    frozen = freeze(read_plan(_text(options.file), options.file.name), metrics.catalog(db))
    known = planning.baselines(snapshots.latest_of_all(db).values()) | dict(map(planning.stated, options.baseline))
    planning.check_known(frozen, known)
    a_day = options.units_a_day
    comes = traffic.measured(settings, db, frozen.plan) if a_day is None else traffic.stated(a_day)
    print(plan_text(forecast(frozen, known, comes, priors.learnt(db))))


def launch(options: argparse.Namespace, settings: Settings) -> None:
    """Freeze the plan and start serving its split."""
    if options.at:
        _refuse_dropped(settings, options.at)
    e = lifecycle.launch(Database(settings.registry), options.key, _me(), at=options.at, review=settings.review)
    print(f"'{e.key}' runs since {e.launched_at:%Y-%m-%d %H:%M} UTC. Plan {(e.plan_hash or '')[:12]} is frozen.")


def _refuse_dropped(settings: Settings, at: datetime) -> None:
    from experiments import retention
    from experiments.warehouse import warehouse

    now = datetime.now(UTC).astimezone(settings.zone).date()
    why = "An experiment or a phase that begins before them would miss what its units did: choose a later time."
    retention.refuse(warehouse(settings), at.astimezone(settings.zone).date(), now, why)


def stop(options: argparse.Namespace, settings: Settings) -> None:
    """Stop an experiment: everyone gets control."""
    lifecycle.stop(Database(settings.registry), options.key, _me(), options.reason)
    print(f"'{options.key}' is stopped; everyone gets control.")


def change_phase(options: argparse.Namespace, settings: Settings) -> None:
    """Change who gets what while it runs: raise the coverage alone, or begin a new phase."""
    if options.at:
        _refuse_dropped(settings, options.at)
    weights = dict(map(_share, options.weight)) or None
    wanted = phases.Wanted(weights, options.coverage, options.targeting, options.fresh)
    e = phases.change(
        Database(settings.registry), options.key, wanted, by=_me(), reason=options.reason, review=settings.review,
        at=options.at,
    )  # fmt: skip
    print(f"'{e.key}' is in phase {e.phase}, since {e.began}. Plan {(e.plan_hash or '')[:12]} is frozen.")


def replay(options: argparse.Namespace, settings: Settings) -> None:
    """Replay logged exposures against the plan: each unit whose variant differs, and why."""
    from experiments import replaying

    if settings.privacy.salt:
        raise Refused("unit ids are stored as hashes here (KEEPERS_HASH_UNITS); a split cannot be made again of these.")
    for line in replaying.text(options.key, replaying.replay(settings, options.key)):
        print(line)


def import_data(options: argparse.Namespace, settings: Settings) -> None:
    """Load a finished experiment from a file, analyse it, and print what was found."""
    from experiments import filters
    from experiments.importing import Finished, import_counts, import_rows, slug
    from experiments.warehouse.files import Columns

    left_out = {name: tuple(values) for name, values in filters.read(", ".join(options.filter)).items()}
    if options.aggregated and left_out:
        raise DefinitionError("--aggregated has counts of days, which no --filter can take apart: leave it out.")
    init_quietly(settings)
    key = options.key or slug(Path(options.files[0].split("=")[-1]).name.split(".")[0])
    unit_type = options.unit_type or (slug(options.cluster) if options.cluster else "user")
    finished = Finished(
        key=key, title=options.title, control=options.control, goals=tuple(options.goal), unit=unit_type,
        weights=dict(_share(w) for w in options.weight),
        worthwhile=options.worthwhile, covariates=tuple(options.covariate), segments=tuple(options.segment),
        filters=left_out, clusters=options.cluster is not None, by=_me(),
    )  # fmt: skip
    if options.aggregated:
        if not options.unit:
            raise DefinitionError("with --aggregated, --unit names the column that counts the units of a day: add it.")
        found = import_counts(settings, _paths(options.files), options.unit, options.outcome, finished, at=options.at)
    else:
        attributes = tuple(dict.fromkeys((*options.covariate, *options.segment, *left_out)))
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
        _write(options.out, switchbacks.as_json(found).encode())


def import_growthbook(options: argparse.Namespace, settings: Settings) -> None:
    """Make plans of GrowthBook's running experiments, so that no unit changes its variant."""
    from experiments import growthbook

    found = growthbook.moved(growthbook.read(_text(options.file)), options.goal, options.worthwhile)
    if options.out is None:
        init_quietly(settings)
    else:
        options.out.mkdir(parents=True, exist_ok=True)
    for each in found.plans:
        if options.out is None:
            lifecycle.save(Database(settings.registry), each, _me())
            print(f"'{each.key}' is a draft. Launch it with: keepers experiment launch {each.key}")
        else:
            _write(options.out / f"{each.key}.yaml", plan_yaml(each).encode())
            print(options.out / f"{each.key}.yaml")
    for key, reason in found.left.items():
        print(f"'{key}' stays where it is: {reason}.")
    if not found.plans:
        raise DefinitionError("no experiment was found that can be moved without reshuffling units.")


def load(options: argparse.Namespace, settings: Settings) -> None:
    """Move accepted events from the inbox to the lake."""
    from experiments.loading import load as run

    print(f"{run(settings).rows} events loaded.")


def apply_sources(options: argparse.Namespace, settings: Settings) -> None:
    """Add or change sources: a team's own exposures and events, logged elsewhere."""
    from experiments.registry import sources

    changed = sources.apply(Database(settings.registry), read_sources(_text(options.file), options.file.name), _me())
    print(f"Changed: {', '.join(changed)}. Try it with: keepers source check NAME" if changed else "Nothing changed.")


def check_source(options: argparse.Namespace, settings: Settings) -> None:
    """Read a source's columns, its size and a few rows, and store nothing."""
    from experiments.sources.pulling import trial
    from experiments.sources.terminal import source_text

    found = trial(settings, options.name)
    print(source_text(found))
    if found.problems:
        raise DefinitionError(found.problems)


def load_source(options: argparse.Namespace, settings: Settings) -> None:
    """Pull days of a source, or of all, into the raw tables; a day pulled again is replaced."""
    from experiments.sources import pulling
    from experiments.sources.terminal import pulled_text

    first, yesterday = pulling.recent(settings)
    first, last = options.first or options.last or first, options.last or yesterday
    failed = []
    for name in [options.name] if options.name else pulling.names(settings):
        try:
            print(pulled_text(name, pulling.pull(settings, name, first, last)))
        except KeepersError as error:
            failed.append(f"{name}: {error}")
    if failed:
        raise DefinitionError(failed)


def collect(options: argparse.Namespace, settings: Settings) -> None:
    """Roll up every closed day whose events changed."""
    from experiments.rollup import collect as run

    days = run(settings, options.day)
    print(f"Rolled up: {', '.join(d.isoformat() for d in days) or 'nothing had changed'}")


def analyze(options: argparse.Namespace, settings: Settings) -> None:
    """Analyse one experiment, or all with a newly closed day; a failure never stops the others."""
    from experiments import following

    failed = 0
    for key in [options.key] if options.key else following.due(settings):
        try:
            print(summary(_looked(options, settings, key)))
        except Exception as error:  # whatever broke one must not keep the others from their result
            failed += 1
            what = error if isinstance(error, KeepersError) else f"{type(error).__name__}: {error}"
            print(f"{key}: {what}", file=sys.stderr)
    if failed:
        raise KeepersError(f"{failed} could not be analysed; the others are done. Mend the cause, then run this again.")


def _looked(options: argparse.Namespace, settings: Settings, key: str) -> Snapshot:
    """Take the look that was asked for; without a key, whichever is due."""
    from experiments import analysis, following, recount

    if options.full or options.key:
        return (recount.analyze if options.full else analysis.analyze)(settings, key, options.cutoff)
    return following.look(settings, key)


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


def selfcheck(options: argparse.Namespace, settings: Settings) -> None:
    """Recount this week's sample of experiments, replay metrics as A/A tests, drop what is old enough."""
    from experiments import retention
    from experiments import selfcheck as checks
    from experiments.recount import recount

    wrong = 0
    for key in [options.key] if options.key else checks.sample(settings):
        try:
            largest = max(recount(settings, key).values(), default=0.0)
            print(f"{key}: roll-ups and raw events agree; the largest difference is {largest:.0e}.")
        except KeepersError as error:
            wrong += 1
            print(f"{key}: {error}", file=sys.stderr)
    for found in [] if options.key else checks.replays(settings):
        print(f"{found.metric.key}: {' '.join(found.flags) or 'as an A/A test should be.'}")
    for table, rows in ({} if options.key else retention.tidy(settings)).items():
        print(f"Removed what nothing needs any more: {rows} of {table}.")
    if wrong:
        raise KeepersError(f"{wrong} could not be confirmed. Roll their days up again: keepers backfill KEY --from DAY")
    if not options.key:
        print("".join(f"Raw events dropped: {day}\n" for day in retention.drop(settings)), end="")


def report(options: argparse.Namespace, settings: Settings) -> None:
    """Write the report of the newest snapshot."""
    from experiments import reporting
    from experiments.reports import FORMATS

    made = reporting.report(Database(settings.registry), options.key)
    data = FORMATS[options.format](made)
    out = options.out or Path(f"{made.file_stem}.{options.format}")
    _write(out, data)
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
    users.seal_second_steps(db, settings.secret)


def summary(snapshot: Snapshot) -> str:
    """Return the verdict and each goal in a line."""
    from experiments.wording import words_of

    lines = [f"{snapshot.experiment} r{snapshot.number}: {snapshot.verdict.word}. {snapshot.verdict.sentence}"]
    for m in snapshot.metrics:
        shown = words_of(m.effect, m.absolute) if snapshot.verdict.word != "invalid" else "not shown"
        lines.append(f"  {m.treatment} · {m.title} ({m.role}): {m.reading}; {shown}")
    return "\n".join(lines)


MAKERS = (init, serve, demo, import_data, import_switchback, import_growthbook)  # these need no databases, or make them


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DefinitionError(f"{path} cannot be read: {error}.") from None


def _write(out: Path, data: bytes) -> None:
    try:
        out.write_bytes(data)
    except OSError as error:
        raise KeepersError(f"{out} cannot be written: {error.strerror}. Name a file that can be, with --out.") from None


def _paths(texts: list[str]) -> dict[str, Path]:
    named = [_named(t) for t in texts]
    twice = next((name for i, (name, _) in enumerate(named) if name in dict(named[:i])), None)
    if twice is not None:
        raise DefinitionError(f"'{twice}' has two files; a variant has one: put its days together, or rename one.")
    return dict(named)


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
