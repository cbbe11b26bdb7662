"""Every route that changes something writes exactly one row to the audit log, with who, from where, before and after."""

import dataclasses
import io
import json
import time
from datetime import UTC, datetime

import pytest
import samples
from PIL import Image

from experiments import approving, archiving, lifecycle, phases, picturing, totp
from experiments.registry import audit, experiments, keys, pictures, sessions, shares, users
from web import create_app

pytestmark = pytest.mark.slow

BY, ADMIN, PASSWORD = "pm@example.com", "ad@example.com", "correct horse battery"
DATA = {"collector.receive"}  # events are data, not changes
HARDER = {"control": 0.2, "t1": 0.8}
READS = {"experiments.tell_why", "api.explain_assignment"}  # posted as ids must stand in no address; they store nothing


def picture():
    out = io.BytesIO()
    Image.new("RGB", (40, 20), "teal").save(out, "PNG")
    return out.getvalue()


class World:
    """One installation with something for each route to change."""

    def __init__(self, site):
        self.site = site
        self.db = site.db
        self.admin = site.client()
        self.api = {role: keys.create(site.db, name=role, role=role)[1] for role in ("experimenter", "reviewer")}
        self.made = 0

    def draft(self):
        self.made += 1
        lifecycle.save(self.db, samples.plan(f"draft-{self.made}"), BY)
        return f"draft-{self.made}"

    def archived(self):
        archiving.archive(self.db, self.draft(), BY)
        return f"draft-{self.made}"

    def running(self):
        self.made += 1
        self.site.launched(samples.plan(f"running-{self.made}"), "keep", 1)
        return f"running-{self.made}"

    def waiting(self):
        self.made += 1
        self.site.launched(samples.plan(f"waiting-{self.made}"), "wait", 1)
        return f"waiting-{self.made}"

    def measured(self):
        self.running()
        return self.draft()

    def pictured(self):
        picturing.add(self.db, self.draft(), variant="t1", alt="The page", data=picture(), by=BY)
        return f"draft-{self.made}", pictures.of(self.db, f"draft-{self.made}")[0].id

    def key(self):
        return keys.create(self.db, name="old", by=ADMIN)[0].id

    def person(self):
        self.made += 1
        return users.add(self.db, email=f"p{self.made}@example.com", name="", password=PASSWORD, role="viewer").id

    def link(self, key):
        return shares.create(self.db, key, 1, days=3, by=BY)[0].id

    def hash(self, key):
        return approving.of(self.db, key).plan_hash

    def would(self, weights):
        e = experiments.get(self.db, f"waiting-{self.made}")
        return phases.propose(e, phases.Wanted(weights)).frozen.hash

    def form(self, address, data=None, client=None):
        return lambda: self.site.send(client or self.admin, address, data)

    def upload(self, address):
        headers = {"Authorization": f"Bearer {self.api['experimenter']}"}
        return lambda: self.site.app.test_client().post(f"/api/v1{address}", data=picture(), headers=headers, content_type="image/png")

    def call(self, method, address, body=None, role="experimenter"):
        headers = {"Authorization": f"Bearer {self.api[role]}"}
        return lambda: self.site.app.test_client().open(f"/api/v1{address}", method=method, json=body, headers=headers)


