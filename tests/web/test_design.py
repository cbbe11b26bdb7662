"""The design's tokens: text and drawings stand out from what they lie on, in light, in dark and on paper."""

import re
from pathlib import Path

import pytest

TOKENS = (Path(__file__).parents[2] / "web" / "static" / "tokens.css").read_text()
TEXTS = ("ink", "ink-2", "ink-3", "accent", "good-text", "bad-text", "unknown-text", "flat-text")
MARKS = ("good", "bad", "unknown", "flat", "edge", "focus")
GROUNDS = ("bg", "surface", "sunk")
TONES = ("good", "bad", "unknown", "flat")


def scheme(name):
    """The values of one scheme: the light ones, and what the others override."""
    light, rest = TOKENS.split("@media (prefers-color-scheme: dark)")
    over = {"light": "", "dark": rest.split("@media")[0], "paper": TOKENS.split("@media print")[1]}[name]
    found = dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{3,6})\b", light + over))
    return {k: "#" + "".join(c * 2 for c in v[1:]) if len(v) == 4 else v for k, v in found.items()}


def luminance(colour):
    """Relative luminance (WCAG 2.2)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one, other):
    """Contrast ratio (WCAG 2.2), at least 1."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_that_of_wcag():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("name", ["light", "dark", "paper"])
def test_text_has_4_5_to_1_and_drawings_3_to_1_on_all_that_they_lie_on(name):
    colours = scheme(name)
    weak = [(t, g) for t in TEXTS for g in GROUNDS if contrast(colours[t], colours[g]) < 4.5]
    weak += [(f"{t}-text", f"{t}-tint") for t in TONES if contrast(colours[f"{t}-text"], colours[f"{t}-tint"]) < 4.5]
    weak += [("ink", f"{t}-tint") for t in TONES if contrast(colours["ink"], colours[f"{t}-tint"]) < 4.5]
    weak += [(m, g) for m in MARKS for g in ("bg", "surface") if contrast(colours[m], colours[g]) < 3]
    weak += [("good", "worth")] if contrast(colours["good"], colours["worth"]) < 3 else []
    weak += [("bad", "beyond")] if contrast(colours["bad"], colours["beyond"]) < 3 else []
    weak += [("on-accent", "accent")] if contrast(colours["on-accent"], colours["accent"]) < 4.5 else []
    assert weak == []
