"""Bandit finds nothing in our code that is not named here with the reason why it may stand.

A table instead of `# nosec` at each line: it names a file and a rule once, and an entry that nothing needs fails too.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
OURS = ("sdk/keepers", "stats", "experiments", "web", "dags", "scripts")
EVERYWHERE = {
    "B101": "an assert says to mypy what holds; what users can cause is raised",
    "B404": "each call of a subprocess is looked at, so that importing it needs no excuse",
}
ALLOWED = {
    ("experiments/demo/run.py", "B603"): "our own server and DAG runner, as lists",
    ("experiments/demo/run.py", "B310"): "an address of our own server",
    ("experiments/registry/database.py", "B608"): "names of our tables",
    ("experiments/registry/search.py", "B608"): "constants; what is searched for is bound",
    ("experiments/registry/users.py", "B106"): "an empty hash, which no password fits",
    ("experiments/reports/drawing.py", "B704"): "numbers and words of ours; names, notes and labels are escaped",
    ("experiments/reports/html.py", "B704"): "our own style sheet",
    ("experiments/reports/wording.py", "B704"): "a form of our own templates; what is filled in is escaped",
    ("experiments/serving.py", "B606"): "our own server, as a list",
    ("experiments/warehouse/postgresql.py", "B608"): "names of TABLES; values are bound",
    ("experiments/warehouse/reading.py", "B608"): "a source's own SELECT, parsed first; names are quoted",
    ("experiments/warehouse/reading_postgresql.py", "B608"): "a source's own SELECT, parsed first",
    ("scripts/audit_packages.py", "B603"): "the tool that the Makefile names",
    ("scripts/step.py", "B603"): "the command that the Makefile names",
    ("scripts/try_container.py", "B108"): "mkdtemp names the folder",
    ("scripts/try_container.py", "B603"): "what the container file says, and the system's own tools",
    ("scripts/try_container.py", "B607"): "the system's own tools",
    ("sdk/keepers/courier.py", "B311"): "spreads retries; nothing is secret",
    ("sdk/keepers/live.py", "B311"): "spreads retries; nothing is secret",
    ("web/account.py", "B106"): "a sentence for the page",
    ("web/account.py", "B107"): "a sentence for the page, empty if there is none",
    ("web/account.py", "B704"): "a picture that we draw",
    ("web/experiments/estimates.py", "B704"): "numbers and words of ours; titles and kinds are escaped",
    ("web/keys.py", "B107"): "no token is shown",
    ("web/people.py", "B107"): "no password is shown",
}


@pytest.mark.slow
def test_bandit_finds_nothing_that_has_no_reason_to_stand() -> None:
    command = [sys.executable, "-m", "bandit", "--quiet", "--format", "json", "--recursive", *OURS]
    said = json.loads(subprocess.run(command, cwd=ROOT, capture_output=True, check=False).stdout)
    assert said["errors"] == []
    found = {(each["filename"], each["test_id"]) for each in said["results"]}
    assert {(file, rule) for file, rule in found if rule not in EVERYWHERE} == set(ALLOWED)
    assert {rule for _, rule in found} >= set(EVERYWHERE)
