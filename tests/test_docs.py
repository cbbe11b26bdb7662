"""What the documentation shows works: its example runs, its commands parse, its links lead somewhere."""

import re
import shlex
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from experiments import cli, lifecycle
from experiments.alerts import problems
from experiments.inbox import live
from experiments.plan import servable
from experiments.plan_file import read_catalog, read_plan
from experiments.registry import metrics

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def commands() -> Iterator[tuple[str, list[str]]]:
    for page in PAGES:
        for block in blocks(page, "sh"):
            for line in block.splitlines():
                if line.startswith("keepers "):
                    yield page.name, shlex.split(line)[1:]


@pytest.mark.slow
def test_the_readme_is_short_and_its_example_runs(install: Any) -> None:
    """The README's catalogue, plan and program, against a real server, end in a counted exposure and event."""
    readme = ROOT / "README.md"
    assert len(readme.read_text(encoding="utf-8").splitlines()) <= 120
    catalog, plan = blocks(readme, "yaml")
    (program,) = blocks(readme, "python")
    with install("readme") as home:
        metrics.apply(home.db, read_catalog(catalog), "test")
        lifecycle.save(home.db, read_plan(plan), "test")
        lifecycle.launch(home.db, "checkout-cta", "test")
        exec(program.replace("http://127.0.0.1:8080", home.address).replace("sdk-...", home.token), {})
        tally = live.tally(home.inbox, datetime(2000, 1, 1, tzinfo=UTC))
    assert (tally.exposures, tally.events, tally.rejected) == (1, 1, 0)


@pytest.mark.parametrize(("page", "arguments"), list(commands()), ids=lambda value: str(value)[:60])
def test_every_command_shown_exists_with_its_options(page: str, arguments: list[str]) -> None:
    assert callable(cli.parser().parse_args(arguments).run)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_to_a_file_leads_to_one(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    missing = [t for t in targets if not (page.parent / t).exists()]
    assert not missing


def test_the_guide_s_catalogue_and_plan_are_valid() -> None:
    """They fit each other once the metric that the guide leaves out is added."""
    catalog, plan, more = blocks(ROOT / "docs" / "guide.md", "yaml")
    assert {"ordered", "revenue", "value-per-order", "through", "slow-loads"} == set(read_catalog(catalog).metrics)
    assert read_plan(plan).planned_units == 20_000
    servable(read_plan(plan + more))


def test_the_plan_of_another_tool_is_valid() -> None:
    (plan,) = blocks(ROOT / "docs" / "assignment.md", "yaml")
    servable(read_plan(plan))


def test_every_alert_and_every_dag_is_explained_for_whoever_is_on_call() -> None:
    operations = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    source = (ROOT / "experiments" / "alerts" / "problems.py").read_text(encoding="utf-8")
    titles = [re.sub(r"\{[^}]*\}", "", title).split("'")[-1].strip(" :") for title in re.findall(r'title=f?"([^"]*)"', source)]
    assert len(titles) == 9
    alerts = operations.split("## Alerts")[1].split("\n## ")[0]
    assert [title for title in titles if title not in alerts] == []
    hours, share = problems.WAITS_AT_MOST.seconds // 3600, f"{100 * problems.REJECTED_SHARE:g} %"
    wanted = (hours == 2 and "two hours", share, f"at least {problems.REJECTED_LEAST}", f"{problems.ROLLED_UP_BY:%H:%M}")
    assert all(words and words in alerts for words in wanted)
    dags = [path.stem for path in (ROOT / "dags").glob("*.py") if path.stem != "defaults"]
    assert [dag for dag in dags if f"| `{dag}` |" not in operations or f" {dag}" not in operations.split("for dag in")[1]] == []
