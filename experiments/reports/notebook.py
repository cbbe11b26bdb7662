"""The report as a Jupyter notebook: it holds the snapshot and computes every number again with the same engine."""

from collections.abc import Callable, Iterator
from typing import Any

from experiments.recomputing import Past
from experiments.reports.markdown import escaped
from experiments.reports.model import Report
from experiments.reports.page import Page, page

LOAD = '''"""The snapshot as stored, and what it needed of the looks before it. The hash proves that it is unchanged."""
from experiments.recomputing import Past
from experiments.snapshot import Snapshot

SNAPSHOT = {snapshot!r}
PAST = {past!r}

snapshot, past = Snapshot.model_validate_json(SNAPSHOT), Past.model_validate_json(PAST)
assert snapshot.hash == {hash!r}
plan = snapshot.frozen.plan'''
RAW = '''"""By Welch, step by step. Below, rare proportions are read by the score test, and few clusters jackknifed."""
import stats
from experiments.keeping import moments_of


def raw(of):
    arms = [moments_of(arm.moments) for arm in (of.control, of.variant)]
    pair = stats.ratio(*arms, "y", "d") if "d" in arms[0].names else stats.mean(*arms, "y")
    rule = stats.Fixed(plan.alpha)
    return stats.estimate(pair, rule.critical(pair), rule.p_value(pair))


for m in snapshot.metrics:
    for name, of in (("", m), ("uncapped", m.uncapped)):
        if of is not None and m.raw is not None and of.control.moments is not None:
            e = raw(of)
            text = f"{float(e.difference):+.6g} ({float(e.low):+.6g} to {float(e.high):+.6g})"
            print(m.title, m.treatment, name, text)'''
AGAIN = '''"""Everything: covariates, the plan's method and its earlier looks, Holm, segments, trends, the split."""
from experiments.recomputing import differing, numbers_of, recompute

again = recompute(snapshot, past)
wrong = differing(snapshot, again)
for path, stored, computed in wrong:
    print(f"{path}: stored {stored}, computed {computed}")
assert not wrong, f"{len(wrong)} values differ from what is stored"
print(f"{numbers_of(snapshot)} numbers computed again; none differs by more than 1e-9.")'''
TABLE = '''"""What the verdict used, as a table."""
for m in again.metrics:
    e = m.effect
    if e is not None:
        print(f"{m.role:<10} {m.title:<40.40} {e.difference:+.6g} ({e.low} to {e.high})  {m.reading}")'''


def render(report: Report) -> bytes:
    """Return a notebook of format 4.5 without outputs; run it where `keepers-platform` of this version is installed."""
    from nbformat import NO_CONVERT, v4, validate, writes

    sources = (
        ("markdown", _opening(report, page(report))), ("code", _loading(report)), ("markdown", "## Raw effects"),
        ("code", RAW), ("markdown", "## All numbers"), ("code", AGAIN),
        ("markdown", "## What the verdict used"), ("code", TABLE),
    )  # fmt: skip
    made: dict[str, Callable[..., Any]] = {"markdown": v4.new_markdown_cell, "code": v4.new_code_cell}
    cells = [made[kind](source, id=f"keepers-{n}") for n, (kind, source) in enumerate(sources)]
    about = {"keepers": {"experiment": report.snapshot.experiment, "hash": report.snapshot.hash}}
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    notebook = v4.new_notebook(cells=cells, metadata={**kernel, **about})
    validate(notebook)
    text: str = writes(notebook, version=NO_CONVERT)
    return text.encode()


def _opening(report: Report, said: Page) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in sorted(report.snapshot.versions.items()))
    lines = (
        f"# {escaped(said.title)}", f"**{escaped(said.headline)}.** {escaped(said.sentence)}",
        f"{escaped(said.kicker)}, sha256 {report.snapshot.hash}",
        "This notebook holds the snapshot and computes its numbers again. It needs no data and no connection, only "
        f"`pip install keepers-platform` ({escaped(versions)}). Units, checks and causes are counted from rows, which "
        "are not in here.",
        *_since_launch(said),
    )  # fmt: skip
    return "\n\n".join(lines)


def _since_launch(said: Page) -> Iterator[str]:
    """How what was kept fares, in words: its look is no part of this snapshot."""
    if said.after:
        told = " ".join(f"{p.lead} {p.text}".strip() for p in said.after.points) or said.after.text
        yield f"**{escaped(said.after.title)}.** {escaped(told)}"


def _loading(report: Report) -> str:
    """Texts reach the code as Python literals of JSON, and so cannot become code."""
    snapshot = report.snapshot
    past = Past.of(snapshot, report.earlier()).model_dump_json()
    return LOAD.format(snapshot=snapshot.model_dump_json(by_alias=True), past=past, hash=snapshot.hash)
