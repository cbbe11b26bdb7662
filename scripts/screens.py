"""Draw the main pages of the demonstration into docs/screens: `make screens`, after `make demo` has filled its home.

The home is copied first, so that nothing is written into it: two experiments are decided in the copy before the
portfolio is drawn. The pictures have few colours, to stay small.
"""

import io
import logging
import os
import shutil
import sys
import tempfile
import threading
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import Page, sync_playwright
from werkzeug.serving import make_server

from experiments import lifecycle
from experiments.registry import Database, users
from experiments.settings import Settings
from web import create_app

TO = Path(__file__).parents[1] / "docs" / "screens"
WHO, PASSWORD = "screens@example.com", "only for this copy of the home"
COLOURS, AREAS = 255, 64
ONE = "/experiments/checkout-one-page"
SCREENS = {  # name: address, width, height, scheme
    "experiments": ("/experiments", 1280, 1000, "light"),
    "results": (ONE, 1280, 1900, "light"),
    "results-dark": (ONE, 1280, 1900, "dark"),
    "results-phone": (ONE, 390, 2200, "light"),
    "results-drop": ("/experiments/product-delivery-promise", 1280, 1500, "light"),
    "decide": (f"{ONE}/decide", 1280, 1200, "light"),
    "brief": ("/experiments/new", 1280, 1200, "light"),
    "metric": ("/metrics/ordered", 1280, 1200, "light"),
    "results-invalid": ("/experiments/onboarding-email-first", 1280, 1500, "light"),
    "portfolio": ("/portfolio", 1280, 1900, "light"),
}


def main() -> None:
    """Copy the home, serve it, and draw each page."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    home = Path(sys.argv[1])
    if not (home / "registry.sqlite").exists():
        sys.exit(f"{home} holds no registry. Fill the demonstration first (make demo), or name its home.")
    with tempfile.TemporaryDirectory() as copy:
        for path in (home / "secret", *home.glob("*.sqlite*")):  # with what SQLite has not yet written into its file
            shutil.copy(path, copy)
        settings = Settings.load({**os.environ, "KEEPERS_HOME": copy})
        db = Database(settings.registry)
        db.migrate()
        users.add(db, email=WHO, name="Product manager", password=PASSWORD, role="administrator")
        server = make_server("127.0.0.1", 0, create_app(settings), threaded=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        _draw(f"http://127.0.0.1:{server.port}", db)
        server.shutdown()


def _draw(address: str, db: Database) -> None:
    TO.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        tab = browser.new_page(reduced_motion="reduce")
        tab.goto(f"{address}/sign-in")
        tab.fill("#email", WHO)
        tab.fill("#password", PASSWORD)
        tab.click("button[type=submit]")
        for name, (path, width, height, scheme) in SCREENS.items():
            if name == "portfolio":
                _decide(db)
            tab.set_viewport_size({"width": width, "height": height})
            tab.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            _picture(tab, address + path, TO / f"{name}.png")
        browser.close()


def _few_colours(image: Image.Image) -> Image.Image:
    """Keep the colours of areas as they are, and take the nearest for edges: no tint moves, no rare colour fades."""
    parts = np.asarray(image, dtype=np.int64) @ (65_536, 256, 1)
    found, places, counts = np.unique(parts, return_inverse=True, return_counts=True)
    colours = np.stack([found >> 16, found >> 8 & 255, found & 255], axis=1)
    spread = image.quantize(COLOURS - AREAS, Image.Quantize.MAXCOVERAGE).getpalette() or []
    palette = np.concatenate([colours[np.argsort(counts)[-AREAS:]], np.reshape(spread, (-1, 3))])
    nearest = ((colours[:, None] - palette) ** 2).sum(axis=2).argmin(axis=1)[places]
    few = Image.frombytes("P", image.size, nearest.astype(np.uint8).tobytes())
    few.putpalette(palette.astype(np.uint8).tobytes())
    return few


def _decide(db: Database) -> None:
    """Keep one and drop one, as their verdicts say, and leave what they taught."""
    kept, dropped = "One page, and people do not stop to think.", "A promise beside the button changes nothing."
    lifecycle.decide(db, "checkout-one-page", word="keep", reason="More order.", by=WHO, coverage=0.95, learning=kept)
    lifecycle.decide(db, "product-delivery-promise", word="drop", reason="Too little.", by=WHO, learning=dropped)


def _picture(tab: Page, address: str, to: Path) -> None:
    tab.goto(address)
    image = Image.open(io.BytesIO(tab.screenshot())).convert("RGB")
    _few_colours(image).save(to, optimize=True)
    print(f"{to.name}: {to.stat().st_size / 1000:.0f} KB")


if __name__ == "__main__":
    main()
