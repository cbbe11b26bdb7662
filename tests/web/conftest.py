"""A real application on a temporary home: with a shop full of experiments to look at, or empty to change."""

import io
import json
import math
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache
from PIL import Image
from werkzeug.test import TestResponse

from experiments import lifecycle, picturing
from experiments.inbox import Inbox
from experiments.plan import Layer, Plan, Prior, freeze
from experiments.planning import outlook
from experiments.registry import Database, experiments, keys, metrics, passwords, snapshots, users
from experiments.settings import Settings
from experiments.snapshot import Arm, ArmMoments, Snapshot
from web import create_app

sys.path.insert(0, str(Path(__file__).parents[1] / "reports"))
import samples

sys.path.insert(0, str(Path(__file__).parent))  # for matrix.py

PASSWORD = "correct horse battery"
PEOPLE = {
    "viewer": "vi@example.com", "experimenter": "pm@example.com",
    "reviewer": "rev@example.com", "administrator": "ad@example.com",
}  # fmt: skip
LAUNCHED = datetime(2026, 11, 2, tzinfo=UTC)


def kept(snapshot: Snapshot, days: int) -> Snapshot:
    """The snapshot with what an analysis keeps of the goals' arms: as many units on each of the days."""
    arms = ("control", "variant")
    found = [m if m.role != "goal" else m.model_copy(update={a: _kept(getattr(m, a), days) for a in arms}) for m in snapshot.metrics]
    return snapshot.model_copy(update={"metrics": tuple(found)})


def _kept(arm: Arm, days: int) -> Arm:
    n = 2_400 * days
    mean = arm.mean * (1 + 0.004 * math.sin(days)) if arm.variant != "control" else arm.mean
    return arm.model_copy(update={"moments": ArmMoments(n=n, names=("y",), mean=(mean,), cov=(abs(mean),))})


def every_reading(snapshot: Snapshot) -> Snapshot:
    """The snapshot with a bad, a flat, an unknown and a good reading, each with the interval that says so."""
    shown = {
        "completed": (0.481, -0.041, 0.014, "worse"), "revenue": (31.42, 0.001, 0.008, "about the same"),
        "refused": (0.0231, 0.06, 0.1, "not yet shown safe"), "load": (1.84, -0.012, 0.013, "safe"),
    }  # fmt: skip
    made = [samples.result(snapshot.frozen, key, "t1", values, expected=None) for key, values in shown.items()]
    rest = [m for m in snapshot.metrics if m.metric not in shown]
    return snapshot.model_copy(update={"metrics": (*made, *rest)})


def all_failed(snapshot: Snapshot) -> Snapshot:
    """The snapshot in which no metric could be computed."""
    gone = {"effect": None, "raw": None, "band": None, "control": None, "variant": None, "expected": None}
    why = {"error": "the table events.purchases is gone", "reading": "not enough data"}
    metrics = tuple(m.model_copy(update={**gone, **why}) for m in snapshot.metrics)
    return snapshot.model_copy(update={"metrics": metrics, "segments": (), "trends": (), "others": ()})


DIFFERENT = {"halted": every_reading, "broken": all_failed}


@dataclass
class Site:
    """One installation with its application, and an API key of production."""

    app: Flask
    settings: Settings
    db: Database
    inbox: Inbox
    token: str

    def send(self, client: FlaskClient, address: str, data: dict[str, object] | None = None) -> TestResponse:
        """Post a form as a browser does: with the proof of origin from a page of ours."""
        found = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/sign-in", follow_redirects=True).text)
        assert found, "the page has no form"
        return client.post(address, data={"csrf_token": found[1], **(data or {})})

    def collect(self, body: object, **headers: str) -> TestResponse:
        """Post to the collector as an SDK does; anything but bytes goes as JSON."""
        sent = body if isinstance(body, bytes) else json.dumps(body).encode()
        known = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.app.test_client().post("/v1/events", data=sent, headers={**known, **named})

    def client(self, role: str = "administrator") -> FlaskClient:
        """A browser in which somebody of this role has signed in; nobody for ''."""
        client = self.app.test_client()
        if role:
            self.send(client, "/sign-in", {"email": PEOPLE[role], "password": PASSWORD})
        return client

    def launched(self, plan: Plan, word: str, looks: int = 14) -> None:
        """Store an experiment with its official looks; the last one has this verdict."""
        by = PEOPLE["experimenter"]
        lifecycle.save(self.db, plan, by)
        frozen = lifecycle.launch(self.db, plan.key, by, LAUNCHED).frozen
        for day in range(1, looks + 1):
            made = kept(samples.snapshot(frozen, day, word if day == looks else "wait"), day)
            snapshots.append(self.db, DIFFERENT.get(plan.key, lambda s: s)(made))