def _account(w):
    client = w.site.client("viewer")
    client.get("/account?two-step=on")
    with client.session_transaction() as held:
        secret = held["totp"]
    return client, totp.code(secret, int(time.time()) // totp.STEP)


def _owing(w):
    secret, number = totp.new_secret(), w.person()
    email = users.get(w.db, number).email
    users.set_two_step(w.db, number, secret, by=email, key=w.site.settings.secret)
    client = w.site.client("")
    w.site.send(client, "/sign-in", {"email": email, "password": PASSWORD})
    return w.form("/sign-in/code", {"code": totp.code(secret, int(time.time()) // totp.STEP)}, client)


def _two_step(w):
    client, code = _account(w)
    return w.form("/account/two-step", {"code": code, "password": PASSWORD}, client)


def _other_session(w):
    w.site.client()
    mine = next(u for u in users.everyone(w.db) if u.email == ADMIN)
    newest = max(s.id for s in sessions.listing(w.db, mine.id, datetime.now(UTC)))
    return w.form(f"/account/sessions/{newest}/end")


CHANGES = {
    "sign_in.sign_in": lambda w: w.form("/sign-in", {"email": BY, "password": PASSWORD}, w.site.client("")),
    "sign_in.second": _owing,
    "sign_in.sign_out": lambda w: w.form("/sign-out", client=w.site.client("viewer")),
    "account.password": lambda w: w.form("/account/password", {"password": PASSWORD, "new": "seven grey umbrellas"}, w.site.client("reviewer")),
    "account.two_step": _two_step,
    "account.two_step_off": lambda w: w.form("/account/two-step/off", {"password": PASSWORD}),
    "account.end": _other_session,
    "account.end_others": lambda w: w.form("/account/sessions/end"),
    "people.create": lambda w: w.form("/people", {"email": "x@example.com", "role": "viewer"}),
    "people.roles": lambda w: w.form(f"/people/{w.person()}/roles", {"role": "reviewer", "teams": "A: viewer"}),
    "people.switch": lambda w: w.form(f"/people/{w.person()}/off"),
    "people.reset": lambda w: w.form(f"/people/{w.person()}/reset"),
    "keys.create": lambda w: w.form("/keys", {"name": "k", "environment": "production", "role": "client"}),
    "keys.rotate": lambda w: w.form(f"/keys/{w.key()}/rotate", {"hours": "24"}),
    "keys.revoke": lambda w: w.form(f"/keys/{w.key()}/revoke"),
    "experiments.create": lambda w: w.form("/experiments/new", BRIEF),
    "experiments.change": lambda w: w.form(f"/experiments/{w.draft()}/edit", {**BRIEF, "key": f"draft-{w.made}"}),
    "experiments.work_out": lambda w: w.form(f"/experiments/{w.measured()}/odds", {"units_a_day": "4700"}),
    "experiments.add_picture": lambda w: w.form(f"/experiments/{w.draft()}/pictures", {"variant": "t1", "alt": "The page", "picture": (io.BytesIO(picture()), "x.png")}),
    "experiments.remove_picture": lambda w: w.form("/experiments/{}/pictures/{}/remove".format(*w.pictured())),
    "experiments.approve": lambda w: w.form(f"/experiments/{w.draft()}/approve", {"plan_hash": w.hash(f"draft-{w.made}")}),
    "experiments.launch": lambda w: w.form(f"/experiments/{w.draft()}/launch"),
    "experiments.stop": lambda w: w.form(f"/experiments/{w.running()}/stop", {"reason": "Enough."}),
    "experiments.extend": lambda w: w.form(f"/experiments/{w.waiting()}/extend", {"weeks": "2", "reason": "Few came."}),
    "experiments.change_phase": lambda w: w.form(f"/experiments/{w.waiting()}/phase", {"weight-control": "20", "weight-t1": "80", "plan_hash": w.would(HARDER), "reason": "It is safe."}),
    "experiments.approve_phase": lambda w: w.form(f"/experiments/{w.waiting()}/phase/approve", {"weight-control": "20", "weight-t1": "80", "plan_hash": w.would(HARDER)}),
    "experiments.agree": lambda w: w.form(f"/experiments/{w.running()}/agree", {"agreed": "drop"}),
    "experiments.clone": lambda w: w.form(f"/experiments/{w.draft()}/clone", {"new_key": f"draft-{w.made}-again"}),
    "experiments.archive": lambda w: w.form(f"/experiments/{w.draft()}/archive"),
    "experiments.restore": lambda w: w.form(f"/experiments/{w.archived()}/restore"),
    "experiments.comment": lambda w: w.form(f"/experiments/{w.draft()}/comment", {"text": "Hello."}),
    "experiments.record": lambda w: w.form(f"/experiments/{w.running()}/decide", {"decision": "keep:t1", "reason": "Good."}),
    "experiments.make_link": lambda w: w.form(f"/experiments/{w.running()}/share", {"days": "3"}),
    "experiments.end_link": lambda w: w.form(f"/experiments/{w.running()}/share/{w.link(f'running-{w.made}')}/end"),
    "api.create_experiment": lambda w: w.call("POST", "/experiments", _plan("by-api")),
    "api.put_experiment": lambda w: w.call("PUT", f"/experiments/{w.draft()}", _plan(f"draft-{w.made}", title="Other")),
    "api.work_out_outlook": lambda w: w.call("POST", f"/experiments/{w.measured()}/outlook", {"units_a_day": 4700}),
    "api.approve_experiment": lambda w: w.call("POST", f"/experiments/{w.draft()}/approve", {"plan_hash": w.hash(f"draft-{w.made}")}, "reviewer"),
    "api.launch_experiment": lambda w: w.call("POST", f"/experiments/{w.draft()}/launch"),
    "api.stop_experiment": lambda w: w.call("POST", f"/experiments/{w.running()}/stop", {"reason": "Enough."}),
    "api.extend_experiment": lambda w: w.call("POST", f"/experiments/{w.waiting()}/extend", {"weeks": 2, "reason": "Few came."}),
    "api.change_phase": lambda w: w.call("POST", f"/experiments/{w.waiting()}/phase", {"weights": HARDER, "reason": "It is safe."}),
    "api.approve_phase": lambda w: w.call("POST", f"/experiments/{w.waiting()}/phase/approve", {"weights": HARDER}, "reviewer"),
    "api.clone_experiment": lambda w: w.call("POST", f"/experiments/{w.draft()}/clone", {"key": f"draft-{w.made}-clone"}),
    "api.archive_experiment": lambda w: w.call("POST", f"/experiments/{w.draft()}/archive"),
    "api.restore_experiment": lambda w: w.call("POST", f"/experiments/{w.archived()}/restore"),
    "api.decide_experiment": lambda w: w.call("POST", f"/experiments/{w.running()}/decide", {"word": "keep", "variant": "t1", "reason": "Good."}),
    "api.add_comment": lambda w: w.call("POST", f"/experiments/{w.draft()}/comments", {"text": "Hello."}),
    "api.add_picture": lambda w: w.upload(f"/experiments/{w.draft()}/pictures?variant=t1&alt=The+page"),
    "api.remove_picture": lambda w: w.call("DELETE", "/experiments/{}/pictures/{}".format(*w.pictured())),
    "api.make_link": lambda w: w.call("POST", f"/experiments/{w.running()}/links", {"days": 3}),
    "api.end_link": lambda w: w.call("DELETE", f"/experiments/{w.running()}/links/{w.link(f'running-{w.made}')}"),
    "api.put_metric": lambda w: w.call("PUT", "/metrics/completed", {**samples.CATALOG.metrics["completed"].model_dump(mode="json"), "title": "Done"}),
    "api.put_measure": lambda w: w.call("PUT", "/measures/refunds", {"event": "refund"}),
}
BRIEF = {
    "title": "A new basket", "hypothesis": "More come back.", "change": "It follows.", "owner": "Ada", "unit": "user", "coverage": "100",
    "enrol_weeks": "2", "planned_units": "65,400", "method": "group-sequential", "variants-0-key": "control", "variants-0-weight": "50",
    "variants-1-key": "t1", "variants-1-weight": "50", "goals-0-metric": "completed", "goals-0-worthwhile": "2.9", "goals-0-of": "relative",
}  # fmt: skip
NEW = {"sign_in.sign_in", "sign_in.second", "people.create", "keys.create", "experiments.create", "experiments.clone", "experiments.work_out", "experiments.add_picture", "api.add_picture", "experiments.approve", "experiments.comment", "experiments.agree", "experiments.approve_phase", "api.approve_phase",
       "experiments.make_link", "api.make_link", "api.work_out_outlook", "api.create_experiment", "api.clone_experiment", "api.approve_experiment", "api.add_comment", "api.put_measure"}  # fmt: skip
GONE = {"experiments.remove_picture", "api.remove_picture", "sign_in.sign_out", "account.end", "account.end_others"}


def _plan(key, **more):
    return samples.plan(key, **more).model_dump(mode="json", by_alias=True)


@pytest.fixture(scope="module")
def world(make_site):
    site = make_site()
    site.app = create_app(dataclasses.replace(site.settings, share_links=True))
    site.app.testing = True
    return World(site)


def test_no_route_that_changes_something_is_left_out(world):
    rules = world.site.app.url_map.iter_rules()
    changing = {r.endpoint for r in rules if r.methods & {"POST", "PUT", "PATCH", "DELETE"}}
    assert changing - DATA - READS == set(CHANGES)


@pytest.mark.parametrize("endpoint", CHANGES)
def test_a_change_writes_exactly_one_row(world, endpoint):
    act = CHANGES[endpoint](world)
    before = audit.entries(world.db)
    answer = act()
    assert answer.status_code < 400, answer.text
    after = audit.entries(world.db)
    assert len(after) == len(before) + 1
    row = after[0]
    assert (row.origin, bool(row.who), bool(row.text)) == ("127.0.0.1", True, True)
    assert (row.before is None, row.after is None) == (endpoint in NEW, endpoint in GONE)
    for kept in filter(None, (row.before, row.after)):
        assert isinstance(json.loads(kept), dict)
        assert not any(word in kept for word in ("password", "token", "secret", "argon2"))
    assert audit.verify(world.db).faults == ()


def test_a_posted_question_writes_none(world):
    before, key = len(audit.entries(world.db)), world.draft()
    drafted = len(audit.entries(world.db))
    acts = (world.form(f"/experiments/{key}/why", {"unit": "u1"}), world.call("POST", f"/experiments/{key}/why", {"unit": "u1"}))
    assert [act().status_code for act in acts] == [200, 200]
    assert len(audit.entries(world.db)) == drafted == before + 1


def test_a_refused_sign_in_writes_one_row_and_never_what_may_be_a_password(world):
    for email, who in (("nobody@example.com", "nobody@example.com"), ("my secret password", "no e-mail address")):
        before = len(audit.entries(world.db))
        world.site.send(world.site.client(""), "/sign-in", {"email": email, "password": "x"})
        rows = audit.entries(world.db)
        assert (len(rows) - before, rows[0].who, rows[0].kind) == (1, who, "sign-in")


def test_what_cannot_be_done_writes_none(world):
    before = len(audit.entries(world.db))
    for act in (
        world.form("/experiments/no-such/launch"), world.form("/keys", {"name": "", "environment": "production"}),
        world.form("/people", {"email": "nobody"}), world.form("/people/999/off"), world.form("/keys/999/rotate", {"hours": "1"}),
        world.call("PUT", "/metrics/wrong", {}), world.call("POST", "/experiments/no-such/stop", {"reason": "x"}),
    ):  # fmt: skip
        assert act().status_code >= 400
    assert len(audit.entries(world.db)) == before


def test_the_page_and_its_exports_show_the_log_in_parts(world):
    admin = world.admin
    page = admin.get("/audit").text
    assert page.count('<tr role="row">') == 51
    heads = [page.index(f'scope="col"{more}>{name}') for name, more in (("What", ""), ("Who", ""), ("When", ""), ("Row", ' class="r"'))]
    assert heads == sorted(heads)  # on a phone a card reads in this order
    assert "Older" in page
    assert "Unbroken" in admin.get("/audit?verify=yes").text
    mine = admin.get("/audit/export.json?who=PM@example.com").get_json()
    assert {row["who"] for row in mine} == {BY}
    assert len(admin.get("/audit/export.csv?experiment=no-such").text.splitlines()) == 1
    assert admin.get("/audit/export.exe").status_code == 404
