"""Runs files of assignment cases through the SDK: python tests/sdk/run_cases.py FILE...

Prints for every case its name, pass, fail or not offered (with the reason), what was expected and what was got; last
a line of counts. Ends with 1 if anything fails. Takes GrowthBook's suite (JSON of lists by section), Unleash's client
specification (JSON with `state`), OpenFeature's scenarios (.feature), what other tools assign (JSON with `peers`), and
our own assignment vectors (JSON with `cases`).
"""

import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
for folder in (HERE, HERE.parents[1] / "sdk"):
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))

from forms import assignments, growthbook, openfeature, unleash  # noqa: E402
from forms.result import Result  # noqa: E402


def run(path: Path) -> Iterator[Result]:
    """The results of a file's cases, whatever its form. ValueError for a form that nobody knows."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".feature":
        return openfeature.run(text)
    content = json.loads(text)
    if not isinstance(content, dict):
        raise ValueError(f"{path} holds a {type(content).__name__}; every known form is an object.")
    for name, form in (("state", unleash), ("peers", assignments), ("cases", assignments)):
        if name in content:
            return form.run(content)
    return growthbook.run(content)


def report(result: Result) -> str:
    """A line for the case."""
    if result.status == "not offered":
        return f"{result.name}: not offered: {result.note}"
    return f"{result.name}: {result.status}, expected {_short(result.expected)}, got {_short(result.got)}"


def main(paths: list[str]) -> int:
    """Run the files; 1 if a case fails, 2 if there is nothing to run."""
    if not paths:
        print(f"usage: python {Path(__file__).name} FILE...", file=sys.stderr)
        return 2
    counts: Counter[str] = Counter()
    for path in paths:
        for result in run(Path(path)):
            print(report(result))
            counts[result.status] += 1
    print(f"\n{counts.total()} cases: " + ", ".join(f"{count} {status}" for status, count in counts.most_common()))
    return 1 if counts["fail"] or not counts else 0


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 200 else text[:197] + "..."


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
