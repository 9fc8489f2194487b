"""Commands by which people judge what was read of entities: review, proposals, correct, catalogue."""

from typing import TYPE_CHECKING, Annotated

import typer

from api.clock import utc_now
from api.commands.deciding import Tell, decide
from api.commands.options import Home, Json, NoRefresh, settings_of, writing
from api.console import bold, dim, print_json, printable, say
from api.errors import FAILED

if TYPE_CHECKING:
    from index.knowledge_base import KnowledgeBase
    from index.store.decisions import Decision

Note = Annotated[str | None, typer.Option("--note", help="Why: kept with the decision.")]

review_app = typer.Typer(help="Ambiguous names that a person should look at.", invoke_without_command=True)
proposals_app = typer.Typer(help="Names that the catalogue may lack.", invoke_without_command=True)
correct_app = typer.Typer(
    help="Corrections by people, kept apart from what is read: they survive every refresh.", no_args_is_help=True
)
catalogue_app = typer.Typer(help="The data files: entities, lexicon, sources.", no_args_is_help=True)


@review_app.callback()
def review(
    context: typer.Context,
    k: Annotated[int, typer.Option("-k", help="How many.")] = 20,
    entity: Annotated[str | None, typer.Option(help="Only what may be this entity.")] = None,
    home: Home = None,
    json: Json = False,
) -> None:
    """List ambiguous names, those of the newest articles first. Decide with chipwire correct link or unlink."""
    from api.entity_documents import review_document
    from index.knowledge_base import KnowledgeBase

    if context.invoked_subcommand is not None:
        return
    with KnowledgeBase.open(settings_of(home), lexical_only=True) as kb:
        found = kb.curation.review(k, entity=kb.resolve_entity(entity) if entity else None)
        document = review_document(found, kb.curation.waiting)
    if json:
        print_json(document)
        return
    say(f"{document['waiting']:,} doubtful mentions wait")
    for each in found:
        state = "counts" if each.linked else "does not count"
        name = each.entity.name if each.entity else each.entity_id
        say()
        head = f"{bold(printable(each.surface))} · {printable(name)}? {each.confidence:.2f}, {state}"
        say(f"{head} · {each.times}× in article {each.article.id}")
        say(f"    {printable(' '.join(each.sentence.split()))}")
        say(dim(f"    chipwire correct link {each.article.id} {printable(each.surface)!r} {each.entity_id}   or unlink"))


@review_app.command("accept")
def accept(
    article: Annotated[int, typer.Argument(help="The article's id.")],
    name: Annotated[str, typer.Argument(help="The name as it stands there.")],
    entity: Annotated[str | None, typer.Argument(help="What it means, where it is not what the list says.")] = None,
    note: Note = None,
    no_refresh: NoRefresh = False,
    home: Home = None,
    json: Json = False,
) -> None:
    """The name means what the list says (or ENTITY) in this article."""
    from index.errors import NotFound
    from index.knowledge_base import KnowledgeBase
    from index.store.entities import doubts
    from index.text.fold import fold

    if entity is None:
        with KnowledgeBase.open(settings_of(home), lexical_only=True) as kb:
            found = doubts(kb.store, 1000, article_id=article)
            entity = next((each.entity_id for each in found if fold(each.surface) == fold(name.strip())), None)
        if entity is None:
            raise NotFound(f"{name!r} in article {article} is not on the list.", hint="Say which entity it means.")
    what = {"what": "link", "article": article, "name": name, "entity": entity, "note": note}
    decide(home, what, _told(json=json), json=json, refresh=not no_refresh)


@review_app.command("reject")
def reject(
    article: Annotated[int, typer.Argument(help="The article's id.")],
    name: Annotated[str, typer.Argument(help="The name as it stands there.")],
    note: Note = None,
    no_refresh: NoRefresh = False,
    home: Home = None,
    json: Json = False,
) -> None:
    """The name means no entity of the catalogue in this article."""
    what = {"what": "unlink", "article": article, "name": name, "note": note}
    decide(home, what, _told(json=json), json=json, refresh=not no_refresh)


