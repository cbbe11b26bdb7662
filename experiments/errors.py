"""Every error of the platform. A branch is what the caller can do about it.

KeepersError
├── DefinitionError   fix the plan, the metric or the file
├── NotReady          wait for data, or load it first
├── Conflict          something changed or does not fit its state: reload, then choose again
├── NotFound          the name is wrong
├── Refused           this person or key may not do this
├── Distrusted        the stored data is not what it was: do not decide from it
└── Unavailable       a disk or a database fails: mend it, then do the same again
"""

from collections.abc import Iterable
from difflib import get_close_matches


class KeepersError(Exception):
    """What is wrong, with which value, the rule, and what to do next, in one message."""


class DefinitionError(KeepersError):
    """A plan, a metric or a file breaks a rule. `problems` holds one sentence for each."""

    def __init__(self, problems: str | Iterable[str]) -> None:
        self.problems = (problems,) if isinstance(problems, str) else tuple(problems)
        super().__init__("\n".join(self.problems))


class NotReady(KeepersError):
    """The data that this needs has not arrived yet."""


class Conflict(KeepersError):
    """The state does not allow this, or another process holds it."""


class NotFound(KeepersError):
    """Nothing has this name."""

    @classmethod
    def of(cls, kind: str, name: str, known: Iterable[str]) -> "NotFound":
        """Name the nearest known spelling, or say what exists."""
        return cls(f"no {kind} is called '{name}'. {nearest(name, known)}")


class Refused(KeepersError):
    """This person or key is not allowed to do this."""


class Distrusted(KeepersError):
    """What is stored does not match its hash, or cannot be read."""


class Unavailable(KeepersError):
    """A disk is full, or a database does not answer. Nothing was changed by halves."""


def nearest(name: str, known: Iterable[str]) -> str:
    """Return 'Did you mean ...?' for the closest of `known`, or the list of what exists."""
    names = sorted(known)
    close = get_close_matches(name, names, n=1)
    if close:
        return f"Did you mean '{close[0]}'?"
    return f"Known: {', '.join(names[:10])}." if names else "None exists yet."
