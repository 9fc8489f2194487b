"""The sources of a data folder: the catalogue's, those added to it, without those that are disabled."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from crawlers.sources import Source, choose, entry_of, load_sources, source_from
from index.errors import CatalogueError, UsageError
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


@dataclass(slots=True)
class Added:
    """What became of sources that were to be added: ``known`` are those all of whose lists belong to a source already."""

    added: list[Source] = field(default_factory=list)
    known: list[Source] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


def add_source(store: Store, source: Source, *, replace: bool = False) -> None:
    """Add a source to the data folder.

    Args:
        replace: put it in the place of the source that has its id, in the catalogue or added here.
    Raises:
        CatalogueError: its id or one of its lists is known already.
    """
    _refuse_taken(source, _owners(store), replace=replace)
    save_own_entry(store, source.id, entry_of(source))


def add_sources(store: Store, sources: Iterable[Source]) -> Added:
    """Add what can be added, and say what cannot."""
    owners, result = _owners(store), Added()
    with store.atomic():
        for source in sources:
            if all(address in owners for address in source.addresses):
                result.known.append(source)
                continue
            try:
                _refuse_taken(source, owners, replace=False)
            except CatalogueError as error:
                result.refused.append(f"{source.name}: {error.message}")
                continue
            save_own_entry(store, source.id, entry_of(source))
            owners |= dict.fromkeys((source.id, *source.addresses), source.id)
            result.added.append(source)
    return result


def _owners(store: Store) -> dict[str, str]:
    """The id of the source to which each id and each list's address belongs."""
    return {key: each.source.id for each in known_sources(store) for key in (each.source.id, *each.source.addresses)}


def _refuse_taken(source: Source, owners: Mapping[str, str], *, replace: bool) -> None:
    if source.id in owners and not replace:
        hint = "--replace puts it in that one's place, --id gives it another id."
        raise CatalogueError(f"There is a source {source.id!r} already.", hint=hint)
    for address in source.addresses:
        if owners.get(address, source.id) != source.id:
            raise CatalogueError(f"{address} belongs to the source {owners[address]!r} already.")


def remove_sources(store: Store, names: Sequence[str]) -> list[str]:
    """Take back what was added to the data folder; the articles stay. Returns the ids.

    Raises:
        NotFound: a name that no source has. UsageError: one that was not added here.
    """
    known = {each.source.id: each for each in known_sources(store)}
    for source in choose([each.source for each in known.values()], names) if names else []:
        if not known[source.id].own:
            hint = f"chipwire sources disable {source.id} leaves it out of crawls."
            raise UsageError(f"{source.id} is in the catalogue and was not added here.", hint=hint)
    for name in names:
        save_own_entry(store, name, None)
    return list(names)


def disable(store: Store, names: Sequence[str], clock: Callable[[], datetime] | None) -> list[str]:
    """Leave sources out of crawls from now on, or take that back where `clock` is None; returns their ids.

    Raises:
        NotFound: a name that no source has.
    """
    chosen = [source.id for source in choose([each.source for each in known_sources(store)], names)] if names else []
    for name in chosen:
        save_disabled(store, name, clock() if clock is not None else None)
    return chosen
