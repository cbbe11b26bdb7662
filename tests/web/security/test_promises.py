"""docs/security.md names, for each promise, the test that holds it: each of them must exist."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_every_promise_names_a_test_that_exists():
    text = (ROOT / "docs" / "security.md").read_text()
    table = text[text.index("## What is promised") : text.index("## Personal data")]
    promises = [line for line in table.splitlines() if line.startswith("| ") and not line.startswith("| promise")]
    known = {name for path in (ROOT / "tests").rglob("*.py") for name in re.findall(r"^def (test_\w+)", path.read_text(), re.M)}
    assert len(promises) > 20
    for promise in promises:
        named = re.findall(r"`(test_\w+)`", promise)
        assert named, promise
        assert set(named) <= known, set(named) - known
