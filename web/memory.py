"""What a process does about memory once it is ready to answer."""

import gc

COLLECTED = 10_000  # new objects between two collections; a page makes some thousands, and few that hold each other


def steady() -> None:
    """Spare each collection of garbage what stays for good, modules and templates: none then holds up a request."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECTED)
