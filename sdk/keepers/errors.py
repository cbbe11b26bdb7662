"""What can go wrong, as one tree; a branch for each thing the caller can do about it.

    KeepersError
    ├── ArgumentError          fix the call
    ├── ConfigError            fix the config
    │   └── ConfigUnavailable  wait, or check the address and the key
    └── DeliveryError          look at the server; events wait, or were dropped and counted

Only constructors raise. After construction errors go to `on_error` (or the log) and to
`Client.stats()`; with `strict=True`, meant for tests, a wrong call raises too.
"""

from __future__ import annotations


class KeepersError(Exception):
    """The root of the tree."""


class ArgumentError(KeepersError, ValueError):
    """A call was given a value that cannot be used."""


class ConfigError(KeepersError, ValueError):
    """The config does not follow the schema. The message names the place, the value and the rule."""


class ConfigUnavailable(ConfigError):
    """The config could not be fetched or read."""


class DeliveryError(KeepersError):
    """Events could not be delivered, or the server refused some of them."""


def did_you_mean(word: str, known: list[str]) -> str:
    """Return ' Did you mean ...?' for the nearest known word, or an empty text."""
    from difflib import get_close_matches

    near = get_close_matches(word, known, n=1)
    return f" Did you mean {near[0]!r}?" if near else ""


def nearest(word: str, known: list[str]) -> str:
    """As `did_you_mean` while somebody waits: of the first 2,000 one that begins alike; else say what there is."""
    like = [each for each in known[:2000] if each.startswith(word[: (len(word) + 1) // 2])]
    if word and like:
        return f" Did you mean {min(like, key=lambda each: abs(len(each) - len(word)))!r}?"
    return f" It has {len(known)}, such as {known[0]!r}." if known else " It has none."
