"""Pages in a real browser: accessible in light and dark on phones and desks, and never wider than the screen."""

import re
import shutil
import threading
from collections.abc import Iterator

import pytest
from werkzeug.serving import make_server

CHROMIUM = next((p for p in map(shutil.which, ("chromium", "chromium-browser", "google-chrome")) if p), None)
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
LOOKS = [("light", 1280), ("light", 360), ("dark", 1280), ("dark", 360)]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="browser tests need Chromium: install the package 'chromium'"),
]


@pytest.fixture(scope="module")
def address(shop) -> Iterator[str]:
    """The shop, served on a free port."""
    server = make_server("127.0.0.1", 0, shop.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def browser():
    """Chromium without a window."""
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


def signed_in(browser, address, width=1280):
    """A tab in which an administrator has signed in; `refused` fills with what the browser would not load."""
    context = browser.new_context(viewport={"width": width, "height": 900}, reduced_motion="reduce")
    tab = context.new_page()
    tab.set_default_timeout(10_000)
    tab.refused = []
    tab.on("console", lambda message: tab.refused.append(message.text) if message.type == "error" else None)
    tab.goto(f"{address}/sign-in")
    tab.fill("#email", "ad@example.com")
    tab.fill("#password", "correct horse battery")
    tab.click("button[type=submit]")
    return tab


@pytest.fixture(scope="module")
def tab(browser, address):
    """One tab for all tests that only look: opening one takes longer than a page."""
    made = signed_in(browser, address)
    yield made
    made.context.close()


def violations(tab, look):
    """What axe finds in this look: rule and place."""
    axe = pytest.importorskip("axe_playwright_python.base").AXE_SCRIPT
    scheme, width = look
    tab.emulate_media(color_scheme=scheme)
    tab.set_viewport_size({"width": width, "height": 900})
    if not tab.evaluate("'axe' in window"):
        tab.evaluate(axe)
    found = tab.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
    return [(look, v["id"], [n["html"][:160] for n in v["nodes"]]) for v in found]


def test_axe_finds_no_violation_and_the_browser_refuses_nothing(tab, address, page):
    tab.goto(address + page)
    assert [found for look in LOOKS for found in violations(tab, look)] == []
    assert tab.refused == []


def test_folds_and_forms_that_failed_are_accessible_too(tab, address):
    tab.goto(f"{address}/experiments/checkout-one-page")
    tab.evaluate("document.querySelectorAll('main details').forEach(d => d.open = true)")
    assert violations(tab, LOOKS[0]) == []
    tab.goto(f"{address}/experiments/new")
    tab.click("text=Save draft")
    assert "is not saved yet" in tab.content()
    assert violations(tab, LOOKS[3]) == []


def test_no_page_scrolls_sideways_at_320_pixels_with_everything_unfolded(tab, address, page):
    tab.set_viewport_size({"width": 320, "height": 900})
    tab.goto(address + page)
    tab.evaluate("document.querySelectorAll('main details:not(.menu)').forEach(d => d.open = true)")
    assert tab.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0


def test_pages_work_without_scripts_and_by_keyboard(browser, address):
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(f"{address}/sign-in?next=/experiments/checkout-one-page")
    tab.fill("#email", "ad@example.com")
    tab.fill("#password", "correct horse battery")
    tab.keyboard.press("Enter")
    tab.wait_for_url(re.compile("/experiments/checkout-one-page$"))
    assert tab.inner_text("#verdict") == "Keep"
    tab.keyboard.press("Tab")
    tab.keyboard.press("Enter")
    assert tab.url.endswith("#main")
    tab.click("summary:has-text('step by step')")
    assert tab.is_visible(".checks li.hit")
    tab.click("summary:has-text('Export')")
    with tab.expect_download() as download:
        tab.click(".pop a:has-text('One page')")
    assert download.value.suggested_filename == "checkout-one-page-r14.html"
    context.close()


def test_a_downloaded_report_is_whole_and_accessible_by_itself(browser, address, tmp_path):
    signed = signed_in(browser, address, 360)
    for key in ("checkout-one-page", "promise"):
        (tmp_path / key).with_suffix(".html").write_text(signed.request.get(f"{address}/experiments/{key}/report.html").text())
    signed.goto((tmp_path / "checkout-one-page.html").as_uri())
    assert [found for look in LOOKS for found in violations(signed, look)] == []
    signed.goto((tmp_path / "promise.html").as_uri())  # of six variants
    signed.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    signed.set_viewport_size({"width": 320, "height": 900})
    assert signed.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    signed.emulate_media(color_scheme="light")
    assert signed.evaluate("getComputedStyle(document.querySelector('.k-good')).fill") == "rgb(0, 114, 178)"
    signed.context.close()
