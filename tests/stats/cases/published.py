"""Published tables and R's numbers as cases: each key of the file says its method, and is read as such.

Printed tables are right to half a unit of their last decimal. Group-sequential tables are held to 5e-5, as the list
of cases holds the same tables, everything else to 1e-6, but for what
mvtnorm integrated by random numbers (its own bound is 1e-3): 1e-4.
"""

import csv
import gzip
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from cases import datasets
from cases.answers import Case
from cases.r_calls import call

BOUNDARIES = 5e-5
RANDOM = 1e-4


def cases(content: Mapping[str, Any], folder: Path, path: str = "") -> list[Case]:
    """Every entry of a file of published numbers."""
    return list(_walk(content, folder, path))


def _walk(content: Mapping[str, Any], folder: Path, path: str) -> Iterator[Case]:
    for key, value in content.items():
        name = f"{path}/{key}" if path else key
        if re.search(r"version", key, re.IGNORECASE):
            continue
        if "NOT_VERIFIED" in name and isinstance(value, str):
            yield Case(f"NOT_VERIFIED/{key}", key, {}, value, folder)
            continue
        found = next(((match, make) for pattern, make in ENTRIES if (match := re.search(pattern, key))), None)
        if found:
            yield from found[1](name, found[0], value, folder)
        elif isinstance(value, Mapping):
            yield from _walk(value, folder, name)
        else:
            yield Case(name, key, {}, value, folder)


def _constants(name: str, match: re.Match[str], value: Any, folder: Path) -> Iterator[Case]:
    """Constants by number of looks."""
    kind, alpha = ("C_P" if match.group(1).startswith("P") else "C_B"), float(match.group(2))
    for k, constant in value.items():
        inputs, method = {"K": int(k), "alpha": alpha}, "Classical Pocock and OBrien-Fleming constants"
        yield Case(f"{name}/{k}", method, inputs, {kind: constant}, folder, BOUNDARIES, decimals=_decimals(value))


def _classic(name: str, match: re.Match[str], value: Any, folder: Path) -> Iterator[Case]:
    """Boundaries of the classical designs."""
    word = "pocock" if match.group(1) == "PK" else "brien"
    inputs = {"K": int(match.group(2)), "alpha": float(match.group(3))}
    yield Case(
        name,
        f"Classical bounds, commonbounds, {word}",
        inputs,
        {word.replace("brien", "obf"): value},
        folder,
        BOUNDARIES,
    )


def _spending(name: str, match: re.Match[str], value: Any, folder: Path) -> Iterator[Case]:
    """Boundaries under Lan and DeMets' two spending functions."""
    word = "Pocock" if match.group(1) == "Pocock" else "O'Brien-Fleming"
    inputs = {"K": int(match.group(2)), "alpha": 0.05}
    yield Case(name, f"Lan-DeMets {word}-type spending", inputs, {"bounds": value}, folder, BOUNDARIES)


def _peeking(name: str, match: re.Match[str], value: Any, folder: Path) -> Iterator[Case]:
    """The error of K looks at 1.96."""
    bound = float(match.group(1))
    for kind, table in value.items():
        for k, error in table.items():
            inputs = {"K": int(k), "bound": bound if kind == "literature" else 1.959963984540054}
            told = {"decimals": _decimals(table)} if kind == "literature" else {"tolerance": RANDOM}
            yield Case(f"{name}/{kind}/{k}", "Peeking", inputs, error, folder, **told)


def _rejections(name: str, match: re.Match[str], value: Any, folder: Path) -> Iterator[Case]:
    """How many of the paper's hypotheses each procedure rejects."""
    alpha = float(next(re.findall(r"([\d.]+)$", key)[0] for key in value if key.startswith("rejected")))
    rejected = next(table for key, table in value.items() if key.startswith("rejected"))
    for procedure, count in rejected.items():
        inputs = {"p": value["p"], "alpha": alpha}
        yield Case(
            f"{name}/{procedure}", f"Multiple testing adjusted p ({procedure})", inputs, {"rejected": count}, folder
        )


def _free_trial(name: str, match: re.Match[str], value: Any, folder: Path) -> Iterator[Case]:
    """A course site's screener: shares of traffic, and two conversions on the days that have both."""
    arms = {arm: _table(folder.parent / f"data/free_trial/{arm}_results.csv") for arm in ("control", "experiment")}
    totals = {word: [_total(arms[arm], word) for arm in arms] for word in ("Pageviews", "Clicks")}
    method = "Acceptance region of a share"
    for key, expected in value.items():
        word = key.split()[0].title()
        if key.endswith("sanity CI"):
            yield Case(
                f"{name}/{key}",
                method,
                {"counts": totals[word]},
                {"ci": expected},
                folder,
                decimals=_decimals(expected),
            )
        elif key == "observed":
            inputs = {"counts": totals["Pageviews"]}
            yield Case(f"{name}/{key}", method, inputs, {"share": expected}, folder, decimals=_decimals(expected))
        elif " d, CI" in key:
            column = "Enrollments" if word == "Gross" else "Payments"
            pairs = [[_total(arms[arm], column), _total(arms[arm], "Clicks", column)] for arm in arms]
            inputs, told = (
                dict(zip(("control", "treatment"), pairs, strict=True)),
                {"est": expected[0], "ci": expected[1]},
            )
            yield Case(f"{name}/{key}", "Two proportions, 1.96", inputs, told, folder, decimals=_decimals(expected))
        else:
            yield Case(f"{name}/{key}", key, {}, expected, folder)


