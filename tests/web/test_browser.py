"""Every page in a real browser: accessible in light and dark, on phones, tablets and desks, and never wider than it.

A page is loaded once; sizes, schemes, print and forced colours are then put on it, as a person's settings would.
"""

import io
import itertools
import re
import shutil
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
import samples
from werkzeug.serving import make_server

from experiments import totp

CHROMIUM = next((p for p in map(shutil.which, ("chromium", "chromium-browser", "google-chrome")) if p), None)
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
PASSWORD = "correct horse battery"  # of everybody in the shop
NARROW = (640, 320)  # 1280 px at 200 % zoom, and the narrowest that WCAG 1.4.10 asks for
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
EVERYTHING = {"resultTypes": ["violations"], "runOnly": {"type": "tag", "values": TAGS}}
LAYOUT = {**EVERYTHING, "rules": {"color-contrast": {"enabled": False}}}  # colours do not change with the width
COLOURS = {"resultTypes": ["violations"], "runOnly": {"type": "rule", "values": ["color-contrast"]}}
PLACES = {"resultTypes": ["violations"], "runOnly": {"type": "rule", "values": ["target-size", "scrollable-region-focusable"]}}
# Axe takes seconds to see what lies behind each text, so it is asked once a route and state; this, in milliseconds, everywhere.
CONTRAST = """() => {
  const parts = text => { const [r, g, b, a = 1] = text.match(/[\\d.]+/g).map(Number); return [r, g, b, a]; };
  const light = c => c.slice(0, 3).map(v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, n) => sum + v * [0.2126, 0.7152, 0.0722][n], 0);
  const behind = e => { for (; e; e = e.parentElement) { const c = parts(getComputedStyle(e).backgroundColor); if (c[3]) return c; } return [255, 255, 255]; };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), seen = new Set(document.querySelectorAll('input, select, textarea'));
  while (texts.nextNode()) if (texts.currentNode.data.trim()) seen.add(texts.currentNode.parentElement);
  return [...seen].filter(e => e.checkVisibility() && !e.matches('script, style, option, noscript')).map(e => {
    const s = getComputedStyle(e), size = parseFloat(s.fontSize), [a, b] = [parts(e instanceof SVGElement ? s.fill : s.color), behind(e)].map(light).sort((x, y) => y - x);
    return [(a + 0.05) / (b + 0.05), size >= 24 || size >= 18.66 && s.fontWeight >= 700 ? 3 : 4.5, e.outerHTML.slice(0, 80)];
  }).filter(([found, asked]) => found < asked); }"""
UNFOLD = "document.querySelectorAll('main details:not(.menu)').forEach(d => d.open = true)"
WIDER = "document.documentElement.scrollWidth - window.innerWidth"
UNSEEN = """() => [...document.querySelectorAll('main .verdict, main .trust, main .btn, main input:not([type=hidden])')]
  .filter(e => e.checkVisibility() && !e.closest('.tabs, details:not([open])'))
  .filter(e => getComputedStyle(e).borderTopStyle === 'none' && e.type !== 'radio' && e.type !== 'checkbox')
  .map(e => e.outerHTML.slice(0, 80))"""

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="browser tests need Chromium: install the package 'chromium'"),
]


@contextmanager
def served(app) -> Iterator[str]:
    """An application's address while it is served on a free port."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def address(shop) -> Iterator[str]:
    """The shop's address."""
    with served(shop.app) as found:
        yield found


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
    sign_in(tab, "ad@example.com")
    return tab


def sign_in(tab, email, password=PASSWORD):
    """Fill the form that is open, and send it."""
    tab.fill("#email", email)
    tab.fill("#password", password)
    tab.click("button[type=submit]")


@pytest.fixture(scope="module")
def tab(browser, address):
    """One tab for all tests that only look: opening one takes longer than a page."""
    made = signed_in(browser, address)
    yield made
    made.context.close()


@pytest.fixture(autouse=True)
def plain(request):
    """Undo what a test put on the tab: scheme, medium, forced colours."""
    yield
    if "tab" in request.fixturenames:
        request.getfixturevalue("tab").emulate_media(media="screen", color_scheme="light", forced_colors="none")


