"""This process: what it holds in memory, and how urgent it is."""

import os
from pathlib import Path


def process_memory() -> int | None:
    """Resident bytes of this process; None where the system does not say (Linux does)."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return None
    return pages * os.sysconf("SC_PAGE_SIZE")


def give_way() -> None:
    """Let every other process go first: a search should not wait because articles are being indexed."""
    if hasattr(os, "nice"):
        os.nice(10)