def _landing_page(name: str, match: re.Match[str], value: Any, folder: Path) -> Iterator[Case]:
    """Old page against new: numbered as the notebook does, the first less the second."""
    (n1, k1), (n2, k2) = value["control n/conv"], value["treatment n/conv"]
    inputs = {"k1": k1, "n1": n1, "k2": k2, "n2": n2}
    for key, expected in value.items():
        one_sided = "one-sided" in key
        if key == "rates":
            told = {"treatment": expected[0], "control": expected[1]}
            yield Case(f"{name}/{key}", "Two proportions", inputs, told, folder, decimals=_decimals(expected))
        elif key == "z" or one_sided:
            method = "Two proportions" + (" one-sided smaller" if one_sided else "")
            yield Case(f"{name}/{key}", method, inputs, {"p" if one_sided else "z": expected}, folder)
        else:
            yield Case(f"{name}/{key}", "Count of rows", {}, expected, folder)


def _split(name: str, match: re.Match[str], value: Any, folder: Path) -> Iterator[Case]:
    """A split against equal weights."""
    counts = [float(number.replace(",", "")) for number in match.groups()[:2]]
    if isinstance(value, list):
        value = dict(zip(("chi2", "p"), value, strict=True))
    expected = {key: number for key, number in value.items() if key in ("chi2", "df", "p")}
    yield Case(name, "SRM chi-square", {"counts": counts, "weights": [1.0, 1.0]}, expected, folder)


def _cookie_cats(name: str, match: re.Match[str], value: Any, folder: Path) -> Iterator[Case]:
    """Retention on day 1 and 7 from the rows."""
    table = _table(folder.parent / "data/cookie_cats.csv.gz")
    for key, p in value.items():
        column = "retention_" + key[1]
        pairs = []
        for version in ("gate_30", "gate_40"):
            kept = [row[column].lower() in ("true", "1") for row in table if row["version"] == version]
            pairs.append([float(sum(kept)), float(len(kept))])
        inputs = dict(zip(("control", "treatment"), pairs, strict=True))
        yield Case(f"{name}/{key}", "Two proportions", inputs, {"p": p}, folder)


def _r(name: str, match: re.Match[str], value: Any, folder: Path) -> Iterator[Case]:
    """A call of R."""
    method, inputs, expected = call(match.string, value)
    yield Case(name, method, inputs, expected, folder)


def _named(name: str, match: re.Match[str], value: Any, folder: Path) -> Iterator[Case]:
    """Entries that are no method of ours, by their key."""
    yield Case(name, match.string, {}, value, folder)


def _dataset(name: str, match: re.Match[str], value: Any, folder: Path) -> Iterator[Case]:
    """A test of R on a data set of R."""
    method, inputs, keys = datasets.TESTS[match.group(1)]
    told = {key: value[at] if isinstance(at, int) else value[slice(*at)] for key, at in keys.items()}
    yield Case(name, method, inputs, told, folder)


Make = Callable[[str, re.Match[str], Any, Path], Iterator[Case]]
ENTRIES: tuple[tuple[str, Make], ...] = (
    (r"^(Pocock|OBF)\w*_c alpha=([\d.]+)", _constants),
    (r"^(OF|PK) K=(\d+) alpha=([\d.]+) two-sided", _classic),
    (r"^LD(OF|Pocock) K=(\d+) a=", _spending),
    (r"^published Lan-DeMets (OF|Pocock) K=(\d+)", _spending),
    (r"^peeking_inflation_two_sided_([\d.]+)", _peeking),
    (r"^benjamini_hochberg.*example", _rejections),
    (r"^udacity_free_trial", _free_trial),
    (r"^udacity_ab_data", _landing_page),
    (r"Yates", _cookie_cats),
    (r"([\d,]{4,}) vs ([\d,]{4,})", _split),
    (r"SRM ([\d,]{4,})/([\d,]{4,})", _split),
    (r"^(t\.test sleep|oneway\.test InsectSprays|wilcox\.test sleep)", _dataset),
    (r"^(pwr\.|power\.|p\.adjust|prop\.test)", _r),
    (r"optimizely_bucketing|anorexia|TukeyHSD", _named),
)


def _decimals(value: Any) -> int:
    """Decimals of a printed table: the most that any of its numbers has."""
    if isinstance(value, Mapping | list):
        return max(_decimals(part) for part in (value.values() if isinstance(value, Mapping) else value))
    return len(repr(float(value)).partition(".")[2])


def _table(path: Path) -> list[dict[str, str]]:
    raw = path.read_bytes()
    text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8")
    return list(csv.DictReader(text.splitlines()))


def _total(table: list[dict[str, str]], column: str, known: str | None = None) -> float:
    """Total of a column, on the days on which another is known."""
    return sum(float(row[column]) for row in table if row[known or column])
