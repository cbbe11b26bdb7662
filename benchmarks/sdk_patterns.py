"""How long a caller waits at most for a targeting of regular expressions that are chosen to be slow.

Patterns are made up at random out of what makes matchers slow, next to some that are known to; each targeting holds one
or many, and is asked about texts of the longest lengths that its patterns are tried on.
"""

import random
import time
from collections.abc import Iterator
from typing import Any

from keepers import ConfigError
from keepers.conditions import matches
from keepers.config import parse_config
from keepers.experiment import Experiment

KNOWN = (
    r"\w+\s.", "a+b+.", "[ab]*[ab].", "x.*a", "aa?a" + "[ab]" * 30 + "!", "a*?ab*?!", "^.*[ab]*?c", "^b?$",
    r"^\w*b*?a+$", "(?:b)+a*?!", "a" * 250 + "[ab]+!", r"^\w+(?=\w*!)", r"(?m)^[\s\S]*?!", r"(?m)^(\n|a)*!",
)  # fmt: skip
ATOMS = ("a", "b", "[ab]", "[^b]", r"\w", r"\s", ".", "aaaa", "[ab]" * 20, "." * 50, "ab" * 10)
COUNTS = (1, 2, 5, 9, 20, 40, 80)
TEXTS = ("a", "b", "ab", "aab", "a ", "xa", "a" * 20 + "b", "\n", "abc\n")
TRIES = 4  # of each question, whose shortest time counts: what the machine does besides is not the matcher's


def longest_wait(seconds: float) -> tuple[float, int]:
    """Milliseconds of processor time that one question took at most, and how many targetings were asked."""
    rng, worst, count = random.Random(1), 0.0, 0
    until = time.monotonic() + seconds
    for experiment in targetings(rng):
        count += 1
        worst = max([worst, *(asked(experiment, text) for text in slow_texts(experiment))])
        if time.monotonic() > until:
            break
    return worst, count


def targetings(rng: random.Random) -> Iterator[Experiment]:
    """Make up experiments whose targeting is taken."""
    while True:
        count = rng.choice(COUNTS)
        patterns = [rng.choice(KNOWN)] * count if rng.random() < 0.5 else [made_up(rng) for _ in range(count)]
        either = [{"text": {rng.choice(["$regex", "$regexi"]): pattern}} for pattern in patterns]
        variants = [{"key": key, "weight": 0.5} for key in ("control", "treatment")]
        experiment = {"key": "k", "variants": variants, "targeting": {"$or": either}}
        try:
            yield parse_config({"experiments": [experiment]}).experiments["k"]
        except ConfigError:
            continue


def made_up(rng: random.Random) -> str:
    """Return a pattern of one to four parts."""
    parts = "".join(part(rng, 0) for _ in range(rng.randint(1, 4)))
    return rng.choice(["", "", "^"]) + parts + rng.choice(["", "$", "c", "!"])


def part(rng: random.Random, depth: int) -> str:
    """Return an atom or a group, repeated or not."""
    atom = rng.choice(ATOMS)
    if depth < 2 and rng.random() < 0.3:
        inner = "".join(part(rng, depth + 1) for _ in range(rng.randint(1, 3)))
        atom = rng.choice(["", "b|"]) + inner
    if (len(atom) > 1 and atom[0] not in "[\\") or len(atom) > 5:
        atom = rng.choice(["(?:", "(?:", "(?:", "(?="]) + atom + ")"
    return atom + rng.choice(["", "", "", "*", "+", "?", "*?", "{2,5}", "{3}"])


def slow_texts(experiment: Experiment) -> Iterator[str]:
    """Return texts of the longest lengths that the patterns are tried on."""
    targeting: Any = experiment.targeting
    lengths = [int(pattern.longest) for each in targeting["$or"] for pattern in each["text"].values()]
    for length in {min(lengths), max(lengths)}:
        yield from ((text * length)[:length] for text in TEXTS)


def asked(experiment: Experiment, text: str) -> float:
    """Milliseconds that it takes to say whether the text meets the targeting."""
    best = float("inf")
    for _ in range(TRIES):
        began = time.thread_time()
        matches(experiment.targeting, {"text": text})
        best = min(best, 1_000 * (time.thread_time() - began))
    return best
