"""Commands that ask the knowledge base."""

import sys
from typing import Annotated

import typer

from api.clock import utc_now
from api.commands.options import Home, Json, settings_of
from api.console import bold, dim, highlighted, note, print_json, printable, say
from index.errors import UsageError


def search(
    query: Annotated[str, typer.Argument(help="Words in either language.")],
    k: Annotated[int, typer.Option("-k", help="How many results.")] = 10,
    lang: Annotated[list[str] | None, typer.Option(help="en or zh.")] = None,
    entity: Annotated[list[str] | None, typer.Option(help="An entity's id or name.")] = None,
    about: Annotated[list[str] | None, typer.Option(help="An entity's id or name: only articles that are about it.")] = None,
    source: Annotated[list[str] | None, typer.Option(help="A source's id.")] = None,
    after: Annotated[str | None, typer.Option(help="From this day, month or week on (2023-11-20, 2023-11, 2023-W47).")] = None,
    before: Annotated[str | None, typer.Option(help="Before this day, month or week.")] = None,
    as_of: Annotated[str | None, typer.Option("--as-of", help="As if it were this day.")] = None,
    group: Annotated[str, typer.Option(help="story or none.")] = "story",
    sort: Annotated[str, typer.Option(help="relevance or date.")] = "relevance",
    lexical: Annotated[bool, typer.Option("--lexical", help="By words only, without loading the model.")] = False,
    explain: Annotated[bool, typer.Option("--explain", help="Say why each result is there.")] = False,
    gloss: Annotated[bool, typer.Option("--gloss", help="Add a rough English title to Chinese results.")] = False,
    cursor: Annotated[str | None, typer.Option(help="Go on from an earlier answer.")] = None,
    home: Home = None,
    json: Json = False,
) -> None:
    """Search the articles, in either language."""
    from api.documents import explained, search_document
    from index.knowledge_base import KnowledgeBase
    from index.retrieval.filters import read_filters
    from index.retrieval.query import check_query
    from index.retrieval.search import SearchRequest

    settings = settings_of(home)
    check_query(query)
    with KnowledgeBase.open(settings, lexical_only=lexical) as kb:
        filters = read_filters(
            lang=lang or (),
            entity=[kb.resolve_entity(name) for name in entity or ()],
            about=[kb.resolve_entity(name) for name in about or ()],
            source=source or (),
            after=after,
            before=before,
            as_of=as_of,
            zone=settings.zone,
            now=utc_now(),
        )
        kb.ready()  # so that took_ms tells the search, not the loading of the model
        request = SearchRequest(query, k, filters, group, sort, "lexical" if lexical else "hybrid", cursor)
        result = kb.search(request, utc_now())
        document = search_document(result, explain=explain, gloss=kb.reading.glosser.for_reader if gloss else None)
        if json:
            print_json(document)
            return
        for line in (result.notice, *result.query.notes, result.query.reading and f"Read as: {result.query.reading}"):
            if line:
                note(printable(line))
        count = f"{'' if result.exact else 'at least '}{result.total:,} result{'' if result.total == 1 else 's'}"
        say(f"{count} in {result.took_ms:.0f} ms")
        for number, (hit, item) in enumerate(zip(result.hits, document["hits"], strict=True), 1):
            day = (hit.article.published or hit.article.first_seen).strftime("%Y-%m-%d")
            say()
            say(f"{number:2}. {bold(printable(hit.article.title))}")
            if "title_gloss" in item:
                say(f"    {printable(item['title_gloss'])}")
            say(f"    {dim(f'{printable(kb.source_name(hit.article.source))} · {day} · {hit.article.lang} · {hit.score:.3f}')}")
            say(f"    {highlighted(printable(item['snippet']))}")
            if hit.more:
                say(dim(f"    and {hit.folded} more on this story, {hit.independent} independent in all"))
            if explain:
                say(dim(printable(f"    {explained(hit.why)}")))
            if hit.article.has_address:
                say(dim(f"    {printable(hit.article.url)}"))


def entities(
    text: Annotated[str | None, typer.Argument(help="A text, or - for standard input.")] = None,
    list_: Annotated[
        bool, typer.Option("--list", help="List the catalogue instead; with TEXT, names that contain it.")
    ] = False,
    kind: Annotated[str | None, typer.Option(help="With --list: only companies, chips …")] = None,
    show: Annotated[str | None, typer.Option(help="Show an entity instead, by id or name.")] = None,
    unsure: Annotated[bool, typer.Option("--unsure", help="Show doubtful names too, however low their confidence.")] = False,
    home: Home = None,
    json: Json = False,
) -> None:
    """Find the companies, chips and technologies that a text names."""
    from api.documents import entities_document, mentions_document
    from index.knowledge.reading import Reading
    from index.knowledge_base import KnowledgeBase

    if show is not None:
        _show_entity(show, home, json=json)
        return
    if list_:
        with KnowledgeBase.open(settings_of(home), lexical_only=True) as kb:
            pairs = kb.entities(text or "", kind=kind)
        if json:
            print_json(entities_document(pairs))
        else:
            for entity, count in pairs:
                say(f"{entity.id:32} {entity.kind:13} {count:6,}  {entity.name}{f' · {entity.zh}' if entity.zh else ''}")
        return
    if text is None:
        raise UsageError("No text is given.", hint="Give a text, - for standard input, --list or --show.")
    body = sys.stdin.read() if text == "-" else text
    reading = Reading.of_folder(settings_of(home).home)
    mentions = reading.linker.weigh(body) if unsure else reading.mentions(body)
    if json:
        print_json(mentions_document(mentions))
    else:
        for mention in mentions:
            say(f"{mention.start:6} {mention.id:32} {mention.confidence:.2f}  {printable(mention.surface)}")


def _show_entity(name: str, home: Home, *, json: bool) -> None:
    from api.documents import entity_document
    from index.knowledge_base import KnowledgeBase

    with KnowledgeBase.open(settings_of(home), lexical_only=True) as kb:
        view = kb.entity(name, 5)
        name_of = kb.reading.catalogue.name_of
    if json:
        print_json(entity_document(view))
        return
    entity = view.entity
    say(f"{bold(printable(entity.name))}{f' · {printable(entity.zh)}' if entity.zh else ''} · {entity.kind} · {entity.id}")
    say(f"    {printable(entity.note or '')} ({printable(entity.source or 'no source')})")
    relations = (("maker", entity.maker), ("part of", entity.parent), ("successor", entity.successor))
    for what, other in (*relations, ("code name of", entity.codename_of)):
        if other:
            say(f"    {what}: {printable(name_of(other))}")
    say(f"    names: {printable(', '.join(entity.surfaces))}")
    say(f"    in {view.articles:,} articles, {view.about:,} of them about it")
    for article in view.latest:
        say(f"        {article.time:%Y-%m-%d}  {printable(article.title)}")