def violations(tab, scheme, width, rules=EVERYTHING):
    """What axe finds in this look: rule and place."""
    axe = pytest.importorskip("axe_playwright_python.base").AXE_SCRIPT
    tab.emulate_media(color_scheme=scheme)
    tab.set_viewport_size({"width": width, "height": 900})
    if not tab.evaluate("'axe' in window"):
        tab.evaluate(axe)
    found = tab.evaluate("rules => axe.run(rules)", rules)["violations"]
    return [(scheme, width, v["id"], [n["html"][:160] for n in v["nodes"]]) for v in found]


def faint(tab):
    """The texts with too little contrast as the page is shown now."""
    return [("faint", *found) for found in tab.evaluate(CONTRAST)]


def test_a_page_is_accessible_and_fits_at_every_size_in_light_and_dark_on_paper_and_in_forced_colours(tab, address, page, new_route):
    tab.goto(address + page)
    wide, dark = (EVERYTHING, COLOURS) if new_route else (LAYOUT, None)
    wrong = violations(tab, "light", 1280, wide) + violations(tab, "light", 768, PLACES) + violations(tab, "light", 360, LAYOUT)
    wrong += violations(tab, "dark", 360, dark) if dark else []
    tab.evaluate(UNFOLD)
    for scheme in ("light", "dark"):
        tab.emulate_media(color_scheme=scheme)
        wrong += faint(tab)
    for width in NARROW:
        tab.set_viewport_size({"width": width, "height": 900})
        wrong += [("wider", width, by)] if (by := tab.evaluate(WIDER)) > 0 else []
    tab.emulate_media(media="print")
    tab.set_viewport_size({"width": 718, "height": 1000})  # A4 within its margins
    wrong += [("wider on paper", by)] if (by := tab.evaluate(WIDER)) > 0 else []
    wrong += [("on paper", e) for e in (".top", ".foot", ".skip", ".actions") if tab.locator(e).locator("visible=true").count()]
    tab.emulate_media(media="screen", forced_colors="active")
    wrong += [("without an edge in forced colours", e) for e in tab.evaluate(UNSEEN)]
    assert wrong == []
    assert tab.refused == []


def test_folds_and_forms_that_failed_are_accessible_too(tab, address):
    tab.goto(f"{address}/experiments/checkout-one-page")
    tab.evaluate(UNFOLD)
    assert violations(tab, "light", 1280) == []
    for pane in ("2", "3"):
        tab.check(f".tabs input[value='{pane}']", force=True)
        assert tab.is_visible(f".pane:nth-child({pane}) svg.plot")
        assert faint(tab) == []
    tab.goto(f"{address}/experiments/new")
    tab.click("text=Save draft")
    assert "is not saved yet" in tab.content()
    assert violations(tab, "dark", 360) == []


def faults(tab):
    """What is wrong with a page that stands by itself: on a desk, on a phone in the dark, and where it is narrowest."""
    found = violations(tab, "light", 1280) + faint(tab) + violations(tab, "dark", 360, LAYOUT) + faint(tab)
    for width in NARROW:
        tab.set_viewport_size({"width": width, "height": 900})
        found += [("wider", width)] if tab.evaluate(WIDER) > 0 else []
    return found


def test_what_strangers_see_and_pages_of_errors_are_accessible_and_fit(browser, make_site):
    site = make_site()
    own = site.app.extensions["keepers"]
    site.app.extensions["keepers"] = replace(own, settings=replace(own.settings, share_links=True))
    site.launched(samples.plan(), "keep", looks=2)
    shared = site.send(site.client("experimenter"), "/experiments/checkout-one-page/share", {"days": "14"}).text
    two_steps(site, "reviewer")
    with served(site.app) as address:
        tab = browser.new_context(reduced_motion="reduce").new_page()
        tab.goto(f"{address}/sign-in")
        sign_in(tab, "vi@example.com", "not this one")
        assert (tab.locator("[role=alert]").count(), faults(tab)) == (1, [])
        sign_in(tab, "rev@example.com")
        assert (tab.url, faults(tab)) == (f"{address}/sign-in/code", [])
        tab.goto(address + re.search(r"http://localhost(/shared/[\w-]+)", shared)[1])
        assert faults(tab) == []
        tab.goto(f"{address}/sign-in")
        sign_in(tab, "vi@example.com")
        for path, code in (("/people", 403), ("/experiments/none", 404), ("/experiments/checkout-one-page?snapshot=x9", 200)):
            answer = tab.goto(address + path)
            assert (path, answer.status, faults(tab)) == (path, code, [])
        tab.context.close()


