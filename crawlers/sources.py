"""The source catalogue: what to crawl, as data in ``catalogue/*.toml``."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from index.errors import CatalogueError, NotFound
from index.text.address import canonical_url

FOLDER = Path(__file__).parent / "catalogue"
KINDS = ("vendor", "cloud", "foundry", "memory", "equipment", "agency", "press", "research", "policy", "aggregator")
LANGUAGES = ("en", "zh-Hans", "zh-Hant")
TOPICS = ("all", "on-topic")
STORED = ("full", "metadata")
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Source:
    """One source.

    ``topic`` says whether all that it publishes is about the field. ``stored`` ``metadata``: its terms forbid copying
    the article, so only what the feed says is kept. ``delay`` is seconds between requests to its host; ``user_agent``
    replaces Chipwire's own where a site serves its feed to browsers only.
    """

    id: str
    name: str
    kind: str
    language: str
    country: str = ""
    homepage: str = ""
    feeds: tuple[str, ...] = ()
    sitemaps: tuple[str, ...] = ()
    company: str = ""
    topic: str = "all"
    stored: str = "full"
    delay: float = 1.0
    user_agent: str = ""
    note: str = ""
    lists: tuple = ()
    archive: tuple = ()
    terms: str = ""
    javascript: bool = False
    expected: tuple | None = None

    @property
    def zone(self):
        return None

    @property
    def addresses(self):
        return (*self.feeds, *self.sitemaps)


def entry_of(source):
    return {}


def load_sources(files: Iterable[Path] | None = None) -> list[Source]:
    """The sources of the given TOML files, or of the catalogue, in order of file and entry.

    Raises:
        CatalogueError: a file that cannot be read or an entry that breaks the schema, saying which and why.
    """
    paths = sorted(FOLDER.glob("*.toml")) if files is None else list(files)
    sources: dict[str, Source] = {}
    for path in paths:
        try:
            entries = tomllib.loads(path.read_text(encoding="utf-8")).get("source", [])
        except OSError as error:
            raise CatalogueError(f"{path} cannot be read: {error.strerror or error}.") from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise CatalogueError(f"{path}: {error}.") from error
        if not isinstance(entries, list) or not entries:
            raise CatalogueError(f"{path} has no [[source]] entries.")
        for entry in entries:
            source = source_from(entry, str(path))
            if source.id in sources:
                raise CatalogueError(f"{path}: the source {source.id!r} is listed twice.")
            sources[source.id] = source
    return list(sources.values())


def source_from(entry: Mapping[str, object], where: str) -> Source:
    """Check one entry.

    Raises:
        CatalogueError: what is wrong with it.
    """
    name = entry.get("id", entry)
    known = {each.name for each in fields(Source)}
    if unknown := set(entry) - known:
        raise CatalogueError(f"{where}: {name!r} has the unknown key {min(unknown)!r}.")
    values: dict[str, object] = {}
    for key, value in entry.items():
        if key in ("feeds", "sitemaps", "archive"):
            values[key] = _addresses(value, f"{where}: {name!r}: {key}")
        elif key == "delay":
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 600:
                raise CatalogueError(f"{where}: {name!r}: delay must be from 0 to 600 seconds.")
            values[key] = float(value)
        elif not isinstance(value, str):
            raise CatalogueError(f"{where}: {name!r}: {key} must be a string.")
        else:
            values[key] = value
    missing = [key for key in ("id", "name", "kind", "language") if not values.get(key)]
    if missing:
        raise CatalogueError(f"{where}: {name!r} lacks {missing[0]!r}.")
    source = Source(**values)  # type: ignore[arg-type]  # checked key by key above
    if not _ID.fullmatch(source.id):
        raise CatalogueError(f"{where}: {source.id!r} is not a lower-case slug.")
    for key, value, allowed in (
        ("kind", source.kind, KINDS),
        ("language", source.language, LANGUAGES),
        ("topic", source.topic, TOPICS),
        ("stored", source.stored, STORED),
    ):
        if value not in allowed:
            raise CatalogueError(f"{where}: {source.id}: {key} {value!r} is none of {', '.join(allowed)}.")
    if not source.feeds and not source.sitemaps:
        raise CatalogueError(f"{where}: {source.id} has neither feeds nor sitemaps.")
    return source


def choose(sources: Iterable[Source], names: Iterable[str]) -> list[Source]:
    """The sources with the given ids; all where no id is given.

    Raises:
        NotFound: an id that no source has.
    """
    by_id = {source.id: source for source in sources}
    wanted = list(dict.fromkeys(names))
    for name in wanted:
        if name not in by_id:
            raise NotFound(f"There is no source {name!r}.", hint=f"There are: {', '.join(by_id)}.")
    return [by_id[name] for name in wanted] if wanted else list(by_id.values())


def _addresses(value: object, where: str) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise CatalogueError(f"{where} must be a list of addresses.")
    for address in value:
        try:
            canonical_url(address if isinstance(address, str) else "")
        except ValueError as error:
            raise CatalogueError(f"{where}: {address!r}: {error}.") from None
    return tuple(value)
