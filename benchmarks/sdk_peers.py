"""One adapter for each SDK, and the clock: run with the Python of that SDK's own environment, it prints JSON.

Needs nothing but the standard library and the SDK it is asked for. All split the same 50/50 experiment
from a config at hand; none may reach the network. `python -I benchmarks/sdk_peers.py NAME`.
"""

import collections.abc
import json
import logging
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

KEY, VARIANTS = "checkout-cta", ("control", "treatment")
UNITS = 500  # in one burst: short, so that the fastest burst was not interrupted
BURSTS, STRETCH = 60, 10  # of users never seen, and how many of them follow each other
WHILE = 0.4  # seconds of bursts of the same users
NOWHERE = "http://127.0.0.1:9"


class Calls(NamedTuple):
    """What a host writes to ask for the variant of `unit`: without exposure, with it again, with it for somebody new.

    Text, so that it can stand inside the measured loop; `names` are what it uses besides KEY.
    """

    names: dict[str, Any]
    assign: str
    repeat: str | None
    new: str | None

    def function(self, expression: str) -> Callable[[str], object]:
        """Return a function of a unit."""
        made: Callable[[str], object] = eval(f"lambda unit: {expression}", {"KEY": KEY, **self.names})
        return made

    def loop(self, expression: str) -> Callable[[Sequence[str]], None]:
        """Return a function that makes the call for many units."""
        space = {"KEY": KEY, **self.names}
        exec(f"def loop(units):\n    for unit in units:\n        {expression}", space)
        made: Callable[[Sequence[str]], None] = space["loop"]
        return made


def keepers(address: str) -> Calls:
    """Ours: one call for all three."""
    from keepers import Client

    variants = [{"key": key, "weight": 0.5} for key in VARIANTS]
    config = {"schema": 1, "experiments": [{"key": KEY, "version": 1, "status": "running", "variants": variants}]}
    client = Client(config, "k", sink=address, on_error=lambda error: None)
    exposed = "variant(KEY, unit)"
    return Calls({"variant": client.variant}, "variant(KEY, unit, expose=False)", exposed, exposed)


def eppo(address: str) -> Calls:
    """An exposure is a call of the host's logger; sending is left to the host."""
    import eppo_client
    from eppo_client import AssignmentLogger, ClientConfig, Configuration

    class Logger(AssignmentLogger):  # type: ignore[misc]
        def log_assignment(self, event: Any) -> None:
            """Keep nothing."""

    flags = {name: _eppo_flag(name, logged) for name, logged in (("quiet", False), (KEY, True))}
    head = {"createdAt": "2026-01-01T00:00:00Z", "format": "SERVER", "environment": {"name": "bench"}}
    data = json.dumps({**head, "flags": flags}).encode()
    client = eppo_client.init(
        ClientConfig(
            api_key="k",
            assignment_logger=Logger(),
            poll_interval_seconds=None,
            initial_configuration=Configuration(flags_configuration=data),
        )
    )
    names = {"look": client.get_string_assignment, "nothing": {}}
    exposed = "look(KEY, unit, nothing, 'none')"
    return Calls(names, "look('quiet', unit, nothing, 'none')", exposed, exposed)


def _eppo_flag(name: str, logged: bool) -> dict[str, Any]:
    splits = [
        {"shards": [{"salt": name, "ranges": [{"start": start, "end": start + 5_000}]}], "variationKey": key}
        for key, start in zip(VARIANTS, (0, 5_000), strict=True)
    ]
    return {
        "key": name, "enabled": True, "variationType": "STRING", "totalShards": 10_000,
        "variations": {key: {"key": key, "value": key} for key in VARIANTS},
        "allocations": [{"key": "all", "rules": [], "doLog": logged, "splits": splits}],
    }  # fmt: skip


