"""A product manager's way in a real browser, over a real server: brief, launch, first event, result, decision, report."""

import csv
import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from experiments import importing
from experiments.plan_file import read_catalog
from experiments.registry import experiments, metrics, users
from experiments.warehouse.files import Columns
from keepers import Client

CHROMIUM = next((p for p in map(shutil.which, ("chromium", "chromium-browser", "google-chrome")) if p), None)
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
EMAIL, PASSWORD = "ada@example.com", "a few plain words"
CATALOG = """
measures: {orders: {event: purchase}}
metrics: {ordered: {title: People who order, kind: proportion, measure: orders, window_days: 7}}
"""

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="browser tests need Chromium: install the package 'chromium'"),
]


@pytest.fixture
def tab() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(15_000)
        yield page
        browser.close()


def accessible(tab: Any) -> None:
    from axe_playwright_python.base import AXE_SCRIPT

    tab.evaluate(AXE_SCRIPT)
    found = tab.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
    assert [(v["id"], [n["html"][:120] for n in v["nodes"]]) for v in found] == [], tab.url


def finished_experiment(home: Any, folder: Path) -> None:
    """A small experiment that had ended: 4,000 people, 20 % against 30 % ordered."""
    rng = random.Random(7)
    path = folder / "banner.csv"
    with path.open("w", newline="") as file:
        write = csv.writer(file)
        write.writerow(["group", "bought"])
        for i in range(4_000):
            name = "control" if i % 2 else "banner"
            write.writerow([name, int(rng.random() < (0.2 if i % 2 else 0.3))])
    importing.import_rows(
        home.settings, path, Columns("group", ("bought",)), importing.Finished(key="banner", title="A new banner")
    )


def test_from_brief_to_report(install: Any, tab: Any, tmp_path: Path) -> None:
    with install("flow") as home:
        users.add(home.db, email=EMAIL, name="Ada", password=PASSWORD, role="administrator")
        metrics.apply(home.db, read_catalog(CATALOG), EMAIL)
        finished_experiment(home, tmp_path)
        sign_in(tab, home)
        write_brief(tab)
        launch(tab)
        see_an_event_arrive(tab, home)
        decide(tab)
        download_the_report(tab, home)


def sign_in(tab: Any, home: Any) -> None:
    tab.goto(f"{home.address}/")
    accessible(tab)
    tab.get_by_label("E-mail").fill(EMAIL)
    tab.get_by_label("Password").fill(PASSWORD)
    tab.get_by_role("button", name="Sign in").click()
    tab.get_by_role("heading", name="Experiments", exact=True).wait_for()
    accessible(tab)


def write_brief(tab: Any) -> None:
    tab.get_by_role("link", name="New experiment").click()
    accessible(tab)
    tab.get_by_label("Name", exact=True).fill("A basket that follows the account")
    tab.get_by_label("Key", exact=True).fill("basket-follows")
    tab.get_by_label("Hypothesis").fill("If the basket follows the account, more people order.")
    tab.get_by_label("Goal 1").select_option(label="People who order")
    tab.get_by_label("Worthwhile from").fill("2")
    tab.get_by_role("button", name="Save draft").click()
    tab.get_by_role("heading", name="A basket that follows the account").wait_for()
    accessible(tab)


def launch(tab: Any) -> None:
    tab.get_by_role("button", name="launch").click()
    tab.get_by_text("Running", exact=False).first.wait_for()
    accessible(tab)


def see_an_event_arrive(tab: Any, home: Any) -> None:
    with Client(home.address, home.token, spool=False) as client:
        assert client.variant("basket-follows", "person-1") in {"control", "treatment"}
        client.track("purchase", "person-1")
        assert client.flush(timeout=10)
    tab.goto(f"{home.address}/events")
    tab.get_by_role("row", name="basket-follows").get_by_text("Counted").wait_for()
    accessible(tab)


def decide(tab: Any) -> None:
    tab.get_by_role("link", name="Experiments", exact=True).first.click()
    tab.get_by_role("link", name="A new banner").click()
    assert tab.locator("#verdict").inner_text() == "Keep"
    accessible(tab)
    tab.get_by_role("link", name="Decide").click()
    accessible(tab)
    tab.get_by_role("radio", name="Keep").check()
    tab.get_by_label("Reason").fill("It brings half as many orders again, and costs nothing to keep.")
    tab.get_by_role("button", name="Record decision").click()
    tab.get_by_text("Decided", exact=False).first.wait_for()
    accessible(tab)


def download_the_report(tab: Any, home: Any) -> None:
    decision = experiments.get(home.db, "banner").decision
    assert decision is not None
    assert (decision.word, decision.variant, decision.followed) == ("keep", "banner", True)
    tab.get_by_text("Export").click()
    with tab.expect_download() as download:
        tab.get_by_role("link", name="JSON").click()
    text = Path(download.value.path()).read_text(encoding="utf-8")
    assert '"banner"' in text
    assert decision.reason in text
