"""The commands of ``chipwire sources``."""

from pathlib import Path
from typing import Annotated

import typer

from api.clock import utc_now
from api.commands.options import Home, Json, settings_of
from api.console import ProgressLine, bold, dim, note, print_json, printable, say
from api.errors import FAILED
from index.errors import UsageError

app = typer.Typer(help="List, try, add and disable the sources that are crawled.", no_args_is_help=True)

Names = Annotated[list[str] | None, typer.Argument(help="Ids of sources; all where none is given.")]
Files = Annotated[list[Path] | None, typer.Option("--sources", help="TOML files instead of the catalogue.")]


@app.command("list")
def list_(files: Files = None, home: Home = None, json: Json = False) -> None:
    """List the sources, with how each fares."""
    from api.source_documents import known_sources_document
    from api.sources import known_sources
    from index.knowledge_base import KnowledgeBase

    with KnowledgeBase.open(settings_of(home), lexical_only=True) as kb:
        known = known_sources(kb.store, files)
        views = {view.record.id: view for view in kb.sources()}
    if json:
        print_json(known_sources_document(known, views))
        return
    say(dim(f"{'id':28} {'kind':10} {'lang':8} {'keeps':9} {'topic':9} {'health':9} {'articles':>8}  name"))
    for each in known:
        source, view = each.source, views.get(each.source.id)
        health = "disabled" if each.disabled else (view.record.health if view else None) or "-"
        count = view.articles if view else 0
        row = f"{source.id:28} {source.kind:10} {source.language:8} {source.stored:9} {source.topic:9} {health:9} {count:8,}"
        say(f"{row}  {printable(source.name)}{' (added)' if each.own else ''}")
    say(dim(f"{len(known)} sources"))


@app.command()
def show(
    name: Annotated[str, typer.Argument(help="A source's id.")], files: Files = None, home: Home = None, json: Json = False
) -> None:
    """Show a source: what is crawled of it, how it fares, what the gate left out of it."""
    from api.source_documents import known_sources_document, left_out_document
    from api.sources import known_sources
    from crawlers.sources import choose
    from index.knowledge_base import KnowledgeBase
    from index.text.times import iso

    with KnowledgeBase.open(settings_of(home), lexical_only=True) as kb:
        known = {each.source.id: each for each in known_sources(kb.store, files)}
        source = choose([each.source for each in known.values()], [name])[0]
        views = {view.record.id: view for view in kb.sources()}
        left_out = kb.left_out(name, 10) if name in views else []
    view = views.get(name)
    if json:
        document = known_sources_document([known[name]], views)["sources"][0]
        print_json({**document, "left_out_last": left_out_document(left_out)})
        return
    say(bold(printable(source.name)))
    about = [source.kind, source.language, source.country, source.homepage, source.company and f"belongs to {source.company}"]
    say(dim(" · ".join(part for part in about if part)))
    for label, values in (
        ("feeds", source.feeds),
        ("sitemaps", source.sitemaps),
        ("list pages", tuple(rule.url for rule in source.lists)),
        ("archive", source.archive),
    ):
        for value in values:
            say(f"{label:12} {value}")
    say(f"{'keeps':12} {'whole articles' if source.stored == 'full' else 'only what the feed says'}; {source.topic} of it")
    for label, text in (("terms", source.terms), ("note", source.note)):
        if text:
            say(f"{label:12} {printable(text)}")
    if known[name].disabled:
        say(f"{'disabled':12} since {iso(known[name].disabled)}")
    if view is not None and view.record.health:
        record = view.record
        say(f"{'health':12} {record.health} since {iso(record.health_since)}: {printable(record.health_note or '')}")
        say(f"{'last crawl':12} {iso(record.last_crawl)}: {printable(record.last_outcome or '')}")
        say(f"{'last good':12} {iso(record.last_success) or 'never'}")
        say(f"{'articles':12} {view.articles:,} stored, {view.left_out:,} left out as off topic")
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
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be added.")] = False,
    home: Home = None,
) -> None:
    """Add a source to this data folder: give any address of a site, and its feed is found."""
    from dataclasses import replace

    from api.sources import add_source, known_sources
    from crawlers.finding import find_source
    from crawlers.sources import entry_of, load_sources, source_from
    from index.store.database import Store

    settings = settings_of(home)
    if what.endswith(".toml"):
        found = load_sources([Path(what)])
    else:
        with Store.open_reader(settings.home) as store:
            taken = {each.source.id for each in known_sources(store)}
        source = find_source(what, settings, utc_now, taken, kind)
        source = replace(source, id=id_ or source.id, name=name or source.name, topic=topic, stored=stored)
        found = [source_from(entry_of(source), what)]
    if not dry_run:
        with Store.open_writer(settings.home) as store:
            for source in found:
                add_source(store, source)
    for source in found:
        say(f"{'would add' if dry_run else 'added'} {source.id}: {printable(source.name)} ({source.language}, {source.kind})")
        for address in source.addresses:
            say(f"  {printable(address)}")


@app.command()
def disable(names: Annotated[list[str], typer.Argument(help="Ids of sources.")], home: Home = None) -> None:
    """Leave sources out of crawls; what they published stays."""
    _switch(names, home, off=True)


@app.command()
def enable(names: Annotated[list[str], typer.Argument(help="Ids of sources.")], home: Home = None) -> None:
    """Crawl disabled sources again."""
    _switch(names, home, off=False)


def _switch(names: list[str], home: Path | None, *, off: bool) -> None:
    from api.sources import disable as switch
    from index.store.database import Store

    with Store.open_writer(settings_of(home).home) as store:
        for name in switch(store, names, utc_now if off else None):
            say(f"{name} is {'disabled' if off else 'enabled'}.")


@app.command("import")
def import_(file: Annotated[Path, typer.Argument(help="An OPML file.")], home: Home = None) -> None:
    """Add the feeds of an OPML file, as other feed readers export it."""
    from api.sources import add_sources
    from crawlers.workers import ParserPool
    from index.store.database import Store

    try:
        body = file.read_bytes()
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror or error}.") from error
    with ParserPool(1) as pool:
        sources, rejected = pool.call("crawlers.opml:read_opml", body, str(file))
    with Store.open_writer(settings_of(home).home) as store:
        added, refused = add_sources(store, sources)
    for source in added:
        say(f"{source.id:28} {printable(source.name)}")
    for line in (*rejected, *(f"{source.name}: {error.message}" for source, error in refused)):
        note(printable(line))
    say(f"{len(added)} added, {len(rejected) + len(refused)} not")
    if not added and (rejected or refused):
        raise typer.Exit(FAILED)


@app.command()
def export(home: Home = None, files: Files = None) -> None:
    """Write the sources that are not disabled as OPML, for other feed readers."""
    from api.sources import chosen_sources
    from crawlers.opml import write_opml
    from index.store.database import Store

    with Store.open_reader(settings_of(home).home) as store:
        say(write_opml(chosen_sources(store, files, []), utc_now()).rstrip())