def growthbook(address: str) -> Calls:
    """One instance for each unit, as its documentation has it."""
    from growthbook import GrowthBook

    rule = {"variations": list(VARIANTS), "weights": [0.5, 0.5], "hashAttribute": "id", "key": KEY}
    features = {KEY: {"defaultValue": "control", "rules": [rule]}}

    def told(*_: object, **__: object) -> None:
        """Keep nothing."""

    names = {"GrowthBook": GrowthBook, "features": features, "told": told}
    made = "GrowthBook(attributes={'id': unit}, features=features"
    exposed = f"{made}, on_experiment_viewed=told).get_feature_value(KEY, 'none')"
    return Calls(names, f"{made}).get_feature_value(KEY, 'none')", exposed, exposed)


def planout(address: str) -> Calls:
    """One instance for each unit; its log is kept from the disk. A repeat asks the same instance again."""
    from planout.experiment import SimpleExperiment
    from planout.ops.random import UniformChoice

    class Experiment(SimpleExperiment):  # type: ignore[misc]
        def assign(self, params: Any, unit: str) -> None:
            params.cta = UniformChoice(choices=list(VARIANTS), unit=unit)

        def configure_logger(self) -> None:
            """Log nowhere."""

        def log(self, data: Any) -> None:
            """Keep nothing."""

        def previously_logged(self) -> bool:
            return False

    class Quiet(Experiment):
        def log_exposure(self, extras: Any = None) -> None:
            """Log nothing."""

    names = {"Experiment": Experiment, "Quiet": Quiet, "kept": Experiment(unit="user-1")}
    return Calls(names, "Quiet(unit=unit).get('cta')", "kept.get('cta')", "Experiment(unit=unit).get('cta')")


def optimizely(address: str) -> Calls:
    """A datafile with one feature test; its event processor is switched off for the calls that log nothing."""
    from optimizely import optimizely as module
    from optimizely.decision.optimizely_decide_option import OptimizelyDecideOption as Option
    from optimizely.event_dispatcher import EventDispatcher

    class Dispatcher(EventDispatcher):  # type: ignore[misc]
        @staticmethod
        def dispatch_event(event: Any) -> None:
            """Send nothing."""

    client = module.Optimizely(json.dumps(_optimizely_datafile()), event_dispatcher=Dispatcher)
    names = {"client": client, "quiet": [Option.DISABLE_DECISION_EVENT]}
    made = "client.create_user_context(unit).decide"
    return Calls(names, f"{made}(KEY, quiet).variation_key", None, f"{made}(KEY).variation_key")


def _optimizely_datafile() -> dict[str, Any]:
    both = {"featureEnabled": True, "variables": []}
    variations = [{"id": f"v{i}", "key": key, **both} for i, key in enumerate(VARIANTS)]
    ends = [{"entityId": "v0", "endOfRange": 5_000}, {"entityId": "v1", "endOfRange": 10_000}]
    test = {
        "id": "e1", "key": "test", "status": "Running", "layerId": "l1", "audienceIds": [], "forcedVariations": {},
        "variations": variations, "trafficAllocation": ends,
    }  # fmt: skip
    flag = {"id": "f1", "key": KEY, "rolloutId": "", "experimentIds": ["e1"], "variables": []}
    return {
        "version": "4", "revision": "1", "projectId": "1", "accountId": "1", "anonymizeIP": True, "botFiltering": False,
        "sdkKey": "k", "environmentKey": "bench", "rollouts": [], "typedAudiences": [], "audiences": [], "groups": [],
        "attributes": [], "events": [], "variables": [], "experiments": [test], "featureFlags": [flag],
    }  # fmt: skip


def posthog(address: str) -> Calls:
    """Flags evaluated in the process."""
    from posthog import Posthog

    client = Posthog("k", host=address, enable_local_evaluation=False)
    split = [{"key": key, "rollout_percentage": 50} for key in VARIANTS]
    filters = {"groups": [{"properties": [], "rollout_percentage": 100}], "multivariate": {"variants": split}}
    client.feature_flags = [{"id": 1, "key": KEY, "active": True, "filters": filters}]

    exposed = "look(KEY, unit, only_evaluate_locally=True)"
    quiet = "look(KEY, unit, only_evaluate_locally=True, send_feature_flag_events=False)"
    return Calls({"look": client.get_feature_flag}, quiet, exposed, exposed)