def two_steps(site, role):
    """Have somebody switch the second step on."""
    client = site.client(role)
    secret = re.search(r"<code>([A-Z2-7 ]+)</code>", client.get("/account?two-step=on").text)[1].replace(" ", "")
    code = totp.code(secret, int(time.time()) // totp.STEP)
    assert site.send(client, "/account/two-step", {"code": code, "password": PASSWORD}).status_code == 200


def test_a_faint_text_is_seen_by_our_own_look_as_by_axe(tab, address):
    tab.goto(f"{address}/keys")
    for colour, faults in (("#8a8e95", 0), ("#9a9ea5", 1)):  # 3.2 and 2.6 to 1: a large heading needs 3
        tab.evaluate("c => { document.querySelector('h1').style.color = c; }", colour)
        assert (len(faint(tab)), len(violations(tab, "light", 1280, COLOURS))) == (faults, faults)
    tab.evaluate("document.querySelector('.meta').style.color = '#8a8e95'")
    assert (len(faint(tab)), len(violations(tab, "light", 1280, COLOURS)[0][3])) == (2, 2)


WALK = """() => {
  const e = document.activeElement, s = getComputedStyle(e.matches('.tabs input') ? e.parentElement : e);
  const all = window.walked = window.walked || []; const r = e.getBoundingClientRect();
  const step = {what: e.outerHTML.slice(0, 90), again: all.includes(e),
    ring: s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2,
    seen: r.bottom > 0 && r.top < innerHeight && r.right > 0 && r.left < innerWidth,
    after: !all.length || !!(all[all.length - 1].compareDocumentPosition(e) & 4)};
  all.push(e); return step; }"""
REACHABLE = """() => [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]')]
  .filter(e => e.checkVisibility({contentVisibilityAuto: true}) && !e.disabled)
  .filter(e => e.type !== 'radio' || e.checked || !document.querySelector(`[name="${e.name}"]:checked`) && document.querySelector(`[name="${e.name}"]`) === e)
  .length"""


@pytest.mark.parametrize("path", ["/experiments/checkout-one-page", "/experiments/promise/decide", "/experiments/new"])
def test_the_keyboard_reaches_everything_in_order_with_a_ring_that_is_seen(tab, address, path):
    tab.set_viewport_size({"width": 1280, "height": 900})
    tab.goto(address + path)
    steps = []
    for _ in range(tab.evaluate(REACHABLE)):
        tab.keyboard.press("Tab")
        steps.append(tab.evaluate(WALK))
    assert steps[0]["what"].startswith('<a class="skip"')
    assert [s for s in steps if not (s["ring"] and s["seen"] and s["after"]) or s["again"]] == []


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
    tab.click("text=Each day alone")
    assert tab.is_visible("text=only those whose window closed on that day")
    tab.click("button.term:has-text('margin')")
    assert tab.is_visible("text=How much worse a guardrail may be")
    tab.keyboard.press("Escape")
    tab.click("summary:has-text('Export')")
    with tab.expect_download() as download:
        tab.click(".pop a:has-text('One page')")
    assert download.value.suggested_filename == "checkout-one-page-r14.html"
    context.close()


def test_the_brief_shows_similar_experiments_while_typing_and_enter_saves_it(browser, address):
    tab = signed_in(browser, address, 320)
    tab.goto(f"{address}/experiments/new")
    tab.fill("#hypothesis", "A page that understands typos in a search")
    tab.wait_for_selector("#similar a:has-text('Search that understands typos')")
    assert tab.evaluate(WIDER) <= 0
    tab.fill("#tags", "new, forms,")
    assert tab.eval_on_selector_all("#tags-known option", "found => found.map(o => o.value)") == ["new, forms, phones", "new, forms, price"]
    tab.press("#title", "Enter")
    assert "is not saved yet" in tab.content()
    assert tab.input_value("#hypothesis") == "A page that understands typos in a search"
    assert tab.refused == ["Failed to load resource: the server responded with a status of 400 (BAD REQUEST)"]
    tab.goto(f"{address}/experiments/basket/edit")
    tab.click("text=Work out what this can tell")
    assert tab.inner_text("#can + .odds p").startswith("You would wrongly keep it 1 time in")
    assert tab.evaluate(WIDER) <= 0
    assert violations(tab, "light", 320) == []
    tab.context.close()


def test_a_downloaded_report_is_whole_and_accessible_by_itself(browser, address, tmp_path):
    signed = signed_in(browser, address, 360)
    for key in ("checkout-one-page", "promise"):
        (tmp_path / key).with_suffix(".html").write_text(signed.request.get(f"{address}/experiments/{key}/report.html").text())
    signed.goto((tmp_path / "checkout-one-page.html").as_uri())
    assert [found for look in (("light", 1280), ("light", 360), ("dark", 360)) for found in violations(signed, *look)] == []
    signed.goto((tmp_path / "promise.html").as_uri())  # of six variants
    signed.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    signed.set_viewport_size({"width": 320, "height": 900})
    assert signed.evaluate(WIDER) <= 0
    signed.emulate_media(color_scheme="light")
    assert signed.evaluate("getComputedStyle(document.querySelector('.k-good')).fill") == "rgb(0, 114, 178)"
    signed.context.close()


READ = """() => {
  const number = t => { const m = t.replace(/\\u2212/g, '-').replace(/,/g, '').match(/[-+]?[^\\d\\s.%-]?\\d+(\\.\\d+)?/); return m && parseFloat(m[0].replace(/[^\\d.+-]/g, '')); };
  const digits = t => { const m = t.match(/\\.(\\d+)/); return m ? m[1].length : 0; };
  return [...document.querySelectorAll('figure.fig')].map(f => {
    const ticks = [...f.querySelectorAll('text.tick-y')].map(t => [parseFloat(t.getAttribute('y')), number(t.textContent)]);
    const points = e => e ? e.getAttribute('points').trim().split(' ').map(p => parseFloat(p.split(',')[1])) : [];
    const [top, bottom] = [...f.querySelectorAll('.band-edge')].map(points);
    const at = (e, name) => parseFloat(e.getAttribute(name));
    const whiskers = [...f.querySelectorAll('.whisker')];
    const drawn = whiskers.length
      ? {middle: [...f.querySelectorAll('.dot')].map(d => at(d, 'cy')), top: whiskers.map(w => at(w, 'y1')), bottom: whiskers.map(w => at(w, 'y2'))}
      : {middle: points(f.querySelector('.line')), top, bottom};
    const rows = [...f.nextElementSibling.querySelectorAll('tbody tr')].map(r => [...r.querySelectorAll('td')].map(c => c.textContent));
    const texts = rows.map(r => [r[0], ...r[1].split(' to ')]);
    return {ticks, drawn, table: texts.map(t => t.map(number)), digits: texts.map(t => t.map(digits))}; }); }"""


def scale(ticks):
    """Turn a place from the top into a value, by two labelled lines."""
    (y0, v0), (y1, v1) = ticks[0], ticks[-1]
    return lambda y: v0 + (y - y0) * (v1 - v0) / (y1 - y0)


@pytest.mark.parametrize("key", ["checkout-one-page", "search", "halted"])
def test_the_table_of_every_chart_holds_the_numbers_that_are_drawn(tab, address, key):
    tab.goto(f"{address}/experiments/{key}")
    charts = tab.evaluate(READ)
    assert len(charts) >= 3
    for chart in charts:
        value = scale(chart["ticks"])
        step = abs(value(0.02) - value(0))  # drawn to a hundredth of a percent of the height
        drawn = zip(*(chart["drawn"][k] for k in ("middle", "bottom", "top")), strict=True)
        for places, written, digits in zip(drawn, chart["table"], chart["digits"], strict=True):
            for y, number, places_written in zip(places, written, digits, strict=True):
                if 0 < y < 100:  # what is off the scale is drawn at its edge
                    assert value(y) == pytest.approx(number, abs=0.51 * 10.0**-places_written + step)


MONTHS = """() => {
  const rows = [...document.querySelector('table.counts').querySelectorAll('tbody tr')].map(r => [...r.querySelectorAll('td')].map(c => +c.textContent));
  const rects = [...document.querySelectorAll('.chart.mix svg.plot rect')].map(r => [r.getAttribute('x'), r.getAttribute('class'), parseFloat(r.getAttribute('height'))]);
  return {rows, rects, totals: [...document.querySelectorAll('.chart.mix text.strong')].map(t => +t.textContent)}; }"""


def test_the_table_of_what_was_decided_each_month_holds_what_is_drawn(tab, address):
    tab.goto(f"{address}/portfolio")
    found = tab.evaluate(MONTHS)
    counts = [[n for n in row[1:-1] if n] for row in found["rows"]]
    drawn = [[height + 0.6 for _, _, height in column] for _, column in itertools.groupby(found["rects"], key=lambda r: r[0])]  # with the gap above it
    assert found["totals"] == [row[-1] for row in found["rows"] if row[-1]]
    decided = [column for column in counts if column]
    assert sum(map(sum, decided)) >= 4
    each = sum(map(sum, drawn)) / sum(map(sum, decided))
    assert [len(column) for column in drawn] == [len(column) for column in decided]
    for heights, numbers in zip(drawn, decided, strict=True):
        assert sorted(heights) == pytest.approx([each * n for n in sorted(numbers)], abs=0.02)


def grey(tab, locator):
    """A drawing without its colours, as it would come out of a black and white printer."""
    image = pytest.importorskip("PIL.Image")
    return image.open(io.BytesIO(locator.screenshot())).convert("L").resize((36, 36))


@pytest.mark.parametrize("count", [10, 11])
def test_no_check_of_the_strip_is_alone_in_its_row(tab, address, count):
    """Filters add an eleventh; the last of those that are there is left out, or copied, to get as many."""
    tab.goto(f"{address}/experiments/halted")
    tab.evaluate(
        """count => {
            const strip = document.querySelector(".trust");
            while (strip.children.length > count) strip.lastElementChild.remove();
            while (strip.children.length < count) strip.append(strip.lastElementChild.cloneNode(true));
        }""",
        count,
    )
    for width in (360, 460, 560, 640, 700, 760, 900, 1000, 1100, 1280, 1600):
        tab.set_viewport_size({"width": width, "height": 900})
        tops = tab.locator(".trust details").evaluate_all("tiles => tiles.map(tile => tile.offsetTop)")
        rows = Counter(tops)
        assert len(tops) == count
        assert max(rows.values()) == 1 or min(rows.values()) > 1, (width, sorted(rows.values()))


def test_good_bad_unknown_and_flat_stay_apart_without_colours(tab, address):
    tab.set_viewport_size({"width": 1280, "height": 900})
    tab.goto(f"{address}/experiments/halted")
    for colours in ("light", "dark"):
        tab.emulate_media(color_scheme=colours)
        marks = {t: grey(tab, tab.locator(f".res .state.{t} .ic").first) for t in ("good", "bad", "unknown", "flat")}
        bars = {t: grey(tab, tab.locator(f".res .iv .pt.k-{t}").first) for t in marks}
        for drawn, apart in ((marks, 0.1), (bars, 0.06)):
            for one, other in itertools.combinations(drawn, 2):
                both = zip(drawn[one].tobytes(), drawn[other].tobytes(), strict=True)
                assert sum(abs(a - b) > 50 for a, b in both) > apart * 36 * 36, (colours, one, other)
