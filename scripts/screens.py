"""Draw the main pages of the demonstration into docs/screens: `make screens`, after `make demo` has filled its home.

The home is copied first, so that nothing is written into it; the pictures have few colours, to stay small.
"""

import io
import logging
import os
import shutil
import sys
import tempfile
import threading
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright
from werkzeug.serving import make_server

from experiments.registry import Database, users
from experiments.settings import Settings
from web import create_app

TO = Path(__file__).parents[1] / "docs" / "screens"
WHO, PASSWORD = "screens@example.com", "only for this copy of the home"
COLOURS = 255
ONE = "/experiments/checkout-one-page"
SCREENS = {  # name: address, width, height, scheme
    "experiments": ("/experiments", 1280, 1000, "light"),
    "results": (ONE, 1280, 1900, "light"),
    "results-dark": (ONE, 1280, 1900, "dark"),
    "results-phone": (ONE, 390, 2200, "light"),
    "results-drop": ("/experiments/product-delivery-promise", 1280, 1500, "light"),
    "decide": (f"{ONE}/decide", 1280, 1200, "light"),
    "brief": ("/experiments/new", 1280, 1200, "light"),
    "portfolio": ("/portfolio", 1280, 1400, "light"),
    "metric": ("/metrics/ordered", 1280, 1200, "light"),
    "results-invalid": ("/experiments/onboarding-email-first", 1280, 1500, "light"),
}


def main() -> None:
    """Copy the home, serve it, and draw each page."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    home = Path(sys.argv[1])
    if not (home / "registry.sqlite").exists():
        sys.exit(f"{home} holds no registry. Fill the demonstration first (make demo), or name its home.")
    with tempfile.TemporaryDirectory() as copy:
        for name in ("registry.sqlite", "inbox.sqlite", "secret"):
            shutil.copy(home / name, copy)
        settings = Settings.load({**os.environ, "KEEPERS_HOME": copy})
        db = Database(settings.registry)
        db.migrate()
        users.add(db, email=WHO, name="Product manager", password=PASSWORD, role="administrator")
        server = make_server("127.0.0.1", 0, create_app(settings), threaded=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        _draw(f"http://127.0.0.1:{server.port}")
        server.shutdown()


def _draw(address: str) -> None:
    TO.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        tab = browser.new_page(reduced_motion="reduce")
        tab.goto(f"{address}/sign-in")
        tab.fill("#email", WHO)
        tab.fill("#password", PASSWORD)
        tab.click("button[type=submit]")
        for name, (path, width, height, scheme) in SCREENS.items():
            tab.set_viewport_size({"width": width, "height": height})
            tab.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            _picture(tab, address + path, TO / f"{name}.png")
        browser.close()


def _picture(tab: Page, address: str, to: Path) -> None:
    tab.goto(address)
    image = Image.open(io.BytesIO(tab.screenshot())).convert("RGB")
    image.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(to, optimize=True)
    print(f"{to.name}: {to.stat().st_size / 1000:.0f} KB")


if __name__ == "__main__":
    main()
