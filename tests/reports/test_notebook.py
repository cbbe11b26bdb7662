"""The notebook is run: it computes every number again, and notices one that was changed."""

import json

import nbformat
import numpy as np
import pytest
import samples
import worked

from experiments.errors import NotReady
from experiments.keeping import cell_of, kept
from experiments.recomputing import Past, differing, numbers_of, recompute
from experiments.reports import FORMATS, Report
from experiments.segments import with_shrunken
from experiments.snapshot import Arm
from experiments.warehouse.moments import Cell
from stats import Moments

pytestmark = pytest.mark.slow

OTHERS = ("always-valid", "fixed", "bayesian")


def run(source):
    """Execute the code cells of a notebook one after the other, as a kernel would; return what it is left with."""
    left: dict[str, object] = {}
    for cell in nbformat.reads(source.decode(), as_version=4).cells:
        if cell.cell_type == "code":
            exec(cell.source, left)
    return left


@pytest.fixture(scope="module")
def looks():
    """Two official looks of a group sequential plan."""
    return worked.worked(looks=2)


@pytest.mark.parametrize("method", ["group-sequential", *(pytest.param(m, marks=pytest.mark.slow) for m in OTHERS)])
def test_the_notebook_computes_every_number_of_its_snapshot_again(method, capsys):
    made = worked.worked(method, looks=2, treatments=2)
    left = run(FORMATS["ipynb"](worked.report(made)))
    assert all(m.effect for m in left["again"].metrics)
    assert left["again"].trends[0].slope is not None
    assert left["again"].segments[0].shrunken is not None
    assert left["wrong"] == []
    assert f"{numbers_of(made[-1])} numbers computed again" in capsys.readouterr().out
    assert numbers_of(made[-1]) > 600


def test_a_number_that_was_changed_is_found_where_it_stands(looks):
    stored, past = looks[-1], Past.of(looks[-1], looks[:-1])
    first = stored.metrics[0]
    effect = first.effect.model_copy(update={"low": first.effect.low + 2e-9})
    changed = stored.model_copy(update={"metrics": (first.model_copy(update={"effect": effect}), *stored.metrics[1:])})
    assert [path for path, _, _ in differing(changed, recompute(changed, past))] == ["metrics.0.effect.low"]


def test_groups_of_an_older_snapshot_are_shrunken_again_as_they_were(looks):
    stored, past = looks[-1], Past.of(looks[-1], looks[:-1])
    bare = [g.model_copy(update={"shrunken": None}) for g in stored.segments]
    older = stored.model_copy(update={"segments": with_shrunken(bare, averaged=False)})
    assert older.segments != stored.segments
    assert differing(older, recompute(older, past)) == []


def test_without_the_looks_before_it_a_sequential_snapshot_is_not_what_was_stored(looks):
    assert differing(looks[-1], recompute(looks[-1], Past()))


def test_what_an_invalid_look_saw_does_not_count_in_the_notebook_either(looks):
    first, last = looks
    loud = first.metrics[2].look.model_copy(update={"statistics": {**first.metrics[2].look.statistics, "minus": 9.0}})
    rows = (*first.metrics[:2], first.metrics[2].model_copy(update={"look": loud}), first.metrics[3])
    said = {}
    for word in ("wait", "invalid"):
        seen = first.model_copy(update={"metrics": rows, "verdict": first.verdict.model_copy(update={"word": word})})
        said[word] = recompute(last, Past.of(last, (seen,))).metrics[2].reading
    assert said == {"wait": "worse within margin", "invalid": "safe"}


def test_texts_with_quotes_and_code_stay_texts_in_the_notebook(looks):
    made = looks[-1:]
    hostile = "'''; raise SystemExit #\" \\ {x} \n```\n<script>"
    plan = made[0].frozen.plan.model_copy(update={"title": hostile, "hypothesis": hostile})
    snapshot = made[0].model_copy(update={"frozen": made[0].frozen.model_copy(update={"plan": plan})})
    source = json.loads(FORMATS["ipynb"](worked.report((snapshot,))))["cells"][1]["source"]
    left = {}
    exec("".join(source), left)
    assert left["snapshot"].frozen.plan.title == hostile


def test_a_snapshot_from_before_moments_were_kept_says_so():
    snapshot = samples.snapshot()
    source = FORMATS["ipynb"](Report(samples.experiment(snapshot), snapshot))
    assert json.loads(source)["metadata"]["keepers"]["hash"] == snapshot.hash
    with pytest.raises(NotReady, match="before snapshots kept their moments"):
        run(source)


def test_a_cell_comes_back_from_its_snapshot_exactly():
    rng = np.random.default_rng(7)
    rows = rng.normal(10, 2, (30, 2))
    moments = Moments.of(("y", "d", "before", "missing_before"), np.column_stack([rows, rng.normal(size=(30, 2))]))
    cell = Cell(moments, 4, tuple(map(tuple, rows.tolist())), (20, 11), spread=False)
    arm = Arm(variant="t1", n=30, mean=1.0, sd=None, steps=cell.steps, moments=kept(cell))
    back = cell_of(Arm.model_validate_json(arm.model_dump_json()), waiting=4)
    assert (back.waiting, back.rows, back.steps, back.spread, back.moments.names) == (4, cell.rows, (20, 11), False, moments.names)
    for ours, theirs in ((back.moments.n, moments.n), (back.moments.mean, moments.mean), (back.moments.cov, moments.cov)):
        assert np.array_equal(ours, theirs)
