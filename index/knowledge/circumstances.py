"""What a headline says of an event beside who and what: the step of a course that a thing is on, and the country.

Both are data: ``field/stages.toml``, ``field/places.toml``.
"""

import hashlib
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from index.errors import CatalogueError
from index.knowledge.field_terms import TermFinder
from index.text.fold import fold

STAGES = Path(__file__).parent / "field" / "stages.toml"
PLACES = Path(__file__).parent / "field" / "places.toml"
STEP = "step "
"""What the name of a course begins with where it is a kind of marks: ``step product``."""
AGAIN = "step turn"
_UNSAID = "unsaid"
_OUTRIGHT = frozenset({"late", "ended", "halted", "failed", "withdrawn", "done"})
"""Steps beside which another one of the course only says of what: to delay a launch."""


class Circumstances:
    """Finds steps and countries. It keeps nothing, so threads may share it."""

    def __init__(self, stages: Path = STAGES, places: Path = PLACES) -> None:
        """Read the files.

        Raises:
            CatalogueError: one is not TOML, or has an entry that breaks the schema: says which.
        """
        self.version = hashlib.sha256(stages.read_bytes() + places.read_bytes()).hexdigest()[:8]
        steps: dict[str, list[str]] = {}
        for course, entry in _tables(stages).items():
            for step, wordings in ((_UNSAID, entry),) if course == _UNSAID else entry.items():
                for wording in _wordings(wordings, f"{stages.name}: {course}.{step}"):
                    steps.setdefault(wording, []).extend([] if course == _UNSAID else [f"{course} {step}"])
        # A wording may be a step of two courses; the finder gives one group for each.
        self._steps = TermFinder((wording, ";".join(found)) for wording, found in steps.items())
        named = [(country, entry) for country, entry in _tables(places).items()]
        self._countries = TermFinder(
            (name, country) for country, entry in named for name in _wordings(entry, f"{places.name}: {country}")
        )
        self._initials = frozenset(fold(name) for _, entry in named for name in entry["en"] if name.isupper() and len(name) < 4)

    def steps(self, folded: str) -> Iterator[tuple[str, str]]:
        """(`STEP` + course, step) of the wordings in a folded text, of overlapping ones the first and longest."""
        found = dict.fromkeys(each for _, _, steps in self._steps.find(folded) for each in steps.split(";") if steps)
        read = [tuple(each.split(" ")) for each in found]
        outright = {course for course, step in read if step in _OUTRIGHT}
        return ((STEP + course, step) for course, step in read if course not in outright or step in _OUTRIGHT)

    def countries(self, written: str, folded: str) -> Iterator[str]:
        """The countries that a text names; `folded` is `written`, folded."""
        for start, name, country in self._countries.find(folded):
            first = written[start]
            if not first.isascii() or (first.isupper() and (name not in self._initials or written[start + 1].isupper())):
                yield country


@cache
def circumstances() -> Circumstances:
    """Those of the files that Chipwire ships, read at the first call."""
    return Circumstances()


def _tables(file: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CatalogueError(f"{file.name}: {error}.") from error


def _wordings(entry: Any, where: str) -> Iterator[str]:
    if not isinstance(entry, dict) or set(entry) != {"en", "zh"}:
        raise CatalogueError(f"{where} must have en and zh, and nothing else.")
    for key, values in entry.items():
        if not isinstance(values, list) or not all(isinstance(value, str) and value.strip() == value != "" for value in values):
            raise CatalogueError(f"{where}: {key} must be a list of non-empty strings.")
        if len(set(values)) < len(values):
            raise CatalogueError(f"{where}: {key} has an entry twice.")
        yield from map(fold, values)