@pytest.fixture(scope="session", autouse=True)
def compiled_templates(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A hundred applications are made here, each of which would compile its templates itself."""
    before, Flask.jinja_options = Flask.jinja_options, {"bytecode_cache": FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))}
    yield
    Flask.jinja_options = before


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords() -> Iterator[None]:
    """These tests sign in hundreds of times; a hash with dearer costs would be made anew at the first."""
    dear, passwords.HASHER = passwords.HASHER, PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    yield
    passwords.HASHER = dear


@pytest.fixture(scope="session")
def furnished(cheap_passwords: None, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A home with a catalogue, one person of each role, and a key, and the key's token; to be copied."""
    settings = Settings.load({"KEEPERS_HOME": str(tmp_path_factory.mktemp("furnished"))})
    db, inbox = Database(settings.registry), Inbox(settings.inbox)
    db.migrate()
    inbox.migrate()
    metrics.apply(db, samples.CATALOG, by="test")
    for role, email in PEOPLE.items():
        users.add(db, email=email, name=f"{role.capitalize()} Example", password=PASSWORD, role=role)
    token = keys.create(db, name="test")[1]
    for store in (db, inbox.database):
        store.engine.dispose()
    return settings.home, token


@pytest.fixture(scope="session")
def make_site(tmp_path_factory: pytest.TempPathFactory, furnished: tuple[Path, str]) -> Iterator[Callable[[], Site]]:
    """Make installations with a catalogue, one person of each role, and a key."""
    made: list[Site] = []

    def make() -> Site:
        home = shutil.copytree(furnished[0], tmp_path_factory.mktemp("home"), dirs_exist_ok=True)
        settings = Settings.load({"KEEPERS_HOME": str(home), "KEEPERS_LIMITS": "off"})
        app = create_app(settings)
        app.testing = True
        made.append(Site(app, settings, Database(settings.registry), Inbox(settings.inbox), furnished[1]))
        return made[-1]

    yield make
    for site in made:
        own = site.app.extensions["keepers"]
        for store in (site.db, site.inbox.database, own.db, own.inbox.database):
            store.engine.dispose()


@pytest.fixture
def site(make_site: Callable[[], Site]) -> Site:
    """An installation without experiments, for tests that change it."""
    return make_site()


@pytest.fixture(scope="session")
def shop(make_site: Callable[[], Site]) -> Site:
    """An installation with an experiment in every state, for tests that only look."""
    site, by = make_site(), PEOPLE["experimenter"]
    site.launched(samples.plan(), "keep")
    found = {"title": "Search that understands typos", "team": "Discovery", "secondary": ("long", "through")}
    site.launched(samples.plan("search", **found), "wait", 9)
    site.launched(samples.plan("sign-up", title="Shorter sign-up", tags=("forms", "phones")), "invalid", 8)
    site.launched(samples.plan("promise", treatments=5, title="Which delivery promise?"), "keep")
    by_posterior = {"method": "bayesian", "prior": Prior(sd=0.05), "title": "A shorter receipt"}
    site.launched(samples.plan("receipt", **by_posterior), "keep", 3)
    many = tuple(f"extra-{n}" for n in range(56))  # sixty metrics with the goals and guardrails
    site.launched(samples.plan("forty", secondary=many, title=samples.RTL), "review")
    lifecycle.decide(site.db, "forty", word="again", reason="We want to know more.", by=by)
    site.launched(samples.plan("halted", title="A pop-up that asks for the number"), "stop", 9)
    site.launched(samples.plan("dull", treatments=2, title="Two shades of one button"), "drop")
    site.launched(samples.plan("broken", title="Nothing of it can be computed"), "review", 2)
    lone = samples.plan("lone", secondary=(), method="always-valid", title=(samples.LONG + ".")[:120])
    site.launched(lone.model_copy(update={"goals": lone.goals[:1], "guardrails": ()}), "wait", 1)
    lifecycle.save(site.db, samples.plan("basket", title="A basket that follows the account"), by)
    planned(site, "basket", by)
    lifecycle.save(site.db, samples.plan("fresh", title="Just launched"), by)
    lifecycle.launch(site.db, "fresh", by)
    lifecycle.comment(site.db, "checkout-one-page", PEOPLE["reviewer"], "App 4.12 went out today.")
    finished(site, by)
    return site


def finished(site: Site, by: str) -> None:
    """One that is rolled out in steps from a slice of a layer, one withdrawn since, and one dropped with harm shown."""
    layer = Layer.model_validate({"name": "basket", "salt": "basket", "from": 0.0, "to": 0.4})
    site.launched(samples.plan("reviews", title="Reviews beside the price", layer=layer, tags=("price",)), "keep")
    learning = "People who see what others say buy sooner."
    steps = {"ramp": ((0, 0.6), (7, 0.8), (14, 0.95)), "coverage": 0.95, "learning": learning}
    lifecycle.decide(site.db, "reviews", word="keep", reason="It brings more.", by=by, **steps)
    site.launched(samples.plan("badge", title="A badge on what is new"), "keep", 8)
    lifecycle.decide(site.db, "badge", word="keep", reason="It brings more.", by=by)
    lifecycle.stop(site.db, "badge", by, "The badge hid the price on small phones.")
    site.launched(samples.plan("timer", title="A clock that runs down", tags=("price", "phones")), "stop", 9)
    lifecycle.decide(site.db, "timer", word="drop", reason="It harms.", by=by, learning="Haste makes people leave.")


def planned(site: Site, key: str, by: str) -> None:
    """Give a draft what its page can show: the odds, and a picture of each variant."""
    frozen = freeze(experiments.get(site.db, key).plan, metrics.catalog(site.db))
    outlook.store(site.db, key, outlook.work_out(site.settings, site.db, frozen, 4_700), by=by)
    for variant in ("control", "t1"):
        picture = io.BytesIO()
        Image.new("RGB", (1_200, 800), "teal").save(picture, "PNG")
        picturing.add(site.db, key, variant=variant, alt=f"The basket, {variant}", data=picture.getvalue(), by=by)


PAGES = [
    "/experiments", "/experiments?q=typos&state=running", "/experiments?q=nothing-has-this",
    "/experiments/checkout-one-page", "/experiments/checkout-one-page?snapshot=3", "/experiments/search", "/experiments/sign-up", "/experiments/promise",
    "/experiments/promise?variant=t3", "/experiments/halted", "/experiments/dull", "/experiments/broken",
    "/experiments/forty", "/experiments/lone", "/experiments/basket", "/experiments/fresh", "/experiments/new",
    "/experiments/basket/edit", "/experiments/promise/decide", "/experiments/search/stop", "/experiments/lone/extend", "/experiments/lone/phase?weight-control=20&weight-t1=80", "/experiments/search/clone", "/experiments/search/why", "/experiments/fresh/decide", "/events", "/metrics", "/metrics/completed", "/metrics/through",
    "/experiments/reviews", "/experiments/badge", "/experiments/timer",
    "/portfolio", "/portfolio?team=Discovery&to=2027-02-01",
    "/learnings", "/learnings?q=haste", "/learnings?q=nothing-has-this",
    "/metrics/revenue?check=yes", "/metrics/revenue?preview=yes", "/keys",
    "/audit?verify=yes", "/people", "/account?two-step=on",
    "/experiments/checkout-one-page/share", "/api/v1/docs",
]  # fmt: skip


EXAMPLE = "checkout-one-page"  # for routes of an experiment that PAGES does not name
NO_PAGES = re.compile(r"^/(-/|learnings/similar|api/|v1/|static/|shared/|sign-in|health|ready|metrics|$)|\.[^/]*$")  # data, files, probes


@cache
def routed() -> list[str]:
    """A page of each GET route of the app that PAGES leaves out: a new one is looked at without being named there."""
    with tempfile.TemporaryDirectory() as home:
        app = create_app(Settings.load({"KEEPERS_HOME": home}))
        urls = app.url_map.bind("localhost")
        named = {urls.match(address.split("?")[0])[0] for address in PAGES}
        rules = [r for r in app.url_map.iter_rules() if "GET" in (r.methods or ()) and not NO_PAGES.search(r.rule)]
        found = [urls.build(r.endpoint, dict.fromkeys(r.arguments, EXAMPLE)) for r in rules if r.endpoint not in named]
        own = app.extensions["keepers"]
        for store in (own.db, own.inbox.database):
            store.engine.dispose()
    return sorted(found)


STATES = ("halted", "sign-up", "basket", "fresh")  # results in which each tone stands, invalid ones, a draft, none yet


@pytest.fixture
def new_route(page: str) -> bool:
    """Whether no page before this one has its address but for what it names, or it shows results in another state."""
    route = lambda p: re.sub(r"^/(experiments|metrics)/(?!new$)[^/]+", r"/\1/", p.split("?")[0])  # noqa: E731
    return page.split("/")[-1] in STATES or page == next(p for p in [*PAGES, *routed()] if route(p) == route(page))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give every page to the tests that take a `page`."""
    if "page" in metafunc.fixturenames:
        metafunc.parametrize("page", [*PAGES, *routed()])
