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
from collections.abc import Callable, Sequence
from typing import Any

KEY, VARIANTS = "checkout-cta", ("control", "treatment")
UNITS = 2_000  # in one burst: short, so that the fastest burst was not interrupted
BURSTS = 15
NOWHERE = "http://127.0.0.1:9"
Assign = Callable[[str], object]
Adapter = Callable[[str], "tuple[Assign, Assign | None, Assign | None]"]


def keepers(address: str) -> tuple[Assign, Assign | None, Assign | None]:
    """Ours: one call for all three."""
    from keepers import Client

    variants = [{"key": key, "weight": 0.5} for key in VARIANTS]
    config = {"schema": 1, "experiments": [{"key": KEY, "version": 1, "status": "running", "variants": variants}]}
    client = Client(config, "k", sink=address, on_error=lambda error: None)
    look = client.variant

    def exposed(unit: str) -> object:
        return look(KEY, unit)

    return lambda unit: look(KEY, unit, expose=False), exposed, exposed


def eppo(address: str) -> tuple[Assign, Assign | None, Assign | None]:
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
    look = client.get_string_assignment
    nothing: dict[str, Any] = {}

    def exposed(unit: str) -> object:
        return look(KEY, unit, nothing, "none")

    return lambda unit: look("quiet", unit, nothing, "none"), exposed, exposed


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


def growthbook(address: str) -> tuple[Assign, Assign | None, Assign | None]:
    """One instance for each unit, as its documentation has it."""
    from growthbook import GrowthBook

    rule = {"variations": list(VARIANTS), "weights": [0.5, 0.5], "hashAttribute": "id", "key": KEY}
    features = {KEY: {"defaultValue": "control", "rules": [rule]}}

    def told(*_: object, **__: object) -> None:
        """Keep nothing."""

    def look(unit: str, callback: Any = None) -> object:
        book = GrowthBook(attributes={"id": unit}, features=features, on_experiment_viewed=callback)
        return book.get_feature_value(KEY, "none")

    return look, lambda unit: look(unit, told), lambda unit: look(unit, told)


def planout(address: str) -> tuple[Assign, Assign | None, Assign | None]:
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

    def quiet(unit: str) -> object:
        experiment = Experiment(unit=unit)
        experiment.auto_exposure_log = False
        return experiment.get("cta")

    kept = Experiment(unit="user-1")
    return quiet, lambda unit: kept.get("cta"), lambda unit: Experiment(unit=unit).get("cta")


def optimizely(address: str) -> tuple[Assign, Assign | None, Assign | None]:
    """A datafile with one feature test; its event processor is switched off for the calls that log nothing."""
    from optimizely import optimizely as module
    from optimizely.decision.optimizely_decide_option import OptimizelyDecideOption as Option
    from optimizely.event_dispatcher import EventDispatcher

    class Dispatcher(EventDispatcher):  # type: ignore[misc]
        @staticmethod
        def dispatch_event(event: Any) -> None:
            """Send nothing."""

    client = module.Optimizely(json.dumps(_optimizely_datafile()), event_dispatcher=Dispatcher)
    quiet = [Option.DISABLE_DECISION_EVENT]

    def exposed(unit: str) -> object:
        return client.create_user_context(unit).decide(KEY).variation_key

    return lambda unit: client.create_user_context(unit).decide(KEY, quiet).variation_key, None, exposed


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


def posthog(address: str) -> tuple[Assign, Assign | None, Assign | None]:
    """Flags evaluated in the process."""
    from posthog import Posthog

    client = Posthog("k", host=address, enable_local_evaluation=False)
    split = [{"key": key, "rollout_percentage": 50} for key in VARIANTS]
    filters = {"groups": [{"properties": [], "rollout_percentage": 100}], "multivariate": {"variants": split}}
    client.feature_flags = [{"id": 1, "key": KEY, "active": True, "filters": filters}]

    def quiet(unit: str) -> object:
        return client.get_feature_flag(KEY, unit, only_evaluate_locally=True, send_feature_flag_events=False)

    def exposed(unit: str) -> object:
        return client.get_feature_flag(KEY, unit, only_evaluate_locally=True)

    return quiet, exposed, exposed


def launchdarkly(address: str) -> tuple[Assign, Assign | None, Assign | None]:
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

    def exposed(unit: str) -> object:
        return loud.variation(KEY, Context.create(unit), "none")

    return lambda unit: mute.variation(KEY, Context.create(unit), "none"), exposed, exposed


def _launchdarkly_flag() -> dict[str, Any]:
    split = [{"variation": 0, "weight": 50_000}, {"variation": 1, "weight": 50_000}]
    return {
        "key": KEY, "version": 1, "on": True, "salt": "s", "variations": list(VARIANTS), "offVariation": 0,
        "fallthrough": {"rollout": {"kind": "experiment", "variations": split}}, "trackEventsFallthrough": True,
        "trackEvents": True, "targets": [], "rules": [], "prerequisites": [],
    }  # fmt: skip


def unleash(address: str) -> tuple[Assign, Assign | None, Assign | None]:
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
    return lambda unit: client.get_variant(KEY, {"userId": unit})["name"], None, None


def statsig(address: str) -> tuple[Assign, Assign | None, Assign | None]:
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

    def quiet(unit: str) -> object:
        return client.get_experiment(StatsigUser(unit), KEY, off).get_string("cta", "none")

    def exposed(unit: str) -> object:
        return client.get_experiment(StatsigUser(unit), KEY).get_string("cta", "none")

    return quiet, exposed, exposed


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


ADAPTERS: dict[str, tuple[str, Adapter]] = {  # the module that is imported, and how it is used
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


def fastest(call: Assign, bursts: Sequence[Sequence[str]]) -> float:
    """Nanoseconds a call takes in the fastest burst, without the loop."""
    took = []
    for burst in bursts:
        began = time.perf_counter_ns()
        for unit in burst:
            call(unit)
        middle = time.perf_counter_ns()
        for _ in burst:
            pass
        took.append(2 * middle - began - time.perf_counter_ns())
    return min(took) / len(bursts[0])


def main(name: str) -> None:
    """Measure one SDK and print what was found."""
    module, adapter = ADAPTERS[name]
    for moved in ("MutableMapping", "Mapping"):  # PlanOut is from before Python 3.10
        setattr(collections, moved, getattr(collections.abc, moved))
    began = time.perf_counter_ns()
    __import__(module)
    imported = (time.perf_counter_ns() - began) / 1e6
    logging.disable(logging.CRITICAL)
    quiet, repeat, new = adapter(NOWHERE)
    count = UNITS if name in ("keepers", "eppo") else UNITS // 10
    same = [[f"user-{n}" for n in range(count)]] * BURSTS
    fresh = [[f"new-{burst}-{n}" for n in range(count)] for burst in range(BURSTS)]
    shown = {quiet(unit) for unit in same[0]}
    assert shown == set(VARIANTS), f"{name} does not split: {shown}"
    report = {"import": imported, "assign": fastest(quiet, same), "repeat": None, "new": None}
    if repeat:
        repeat("user-1")
        report["repeat"] = fastest(repeat, [["user-1"] * count] * BURSTS)
    if new:
        report["new"] = fastest(new, fresh)
    print(json.dumps(report), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
    sys.stdout.flush()
    __import__("os")._exit(0)  # what was logged is not to be delivered
