"""Runs files of statistical cases through the engine: python tests/stats/run_cases.py FILE...

Prints for every case its id, pass, fail, declined (somebody's convention that we reject, with the reason and our
number) or not offered (a method that is no part of the engine), what was expected and what came out. Ends with 1
if anything fails. Takes lists of cases {id, method, inputs, expected, tolerance, source} (row files lie beside
them), tables of published numbers, R's numbers, and comparisons on real data in ../data.
"""

import json
import sys
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent
for folder in (HERE, HERE.parents[1]):
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))

from cases import crosscheck, published  # noqa: E402
from cases.answers import Case, Number, Result  # noqa: E402
from cases.table import run  # noqa: E402


def load(path: Path) -> list[Case]:
    """The cases of a file, whatever its form."""
    content = json.loads(path.read_text(encoding="utf-8"))
    if isinstance(content, list):
        return [_case(entry, path.parent) for entry in content]
    if any("|" in key and isinstance(value, dict) for key, value in content.items()):
        return crosscheck.cases(content, path.parent)
    return published.cases(content, path.parent)


def report(result: Result) -> str:
    """A line for the case and one per number."""
    counts = Counter(number.status for number in result.numbers)
    some = ", ".join(f"{count} {status}" for status, count in counts.items())
    lines = [f"{result.case.id}: {result.status}" + (f" ({some})" if len(counts) > 1 else "")]
    return "\n".join([*lines, *(f"    {_line(number)}" for number in result.numbers)])


def main(paths: list[str]) -> int:
    """Run the files; 1 if a case fails, 2 if there is nothing to run."""
    if not paths:
        print(f"usage: python {Path(__file__).name} FILE...", file=sys.stderr)
        return 2
    results = [run(case) for path in paths for case in load(Path(path))]
    for result in results:
        print(report(result))
    counts = Counter(result.status for result in results)
    print(f"\n{len(results)} cases: " + ", ".join(f"{count} {status}" for status, count in counts.most_common()))
    return 1 if counts["fail"] else 0


def _case(entry: dict, folder: Path) -> Case:
    return Case(
        str(entry.get("id", "?")), str(entry.get("method", "")), entry.get("inputs") or {}, entry.get("expected"),
        folder, float(entry.get("tolerance", 1e-6)), str(entry.get("source", "")),
    )  # fmt: skip


def _line(number: Number) -> str:
    what = f"{number.path or 'all'}: {number.status}"
    if number.status in ("not offered", "skipped"):
        return f"{what}: {number.note}"
    got = "none" if number.got is None else f"{number.got:.10g}"
    expected = f"{number.expected:.10g}" if isinstance(number.expected, float) else str(number.expected)
    return f"{what}, expected {expected}, got {got}" + (f": {number.note}" if number.note else "")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