@proposals_app.callback()
def proposals(
    context: typer.Context,
    k: Annotated[int, typer.Option("-k", help="How many.")] = 20,
    least: Annotated[int, typer.Option(help="In how many articles a name must be.")] = 2,
    home: Home = None,
    json: Json = False,
) -> None:
    """List names that recur beside known companies and that the catalogue lacks."""
    from api.entity_documents import proposals_document
    from index.knowledge_base import KnowledgeBase

    if context.invoked_subcommand is not None:
        return
    with KnowledgeBase.open(settings_of(home), lexical_only=True) as kb:
        found = kb.curation.proposals(k, least=least)
        if json:
            print_json(proposals_document(found))
            return
        if not found:
            say("No name recurs that the catalogue lacks.")
        for each in found:
            maker = f" by {kb.reading.catalogue.name_of(each.maker)}" if each.maker else ""
            say(f"{bold(printable(each.name))} · a {each.kind}{maker}? · in {len(each.articles)} articles")
            for sentence in each.sentences:
                say(f"    {printable(' '.join(sentence.split())[:160])}")


@proposals_app.command("accept")
def accept_proposal(
    name: Annotated[str, typer.Argument(help="The proposed name.")],
    kind: Annotated[str, typer.Option(help="company, organisation, chip, system, technology, software or policy.")] = "chip",
    maker: Annotated[str | None, typer.Option(help="The entity that makes it.")] = None,
    id_: Annotated[str | None, typer.Option("--id", help="The id; made of maker and name where none is given.")] = None,
    alias: Annotated[list[str] | None, typer.Option(help="Another name.")] = None,
    zh: Annotated[str | None, typer.Option(help="The Chinese name.")] = None,
    note: Note = None,
    no_refresh: NoRefresh = False,
    home: Home = None,
    json: Json = False,
) -> None:
    """Add the name to the catalogue of this data folder, and link it everywhere."""
    from index.errors import UsageError
    from index.knowledge.curation import slug

    with writing(settings_of(home)) as (kb, _):
        owner = kb.curation.entity(maker).id if maker else None
        entity_id = id_ or slug(f"{owner}-{name}" if owner else name)
        if not entity_id:
            raise UsageError(f"No id can be made of {name!r}.", hint="Give one with --id.")
        entry = {
            "id": entity_id,
            "kind": kind,
            "name": name,
            **({"zh": zh} if zh else {}),
            **({"aliases": alias} if alias else {}),
            **({"maker": owner} if owner else {}),
            "note": "Added from a proposal.",
            "source": "A decision",
        }
        _done(kb, kb.curation.add(entry, utc_now(), note), json=json)
    _link_anew(no_refresh, home)


@proposals_app.command("reject")
def reject_proposal(
    name: Annotated[str, typer.Argument(help="The proposed name.")], note: Note = None, home: Home = None, json: Json = False
) -> None:
    """Do not propose the name again."""
    decide(home, {"what": "refuse", "name": name, "note": note}, _told(json=json), json=json)


@correct_app.command("link")
def link(
    article: Annotated[int, typer.Argument(help="The article's id.")],
    name: Annotated[str, typer.Argument(help="The name as it stands there.")],
    entity: Annotated[str, typer.Argument(help="What it means: an id or a name.")],
    at: Annotated[int | None, typer.Option(help="Only in the sentence at this place of the text.")] = None,
    note: Note = None,
    no_refresh: NoRefresh = False,
    home: Home = None,
    json: Json = False,
) -> None:
    """In an article, a name means this entity."""
    what = {"what": "link", "article": article, "name": name, "entity": entity, "at": at, "note": note}
    decide(home, what, _told(json=json), json=json, refresh=not no_refresh)


@correct_app.command("unlink")
def unlink(
    article: Annotated[int, typer.Argument(help="The article's id.")],
    name: Annotated[str, typer.Argument(help="The name as it stands there.")],
    entity: Annotated[str | None, typer.Argument(help="What it does not mean; nothing at all where none is given.")] = None,
    at: Annotated[int | None, typer.Option(help="Only in the sentence at this place of the text.")] = None,
    note: Note = None,
    no_refresh: NoRefresh = False,
    home: Home = None,
    json: Json = False,
) -> None:
    """In an article, a name does not mean this entity."""
    what = {"what": "unlink", "article": article, "name": name, "entity": entity, "at": at, "note": note}
    decide(home, what, _told(json=json), json=json, refresh=not no_refresh)