def launchdarkly(address: str) -> Calls:
    """Flags from a file; a second client without events for the calls that log nothing."""
    from ldclient.client import LDClient
    from ldclient.config import Config
    from ldclient.context import Context
    from ldclient.integrations import Files

    with tempfile.NamedTemporaryFile("w", suffix=".json", delete=False) as file:
        json.dump({"flags": {KEY: _launchdarkly_flag()}}, file)
    source = Files.new_data_source(paths=[file.name])
    loud = LDClient(Config("k", update_processor_class=source, events_uri=address, diagnostic_opt_out=True))
    mute = LDClient(Config("k", update_processor_class=source, send_events=False))
    names = {"loud": loud.variation, "mute": mute.variation, "create": Context.create}
    exposed = "loud(KEY, create(unit), 'none')"
    return Calls(names, "mute(KEY, create(unit), 'none')", exposed, exposed)


def _launchdarkly_flag() -> dict[str, Any]:
    split = [{"variation": 0, "weight": 50_000}, {"variation": 1, "weight": 50_000}]
    return {
        "key": KEY, "version": 1, "on": True, "salt": "s", "variations": list(VARIANTS), "offVariation": 0,
        "fallthrough": {"rollout": {"kind": "experiment", "variations": split}}, "trackEventsFallthrough": True,
        "trackEvents": True, "targets": [], "rules": [], "prerequisites": [],
    }  # fmt: skip


def unleash(address: str) -> Calls:
    """A toggle with two variants from its cache; it counts exposures, and logs none."""
    from UnleashClient import UnleashClient
    from UnleashClient.cache import FileCache

    cache = FileCache("bench", directory=tempfile.mkdtemp())
    sticky = {"rollout": "100", "stickiness": "userId", "groupId": KEY}
    split = [{"name": key, "weight": 500, "stickiness": "userId", "weightType": "variable"} for key in VARIANTS]
    rollout = {"name": "flexibleRollout", "parameters": sticky}
    toggle = {"name": KEY, "type": "experiment", "enabled": True, "strategies": [rollout], "variants": split}
    cache.bootstrap_from_dict({"version": 2, "features": [toggle]})
    client = UnleashClient(address, "bench", cache=cache, disable_metrics=True, disable_registration=True)
    client.initialize_client(fetch_toggles=False)
    return Calls({"client": client}, "client.get_variant(KEY, {'userId': unit})['name']", None, None)


def statsig(address: str) -> Calls:
    """Specs from a data store; exposure logging is switched off for the calls that log nothing."""
    from statsig_python_core import (
        DataStore,
        DataStoreResponse,
        ExperimentEvaluationOptions,
        Statsig,
        StatsigOptions,
        StatsigUser,
    )

    class Store(DataStore):  # type: ignore[misc]
        def get(self, key: str) -> Any:
            return DataStoreResponse(result=json.dumps(_statsig_specs()), time=1)

        def support_polling_updates_for(self, key: str) -> bool:
            return False

    options = StatsigOptions(
        data_store=Store(), log_event_url=f"{address}/v1/log_event", specs_url=f"{address}/v2/download_config_specs"
    )
    options.disable_country_lookup = True
    client = Statsig("secret-k", options)
    client.initialize().wait()
    off = ExperimentEvaluationOptions(disable_exposure_logging=True)
    names = {"look": client.get_experiment, "StatsigUser": StatsigUser, "off": off}
    exposed = "look(StatsigUser(unit), KEY).get_string('cta', 'none')"
    return Calls(names, "look(StatsigUser(unit), KEY, off).get_string('cta', 'none')", exposed, exposed)


def _statsig_specs() -> dict[str, Any]:
    shares = dict(zip(VARIANTS, (500, 1_000), strict=True))
    experiment = {
        "name": KEY, "type": "dynamic_config", "salt": "s", "enabled": True, "defaultValue": {}, "entity": "experiment",
        "rules": [_statsig_rule(key) for key in shares], "isDeviceBased": False, "idType": "userID", "isActive": True,
        "hasSharedParams": False, "version": 1,
    }  # fmt: skip
    conditions = {key: _statsig_condition(share) for key, share in shares.items()}
    return {
        "dynamic_configs": {KEY: experiment}, "feature_gates": {}, "layer_configs": {}, "layers": {}, "time": 1,
        "condition_map": conditions, "experiment_to_layer": {}, "has_updates": True, "response_format": "dcs-v2",
    }  # fmt: skip


