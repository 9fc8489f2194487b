"""What happened, by words of a report's headline and first lines: kinds that an issue tells first, and pages that are no news.

The kinds, what each is worth and its words are data (``data/events.toml``).
"""

import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from index.errors import SettingsError
from index.knowledge.field_terms import TermFinder
from index.text.fold import fold

FILE = Path(__file__).parent / "data" / "events.toml"
_KEYS = {"name", "worth", "en", "zh"}
_LEAD, _LEAD_HAN = 600, 200
"""Characters of an English and a Chinese text that say what happened: news states its point first."""
_IN_HEADLINE = 2
"""Times that a word of the headline counts."""
_CLEAR = 2
"""Words from which on a kind is certain; one word of the first lines alone is half of it."""
_CLEAR_AGAINST = 3
"""The same for what speaks against a story: one word in the first lines is nothing, for news names shares and phones too."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of event: ``worth`` is what it adds to a story's importance, below 0 where it speaks against it."""

    id: str
    name: str
    worth: float
    words: tuple[str, ...]


class EventFinder:
    """Finds kinds of events. It keeps nothing, so threads may share it."""

    def __init__(self, kinds: Sequence[Kind]) -> None:
        self.kinds: Mapping[str, Kind] = {kind.id: kind for kind in kinds}
        self._finder = TermFinder((word, kind.id) for kind in kinds for word in kind.words)

    def found(self, title: str, text: str, lang: str) -> dict[str, float]:
        """How clearly a report is of each kind, from above 0 to 1; `lang` is that of the article."""
        lead = text[: _LEAD_HAN if lang == "zh" else _LEAD]
        counts = Counter(kind for _, _, kind in self._finder.find(fold(lead)))
        for _, _, kind in self._finder.find(fold(title)):
            counts[kind] += _IN_HEADLINE
        clear = {kind: self._clear(kind, count) for kind, count in counts.items()}
        return {kind: value for kind, value in clear.items() if value > 0}

    def _clear(self, kind: str, count: int) -> float:
        if self.kinds[kind].worth > 0:
            return min(1.0, count / _CLEAR)
        return max(0.0, min(1.0, (count - 1) / (_CLEAR_AGAINST - 1)))


def clearest(found: Iterable[Mapping[str, float]]) -> dict[str, float]:
    """Of several reports on one story: every kind as clearly as the report that has it most has it, but what speaks against the
    story only as clearly as all of them have it."""
    reports = list(found)
    kinds = event_finder().kinds
    told: dict[str, float] = {}
    for kind in dict.fromkeys(kind for report in reports for kind in report):
        values = [report.get(kind, 0.0) for report in reports]
        clear = max(values) if kinds[kind].worth > 0 else min(values)
        if clear:
            told[kind] = clear
    return told


@cache
def event_finder() -> EventFinder:
    """The finder for the kinds that Chipwire ships."""
    return EventFinder(read_kinds(FILE))


def read_kinds(file: Path) -> list[Kind]:
    """Raises SettingsError: not TOML, or a kind that is not of the form; says which."""
    try:
        content = tomllib.loads(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{file.name} cannot be read: {error}") from None
    owners: dict[str, str] = {}
    return [_kind(name, entry, file.name, owners) for name, entry in content.get("event", {}).items()]


def _kind(name: str, entry: Any, where: str, owners: dict[str, str]) -> Kind:
    if not isinstance(entry, dict) or set(entry) != _KEYS:
        raise SettingsError(f"{where}: {name} must have {', '.join(sorted(_KEYS))} and nothing else.")
    worth = entry["worth"]
    if isinstance(worth, bool) or not isinstance(worth, int | float) or not 0 < abs(worth) <= 10:
        raise SettingsError(f"{where}: {name}: worth must be a number from -10 to 10, and not 0.")
    # A word that is written the same in both languages stands in both lists.
    words = tuple(dict.fromkeys(fold(word) for word in (*entry["en"], *entry["zh"])))
    for word in words:
        if not word.strip() or word in owners:
            raise SettingsError(f"{where}: {word!r} of {name} is empty, or stands in {owners.get(word)} as well.")
        owners[word] = name
    return Kind(name, entry["name"], float(worth), words)
