"""What the entities of the catalogue are to a claim, as data in ``data/kinds.toml``: chip, node, medium, analyst, foundry…"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from index.errors import CatalogueError
from index.knowledge.entities import Catalogue

FILE = Path(__file__).parent / "data" / "kinds.toml"
_CLASSES = {
    "media": "medium",
    "analysts": "analyst",
    "models": "model",
    "services": "service",
    "packaging": "packaging",
    "memory": "memory",
    "links": "link",
    "architectures": "arch",
}
"""Lists whose members are of a class of their own."""
_LISTS = ("foundries", "packagers", "memory-makers", "clouds", "server-makers", "supercomputers", "commodities", "families")

PRODUCTS = frozenset(("chip", "system", "memory", "node", "link", "software", "service", "model", "arch", "packaging"))
"""Classes of things that are made and have figures."""
PARTIES = frozenset(("company", "organisation"))
"""Classes of those who act."""
SOURCES = frozenset(("medium", "analyst"))
"""Classes of those who report on others."""


@dataclass(frozen=True)
class Kinds:
    """The lists of the file, resolved for one catalogue.

    ``classes`` has the class of every entity, ``lists`` the members of each list, ``nodes`` the nanometres of process
    nodes, ``people`` the company that each folded name speaks for, ``before`` the product that each one follows.
    """

    classes: Mapping[str, str]
    lists: Mapping[str, frozenset[str]]
    nodes: Mapping[str, float]
    people: Mapping[str, str]
    before: Mapping[str, str]
    makers: Mapping[str, frozenset[str]]
    """Who stands behind a product: its maker, and what the maker belongs to."""
    maker: Mapping[str, str]

    def class_of(self, entity_id: str) -> str:
        return self.classes.get(entity_id, "other")


@cache
def load_kinds(file: Path = FILE) -> Mapping[str, object]:
    """The file as it is.

    Raises:
        CatalogueError: not TOML, or a list that is none of the known ones.
    """
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CatalogueError(f"{file.name}: {error}.") from error
    if unknown := set(content) - {*_CLASSES, *_LISTS, "nodes", "people"}:
        raise CatalogueError(f"{file.name}: unknown key {min(unknown)!r}.")
    return content


def kinds_of(catalogue: Catalogue, file: Path = FILE) -> Kinds:
    """The classes of the entities of `catalogue`."""
    content = load_kinds(file)
    classes = {entity.id: entity.kind for entity in catalogue.by_id.values()}
    lists: dict[str, frozenset[str]] = {}
    for name, members in content.items():
        if not isinstance(members, list):
            continue
        lists[name] = frozenset(members)
        if name in _CLASSES:
            classes.update((member, _CLASSES[name]) for member in members if member in classes)
    nodes = _table(content, "nodes")
    classes.update((node, "node") for node in nodes if node in classes)
    before = {entity.successor: entity.id for entity in catalogue.by_id.values() if entity.successor}
    makers = {entity.id: _makers(catalogue, entity.id) for entity in catalogue.by_id.values()}
    maker = {entity.id: entity.maker for entity in catalogue.by_id.values() if entity.maker}
    people = {name: str(company) for name, company in _table(content, "people").items()}
    return Kinds(classes, lists, {node: float(str(nm)) for node, nm in nodes.items()}, people, before, makers, maker)


def _table(content: Mapping[str, object], name: str) -> Mapping[str, object]:
    table = content[name]
    assert isinstance(table, dict)
    return table


def _makers(catalogue: Catalogue, entity_id: str) -> frozenset[str]:
    found: set[str] = set()
    waiting = [entity_id]
    while waiting:
        entity = catalogue.get(waiting.pop())
        for above in (entity.maker, entity.parent) if entity is not None else ():
            if above is not None and above not in found:
                found.add(above)
                waiting.append(above)
    return frozenset(found)
