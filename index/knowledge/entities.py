"""The entity catalogue: companies, chips, systems, technologies, policies, as data in ``catalogue/*.toml``."""

import hashlib
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from index.errors import CatalogueError
from index.knowledge.data_files import Problem, line_of, read_entries
from index.text.fold import fold

FOLDER = Path(__file__).parent / "catalogue"
KINDS = ("company", "organisation", "chip", "system", "technology", "software", "policy")
_ID = re.compile(r"[a-z0-9]+(?:[-.][a-z0-9]+)*")
_WIKIDATA = re.compile(r"Q[1-9]\d*")
_LISTS = ("aliases", "short", "codenames", "cased", "ambiguous", "usual", "context", "against", "hidden_by", "misprints")
_DOUBTS = ("short", "codenames", "ambiguous", "usual", "misprints")
_REFERENCES = ("maker", "parent", "successor", "codename_of")
_TEXTS = ("id", "kind", "name", "zh", "zh_hant", "wikidata", "note", "source", *_REFERENCES)


@dataclass(frozen=True, slots=True)
class Entity:
    """One entry of the catalogue.

    ``aliases`` stand for the entity in any capitalisation, ``cased`` only as written. Names in ``ambiguous`` also mean other
    things: they count where something near confirms them, such as a word of ``context`` or a relative (same maker, parent or
    child), and not where something speaks against them, such as a word of ``against``. So do ``codenames``, in which
    capitals count too. Names in ``usual`` are ambiguous, but mostly meant. ``hidden_by`` are longer expressions that contain a
    name and mean something else (the Amazon rainforest); ``misprints`` are wrong spellings that occur. Names in ``short`` count
    only in a text that names the entity, or its family, in full: v5p where TPU v5p or TPU v4 is named.
    """

    id: str
    kind: str
    name: str
    zh: str | None = None
    zh_hant: str | None = None
    aliases: tuple[str, ...] = ()
    short: tuple[str, ...] = ()
    codenames: tuple[str, ...] = ()
    cased: tuple[str, ...] = ()
    ambiguous: tuple[str, ...] = ()
    usual: tuple[str, ...] = ()
    context: tuple[str, ...] = ()
    against: tuple[str, ...] = ()
    hidden_by: tuple[str, ...] = ()
    misprints: tuple[str, ...] = ()
    maker: str | None = None
    parent: str | None = None
    successor: str | None = None
    codename_of: str | None = None
    wikidata: str | None = None
    note: str | None = None
    source: str | None = None

    @property
    def surfaces(self) -> tuple[str, ...]:
        """Every spelling, without repeats: display names first."""
        names = (self.name, self.zh, self.zh_hant, *self.aliases, *self.codenames, *self.cased, *self.short)
        return tuple(dict.fromkeys(name for name in names if name))

    def named_like(self, words: str) -> bool:
        """Whether the id or a name contains `words`, in any capitals, width and script."""
        wanted = fold(words.strip())
        return not wanted or wanted in self.id or any(wanted in fold(surface) for surface in self.surfaces)

    @property
    def doubtful(self) -> frozenset[str]:
        """The spellings that also mean something else."""
        return frozenset((*self.ambiguous, *self.usual, *self.codenames, *self.short))


class Catalogue:
    """All entities by id."""

    def __init__(self, entities: Iterable[Entity], version: str = "", redirects: Mapping[str, str] | None = None) -> None:
        self.by_id: Mapping[str, Entity] = {entity.id: entity for entity in entities}
        self.version = version
        """A hash of the files, and of what people corrected in them, so that a changed catalogue is noticed."""
        self.redirects: Mapping[str, str] = redirects or {}
        """Ids of entities that were merged into others, which they still lead to."""

    def __len__(self) -> int:
        return len(self.by_id)

    def get(self, entity_id: str) -> Entity | None:
        found = self.by_id.get(entity_id)
        return found if found is not None or entity_id not in self.redirects else self.by_id.get(self.redirects[entity_id])

    def suggestion(self, name: str) -> str:
        """What to do about a name that is no entity's: ids that are written much like it."""
        import difflib

        near = difflib.get_close_matches(name.lower(), list(self.by_id), 3, 0.6)
        return f"Did you mean {' or '.join(near)}?" if near else "See chipwire entities --list for all of them."

    def name_of(self, entity_id: str) -> str:
        """The English display name; the id itself for an entity that left the catalogue."""
        entity = self.get(entity_id)
        return entity.name if entity else entity_id

    def children_of(self, entity_id: str) -> list[Entity]:
        """Entities made by or belonging to `entity_id`, in the catalogue's order."""
        return [e for e in self.by_id.values() if entity_id in (e.maker, e.parent)]

    def family_of(self, entity_id: str) -> tuple[str, ...]:
        """Ids of everything whose parent is `entity_id`, or whose parent's parent is: HBM3e of HBM, TPU v5p of TPU."""
        return self._families.get(entity_id, ())

    @cached_property
    def _families(self) -> Mapping[str, tuple[str, ...]]:
        families: dict[str, tuple[str, ...]] = {}
        for entity in self.by_id.values():
            above = entity.parent
            while above is not None and entity.id not in families.get(above, ()):
                families[above] = (*families.get(above, ()), entity.id)
                above = self.by_id[above].parent if above in self.by_id else None
        return families


