"""The life of an experiment: which step may follow which, what users then get, and who decided against the verdict."""

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import text

from experiments import analysis, lifecycle, rollup
from experiments.errors import Conflict, DefinitionError, NotFound, Refused
from experiments.plan_file import read_catalog, read_plan
from experiments.registry import Database, experiments, log, metrics, snapshots
from experiments.settings import Settings
from experiments.snapshot import Snapshot
from keepers.config import parse_config

CATALOG = "measures: {o: {event: order}}\nmetrics: {ordered: {kind: proportion, measure: o, window_days: 1}}"
PLAN = """
key: checkout
variants: [{key: control, weight: 0.4}, {key: one-page, weight: 0.3, payload: {steps: 1}}, {key: two-page, weight: 0.3}]
goals: [{metric: ordered, worthwhile: 0.02}]
overrides: {qa: one-page}
coverage: 0.5
"""
LAUNCH = datetime(2026, 1, 5, 9, tzinfo=UTC)
BECAUSE = {"reason": "It is simpler.", "by": "ada@example.com"}


@pytest.fixture
def shop(home: Any, people: Any) -> Any:
    """A draft, and two people."""
    people(home.db)
    metrics.apply(home.db, read_catalog(CATALOG), "test")
    lifecycle.save(home.db, read_plan(PLAN), "ada@example.com")
    return home


def config(shop: Any, environment: str = "production") -> dict[str, Any]:
    found = json.loads(experiments.served(shop.db, environment)[0])
    return {e["key"]: e for e in found["experiments"]}


