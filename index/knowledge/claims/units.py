"""Units as data (``data/units.toml``): how figures are written, what they count, and what they are per."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from index.errors import CatalogueError
from index.text.fold import fold

FILE = Path(__file__).parent / "data" / "units.toml"

MULTIPLIERS: Mapping[str, float] = {
    "hundred": 1e2,
    "thousand": 1e3,
    "million": 1e6,
    "billion": 1e9,
    "trillion": 1e12,
    "bn": 1e9,
    "mn": 1e6,
    "tn": 1e12,
    "k": 1e3,
    "百": 1e2,
    "千": 1e3,
    "万": 1e4,
    "十万": 1e5,
    "百万": 1e6,
    "千万": 1e7,
    "亿": 1e8,
    "十亿": 1e9,
    "百亿": 1e10,
    "千亿": 1e11,
    "万亿": 1e12,
    "兆": 1e12,
}
"""Words that multiply the number before them. 兆 is a million million, as in Taiwan; 兆瓦 is a unit of its own."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A scale: ``names`` are folded spellings with how many of the unit each is; ``signs`` stand before the number."""

    id: str
    name: str
    names: Mapping[str, float]
    signs: tuple[str, ...] = ()
    money: bool = False


@dataclass(frozen=True, slots=True)
class Noun:
    """Something that is counted: its words, and the Chinese measure words that say it without them."""

    id: str
    en: tuple[str, ...]
    zh: tuple[str, ...]
    measures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rate:
    """What a figure is per: wording behind it, and before it."""

    id: str
    after: tuple[str, ...]
    before: tuple[str, ...]


@dataclass(frozen=True)
class Units:
    """All of the file; ``money`` are the ids of currencies."""

    units: Mapping[str, Unit]
    nouns: Mapping[str, Noun]
    rates: Mapping[str, Rate]
    money: frozenset[str]

    @property
    def ids(self) -> frozenset[str]:
        """Everything that a figure can be in: units and what is counted."""
        return frozenset((*self.units, *self.nouns, "part", ""))


@cache
def load_units(file: Path = FILE) -> Units:
    """Read the file.

    Raises:
        CatalogueError: not TOML, or an entry that breaks the schema: says which.
    """
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CatalogueError(f"{file.name}: {error}.") from error
    if unknown := set(content) - {"unit", "noun", "rate"}:
        raise CatalogueError(f"{file.name}: unknown key {min(unknown)!r}.")
    units: dict[str, Unit] = {}
    spelt: dict[str, str] = {}
    for entry in content["unit"]:
        checked(entry, file.name, {"id", "name", "names"}, {"signs", "money"})
        names = {name: float(scale) for name, scale in entry["names"].items()}
        for name in (*names, *entry.get("signs", ())):
            if name != fold(name):
                raise CatalogueError(f"{file.name}: {name!r} of {entry['id']} is not folded.")
            if name in spelt:
                raise CatalogueError(f"{file.name}: {name!r} is of {spelt[name]} and of {entry['id']}.")
            spelt[name] = entry["id"]
        units[entry["id"]] = Unit(entry["id"], entry["name"], names, tuple(entry.get("signs", ())), bool(entry.get("money")))
    nouns = {}
    for entry in content["noun"]:
        checked(entry, file.name, {"id", "en", "zh"}, {"measures"})
        nouns[entry["id"]] = Noun(entry["id"], tuple(entry["en"]), tuple(entry["zh"]), tuple(entry.get("measures", ())))
    rates = {}
    for entry in content["rate"]:
        checked(entry, file.name, {"id", "after", "before"}, set())
        rates[entry["id"]] = Rate(entry["id"], tuple(entry["after"]), tuple(entry["before"]))
    return Units(units, nouns, rates, frozenset(unit.id for unit in units.values() if unit.money))


def checked(entry: Mapping[str, Any], where: str, needed: set[str], allowed: set[str]) -> None:
    """Raise `CatalogueError` unless `entry` has all keys of `needed` and no others than those of `allowed`."""
    name = entry.get("id", entry)
    if missing := needed - set(entry):
        raise CatalogueError(f"{where}: {name!r} lacks {min(missing)!r}.")
    if unknown := set(entry) - needed - allowed:
        raise CatalogueError(f"{where}: {name!r} has the unknown key {min(unknown)!r}.")
