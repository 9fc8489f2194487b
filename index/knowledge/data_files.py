"""Reading data files whose entries are TOML tables, each with the line on which it stands.

Our files are plain: one key a line, its value a string or a list of strings. Such a file is read several times faster than
TOML in general, which every start would pay for; any other TOML is read by ``tomllib``, to the same entries.
"""

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Entry:
    """One table: its keys and values, and the line (from 1) of its heading."""

    line: int
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in a data file, and on which line (0 where that is not known). A warning is worth a look and no error."""

    file: str
    line: int
    message: str
    warning: bool = False

    def __str__(self) -> str:
        where = f"{self.file}, line {self.line}" if self.line else self.file
        return f"{where}: {self.message}"


def read_entries(text: str, table: str) -> list[Entry]:
    """The ``[[table]]`` entries of a TOML text, in order.

    Raises:
        tomllib.TOMLDecodeError: it is not TOML.
    """
    plain = _read_plain(text, f"[[{table}]]")
    if plain is not None:
        return plain
    entries = tomllib.loads(text).get(table, [])
    if not isinstance(entries, list) or not all(isinstance(each, Mapping) for each in entries):
        return []
    headings = [number for number, line in enumerate(text.split("\n"), 1) if line.split("#")[0].strip() == f"[[{table}]]"]
    lines = headings if len(headings) == len(entries) else [0] * len(entries)
    return [Entry(line, values) for line, values in zip(lines, entries, strict=True)]


def line_of(text: str, entry_line: int, key: str) -> int:
    """The line of `key` in the entry that begins on `entry_line`; that line itself where the key is not found."""
    for number, line in enumerate(text.split("\n")[entry_line:], entry_line + 1):
        if line.startswith("["):
            break
        if line.partition("=")[0].strip() == key:
            return number
    return entry_line


def _read_plain(text: str, heading: str) -> list[Entry] | None:
    """The entries of a file in which every value is one line of JSON as well as of TOML; None for any other."""
    lines: list[int] = []
    objects: list[str] = []
    pairs: list[str] = []
    counts: list[int] = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line or line[0] == "#":
            continue
        if line == heading:
            if lines:
                objects.append("{" + ",".join(pairs) + "}")
                counts.append(len(pairs))
            elif pairs:
                return None
            lines.append(number)
            pairs = []
            continue
        key, separator, value = line.partition(" = ")
        if not separator or value[:1] not in ('"', "[") or not _BARE_KEY.fullmatch(key):
            return None
        pairs.append(f'"{key}":{value}')
    if not lines:
        return None
    objects.append("{" + ",".join(pairs) + "}")
    counts.append(len(pairs))
    try:
        values = json.loads("[" + ",".join(objects) + "]")
    except ValueError:
        return None
    if len(values) != len(lines) or any(len(each) != count for each, count in zip(values, counts, strict=True)):
        return None  # a key stands twice, which TOML forbids
    return [Entry(line, each) for line, each in zip(lines, values, strict=True)]