def _statsig_rule(key: str) -> dict[str, Any]:
    return {
        "name": key, "groupName": key, "id": key, "salt": key, "passPercentage": 100, "conditions": [key],
        "returnValue": {"cta": key}, "idType": "userID", "isExperimentGroup": True,
    }  # fmt: skip


def _statsig_condition(share: int) -> dict[str, Any]:
    return {
        "type": "user_bucket", "operator": "lt", "targetValue": share, "field": None,
        "additionalValues": {"salt": "s"}, "isDeviceBased": False, "idType": "userID",
    }  # fmt: skip


ADAPTERS: dict[str, tuple[str, Callable[[str], Calls]]] = {  # the module that is imported, and how it is used
    "keepers": ("keepers", keepers),
    "eppo": ("eppo_client", eppo),
    "statsig": ("statsig_python_core", statsig),
    "posthog": ("posthog", posthog),
    "launchdarkly": ("ldclient", launchdarkly),
    "growthbook": ("growthbook", growthbook),
    "optimizely": ("optimizely.optimizely", optimizely),
    "unleash": ("UnleashClient", unleash),
    "planout": ("planout.experiment", planout),
}


def fastest(loop: Callable[[Sequence[str]], None], bursts: Iterable[Sequence[str]]) -> float:
    """Nanoseconds a call takes in the fastest burst."""
    return min(_burst(loop, burst) for burst in bursts)


def _burst(loop: Callable[[Sequence[str]], None], units: Sequence[str]) -> float:
    began = time.perf_counter_ns()
    loop(units)
    return (time.perf_counter_ns() - began) / len(units)


def again(units: Sequence[str]) -> Iterator[Sequence[str]]:
    """The same burst for a while: what slows a machine down for a moment then falls on some bursts only."""
    until = time.monotonic() + WHILE
    while time.monotonic() < until:
        yield units


def in_stretches(calls: Calls, fresh: Sequence[Sequence[str]], same: Sequence[str]) -> Iterator[Sequence[str]]:
    """Users never seen, with the same ones between stretches: an SDK's own thread then wakes in some of them only."""
    assign = calls.loop(calls.assign)
    for number, burst in enumerate(fresh):
        if number % STRETCH == 0:
            fastest(assign, again(same))
        yield burst


def main(name: str) -> None:
    """Measure one SDK and print what was found."""
    module, adapter = ADAPTERS[name]
    for moved in ("MutableMapping", "Mapping"):  # PlanOut is from before Python 3.10
        setattr(collections, moved, getattr(collections.abc, moved))
    began = time.process_time_ns()  # what others do on the machine is not counted
    __import__(module)
    imported = (time.process_time_ns() - began) / 1e6
    logging.disable(logging.CRITICAL)
    calls = adapter(NOWHERE)
    count = UNITS if name in ("keepers", "eppo") else UNITS // 10
    same = [f"user-{n}" for n in range(count)]
    fresh = [[f"new-{burst}-{n}" for n in range(count)] for burst in range(BURSTS)]
    shown = set(map(calls.function(calls.assign), same))
    assert shown == set(VARIANTS), f"{name} does not split: {shown}"
    report = {"import": imported, "assign": fastest(calls.loop(calls.assign), again(same)), "repeat": None, "new": None}
    if calls.repeat:
        calls.function(calls.repeat)("user-1")
        report["repeat"] = fastest(calls.loop(calls.repeat), again(["user-1"] * count))
    if calls.new:
        report["new"] = fastest(calls.loop(calls.new), in_stretches(calls, fresh, same))
    print(json.dumps(report), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
    sys.stdout.flush()
    __import__("os")._exit(0)  # what was logged is not to be delivered
