"""The commands of ``chipwire sources``."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.clock import utc_now
from api.commands.options import Home, Json, settings_of
from api.console import ProgressLine, bold, dim, note, print_json, printable, say
from api.errors import FAILED
from index.errors import UsageError

if TYPE_CHECKING:
    from index.store.database import Store

app = typer.Typer(help="List, try, add and disable the sources that are crawled.", no_args_is_help=True)

Names = Annotated[list[str] | None, typer.Argument(help="Ids of sources; all where none is given.")]
Ids = Annotated[list[str], typer.Argument(help="Ids of sources.")]
Files = Annotated[list[Path] | None, typer.Option("--sources", help="TOML files instead of the catalogue.")]


@app.command("list")
def list_(
    kind: Annotated[str | None, typer.Option(help="Only those of a kind: vendor, cloud, press and so on.")] = None,
    health: Annotated[str | None, typer.Option(help="Only those that are ok, late, moved, blocked, broken or dead.")] = None,
    files: Files = None,
    home: Home = None,
    json: Json = False,
) -> None:
    """List the sources, with how each fares."""
    from api.source_documents import known_sources_document
    from api.sources import known_sources
    from crawlers.health import STATES
    from crawlers.sources import KINDS
    from index.knowledge_base import KnowledgeBase

    _one_of("--kind", kind, KINDS)
    _one_of("--health", health, STATES)
    with KnowledgeBase.open(settings_of(home), lexical_only=True) as kb:
        known = known_sources(kb.store, files)
        views = {view.record.id: view for view in kb.sources()}
    states = {name: view.record.health for name, view in views.items()}
    known = [
        each
        for each in known
        if kind in (None, each.source.kind) and (health is None or (health == states.get(each.source.id) and not each.disabled))
    ]
    if json:
        print_json(known_sources_document(known, views))
        return
    columns = f"{'kind':10} {'lang':8} {'keeps':9} {'topic':9} {'a week':>9}  {'health':9} {'articles':>8}"
    say(dim(f"{'id':28} {columns}  name"))
    for each in known:
        source, view = each.source, views.get(each.source.id)
        week = f"{source.expected[0]:g}-{source.expected[1]:g}" if source.expected else ""
        state = "disabled" if each.disabled else states.get(source.id) or "-"
        row = f"{source.id:28} {source.kind:10} {source.language:8} {source.stored:9} {source.topic:9} {week:>9}"
        count = view.articles if view else 0
        say(f"{row}  {state:9} {count:8,}  {printable(source.name)}{' (added)' if each.own else ''}")
    say(dim(f"{len(known)} source{'' if len(known) == 1 else 's'}"))


@app.command()
def show(
    name: Annotated[str, typer.Argument(help="A source's id.")], files: Files = None, home: Home = None, json: Json = False
) -> None:
    """Show a source: what is crawled of it, how it fares, what the gate left out of it."""
    from api.source_documents import known_sources_document, left_out_document, source_facts
    from api.sources import known_sources
    from crawlers.sources import choose
    from index.knowledge_base import KnowledgeBase

    with KnowledgeBase.open(settings_of(home), lexical_only=True) as kb:
        known = {each.source.id: each for each in known_sources(kb.store, files)}
        source = choose([each.source for each in known.values()], [name])[0]
        views = {view.record.id: view for view in kb.sources()}
        left_out = kb.left_out(name, 10) if name in views else []
    if json:
        document = known_sources_document([known[name]], views)["sources"][0]
        print_json({**document, "left_out_last": left_out_document(left_out)})
        return
    say(bold(printable(source.name)))
    about = [source.kind, source.language, source.country, source.homepage, source.company and f"belongs to {source.company}"]
    say(dim(" · ".join(part for part in about if part)))
    for label, value in source_facts(known[name], views.get(name)):
        say(f"{label:12} {printable(value)}")
    for item in left_out:
        say(dim(f"  left out: {printable(item.title)} ({printable(item.why)})"))


@app.command()
def check(names: Names = None, files: Files = None, home: Home = None, json: Json = False) -> None:
    """Try sources live, all of them or some: does each answer, what does it list, can a page be read. Stores nothing."""
    from api.source_documents import checked_document
    from api.sources import chosen_sources
    from crawlers.check import check_sources
    from index.store.database import Store

    settings = settings_of(home)
    with Store.open_reader(settings.home) as store:
        chosen = chosen_sources(store, files, names or [])
    with ProgressLine() as progress:
        checked = check_sources(chosen, settings, utc_now, progress)
    if json:
        print_json(checked_document(checked))
    else:
        say(dim(f"{'source':28} {'list':9} {'time':>6} {'entries':>7}  {'newest':10}  what"))
        for each in checked:
            newest = each.newest.strftime("%Y-%m-%d") if each.newest else "-"
            what = each.problem or each.page_problem or each.page or "the list can be read"
            moved = f" (moved to {each.moved_to})" if each.moved_to else ""
            row = f"{each.source.id:28} {each.kind:9} {each.seconds:5.1f}s {each.entries:7,}  {newest:10}"
            say(f"{row}  {printable(what)}{printable(moved)}")
        wrong = sum(bool(each.problem or each.page_problem) for each in checked)
        say(dim(f"{len(checked)} lists of {len(chosen)} sources tried, {wrong} with a problem"))
    if all(each.problem for each in checked):
        raise typer.Exit(FAILED)


@app.command()
def add(
    what: Annotated[str, typer.Argument(help="A site, its feed or its sitemap; or a TOML file of sources.")],
    id_: Annotated[str | None, typer.Option("--id", help="Its id; made from its name where not given.")] = None,
    name: Annotated[str | None, typer.Option(help="Its name; what it calls itself where not given.")] = None,
    kind: Annotated[str, typer.Option(help="vendor, cloud, foundry, memory, press, research and so on.")] = "press",
    topic: Annotated[str, typer.Option(help="on-topic (the gate decides) or all.")] = "on-topic",
    stored: Annotated[str, typer.Option(help="full, or metadata where its terms forbid copying.")] = "full",
    replace: Annotated[bool, typer.Option("--replace", help="Put it in the place of the source that has its id.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be added.")] = False,
    home: Home = None,
    json: Json = False,
) -> None:
    """Add a source to this data folder: give any address of a site, and its feed is found."""
    from dataclasses import asdict
    from dataclasses import replace as changed

    from api.sources import add_source, known_sources
    from crawlers.finding import find_source
    from crawlers.sources import KINDS, STORED, TOPICS, entry_of, load_sources, source_from
    from index.store.database import Store

    settings = settings_of(home)
    for option, value, allowed in (("--kind", kind, KINDS), ("--topic", topic, TOPICS), ("--stored", stored, STORED)):
        _one_of(option, value, allowed)
    if what.endswith(".toml"):
        found = load_sources([Path(what)])
    else:
        with Store.open_reader(settings.home) as store:
            taken = {each.source.id for each in known_sources(store)}
        source = find_source(what, settings, utc_now, taken, kind)
        source = changed(source, id=id_ or source.id, name=name or source.name, topic=topic, stored=stored)
        found = [source_from(entry_of(source), what)]
    if not dry_run:
        with Store.open_writer(settings.home) as store, store.atomic():
            for source in found:
                add_source(store, source, replace=replace)
    if json:
        print_json({"added": [] if dry_run else [asdict(source) for source in found], "found": [asdict(s) for s in found]})
        return
    for source in found:
        say(f"{'would add' if dry_run else 'added'} {source.id}: {printable(source.name)} ({source.language}, {source.kind})")
        for address in source.addresses:
            say(f"  {printable(address)}")


@app.command()
def remove(names: Ids, home: Home = None, json: Json = False) -> None:
    """Take back sources that were added here; what they published stays."""
    from api.sources import remove_sources

    _change(remove_sources, names, "removed", home, json=json)


@app.command()
def disable(names: Ids, home: Home = None, json: Json = False) -> None:
    """Leave sources out of crawls; what they published stays."""
    from api.sources import disable as switch

    _change(lambda store, ids: switch(store, ids, utc_now), names, "disabled", home, json=json)


@app.command()
def enable(names: Ids, home: Home = None, json: Json = False) -> None:
    """Crawl disabled sources again."""
    from api.sources import disable as switch

    _change(lambda store, ids: switch(store, ids, None), names, "enabled", home, json=json)


def _change(
    change: Callable[["Store", list[str]], list[str]], names: list[str], done: str, home: Path | None, *, json: bool
) -> None:
    from index.store.database import Store

    with Store.open_writer(settings_of(home).home) as store:
        changed = change(store, names)
    if json:
        print_json({done: changed})
    for name in [] if json else changed:
        say(f"{name} is {done}.")


@app.command("import")
def import_(file: Annotated[Path, typer.Argument(help="An OPML file.")], home: Home = None, json: Json = False) -> None:
    """Add the feeds of an OPML file, as other feed readers export it."""
    from dataclasses import asdict

    from api.sources import add_sources, known_sources
    from crawlers.workers import ParserPool
    from index.store.database import Store

    try:
        body = file.read_bytes()
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror or error}.") from error
    with Store.open_writer(settings_of(home).home) as store, ParserPool(1) as pool:
        taken = {each.source.id for each in known_sources(store)}
        sources, rejected = pool.call("crawlers.opml:read_opml", body, str(file), taken)
        result = add_sources(store, sources)
    refused = [*rejected, *result.refused]
    if json:
        known = [asdict(source) for source in result.known]
        print_json({"added": [asdict(source) for source in result.added], "known": known, "rejected": refused})
    else:
        for source in result.added:
            say(f"{source.id:28} {printable(source.name)}")
        for line in refused:
            note(printable(line))
        already = f", {len(result.known)} known already" if result.known else ""
        say(f"{len(result.added)} added{already}, {len(refused)} rejected")
    if refused and not result.added and not result.known:
        raise typer.Exit(FAILED)


@app.command()
def export(home: Home = None, files: Files = None) -> None:
    """Write the sources that are not disabled as OPML, for other feed readers."""
    from api.sources import chosen_sources
    from crawlers.opml import write_opml
    from index.store.database import Store

    with Store.open_reader(settings_of(home).home) as store:
        say(write_opml(chosen_sources(store, files, []), utc_now()).rstrip())


def _one_of(option: str, value: str | None, allowed: Sequence[str]) -> None:
    """Raises UsageError where an option has a value that it does not know."""
    if value is not None and value not in allowed:
        raise UsageError(f"{option} {value!r} is none of {', '.join(allowed)}.")
