"""The source catalogue: what to crawl, as data in ``catalogue/*.toml``."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from difflib import get_close_matches
from pathlib import Path
from zoneinfo import ZoneInfo

from crawlers.listrule import ListRule, list_rule_from
from index.errors import CatalogueError, NotFound, UsageError
from index.text.address import canonical_url

FOLDER = Path(__file__).parent / "catalogue"
KINDS = ("vendor", "cloud", "foundry", "memory", "equipment", "agency", "press", "research", "policy", "aggregator")
LANGUAGES = ("en", "zh-Hans", "zh-Hant")
TOPICS = ("all", "on-topic")
STORED = ("full", "metadata")
ZONES: Mapping[str, str] = {
    "BE": "Europe/Brussels",
    "CA": "America/Toronto",
    "CH": "Europe/Zurich",
    "CN": "Asia/Shanghai",
    "DE": "Europe/Berlin",
    "EU": "Europe/Brussels",
    "FR": "Europe/Paris",
    "GB": "Europe/London",
    "HK": "Asia/Hong_Kong",
    "IL": "Asia/Jerusalem",
    "IN": "Asia/Kolkata",
    "JP": "Asia/Tokyo",
    "KR": "Asia/Seoul",
    "NL": "Europe/Amsterdam",
    "SG": "Asia/Singapore",
    "TW": "Asia/Taipei",
    "US": "America/New_York",
}
"""The time zone of an outlet that names none, by country. A country with several has the one of its press."""
MAX_ID = 64
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_NO_XML = "\ufffe\uffff"
_ADDRESSES = ("feeds", "sitemaps", "archive")
_FEW, _LIKE = 12, 4
"""How many sources a message names: all of them, and those that may be meant."""


@dataclass(frozen=True, slots=True)
class Source:
    """One source, with at least one of ``feeds``, ``sitemaps`` and ``lists``.

    ``topic`` says whether all that it publishes is about the field. ``stored`` ``metadata``: its terms forbid copying
    the article, so only what the feed says is kept. ``terms`` is what its terms or robots.txt say, in one line.
    ``expected`` is the least and the most new items a week that its feeds and lists name, before any gate, by which its
    health is judged; None where nobody knows; two zeros where it has ended, and nothing is expected of it any more.
    ``archive`` are sitemaps that only a backfill walks. ``delay`` is seconds between requests to its host;
    ``user_agent`` replaces Chipwire's own where a site serves its feed to browsers only; ``javascript`` says that its
    pages need a browser. ``timezone`` is an IANA name, for times written without one. ``company`` is an entity's id.
    """

    id: str
    name: str
    kind: str
    language: str
    country: str = ""
    homepage: str = ""
    feeds: tuple[str, ...] = ()
    sitemaps: tuple[str, ...] = ()
    lists: tuple[ListRule, ...] = ()
    archive: tuple[str, ...] = ()
    company: str = ""
    topic: str = "all"
    stored: str = "full"
    expected: tuple[float, float] | None = None
    delay: float = 1.0
    user_agent: str = ""
    javascript: bool = False
    timezone: str = ""
    terms: str = ""
    note: str = ""

    @property
    def zone(self) -> ZoneInfo:
        """The outlet's time zone: its own, else its country's, else UTC."""
        return ZoneInfo(self.timezone or ZONES.get(self.country, "UTC"))

    @property
    def ended(self) -> bool:
        """True where nothing new is expected for good."""
        return self.expected == (0.0, 0.0)

    @property
    def addresses(self) -> tuple[str, ...]:
        """Everything that a crawl of it begins with: feeds, sitemaps and list pages."""
        return (*self.feeds, *self.sitemaps, *(rule.url for rule in self.lists))


def load_sources(files: Iterable[Path] | None = None) -> list[Source]:
    """The sources of the given TOML files, or of the catalogue, in order of file and entry.

    Raises:
        UsageError: a file that cannot be read. CatalogueError: an entry that breaks the schema, saying which and why.
    """
    paths = sorted(FOLDER.glob("*.toml")) if files is None else list(files)
    sources: dict[str, tuple[Source, Path]] = {}
    for path in paths:
        try:
            entries = tomllib.loads(path.read_text(encoding="utf-8")).get("source", [])
        except OSError as error:
            raise UsageError(f"{path} cannot be read: {error.strerror or error}.") from error
        except UnicodeDecodeError as error:
            raise CatalogueError(f"{path} is not UTF-8 text.") from error
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            raise CatalogueError(f"{path}: {error}.") from error
        if not isinstance(entries, list) or not entries:
            raise CatalogueError(f"{path} has no [[source]] entries.")
        for entry in entries:
            if not isinstance(entry, Mapping):
                raise CatalogueError(f"{path}: {entry!r} is no [[source]] entry.")
            source = source_from(entry, str(path))
            if source.id in sources:
                first = sources[source.id][1]
                other = "" if first == path else f", first in {first}"
                raise CatalogueError(f"{path}: the source {source.id!r} is listed twice{other}.")
            sources[source.id] = (source, path)
    return [source for source, _ in sources.values()]


def source_from(entry: Mapping[str, object], where: str) -> Source:
    """Check one entry.

    Raises:
        CatalogueError: what is wrong with it: file, id, key and reason.
    """
    name = entry.get("id", entry.get("name", "an entry without an id"))
    here = f"{where}: {name!r}"
    known = {each.name for each in fields(Source)}
    if unknown := set(entry) - known:
        raise CatalogueError(f"{here} has the unknown key {min(unknown)!r}.")
    values = {key: _value(key, value, here) for key, value in entry.items()}
    for key in ("id", "name", "kind", "language"):
        if not values.get(key):
            raise CatalogueError(f"{here} lacks {key!r}.")
    source = Source(**values)  # type: ignore[arg-type]  # checked key by key above
    _check(source, where)
    return source


def entry_of(source: Source) -> dict[str, object]:
    """The entry that `source_from` makes `source` of, in types that TOML and JSON have; without what is left at its default."""
    entry = _changed(source)
    if source.lists:
        entry["lists"] = [_changed(rule) for rule in source.lists]
    return entry


def choose(sources: Iterable[Source], names: Iterable[str]) -> list[Source]:
    """The sources with the given ids; all where no id is given.

    Raises:
        NotFound: an id that no source has, with those that may be meant.
    """
    by_id = {source.id: source for source in sources}
    wanted = list(dict.fromkeys(names))
    for name in wanted:
        if name not in by_id:
            raise NotFound(f"There is no source {name!r}.", hint=_meant(name, by_id))
    return [by_id[name] for name in wanted] if wanted else list(by_id.values())


def _meant(name: str, by_id: Mapping[str, Source]) -> str:
    """Which sources may be meant by a name that is no id, or where to find them."""
    if len(by_id) <= _FEW:
        return f"There are: {', '.join(by_id)}."
    wanted = name.strip().casefold()
    within = [key for key, source in by_id.items() if wanted and (wanted in key or wanted in source.name.casefold())]
    like = (within or get_close_matches(wanted, by_id, n=_LIKE, cutoff=0.6))[:_LIKE]
    if not like:
        return "chipwire sources list shows them all."
    return f"Did you mean {', '.join(like[:-1])}{' or ' if like[1:] else ''}{like[-1]}?"


def _changed(thing: Source | ListRule) -> dict[str, object]:
    values = {each.name: getattr(thing, each.name) for each in fields(thing) if getattr(thing, each.name) != each.default}
    return {key: list(value) if isinstance(value, tuple) else value for key, value in values.items()}


def _value(key: str, value: object, here: str) -> object:
    """`value` of `key` as a `Source` holds it."""
    if key in _ADDRESSES:
        return _addresses(value, f"{here}: {key}")
    if key == "lists":
        if not isinstance(value, list):
            raise CatalogueError(f"{here}: lists must be tables ([[source.lists]]).")
        return tuple(list_rule_from(each, here) for each in value)
    if key == "delay":
        if not _is_number(value) or not 0 <= value <= 600:  # type: ignore[operator]
            raise CatalogueError(f"{here}: delay must be from 0 to 600 seconds.")
        return float(value)  # type: ignore[arg-type]
    if key == "expected":
        return _expected(value, f"{here}: expected")
    if key == "javascript":
        if not isinstance(value, bool):
            raise CatalogueError(f"{here}: javascript must be true or false.")
        return value
    if not isinstance(value, str):
        raise CatalogueError(f"{here}: {key} must be a string.")
    if any(ord(char) < 32 or ord(char) == 127 or 0xD800 <= ord(char) <= 0xDFFF or char in _NO_XML for char in value):
        raise CatalogueError(f"{here}: {key} must be one line without control characters.")
    return value.strip()


def _check(source: Source, where: str) -> None:
    """What single values cannot show: their form, and what they need of each other."""
    here = f"{where}: {source.id!r}"
    if not _ID.fullmatch(source.id) or len(source.id) > MAX_ID:
        raise CatalogueError(f"{here}: id is not a lower-case slug of at most {MAX_ID} characters.")
    for key, value, allowed in (
        ("kind", source.kind, KINDS),
        ("language", source.language, LANGUAGES),
        ("topic", source.topic, TOPICS),
        ("stored", source.stored, STORED),
    ):
        if value not in allowed:
            raise CatalogueError(f"{here}: {key} {value!r} is none of {', '.join(allowed)}.")
    if source.country and not re.fullmatch("[A-Z]{2}", source.country):
        raise CatalogueError(f"{here}: country {source.country!r} is not two capital letters (ISO 3166).")
    if source.company and not _ID.fullmatch(source.company):
        raise CatalogueError(f"{here}: company {source.company!r} is not an entity's id.")
    if source.homepage:
        _addresses([source.homepage], f"{here}: homepage")
    if not source.user_agent.isascii():
        raise CatalogueError(f"{here}: user_agent must be ASCII.")
    if source.timezone:
        try:
            ZoneInfo(source.timezone)
        except (KeyError, ValueError, OSError):
            raise CatalogueError(f"{here}: timezone {source.timezone!r} is not an IANA name such as Asia/Taipei.") from None
    if not source.addresses:
        raise CatalogueError(f"{here} has none of feeds, sitemaps and lists.")


def _addresses(value: object, where: str) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise CatalogueError(f"{where} must be a list of addresses.")
    for address in value:
        try:
            canonical_url(address if isinstance(address, str) else "")
        except ValueError as error:
            raise CatalogueError(f"{where}: {address!r}: {error}.") from None
    if len(set(value)) < len(value):
        raise CatalogueError(f"{where} lists an address twice.")
    return tuple(value)


def _expected(value: object, where: str) -> tuple[float, float]:
    if not isinstance(value, list) or len(value) != 2 or not all(map(_is_number, value)):
        raise CatalogueError(f"{where} must be two numbers: the least and the most items a week.")
    least, most = map(float, value)
    if not 0 <= least <= most:
        raise CatalogueError(f"{where} must be two numbers from 0 up, the lower one first.")
    return least, most


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and -1e9 < value < 1e9
