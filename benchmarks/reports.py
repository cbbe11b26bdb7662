"""How long each of the eight formats of a report takes, with three pictures of full size: `make bench-reports`.

The snapshot is one of those that `make bench-web` asks for, after four weeks of daily looks, which the notebook takes
along. Each format is made in a process of its own, first with all that it must load, then again; nothing is kept
between. CPU is what this process worked: on a busy machine the time it was given differs from it.
"""

import argparse
import multiprocessing
import sys
import tempfile
import time
from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO

import numpy as np
from PIL import Image

from benchmarks import web_registry
from experiments import picturing, reporting
from experiments.registry import Database
from experiments.registry.brief_models import PictureRow
from experiments.reports import FORMATS
from experiments.settings import Settings

SEED = 20261126
MOST_EACH, MOST_ALL = 1.0, 5.0  # seconds
PICTURES, LOOKS = 3, 28
WIDTH, HEIGHT = 1_600, 1_200  # as wide as any is kept
Took = tuple[float, float]  # seconds, and of them CPU
SIZES = web_registry.Sizes(web_registry.LONG + 1, web_registry.LONG * web_registry.MOST_LOOKS + 14)


def main() -> None:
    """Fill a registry, make each format, and say what was slowest."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--times", type=int, default=5, help="how often each is made again; the best counts")
    times = parser.parse_args().times
    with tempfile.TemporaryDirectory() as folder:
        key = filled(folder)
        found = {kind: apart(folder, key, kind, times) for kind in FORMATS}
    print(f"{'format':<8}{'first, s':>10}{'CPU':>7}{'again, s':>10}{'CPU':>7}{'bytes':>12}")
    for kind, (first, again, size) in found.items():
        print(f"{kind:<8}{first[0]:>10.2f}{first[1]:>7.2f}{again[0]:>10.2f}{again[1]:>7.2f}{size:>12,}")
    slowest, whole = max(f[1][0] for f in found.values()), sum(f[1][0] for f in found.values())
    print(f"reports: slowest {slowest:.2f} s of {MOST_EACH:g}, all {whole:.2f} s of {MOST_ALL:g}")
    sys.exit(0 if slowest < MOST_EACH and whole < MOST_ALL else 1)


def filled(folder: str) -> str:
    """Fill a registry with an experiment of many looks and three pictures; return its key."""
    db, rng = Database(Settings.load({"KEEPERS_HOME": folder}).registry), np.random.default_rng(SEED)
    db.migrate()
    key = web_registry.fill(db, SIZES, rng)[0]
    variants = [v.key for v in reporting.report(db, key).snapshot.frozen.plan.variants]
    with db.begin() as session:
        for n in range(PICTURES):
            body = picturing.encode(screen(rng)).body
            session.add(PictureRow(
                experiment=key, variant=variants[n % len(variants)], alt=f"Screen {n}", width=WIDTH, height=HEIGHT,
                sha256=sha256(body).hexdigest(), at=datetime(2026, 11, 1, tzinfo=UTC), by="benchmark", body=body,
            ))  # fmt: skip
    db.engine.dispose()
    return key


def screen(rng: np.random.Generator) -> bytes:
    """A page with photographs on it: smooth colours, edges, and grain, which is what makes a file large."""
    small = Image.fromarray(rng.integers(0, 256, (HEIGHT // 40, WIDTH // 40, 3), dtype=np.uint8))
    drawn = np.asarray(small.resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC), dtype=np.int16)
    grain = rng.integers(-12, 13, drawn.shape, dtype=np.int16)
    out = BytesIO()
    Image.fromarray(np.clip(drawn + grain, 0, 255).astype(np.uint8)).save(out, "JPEG", quality=90)
    return out.getvalue()


def apart(folder: str, key: str, kind: str, times: int) -> tuple[Took, Took, int]:
    """Make one format in a new process: what the first took, the best after it, and its size in bytes."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(made, (folder, key, kind, times))


def made(folder: str, key: str, kind: str, times: int) -> tuple[Took, Took, int]:
    """Gather and render one format, from the registry on, as a request does."""
    db = Database(Settings.load({"KEEPERS_HOME": folder}).registry)
    took: list[Took] = []
    size = 0
    for _ in range(1 + times):
        picturing.printed.cache_clear()
        began, busy = time.perf_counter(), time.process_time()
        size = len(FORMATS[kind](reporting.report(db, key, LOOKS)))
        took.append((time.perf_counter() - began, time.process_time() - busy))
    db.engine.dispose()
    return took[0], min(took[1:]), size


if __name__ == "__main__":
    main()
