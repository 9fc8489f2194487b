"""The entity catalogue: companies, chips, systems, technologies, policies, as data in ``catalogue/*.toml``."""

import hashlib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from index.errors import CatalogueError

FOLDER = Path(__file__).parent / "catalogue"
KINDS = ("company", "organisation", "chip", "system", "technology", "software", "policy")
_ID = re.compile(r"[a-z0-9]+(?:[-.][a-z0-9]+)*")
_LISTS = ("aliases", "cased", "ambiguous", "context")
_REFERENCES = ("maker", "parent", "successor", "codename_of")
_TEXTS = ("id", "kind", "name", "zh", "zh_hant", "note", "source", *_REFERENCES)


@dataclass(frozen=True, slots=True)
class Entity:
    """One entry of the catalogue.

    ``aliases`` stand for the entity in any capitalisation, ``cased`` only as written. Names in ``ambiguous`` also mean
    other things: they count where a ``context`` word or a relative (same maker, parent or child) is near.
    """

    id: str
    kind: str
    name: str
    zh: str | None = None
    zh_hant: str | None = None
    aliases: tuple[str, ...] = ()
    cased: tuple[str, ...] = ()
    ambiguous: tuple[str, ...] = ()
    context: tuple[str, ...] = ()
    maker: str | None = None
    parent: str | None = None
    successor: str | None = None
    codename_of: str | None = None
    note: str | None = None
    source: str | None = None

    @property
    def surfaces(self) -> tuple[str, ...]:
        """Every spelling, without repeats: display names first."""
        names = (self.name, self.zh, self.zh_hant, *self.aliases, *self.cased)
        return tuple(dict.fromkeys(name for name in names if name))


class Catalogue:
    """All entities by id."""

    def __init__(self, entities: Iterable[Entity], version: str = "") -> None:
        self.by_id: Mapping[str, Entity] = {entity.id: entity for entity in entities}
        self.version = version
        """A hash of the files, so that a changed catalogue is noticed."""

    def __len__(self) -> int:
        return len(self.by_id)

    def get(self, entity_id: str) -> Entity | None:
        return self.by_id.get(entity_id)

    def name_of(self, entity_id: str) -> str:
        """The English display name; the id itself for an entity that left the catalogue."""
        entity = self.by_id.get(entity_id)
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
    entities: dict[str, Entity] = {}
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.toml")):
        data = path.read_bytes()
        digest.update(data)
        try:
            entries = tomllib.loads(data.decode()).get("entity", [])
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise CatalogueError(f"{path.name}: {error}.") from error
        for entry in entries:
            entity = _entity(entry, path.name)
            if entity.id in entities:
                raise CatalogueError(f"{path.name}: the id {entity.id!r} is used twice.")
            entities[entity.id] = entity
    for entity in entities.values():
        for key in _REFERENCES:
            reference = getattr(entity, key)
            if reference is not None and reference not in entities:
                raise CatalogueError(f"{entity.id}: {key} = {reference!r} is no entity.")
    return Catalogue(entities.values(), digest.hexdigest()[:16])


def _entity(entry: Mapping[str, object], where: str) -> Entity:
    name = entry.get("id", entry)
    if unknown := set(entry) - {*_TEXTS, *_LISTS}:
        raise CatalogueError(f"{where}: {name!r} has the unknown key {min(unknown)!r}.")
    values: dict[str, object] = {}
    for key, value in entry.items():
        if key in _LISTS:
            if not isinstance(value, list) or not all(isinstance(item, str) and item.strip() for item in value):
                raise CatalogueError(f"{where}: {name!r}: {key} must be a list of non-empty strings.")
            values[key] = tuple(value)
        elif not isinstance(value, str) or not value.strip():
            raise CatalogueError(f"{where}: {name!r}: {key} must be a non-empty string.")
        else:
            values[key] = value
    missing = {"id", "kind", "name"} - set(values)
    if missing:
        raise CatalogueError(f"{where}: {name!r} lacks {min(missing)!r}.")
    entity = Entity(**values)  # type: ignore[arg-type]  # checked key by key above
    if not _ID.fullmatch(entity.id):
        raise CatalogueError(f"{where}: {entity.id!r} is not a lower-case slug.")
    if entity.kind not in KINDS:
        raise CatalogueError(f"{where}: {entity.id}: kind {entity.kind!r} is none of {', '.join(KINDS)}.")
    stray = set(entity.ambiguous) - set(entity.surfaces)
    if stray:
        raise CatalogueError(f"{where}: {entity.id}: ambiguous {min(stray)!r} is none of its names.")
    if entity.ambiguous and not entity.context:
        raise CatalogueError(f"{where}: {entity.id} has ambiguous names but no context.")
    return entity