@correct_app.command("merge")
def merge(
    gone: Annotated[str, typer.Argument(help="The entity whose names the other gets.")],
    into: Annotated[str, typer.Argument(help="The entity that stays.")],
    note: Note = None,
    no_refresh: NoRefresh = False,
    home: Home = None,
    json: Json = False,
) -> None:
    """Two entities are one."""
    with writing(settings_of(home)) as (kb, _):
        _done(kb, kb.curation.merge(gone, into, utc_now(), note), json=json)
    _link_anew(no_refresh, home)


@correct_app.command("split")
def split(
    entity: Annotated[str, typer.Argument(help="The entity that has the names now.")],
    names: Annotated[list[str], typer.Argument(help="Names that are another one's.")],
    into: Annotated[str, typer.Option("--into", help="Whose they are: an id, of a new entity where there is none.")],
    called: Annotated[str | None, typer.Option(help="The display name of a new entity.")] = None,
    note: Note = None,
    no_refresh: NoRefresh = False,
    home: Home = None,
    json: Json = False,
) -> None:
    """Some names of an entity are another one's."""
    with writing(settings_of(home)) as (kb, _):
        _done(kb, kb.curation.split(entity, names, into, utc_now(), note, name=called), json=json)
    _link_anew(no_refresh, home)


@correct_app.command("list")
def list_(
    all_: Annotated[bool, typer.Option("--all", help="Those taken back, too.")] = False, home: Home = None, json: Json = False
) -> None:
    """List what people decided about entities, and what waits for the process that is writing."""
    from api.entity_documents import corrections_document
    from index.knowledge.curation import described
    from index.knowledge_base import KnowledgeBase
    from index.store.inbox import judgements

    with KnowledgeBase.open(settings_of(home), lexical_only=True) as kb:
        made, left, name_of = kb.curation.decided(undone=all_), judgements(kb.store), kb.reading.catalogue.name_of
    if json:
        print_json(corrections_document(made, name_of, left))
        return
    for each in made:
        state = f" (taken back {each.undone:%Y-%m-%d})" if each.undone else ""
        say(f"{each.id:5} {each.made:%Y-%m-%d}  {printable(described(each, name_of))}{state}")
        if each.note:
            say(dim(f"      {printable(each.note)}"))
    for one in left:
        fields = " ".join(value if name == "what" else f"{name}={value}" for name, value in one.what.items())
        state = "waits" if one.why is None else f"could not be carried out: {one.why}"
        say(f"    – {one.made:%Y-%m-%d}  {printable(f'{fields}: {state}')}")


@correct_app.command("undo")
def undo(
    decision: Annotated[int, typer.Argument(help="Its number in chipwire correct list.")],
    no_refresh: NoRefresh = False,
    home: Home = None,
    json: Json = False,
) -> None:
    """Take a decision back; what the program makes of the articles itself holds again."""
    made: list[Decision] = []

    def tell(kb: "KnowledgeBase", undone: "Decision") -> None:
        made.append(undone)
        _done(kb, undone, json=json)

    decide(home, {"what": "undo", "decision": decision}, tell, json=json)
    if made:
        _link_anew(no_refresh, home)


@catalogue_app.command("check")
def check(json: Json = False) -> None:
    """Check all data files: entities, lexicon, cues, words of the field, sources. Exit code 1 where something is wrong."""
    from api.catalogue_check import check_files
    from api.entity_documents import check_document

    problems, counts = check_files()
    document = check_document(problems, counts)
    if json:
        print_json(document)
    else:
        for each in problems:
            say(f"{'warning' if each.warning else 'error'}: {printable(str(each))}")
        say(", ".join(f"{count:,} {name}" for name, count in counts.items()))
        say(f"{len(document['errors'])} errors, {len(document['warnings'])} warnings")
    if not document["ok"]:
        raise typer.Exit(FAILED)


def _told(*, json: bool) -> Tell:
    return lambda kb, decision: _done(kb, decision, json=json)


def _done(kb: "KnowledgeBase", decision: "Decision", *, json: bool) -> None:
    from api.entity_documents import correction_document
    from index.knowledge.curation import described

    if json:
        print_json(correction_document(decision, kb.reading.catalogue.name_of))
    else:
        say(f"{decision.id}: {printable(described(decision, kb.reading.catalogue.name_of))}")


def _link_anew(no_refresh: bool, home: Home) -> None:
    """Open the folder anew, with the catalogue as it is now, and link every article by it."""
    if no_refresh:
        return
    with writing(settings_of(home)) as (kb, progress):
        kb.refresh(utc_now(), progress)