@cache
def load_catalogue(folder: Path = FOLDER) -> Catalogue:
    """Read every ``*.toml`` file of `folder`.

    Raises:
        CatalogueError: a file that is not TOML, an entry that breaks the schema, an id used twice or referred to in vain.
    """
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.toml")):
        digest.update(path.read_bytes())
    problems: list[Problem] = []
    entities = [entity for _, _, entity in read_catalogue(folder, problems)]
    if problems:
        raise CatalogueError(f"{problems[0]}")
    return Catalogue(entities, digest.hexdigest()[:16])


def read_catalogue(folder: Path, problems: list[Problem]) -> list[tuple[str, int, Entity]]:
    """The entities of `folder` with file and line, in order; what breaks the schema is left out and added to `problems`."""
    found: dict[str, tuple[str, int, Entity]] = {}
    for path in sorted(folder.glob("*.toml")):
        try:
            text = path.read_bytes().decode()
            entries = read_entries(text, "entity")
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
            problems.append(Problem(path.name, 0, f"{error}."))
            continue
        for entry in entries:
            wrong = list(problems_of(entry.values))
            problems += [Problem(path.name, line_of(text, entry.line, key), message) for key, message in wrong]
            if wrong:
                continue
            entity = entity_of(entry.values)
            if entity.id in found:
                file, line, _ = found[entity.id]
                problems.append(
                    Problem(path.name, entry.line, f"the id {entity.id!r} is used twice, first in {file}, line {line}.")
                )
            else:
                found[entity.id] = (path.name, entry.line, entity)
    problems += _vain_references(found)
    return list(found.values())


def entity_of(values: Mapping[str, object]) -> Entity:
    """The entity of an entry in which `problems_of` finds none."""
    return Entity(**{key: tuple(value) if isinstance(value, list) else value for key, value in values.items()})  # type: ignore[arg-type]


def problems_of(entry: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """What breaks the schema in one entry: the key, and a line that says so."""
    name = entry.get("id", "an entry without an id")
    for key, value in entry.items():
        if key in _LISTS:
            if not isinstance(value, list) or not all(isinstance(item, str) and item.strip() == item != "" for item in value):
                yield key, f"{name!r}: {key} must be a list of non-empty strings."
            elif len(set(value)) < len(value):
                yield key, f"{name!r}: {key} has an entry twice."
        elif key not in _TEXTS:
            yield key, f"{name!r} has the unknown key {key!r}."
        elif not isinstance(value, str) or not value.strip():
            yield key, f"{name!r}: {key} must be a non-empty string."
    if missing := {"id", "kind", "name"} - set(entry):
        yield "id", f"{name!r} lacks {min(missing)!r}."
        return
    if not _ID.fullmatch(str(name)):
        yield "id", f"{name!r} is not a lower-case slug."
    if entry["kind"] not in KINDS:
        yield "kind", f"{name!r}: kind {entry['kind']!r} is none of {', '.join(KINDS)}."
    wikidata = entry.get("wikidata")
    if isinstance(wikidata, str) and not _WIKIDATA.fullmatch(wikidata):
        yield "wikidata", f"{name!r}: wikidata {wikidata!r} is no item such as Q182477."
    if not entry.keys().isdisjoint(_DOUBTS):
        yield from _ambiguity_problems(str(name), entry)


def _ambiguity_problems(name: str, entry: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    def listed(*keys: str) -> list[str]:
        values = [entry.get(key) for key in keys]
        return [str(item) for value in values for item in (value if isinstance(value, list) else [value] if value else [])]

    surfaces = set(listed("name", "zh", "zh_hant", "aliases", "short", "codenames", "cased"))
    for key in ("ambiguous", "usual"):
        if stray := set(listed(key)) - surfaces:
            yield key, f"{name!r}: {key} {min(stray)!r} is none of its names."
    if both := set(listed("ambiguous")) & set(listed("usual")):
        yield "usual", f"{name!r}: {min(both)!r} is ambiguous and usual."
    if double := set(listed("misprints")) & surfaces:
        yield "misprints", f"{name!r}: {min(double)!r} is a name and a misprint."
    if listed("ambiguous", "usual", "codenames", "misprints") and not listed("context"):
        yield "ambiguous", f"{name!r} has ambiguous names but no context."


def _vain_references(found: Mapping[str, tuple[str, int, Entity]]) -> Iterator[Problem]:
    for file, line, entity in found.values():
        for key in _REFERENCES:
            reference = getattr(entity, key)
            if reference is not None and reference not in found:
                yield Problem(file, line, f"{entity.id!r}: {key} = {reference!r} is no entity.")
            elif reference == entity.id:
                yield Problem(file, line, f"{entity.id!r} is its own {key}.")
