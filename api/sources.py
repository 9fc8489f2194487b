"""The sources of a data folder: the catalogue's, those added to it, without those that are disabled."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from crawlers.sources import Source, choose, entry_of, load_sources, source_from
from index.errors import CatalogueError, NotFound, UsageError
from index.store.database import Store
from index.store.sources import disabled_sources, own_entries, save_disabled, save_own_entry


@dataclass(frozen=True, slots=True)
class KnownSource:
    """A source as this data folder has it: ``own`` where it was added here, ``disabled`` since when it is left out."""

    source: Source
    own: bool
    disabled: datetime | None


def known_sources(store: Store, files: Sequence[Path] | None = None) -> list[KnownSource]:
    """Every source, the catalogue's first; one that was added here replaces the catalogue's of the same id.

    Args:
        files: TOML files instead of the catalogue and of what was added.
    Raises:
        CatalogueError: a file or an added entry that breaks the schema.
    """
    disabled = disabled_sources(store)
    own = {} if files else {key: source_from(entry, "this data folder") for key, entry in own_entries(store).items()}
    sources = {source.id: source for source in load_sources(files)} | own
    return [KnownSource(source, key in own, disabled.get(key)) for key, source in sources.items()]


def chosen_sources(store: Store, files: Sequence[Path] | None, names: Sequence[str]) -> list[Source]:
    """The sources that `names` name, disabled or not; without names all that are not disabled.

    Raises:
        NotFound: a name that no source has. UsageError: every source is disabled.
    """
    known = known_sources(store, files)
    if names:
        return choose([each.source for each in known], names)
    enabled = [each.source for each in known if each.disabled is None]
    if not enabled:
        raise UsageError("Every source is disabled.", hint="chipwire sources enable NAME takes that back.")
    return enabled


def add_source(store: Store, source: Source) -> None:
    """Add a source to the data folder.

    Raises:
        CatalogueError: its id or one of its lists is known already.
    """
    added, refused = add_sources(store, [source])
    if not added:
        raise refused[0][1]


def add_sources(store: Store, sources: Iterable[Source]) -> tuple[list[Source], list[tuple[Source, CatalogueError]]]:
    """Add what can be added, in one transaction: the added sources, and each that could not be with the reason."""
    known = [each.source for each in known_sources(store)]
    ids = {source.id for source in known}
    owners = {address: source.id for source in known for address in source.addresses}
    added: list[Source] = []
    refused: list[tuple[Source, CatalogueError]] = []
    with store.atomic():
        for source in sources:
            both = sorted(owners.keys() & set(source.addresses))
            if source.id in ids:
                why = f"There is a source {source.id!r} already."
                refused.append((source, CatalogueError(why, hint="Choose another with --id.")))
            elif both:
                why = f"{both[0]} belongs to the source {owners[both[0]]!r} already."
                refused.append((source, CatalogueError(why)))
            else:
                save_own_entry(store, source.id, entry_of(source))
                ids.add(source.id)
                owners |= dict.fromkeys(source.addresses, source.id)
                added.append(source)
    return added, refused


def disable(store: Store, names: Sequence[str], clock: Callable[[], datetime] | None) -> list[str]:
    """Leave sources out of crawls from now on, or take that back where `clock` is None; returns their ids.

    Raises:
        NotFound: a name that no source has.
    """
    known = {each.source.id for each in known_sources(store)}
    for name in names:
        if name not in known:
            raise NotFound(f"There is no source {name!r}.", hint="chipwire sources list shows them all.")
    for name in names:
        save_disabled(store, name, clock() if clock is not None else None)
    return list(names)
