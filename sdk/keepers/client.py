"""The client: assigns units to variants and logs exposures and events, and never makes its caller wait."""

from __future__ import annotations

from itertools import count
from time import time

from . import assignment, process
from .assignment import FORCED, OVERRIDE, ROLLOUT, SPLIT, Assignment, decide, quick_decider, split_decider
from .bound import Bound
from .config import Experiments
from .errors import ArgumentError, did_you_mean, nearest
from .experiment import Arm, Experiment
from .hashing import new_md5
from .overrides import Override, Overrides, forced
from .reports import Reports
from .seen import Exposures, Seen
from .server import is_address
from .values import LAST_SECONDS, LONGEST, at_least, moment, properties_of, seconds_of, text_of, units_of, value_of
from .wire import DEFAULT_TYPE, EXPLICIT, NOW, assigned, happened, id_of, unhashed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _hashlib import HASH
    from collections.abc import Callable, Mapping
    from typing import Any

    from .assignment import At, Decision
    from .config import Config
    from .seen import Side
    from .wire import Lost

    Unit = str | int | Mapping[str, str]
    Quick = Callable[[str], Decision]
    Split = tuple[Callable[[], HASH], list[Side]]  # the hash of the salt, and the sides by first byte of a digest


class Client:
    """One per process. Safe to use from threads, tasks and forked children.

    `config` is the server's address, a path, a dict or a callable; `key` the server's API key.
    `sink` is where events go: by default the same server, or its address, a path (JSON lines) or a
    callable (given each batch as a dict). `spool` is the folder that keeps unsent events, by
    default in the user's state folder; False keeps them in memory only. `refresh` is in seconds;
    `dedupe` and `queue` bound memory, in exposures and events. `overrides` forces variants.
    `on_error` is called with what goes wrong; without it each kind is logged once.

    Raises ArgumentError, and ConfigError where a config given as path, dict or callable cannot be
    used. A server that does not answer within 2 seconds is asked again in the background, unless
    `strict`, which is meant for tests: then it raises, as wrong calls do.
    """

    _background = True

    def __init__(
        self,
        config: Any,
        key: str | None = None,
        *,
        sink: Any = None,
        spool: Any = None,
        refresh: float = 30.0,
        dedupe: int = 100_000,
        queue: int = 100_000,
        overrides: Mapping[str, str] | None = None,
        on_error: Callable[[Exception], object] | None = None,
        strict: bool = False,
    ):
        from .backlog import backlog_maker  # here, as a process that imports us may never make a client
        from .delivery import Delivery
        from .live import FIRST_SECONDS, LiveConfig
        from .sinks import sink_of
        from .sources import source_of

        self._strict = strict
        self._reports = Reports(on_error)
        self._overrides = Overrides(overrides)
        self._seen = Seen(at_least(2, "dedupe", dedupe))
        self._number = count(1)
        self._ready = False
        self._experiments = Experiments()
        self._close_shortcuts()
        self._live = LiveConfig(
            source_of(config, key, lambda: self._delivery.save()),
            refresh=at_least(0, "refresh", refresh),
            report=self._reports,
            changed=self._use,
        )
        self._delivery = Delivery(
            sink_of(sink, config, key, lambda: self._delivery.save()),
            backlog_maker(spool, sink, config, key=key, limit=queue, report=self._reports),
            limit=at_least(1, "queue", queue),
            live=self._live,
            report=self._reports,
            background=self._background,
        )
        self._exposures = Exposures(self._delivery, self._seen)
        self._load_first(FIRST_SECONDS, must=strict or not is_address(config))
        process.watch(self)

    def _load_first(self, seconds: float, must: bool) -> None:
        try:
            (self._live.load if must else self._live.load_or_wait)(seconds)
        except Exception:
            self._live.source.close()
            raise

    # Assigning.

    def variant(
        self,
        experiment: str,
        unit: Unit,
        /,
        default: str = "control",
        expose: bool = True,
        at: At = None,
        *,
        attributes: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> str:
        """Return the key of the unit's variant, and log the exposure once unless `expose=False`.

        `more` and `attributes` are what targeting looks at. `default` is returned where the config
        does not know the experiment. `at` says when, if it was not now.
        """
        try:
            try:  # the most common case, in the fewest steps: docs/decisions/0022-the-hot-path.md
                begin, sides = self._splits[experiment]
                if not unit:
                    raise KeyError(unit)
                md5 = begin()
                md5.update(unit.encode())  # type: ignore[union-attr]
                side = sides[md5.digest()[0]]
                arm = side[0]
            except (KeyError, AttributeError, TypeError):  # the last one of a side that nobody has met
                more = {**attributes, **more} if attributes else more
                decision, unit = self._decide(experiment, unit, default, more)
                if expose:
                    self._log(decision, unit, at, more)
                return decision[0].variant
            if expose and (at is not None or unit not in side[1]):
                more = {**attributes, **more} if attributes else more
                part, delivery = side[2], self._delivery
                if at is not None:
                    self._log((arm, SPLIT), unit, at, more)
                elif (left := part.left) and len(unit) <= LONGEST and len(queue := delivery.queue) < delivery.room:  # type: ignore[arg-type]
                    if not part.old or unit not in part.old.get(arm.token, ()):  # as `now` does, without calling it
                        one = (arm, unit, time()) if not more else ((assigned, arm, unit, time(), more), None, None)
                        queue.extend(one)
                        part.left = left - 1
                        side[1].add(unit)  # type: ignore[arg-type]
                else:
                    self._exposures.now(side, unit, unit, more)  # type: ignore[arg-type]
            return arm.variant
        except Exception as error:
            self._fail(error)
            return default

    def assign(
        self,
        experiment: str,
        unit: Unit,
        /,
        default: str = "control",
        *,
        attributes: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> Assignment:
        """Return the unit's assignment and log nothing: call its `expose` when the unit meets it."""
        try:
            more = {**attributes, **more} if attributes else more
            decision, unit = self._decide(experiment, unit, default, more)
        except Exception as error:
            self._fail(error)
            decision = Arm(str(experiment), 0, default), assignment.ERROR
        return Assignment(decision, self, unit, more)

    def _decide(self, key: str, unit: Any, default: str, attributes: Mapping[str, Any]) -> tuple[Decision, Any]:
        """Decide where the fast way does not; return the checked unit, too."""
        quick = self._quick.get(key)
        if quick is not None and type(unit) is str and unit:
            return quick(unit), unit
        self._get_ready()
        shortcuts = self._quick, self._splits  # before the experiment: where these are closed meanwhile, it may be old
        experiment = self._experiments.get(key) or self._experiments.find(key)
        variant = self._overrides.get(key) if self._overrides.active else None
        if variant is not None:
            arm = experiment.arm(variant) if experiment else None
            return (arm or Arm(key, 0, variant), OVERRIDE), units_of(unit)
        if experiment is None:
            return self._unknown(key, default), unit
        if experiment.plain and not self._overrides.active:
            self._open_shortcut(experiment, *shortcuts)
        units = units_of(unit)
        id = id_of(units, experiment.unit)
        if id is None:
            kind = experiment.unit
            raise ArgumentError(f"{key!r} randomises {kind!r}, the unit is {unit!r}: give {{{kind!r}: id}}.")
        decision = decide(experiment, id, attributes)
        if decision[1] == assignment.UNSUPPORTED:
            decision = Arm(key, experiment.version, default), assignment.UNSUPPORTED
        return decision, units

    def _unknown(self, key: str, default: str) -> Decision:
        self._reports.unknown += 1
        ready = self._live.config is not None
        if ready and self._reports.is_new_key(key):
            hint = (did_you_mean if self._strict else nearest)(str(key), self._experiments.names())
            self._reports("", ArgumentError(f"The config has no experiment {key!r:.300}.{hint}"))
        return Arm(key, 0, default), assignment.UNKNOWN if ready else assignment.NOT_READY

    # Logging.

    def expose(
        self,
        experiment: str,
        unit: Unit,
        /,
        variant: str,
        *,
        at: At = None,
        attributes: Mapping[str, Any] | None = None,
    ) -> None:
        """Log an exposure that was assigned elsewhere, such as by a mail tool: every call is one."""
        what: Lost | None = None
        try:
            arm = self._external_arm(experiment, variant)
            what = arm.experiment, arm.version, arm.variant
            when, marks = self._when(at)
            given, marks = {**attributes} if attributes else None, {**marks, "external": True}
            self._delivery.put((unhashed, arm, units_of(unit), when, given, next(self._number), marks))
        except Exception as error:
            self._fail(error, what)

    def _external_arm(self, key: str, variant: str) -> Arm:
        """Return the arm to log, even one the config does not have: the server says why it refuses."""
        variant, key = text_of("The variant", variant), text_of("The experiment", key)
        experiment = self._experiments.find(key)
        if experiment is None:
            return Arm(key, 1, variant)
        arm = experiment.arm(variant)
        if arm is None and self._strict:
            names = [each.variant for each in experiment.arms]
            hint = did_you_mean(variant, names)
            raise ArgumentError(f"{key!r} has no variant {variant!r}; it has {', '.join(names)}.{hint}")
        return arm or Arm(key, experiment.version, variant)

    def track(
        self,
        event: str,
        unit: Unit,
        /,
        value: float | None = None,
        *,
        at: At = None,
        properties: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> None:
        """Log something a unit did: an optional finite `value`, and up to 20 properties."""
        what: Lost | None = None
        try:
            name = text_of("The event", event)
            what = (name,)
            units, number = units_of(unit), None if value is None else value_of(value)
            when, marks = self._when(at)
            more = {**properties, **more} if properties else more
            if more:
                self._checked(properties_of, more, None)  # the event goes without those that cannot be sent
            self._delivery.put((happened, name, units, next(self._number), when, marks, number, more))
        except Exception as error:
            self._fail(error, what)

    def _checked(self, check: Callable[[Any], Any], value: Any, instead: Any) -> Any:
        """Return what `check` makes of a value; a wrong one is reported, and `instead` returned."""
        try:
            return check(value)
        except Exception as error:
            self._fail(error)
            return instead

    def _when(self, at: At) -> tuple[float, dict[str, bool]]:
        return (time(), NOW) if at is None else (moment(at, self._strict), EXPLICIT)

    def _expose(self, given: Assignment, at: At) -> None:
        try:
            self._log(given._decision, given._unit, at, given._attributes)
        except Exception as error:
            self._fail(error)

    def _log(self, decision: Decision, units: Any, at: At, attributes: Mapping[str, Any]) -> None:
        """Log the exposure of an assignment, if it is one."""
        arm, reason = decision
        if reason is FORCED or reason is OVERRIDE:
            self._log_forced(arm, units, at, attributes)
        elif reason is SPLIT or reason is ROLLOUT:
            unit = units[arm.unit] if type(units) is dict else units
            if at is None:
                self._exposures.assigned(arm, units, unit, attributes)
            else:
                self._exposures.then(arm, units, unit, moment(at, self._strict), attributes)

    def _log_forced(self, arm: Arm, units: Any, at: At, attributes: Mapping[str, Any]) -> None:
        """Log a forced exposure, marked, where the experiment is running and has the variant."""
        experiment = self._experiments.find(arm.experiment)
        if experiment is None or experiment.status != "running" or arm not in experiment.arms:
            return
        when, marks = self._when(at)
        entry = unhashed, arm, units, when, attributes, next(self._number), {**marks, "forced": True}
        self._exposures.once(f"{arm.token}|forced", str(units), entry)

    def _fail(self, error: Exception, lost: Lost | None = None) -> None:
        """Raise in strict mode; else report and count, and go on."""
        if self._strict:
            raise error
        self._reports.invalid += 1
        if lost is not None:
            self._delivery.lose(lost)
        self._reports(f"invalid {type(error).__name__}", error)

    # The rest.

    def bind(self, unit: Unit, /, *, attributes: Mapping[str, Any] | None = None, **more: Any) -> Bound:
        """Return this client with the unit, an id or a dict of type -> id, and attributes for assignments filled in."""
        try:
            return Bound(self, units_of(unit), {**(attributes or {}), **more})
        except Exception as error:
            self._fail(error)
            return Bound(self, unit, more)

    def override(self, variants: Mapping[str, str]) -> Override:
        """Force variants inside a `with` block, in this thread or task; for tests and QA."""
        return Override(self._overrides, self._checked(forced, variants, {}), self._close_shortcuts)

    def flush(self, timeout: float = LAST_SECONDS) -> bool:
        """Wait until all that was logged so far is delivered, or dropped and counted.

        Returns False if that takes longer than `timeout` seconds.
        """
        return self._delivery.flush(self._checked(seconds_of, timeout, LAST_SECONDS))

    def close(self, timeout: float = LAST_SECONDS) -> None:
        """Flush, keep the rest in the spool, and log nothing more. Assigning goes on working."""
        self._delivery.close(self._checked(seconds_of, timeout, LAST_SECONDS))
        process.forget(self)

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def stats(self) -> dict[str, Any]:
        """Return counts of events since the start (or the fork), and the state of the config.

        `config_age` is in seconds since the source last confirmed it, None if it never did.
        """
        return {
            "queued": self._delivery.queued,
            **self._delivery.ledger.counts,
            "unknown": self._reports.unknown,
            "invalid": self._reports.invalid,
            "config_age": self._live.age,
            "config_stale": self._live.stale,
        }

    def _get_ready(self) -> None:
        """On the first call, in each process, start refreshing."""
        if not self._ready:
            self._ready = True
            if self._live.source.changes:
                self._delivery.start()

    def _use(self, config: Config) -> None:
        self._experiments = config.experiments
        self._close_shortcuts()

    def _close_shortcuts(self) -> None:
        """Let the next call of each experiment look at everything again: the config, overrides."""
        self._seen.held.clear()
        self._quick: dict[str, Quick] = {}
        self._splits: dict[str, Split] = {}

    def _open_shortcut(self, experiment: Experiment, quick: dict[str, Quick], splits: dict[str, Split]) -> None:
        """Have the next calls of a plain experiment decided by the hash alone."""
        if experiment.unit != DEFAULT_TYPE or experiment.key in quick:
            return
        if experiment.gate is None:
            quick[experiment.key], sides = split_decider(experiment, self._seen)
            splits[experiment.key] = new_md5(experiment.prefix).copy, sides
        else:
            quick[experiment.key] = quick_decider(experiment)

    def _after_fork(self) -> None:
        self._ready = False
        self._close_shortcuts()
        self._live.source.forget()
        self._delivery.begin()