@pytest.fixture(scope="module")
def look(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """What an analysis sees of the experiment on its first day, which is the same for all who are to decide."""
    folder = shutil.copytree(migrated, tmp_path_factory.mktemp("look"), dirs_exist_ok=True)
    settings = Settings.load({"KEEPERS_HOME": str(folder)})
    db = Database(settings.registry)
    metrics.apply(db, read_catalog(CATALOG), "test")
    lifecycle.save(db, read_plan(PLAN), "test")
    lifecycle.launch(db, "checkout", "test", at=LAUNCH)
    rollup.collect(settings, LAUNCH.date())
    found = analysis.analyze(settings, "checkout")
    db.engine.dispose()
    return found


def advised(db: Database, look: Snapshot, word: str, treatments: dict[str, str]) -> None:
    """Store the look with this word as its verdict, and a word for each treatment."""
    each = tuple(t.model_copy(update={"word": treatments[t.treatment]}) for t in look.verdict.treatments)
    verdict = look.verdict.model_copy(update={"word": word, "treatments": each})
    stored = snapshots.append(db, look.model_copy(update={"verdict": verdict}))
    assert (stored.number, stored.official, stored.verdict.word) == (1, True, word)


def entries(shop: Any, kind: str) -> list[str]:
    return [e.text for e in log.entries(shop.db, "checkout") if e.kind == kind]


def test_a_draft_is_launched_stopped_and_decided_in_this_order_only(shop: Any) -> None:
    db = shop.db
    with pytest.raises(Conflict, match="is draft, not running"):
        lifecycle.stop(db, "checkout", "ada", "No.")
    with pytest.raises(Conflict, match="is draft; only a launched"):
        lifecycle.decide(db, "checkout", word="drop", **BECAUSE)
    running = lifecycle.launch(db, "checkout", "ada", LAUNCH)
    assert (running.state, running.launched_at, running.launched) == ("running", LAUNCH, date(2026, 1, 5))
    assert running.frozen is not None
    assert running.plan_hash == running.frozen.hash
    with pytest.raises(Conflict, match="is running, not draft: it was launched before"):
        lifecycle.launch(db, "checkout", "ada")
    with pytest.raises(Conflict, match="its plan is frozen; make a new experiment"):
        lifecycle.save(db, read_plan(PLAN.replace("0.02", "0.01")), "ada")
    stopped = lifecycle.stop(db, "checkout", "ada", "Enough.", at=LAUNCH + timedelta(days=9))
    assert (stopped.state, stopped.stopped_at) == ("stopped", LAUNCH + timedelta(days=9))
    with pytest.raises(Conflict, match="is stopped, not running"):
        lifecycle.stop(db, "checkout", "ada", "Again.")
    decided = lifecycle.decide(db, "checkout", word="drop", second="grace@example.com", **BECAUSE)
    assert decided.state == "decided"
    for word in ("drop", "keep", "again"):
        with pytest.raises(Conflict, match="is decided; only a launched, undecided"):
            lifecycle.decide(db, "checkout", word=word, variant="one-page", **BECAUSE)
    assert experiments.get(db, "checkout") == decided


def test_a_running_experiment_may_be_decided_without_a_stop(shop: Any) -> None:
    lifecycle.launch(shop.db, "checkout", "ada", LAUNCH)
    decided = lifecycle.decide(shop.db, "checkout", word="again", second="grace@example.com", **BECAUSE)
    assert decided.state == "decided"
    assert entries(shop, "decision")[0].startswith("Decided: run again. It differs from the verdict")


def test_a_draft_may_be_saved_again_and_frozen_metrics_stay_as_they_were_launched(shop: Any) -> None:
    lifecycle.save(shop.db, read_plan(PLAN.replace("0.02", "0.03")), "ada")
    assert entries(shop, "plan") == ["Plan changed.", "Draft made."]
    launched = lifecycle.launch(shop.db, "checkout", "ada", LAUNCH)
    metrics.apply(shop.db, read_catalog(CATALOG.replace("event: order", "event: paid")), "ada")
    again = experiments.get(shop.db, "checkout")
    assert again.frozen == launched.frozen
    assert again.frozen.definitions["ordered"].numerator.event == "order"


def test_an_unknown_experiment_and_an_unknown_metric_are_named_with_the_nearest(shop: Any) -> None:
    with pytest.raises(NotFound, match=r"no experiment is called 'chekout'. Did you mean 'checkout'\?"):
        lifecycle.launch(shop.db, "chekout", "ada")
    with pytest.raises(DefinitionError, match=r"Did you mean 'ordered'\?"):
        lifecycle.save(shop.db, read_plan(PLAN.replace("metric: ordered", "metric: orderd")), "ada")


@pytest.mark.parametrize("nothing", ["", "  \n"])
def test_stops_decisions_and_comments_need_words(shop: Any, nothing: str) -> None:
    lifecycle.launch(shop.db, "checkout", "ada", LAUNCH)
    with pytest.raises(DefinitionError, match="Say why it is stopped"):
        lifecycle.stop(shop.db, "checkout", "ada", nothing)
    with pytest.raises(DefinitionError, match="Say why"):
        lifecycle.decide(
            shop.db, "checkout", word="drop", reason=nothing, by="ada@example.com", second="grace@example.com"
        )
    with pytest.raises(DefinitionError, match="Write something"):
        lifecycle.comment(shop.db, "checkout", "ada", nothing)
    assert experiments.get(shop.db, "checkout").state == "running"


@pytest.mark.parametrize(
    ("choice", "words"),
    [
        ({"word": "ship"}, "'ship' is not a decision; choose keep, drop or again"),
        ({"word": "keep"}, "Which variant is kept?"),
        ({"word": "keep", "variant": "control"}, "'control' is none of one-page, two-page"),
        ({"word": "keep", "variant": "one-page", "coverage": 0}, "coverage is 0"),
        ({"word": "keep", "variant": "one-page", "coverage": 1.1}, "coverage is 1.1"),
        ({"word": "keep", "variant": "one-page", "coverage": float("nan")}, "coverage is nan"),
    ],
)
def test_a_choice_that_does_not_fit_the_plan_is_refused(shop: Any, choice: dict[str, Any], words: str) -> None:
    lifecycle.launch(shop.db, "checkout", "ada", LAUNCH)
    with pytest.raises(DefinitionError, match=words.replace("?", r"\?")):
        lifecycle.decide(shop.db, "checkout", second="grace@example.com", **choice, **BECAUSE)


@pytest.mark.parametrize("second", ["", "nobody@example.com", "ada@example.com", " ADA@example.com "])
def test_deciding_against_the_verdict_needs_a_second_person(shop: Any, second: str) -> None:
    lifecycle.launch(shop.db, "checkout", "ada", LAUNCH)
    with pytest.raises(Refused, match=r"'keep' differs from the verdict \(none yet\), which needs a second person"):
        lifecycle.decide(shop.db, "checkout", word="keep", variant="one-page", second=second, **BECAUSE)
    assert experiments.get(shop.db, "checkout").decision is None


def test_a_decision_against_the_verdict_is_recorded_with_both_people(shop: Any, look: Snapshot) -> None:
    lifecycle.launch(shop.db, "checkout", "ada", LAUNCH)
    advised(shop.db, look, "stop", {"one-page": "stop", "two-page": "stop"})
    found = lifecycle.decide(
        shop.db,
        "checkout",
        word="keep",
        variant="two-page",
        second=" Grace@example.com",
        learning="We like it.",
        **BECAUSE,
    ).decision
    assert found is not None
    assert (found.word, found.variant, found.by, found.verdict, found.snapshot) == (
        "keep",
        "two-page",
        "ada@example.com",
        "stop",
        1,
    )
    assert not found.followed
    assert "differs from the verdict (stop); second person: Grace@example.com." in entries(shop, "decision")[0]


@pytest.mark.parametrize(
    ("word", "verdict", "treatments", "variant", "followed"),
    [
        ("keep", "keep", {"one-page": "keep", "two-page": "stop"}, "one-page", True),
        ("keep", "keep", {"one-page": "keep", "two-page": "stop"}, "two-page", False),
        pytest.param("keep", "keep", {"one-page": "keep", "two-page": "keep"}, "two-page", True, marks=pytest.mark.slow),
        ("drop", "drop", {"one-page": "drop", "two-page": "stop"}, None, True),
        pytest.param("drop", "stop", {"one-page": "stop", "two-page": "stop"}, None, True, marks=pytest.mark.slow),
        ("drop", "keep", {"one-page": "keep", "two-page": "drop"}, None, False),
        ("again", "review", {"one-page": "review", "two-page": "drop"}, None, True),
        ("drop", "review", {"one-page": "review", "two-page": "drop"}, None, True),
        ("keep", "review", {"one-page": "review", "two-page": "drop"}, "one-page", True),
        ("keep", "review", {"one-page": "review", "two-page": "drop"}, "two-page", False),
        ("again", "wait", {"one-page": "wait", "two-page": "wait"}, None, False),
        pytest.param("again", "invalid", {"one-page": "invalid", "two-page": "invalid"}, None, True, marks=pytest.mark.slow),
        pytest.param("again", "keep", {"one-page": "keep", "two-page": "drop"}, None, False, marks=pytest.mark.slow),
        pytest.param("drop", "wait", {"one-page": "wait", "two-page": "wait"}, None, False, marks=pytest.mark.slow),
    ],
)  # fmt: skip
def test_a_decision_follows_the_verdict_on_the_variant_that_it_keeps(
    home: Any, people: Any, look: Snapshot, word: str, verdict: str, treatments: dict[str, str], variant: str | None,
    followed: bool,
) -> None:  # fmt: skip
    people(home.db)
    home.launched(CATALOG, PLAN, LAUNCH)
    advised(home.db, look, verdict, treatments)
    chosen = {"word": word, "variant": variant, **BECAUSE}
    if not followed:
        with pytest.raises(Refused, match="second person"):
            lifecycle.decide(home.db, "checkout", **chosen)
    second = "" if followed else "grace@example.com"
    decision = lifecycle.decide(home.db, "checkout", second=second, **chosen).decision
    assert decision is not None
    assert decision.followed is followed


def test_what_users_get_in_each_state(shop: Any) -> None:
    assert "checkout" not in config(shop)
    assert config(shop, "development")["checkout"]["status"] == "draft"
    lifecycle.launch(shop.db, "checkout", "ada", LAUNCH)
    running = config(shop)["checkout"]
    assert (running["status"], running["serve"], running["version"], running["salt"]) == (
        "running",
        None,
        1,
        "checkout",
    )
    assert running["variants"][1] == {"key": "one-page", "weight": 0.3, "payload": {"steps": 1}}
    assert (running["coverage"], running["overrides"]) == (0.5, {"qa": "one-page"})
    lifecycle.stop(shop.db, "checkout", "ada", "Enough.")
    stopped = config(shop)["checkout"]
    assert (stopped["status"], stopped["serve"]) == ("stopped", None)


@pytest.mark.parametrize("word", ["drop", "again"])
def test_after_any_decision_but_keep_users_get_control(shop: Any, word: str) -> None:
    lifecycle.launch(shop.db, "checkout", "ada", LAUNCH)
    lifecycle.decide(
        shop.db, "checkout", word=word, variant="one-page", coverage=0.3, second="grace@example.com", **BECAUSE
    )
    found = config(shop)["checkout"]
    assert (found["status"], found["serve"]) == ("decided", None)


def test_after_keep_users_get_the_kept_variant_at_its_coverage(shop: Any) -> None:
    lifecycle.launch(shop.db, "checkout", "ada", LAUNCH)
    _, before = experiments.served(shop.db, "production")
    lifecycle.decide(
        shop.db, "checkout", word="keep", variant="two-page", coverage=0.25, second="grace@example.com", **BECAUSE
    )
    assert config(shop)["checkout"]["serve"] == {"variant": "two-page", "coverage": 0.25, "version": 2}
    assert experiments.served(shop.db, "production")[1] != before, "a new config has another ETag"


def test_with_one_treatment_keep_need_not_name_it(shop: Any) -> None:
    plan = PLAN.replace("checkout", "simple").replace(", {key: two-page, weight: 0.3}", "").replace("0.4", "0.7")
    lifecycle.save(shop.db, read_plan(plan), "ada")
    lifecycle.launch(shop.db, "simple", "ada", LAUNCH)
    lifecycle.decide(shop.db, "simple", word="keep", second="grace@example.com", **BECAUSE)
    assert config(shop)["simple"]["serve"] == {"variant": "one-page", "coverage": 1.0}


def test_every_step_is_in_the_log_with_who_did_it(shop: Any) -> None:
    lifecycle.launch(shop.db, "checkout", "ada", LAUNCH)
    lifecycle.comment(shop.db, "checkout", "grace", "  Looks fine.  ")
    lifecycle.stop(shop.db, "checkout", "ada", "Enough.")
    lifecycle.decide(shop.db, "checkout", word="drop", second="grace@example.com", **BECAUSE)
    found = [(e.who, e.kind) for e in log.entries(shop.db, "checkout")]
    assert found == [
        ("ada@example.com", "decision"), ("ada", "stop"), ("grace", "comment"), ("ada", "launch"),
        ("ada@example.com", "plan"),
    ]  # fmt: skip
    assert entries(shop, "comment") == ["Looks fine."]


def test_a_refused_step_leaves_no_trace(shop: Any) -> None:
    before = log.entries(shop.db, "checkout")
    with pytest.raises(Conflict):
        lifecycle.stop(shop.db, "checkout", "ada", "No.")
    with pytest.raises(Conflict):
        lifecycle.decide(shop.db, "checkout", word="drop", second="grace@example.com", **BECAUSE)
    assert log.entries(shop.db, "checkout") == before


def test_a_prerequisite_must_exist_have_the_variant_and_be_launched_first(shop: Any) -> None:
    """The config is read as a whole: a prerequisite that leads nowhere would stop every experiment."""
    needs = PLAN.replace("key: checkout", "key: next").replace("overrides", "prerequisites: [{experiment: %s}]\noverrides")
    for broken, words in [
        ("chekout, variants: [one-page]", "Did you mean 'checkout'"),
        ("checkout, variants: [one-pag]", "Did you mean 'one-page'"),
        ("next, variants: [one-page]", "lead back to itself"),
    ]:
        with pytest.raises(DefinitionError, match=words):
            lifecycle.save(shop.db, read_plan(needs % broken), "ada@example.com")
    lifecycle.save(shop.db, read_plan(needs % "checkout, variants: [one-page]"), "ada@example.com")
    with pytest.raises(Conflict, match="needs 'checkout', which is still a draft"):
        lifecycle.launch(shop.db, "next", "ada@example.com")
    lifecycle.launch(shop.db, "checkout", "ada@example.com")
    lifecycle.launch(shop.db, "next", "ada@example.com")
    assert parse_config({"experiments": list(config(shop).values())}).experiments["next"].prerequisites


def test_a_kept_enhancement_is_withdrawn_at_once_and_its_decision_stays(shop: Any) -> None:
    db = shop.db
    lifecycle.launch(db, "checkout", "ada", LAUNCH)
    lifecycle.decide(db, "checkout", word="keep", variant="one-page", second="grace@example.com", **BECAUSE)
    assert config(shop)["checkout"]["serve"] == {"variant": "one-page", "coverage": 1.0}
    taken = lifecycle.stop(db, "checkout", "grace", "It breaks on old phones.", at=LAUNCH)
    assert taken.decision is not None
    assert taken.decision.withdrawn is not None
    assert (taken.state, taken.decision.word, taken.decision.withdrawn.at) == ("decided", "keep", LAUNCH)
    assert config(shop)["checkout"]["serve"] is None
    assert not taken.reaches_users
    assert log.entries(db, "checkout")[0].text.startswith("Withdrawn; everyone gets control from now on.")
    with pytest.raises(Conflict, match="serves control to everyone already"):
        lifecycle.stop(db, "checkout", "grace", "Again.")


def test_a_clone_has_the_plan_and_a_split_of_its_own(shop: Any) -> None:
    db = shop.db
    first = lifecycle.save(db, read_plan(PLAN).model_copy(update={"salt": "old"}), "ada")
    made = lifecycle.clone(db, "checkout", " again ", "ada")
    assert (made.key, made.state, made.launched) == ("again", "draft", None)
    assert made.plan == first.plan.model_copy(update={"key": "again", "salt": ""})
    with pytest.raises(Conflict, match="'checkout' is the key of another experiment"):
        lifecycle.clone(db, "again", "checkout", "ada")
    with pytest.raises(DefinitionError, match="key"):
        lifecycle.clone(db, "again", "Not a key", "ada")


def test_a_roll_out_is_served_step_by_step_by_the_day_alone(shop: Any) -> None:
    db = shop.db
    lifecycle.launch(db, "checkout", "ada", LAUNCH)
    kept = {"word": "keep", "variant": "one-page", "second": "grace@example.com", **BECAUSE}
    for ramp, wrong in (
        ([(1, 0.1), (2, 0.95)], "begin on day 0"), ([(0, 0.5), (2, 0.5)], "rise from step to step"),
        ([(0, 0.1), (2, 0.5)], "write the same in both"), ([(0, 0.0), (2, 0.95)], "more than 0"),
    ):  # fmt: skip
        with pytest.raises(DefinitionError, match=wrong):
            lifecycle.decide(db, "checkout", coverage=0.95, ramp=ramp, **kept)
    decision = lifecycle.decide(db, "checkout", coverage=0.95, ramp=[(0, 0.1), (2, 0.5), (7, 0.95)], **kept).decision
    assert decision is not None
    first = decision.ramp[0].day
    found = []
    for days in (-1, 0, 1, 2, 6, 7, 400):
        body, _ = experiments.served(db, "production", first + timedelta(days=days))
        found.append(next(e["serve"]["coverage"] for e in json.loads(body)["experiments"] if e["key"] == "checkout"))
    assert found == [0.1, 0.1, 0.1, 0.5, 0.5, 0.95, 0.95]


@pytest.fixture
def server(on_server: Any) -> Any:
    """PostgreSQL, where transactions run beside each other; in SQLite they take turns by themselves."""
    metrics.apply(on_server.db, read_catalog(CATALOG), "test")
    return on_server


def waiting(db: Any) -> int:
    """How many transactions of this database wait for another's lock."""
    with db.read() as session:
        return session.scalar(text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"))


def test_a_plan_that_is_changed_while_it_is_launched_is_not_changed(server: Any, monkeypatch: Any) -> None:
    lifecycle.save(server.db, read_plan(PLAN), "ada@example.com")
    with ThreadPoolExecutor(1) as pool:
        changing = []

        def freeze(*arguments: Any) -> Any:
            monkeypatch.undo()
            changing.append(pool.submit(lifecycle.save, server.db, read_plan(PLAN.replace("0.5", "0.9")), "eve@example.com"))
            while not changing[0].done() and not waiting(server.db):
                pass
            return lifecycle.freeze(*arguments)

        monkeypatch.setattr(lifecycle, "freeze", freeze)
        launched = lifecycle.launch(server.db, "checkout", "ada@example.com")
        with pytest.raises(Conflict, match="is running, not draft"):
            changing[0].result()
    assert experiments.get(server.db, "checkout").plan == launched.plan == launched.frozen.plan


def test_two_who_make_the_same_draft_at_the_same_moment_make_one(server: Any) -> None:
    meet = Barrier(2)

    def make(by: str) -> str:
        meet.wait()
        try:
            return lifecycle.save(server.db, read_plan(PLAN), by).state
        except Conflict as error:
            return str(error)

    with ThreadPoolExecutor(2) as pool:
        said = sorted(pool.map(make, ("ada@example.com", "eve@example.com")))
    assert said[0] == "draft"
    assert said[1] == "draft" or "at the same moment" in said[1]
    assert len(log.entries(server.db, "checkout")) == said.count("draft")
